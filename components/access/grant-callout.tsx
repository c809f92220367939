import { LeftList, type LeftThing } from "#components/access/left-list.tsx";
import { verificationAnchor } from "#components/access/verification.tsx";
import { driftAnchor } from "#components/drift/drift-section.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { LinkButton } from "#components/ui/link-button.tsx";
import { TextLink } from "#components/ui/text-link.tsx";
import { Timestamp } from "#components/ui/timestamp.tsx";
import type { GrantTrouble } from "#lib/model/grant-trouble.ts";
import type { Failure, RunKind } from "#lib/model/run.ts";
import type { GrantState } from "#lib/model/states.ts";

export type GrantCalloutProps = {
  state: GrantState;
  drifted: boolean;
  /** The gravest that is wrong with it. */
  trouble: GrantTrouble | null;
  revokeReason: string | null;
  revokedAt: string | null;
  /** Its revocation was, and what may be left of it. */
  givenUp: { at: string; reason: string; left: readonly LeftThing[] } | null;
  requestNumber: number;
  /** The latest one. */
  run: { id: string; kind: RunKind; error: Failure | null } | undefined;
  now: string;
};

const followWords: Partial<Record<GrantState, string>> = {
  failed: "See what failed and retry",
  given_up: "See the run",
};

/** How the grant stands, in a sentence and with the next step; nothing while all is well. */
export function GrantCallout(props: GrantCalloutProps) {
  const { state, drifted, trouble, revokeReason, revokedAt, givenUp, requestNumber, run, now } = props;
  const because = revokeReason ? `“${revokeReason}”` : "Its end date has come.";
  const follow = run && (
    <LinkButton size="sm" href={`/runs/${run.id}`}>
      {followWords[state] ?? "Follow the run"}
    </LinkButton>
  );
  if (state === "active") return trouble && <Trouble trouble={trouble} drifted={drifted} />;
  if (state === "pending")
    return (
      <Callout tone="info" title="Approved, and about to be made">
        It is waiting for its run to start.
      </Callout>
    );
  if (state === "provisioning")
    return (
      <Callout tone="info" title="Being made in both accounts" actions={follow}>
        The manifests below are final, but they work only once the access is active. This page updates by
        itself.
      </Callout>
    );
  if (state === "revoking")
    return (
      <Callout tone="info" title="Being taken back from both accounts" actions={follow}>
        {because}
      </Callout>
    );
  if (state === "revoked")
    return (
      <Callout
        tone="neutral"
        title={
          <>
            Revoked
            {revokedAt && (
              <>
                {" "}
                <Timestamp value={revokedAt} now={now} />
              </>
            )}
            : nothing of it is left in AWS
          </>
        }
      >
        {because} What was asked for stays on record in{" "}
        <TextLink href={`/requests/${requestNumber}`}>request #{requestNumber}</TextLink>.
      </Callout>
    );
  if (givenUp)
    return (
      <Callout
        tone="danger"
        title={
          <>
            Its revocation was given up <Timestamp value={givenUp.at} now={now} />, so it may still work
          </>
        }
        actions={follow}
      >
        <p>
          “{givenUp.reason}” Nobody looks after what is left in AWS. If its account can be entered again,
          revoke the access once more: that takes it away.
        </p>
        <div className="mt-3">
          <LeftList left={givenUp.left} />
        </div>
      </Callout>
    );
  const revoking = revokeReason !== null || run?.kind === "revoke";
  return (
    <Callout
      tone="danger"
      title={
        revoking
          ? "It could not be taken back completely, so it may still work"
          : "It could not be made completely"
      }
      actions={follow}
    >
      {run?.error ? (
        <>
          {run.error.cause} <span className="text-ink-muted">{run.error.nextStep}</span>
        </>
      ) : (
        "The run says at which step it stopped, and why."
      )}
    </Callout>
  );
}

interface TroubleWords {
  tone: "danger" | "warn";
  title: string;
  /** What is known of it where the documents are as approved, or nobody has compared them since. */
  body: string;
}

const troubles: Record<GrantTrouble, TroubleWords> = {
  open: {
    tone: "danger",
    title: "Somebody gets in whom nobody approved",
    body: "By the policies as they are in AWS. The proof says who it is, and by which statement.",
  },
  wider: {
    tone: "danger",
    title: "What is in AWS allows more than was approved",
    body: "The proof says what, and by which statement.",
  },
  drifted: {
    tone: "warn",
    title: "What is in AWS is no longer what was approved",
    body: "Something was not as it should be when it was last read back, so it may not work.",
  },
  refused: {
    tone: "danger",
    title: "By the policies as they are in AWS, the workload is refused",
    body: "The proof says what refuses it.",
  },
  fails: {
    tone: "danger",
    title: "A pod tried it, and something was refused",
    body: "The checks say what the pod saw, and what to do.",
  },
};

function Trouble({ trouble, drifted }: { trouble: GrantTrouble; drifted: boolean }) {
  const { tone, title, body } = troubles[trouble];
  // What somebody changed here explains who gets in, and can be repaired.
  const [anchor, label] = drifted
    ? [driftAnchor, "See what differs"]
    : [verificationAnchor, trouble === "fails" ? "See the checks" : "See the proof"];
  return (
    <Callout
      tone={tone}
      title={title}
      actions={
        <LinkButton size="sm" href={`#${anchor}`}>
          {label}
        </LinkButton>
      }
    >
      {drifted && trouble !== "open" ? "Someone has changed it outside of Drawbridge." : body}
    </Callout>
  );
}
