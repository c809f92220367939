import type { Tone } from "#components/ui/tone.ts";
import type { Decision } from "#lib/policy/evaluate.ts";
import type { CallerKind, PlaygroundKind } from "#lib/policy/playground/state.ts";

/** What each kind of document is for, in the order in which AWS's documentation names them; then Kubernetes' own. */
export const documentKinds: readonly { kind: PlaygroundKind; label: string; description: string }[] = [
  { kind: "identity", label: "Identity policy", description: "What the caller's role or user may do" },
  { kind: "resource", label: "Resource policy", description: "Who may use the bucket, queue or key" },
  { kind: "trust", label: "Trust policy", description: "Who may become a role" },
  { kind: "boundary", label: "Permissions boundary", description: "The most that the caller can be given" },
  { kind: "session", label: "Session policy", description: "Passed when the session was made" },
  { kind: "scp", label: "Service control policy", description: "Limits the caller's account" },
  { kind: "rcp", label: "Resource control policy", description: "Limits the resource's account" },
  {
    kind: "service-account",
    label: "Service account",
    description: "The Kubernetes manifest that names the role, as YAML",
  },
];

export const kindLabels = Object.fromEntries(
  documentKinds.map(({ kind, label, description }) => [kind, { label, description }]),
) as Record<PlaygroundKind, { label: string; description: string }>;

/** `the trust policy` → `Trust policy`. */
export function labelOf(name: string): string {
  const bare = name.replace(/^the /, "");
  return `${bare.slice(0, 1).toUpperCase()}${bare.slice(1)}`;
}

export const effects: Record<Decision["effect"], { label: string; tone: Tone }> = {
  allow: { label: "Allowed", tone: "success" },
  "explicit-deny": { label: "Explicitly denied", tone: "danger" },
  "implicit-deny": { label: "Implicitly denied", tone: "danger" },
  unknown: { label: "Unknown", tone: "warn" },
};

export const callers: Record<CallerKind, { label: string; name: string; placeholder: string }> = {
  role: { label: "Role", name: "Role ARN", placeholder: "arn:aws:iam::111122223333:role/reports" },
  user: { label: "User", name: "User ARN", placeholder: "arn:aws:iam::111122223333:user/alex" },
  "web-identity": {
    label: "Web identity token",
    name: "Identity provider's ARN",
    placeholder: "arn:aws:iam::111122223333:oidc-provider/…",
  },
  service: { label: "AWS service", name: "Service", placeholder: "pods.eks.amazonaws.com" },
  root: { label: "Root user", name: "Account", placeholder: "111122223333" },
  anonymous: { label: "Anonymous", name: "", placeholder: "" },
};
