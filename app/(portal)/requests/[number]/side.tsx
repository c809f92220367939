import { ApprovalList } from "#components/requests/approval-list.tsx";
import { ReviewBox } from "#components/requests/review-box.tsx";
import { sectionStop } from "#components/requests/section-stop.ts";
import { Section } from "#components/ui/card.tsx";
import { KeyValueList } from "#components/ui/key-value.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import type { RequestView } from "#lib/db/queries/views/request.ts";
import { reviewAction } from "./actions.ts";
import { approvable, approvalMeaning, approveRefusal } from "./review-facts.ts";

/** Beside the plan: the decision, who else decides, and the facts. */
export function RequestSide({ request, now }: { request: RequestView; now: string }) {
  const { workload, version, approvals } = request;
  const satisfied = approvals.filter((approval) => approval.approvedBy !== null).length;
  return (
    <div className="grid gap-6 lg:sticky lg:top-[calc(var(--sticky-top)+3.75rem)]">
      {request.state === "in_review" && (
        <Section id="review" className={sectionStop} title="Your review">
          <ReviewBox
            version={version.number}
            digest={version.digest}
            may={{ ...request.may, approve: approveRefusal(request) }}
            subject={approvable(request, now)}
            {...approvalMeaning(request)}
            onReview={reviewAction.bind(null, request.number)}
          />
        </Section>
      )}
      <Section
        title={request.state === "in_review" ? "Who must approve" : "Approvals"}
        meta={
          <span className="text-sm text-ink-muted tabular-nums">
            {satisfied} of {approvals.length}
          </span>
        }
      >
        <ApprovalList
          approvals={approvals}
          open={request.state === "in_review"}
          yours={request.may.approve === null && request.state === "in_review" ? request.may.satisfies : []}
        />
      </Section>
      <Section title="Details">
        <KeyValueList
          layout="stacked"
          items={[
            { label: "Service account", value: `${workload.namespace}/${workload.serviceAccount}` },
            { label: "Cluster", value: `${workload.cluster.name}, ${workload.cluster.region}` },
            {
              label: `Version ${version.number}`,
              value: <Timestamp value={version.createdAt} now={now} show="absolute" />,
            },
            {
              label: "Digest",
              value: (
                <code className="font-mono text-sm" title={version.digest}>
                  {version.digest.slice(0, 16)}
                </code>
              ),
            },
          ]}
        />
      </Section>
    </div>
  );
}
