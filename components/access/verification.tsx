import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import { PodChecks } from "#components/access/pod-checks.tsx";
import { ProofLimits, ProofTable } from "#components/proof/proof-table.tsx";
import { cn } from "#components/ui/cn.ts";
import { Copyable } from "#components/ui/copyable.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import { type PodReport, reportIsGood } from "#lib/model/pod-report.ts";
import type { ProvenRow } from "#lib/model/proven-access.ts";

export type VerificationRow = {
  id: string;
  /** `documents` or `pod`. */
  source: string;
  ok: boolean;
  at: string;
  report: PodReport | null;
  evaluated: readonly ProvenRow[];
};

export type VerificationProps = {
  /** Newest first. */
  verifications: readonly VerificationRow[];
  /** Nothing of it should be there any more. */
  revoked: boolean;
  /** Something of it is not as approved. */
  drifted: boolean;
  /** False: a pod can try nothing of it without leaving traces. */
  tryable: boolean;
  now: string;
};

/** Where links on the page lead to. */
export const verificationAnchor = "verification";

/** The latest word from the pod itself, and from the documents in AWS. */
export function Verification({ verifications, revoked, drifted, tryable, now }: VerificationProps) {
  const pod = verifications.find((one) => one.report !== null);
  const documents = verifications.find((one) => one.report === null);
  // A look for drift that could not read everything evaluates nothing: the last answers stand, unless what they rest on
  // has changed.
  const answered =
    documents?.ok === false ? documents : verifications.find((one) => one.evaluated.length > 0);
  const evaluated = answered?.evaluated ?? [];
  const around = !drifted && documents?.ok === false && documents.evaluated.some((row) => !row.ok);
  const verdict = verdicts[documents?.ok ? "asApproved" : around ? "around" : "differs"];
  return (
    <div className="divide-y divide-line">
      {revoked ? null : pod?.report ? (
        <FromPod row={pod} report={pod.report} now={now} />
      ) : (
        <NotFromPod tryable={tryable} />
      )}
      {documents && revoked ? (
        <Verdict
          ok={documents.ok}
          title={documents.ok ? "Nothing of it is left in AWS" : "Something of it is still in AWS"}
          when={<Timestamp value={documents.at} now={now} />}
        >
          Roles, policies and associations were read back after the revocation.
        </Verdict>
      ) : documents ? (
        <Verdict ok={documents.ok} title={verdict.title} when={<Timestamp value={documents.at} now={now} />}>
          {verdict.body}
        </Verdict>
      ) : (
        <Verdict ok={null} title="Not yet read back from AWS">
          It happens at the end of provisioning, and at every look into the accounts.
        </Verdict>
      )}
      {evaluated.length > 0 && !revoked && (
        <>
          <ProofTable caption="Who gets in, by the policies in AWS" rows={evaluated} />
          <div className="px-4 py-3 sm:px-5">
            <ProofLimits />
          </div>
        </>
      )}
    </div>
  );
}

const verdicts = {
  asApproved: {
    title: "What is in AWS is what was approved",
    body: "Roles, policies and associations of both accounts were read back and compared.",
  },
  differs: {
    title: "What is in AWS is no longer what was approved",
    body: "Someone has changed a role, a policy or an association outside of Drawbridge. The comparison was made by reading both accounts.",
  },
  around: {
    title: "Who gets in is not who was approved",
    body: "All that Drawbridge made is as approved. What others wrote around it, such as the target's own policy, lets more in or keeps the workload out: the rows below say who.",
  },
};

const places: Record<PodReport["source"], string> = {
  "cluster-job": "inside the pod",
  "sandbox-pod": "inside the pod, in the sandbox",
};

function FromPod({ row, report, now }: { row: VerificationRow; report: PodReport; now: string }) {
  return (
    <>
      <Verdict
        ok={row.ok}
        title={
          row.ok ? `Verified from ${places[report.source]}` : `Does not work from ${places[report.source]}`
        }
        when={<Timestamp value={row.at} now={now} />}
      >
        {problemOf(row.ok, report)}
        {report.identity && (
          <span className="mt-1 flex flex-wrap items-baseline gap-x-2">
            <span className="text-ink-muted">It ran as</span>
            <Copyable text={report.identity} what="identity ARN" />
          </span>
        )}
      </Verdict>
      <PodChecks report={report} />
    </>
  );
}

function problemOf(ok: boolean, report: PodReport): string {
  if (ok) {
    const tried = [...new Set(report.checks.map(({ operation }) => operation))];
    const worked = `The pod tried ${new Intl.ListFormat("en").format(tried)}, and ${tried.length === 1 ? "it" : "all of it"} worked`;
    const others = report.impostors.length > 0 ? "; everyone else who tried was refused" : "";
    return `${worked}${others}. What was not tried is evaluated from the documents below.`;
  }
  if (report.impostors.some((one) => one.outcome === "allowed"))
    return "Someone who should have been refused got in. Revoke the access and tell the account's owners.";
  if (reportIsGood(report))
    return "What was tried worked, but the report leaves out a check of this access, or comes from another identity.";
  return "Look at what failed below. A pod that started before the access was made has no credentials: restart it and verify again.";
}

function NotFromPod({ tryable }: { tryable: boolean }) {
  if (!tryable)
    return (
      <Verdict ok={null} title="This access can't be tried automatically">
        Nothing of what is listed can be tried without leaving traces, or told from a missing object. Try it
        with your application; what the documents allow is evaluated below.
      </Verdict>
    );
  return (
    <Verdict ok={null} title="Not yet verified from inside the pod">
      Let the verification Job try the access as your service account; what it finds appears here.
    </Verdict>
  );
}

type VerdictProps = {
  /** Null: nobody has looked. */
  ok: boolean | null;
  title: string;
  when?: ReactNode;
  children: ReactNode;
};

function Verdict({ ok, title, when, children }: VerdictProps) {
  const Icon = ok === null ? CircleDashed : ok ? CircleCheck : CircleX;
  return (
    <div className={cn("flex gap-3 px-4 py-4 sm:px-5", ok === false && "bg-danger-soft")}>
      <Icon
        aria-hidden="true"
        className={cn(
          "mt-0.5 size-4.5 shrink-0",
          ok === null ? "text-ink-faint" : ok ? "text-success-ink" : "text-danger-ink",
        )}
      />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-baseline justify-between gap-x-4 text-base">
          <span className={cn("font-medium", ok === false ? "text-danger-ink" : "text-ink")}>{title}</span>
          {when && <span className="text-sm text-ink-muted">{when}</span>}
        </p>
        <div className={cn("text-sm wrap-anywhere", ok === false ? "text-ink" : "text-ink-muted")}>
          {children}
        </div>
      </div>
    </div>
  );
}
