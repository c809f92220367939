import type { WorkloadAccess } from "#lib/desired/workload-access.ts";

/** Something to know when connecting a workload. */
export interface Note {
  /** Stable, for tests and documentation. */
  id: string;
  tone: "action" | "caution" | "info";
  title: string;
  detail: string;
}

/** A rule: when it applies, and what to say. */
interface NoteRule {
  id: string;
  tone: Note["tone"];
  title: string;
  applies(access: WorkloadAccess): boolean;
  detail(access: WorkloadAccess): string;
}

const chained = (access: WorkloadAccess) => access.profiles.length > 0;
const prefixes = (access: WorkloadAccess) =>
  access.grants.filter(({ grant, service }) => service === "s3" && grant.subResource !== null);
const queues = (access: WorkloadAccess) => access.grants.filter(({ service }) => service === "sqs");

/** Sources: domain reference §1 and its rulings 2, 12 and 15. */
const rules: NoteRule[] = [
  {
    id: "restart-pods",
    tone: "action",
    title: "Restart the pods",
    applies: () => true,
    detail: ({ source }) =>
      source === "web-identity"
        ? "Credentials are injected when a pod starts. Pods that were running before the annotation was set have none until they restart."
        : "Credentials are injected when a pod starts. Pods that were running before the association was made have none until they restart.",
  },
  {
    id: "pod-identity-cache",
    tone: "info",
    title: "Running pods keep their credentials for a while",
    applies: ({ source }) => source === "container",
    detail: () =>
      "EKS caches Pod Identity credentials for up to 6 hours, and for 59 minutes where a target role is assumed. A change of roles reaches running pods after that, or at once when they restart; a change of permissions reaches them within seconds.",
  },
  {
    id: "named-profile",
    tone: "action",
    title: "Choose the profile",
    applies: (access) => access.profiles.some((profile) => !profile.isDefault),
    detail: ({ profiles }) => {
      const names = profiles.filter((profile) => !profile.isDefault).map((profile) => profile.name);
      return `Set AWS_PROFILE, or name the profile in the code, to use ${names.join(", ")}. Without it the SDKs use the default credentials silently, and the target answers AccessDenied.`;
    },
  },
  {
    id: "identity-profile",
    tone: "action",
    title: "The default credentials are the chained role's",
    applies: (access) =>
      access.profiles.some((profile) => profile.isDefault) &&
      access.grants.some(({ profile }) => !access.profiles.some(({ name }) => name === profile)),
    detail: (access) => {
      const profile = access.grants.find(
        (one) => !access.profiles.some(({ name }) => name === one.profile),
      )?.profile;
      return `For targets that the service account's own role reaches, use the profile ${profile}.`;
    },
  },
  {
    id: "chained-session",
    tone: "info",
    title: "Chained sessions last 1 hour at most",
    applies: chained,
    detail: () =>
      "AWS limits role chaining to 1 hour; a longer duration_seconds makes AssumeRole fail. The SDKs renew by themselves.",
  },
  {
    id: "java-sdk-v2",
    tone: "caution",
    title: "Java SDK v2 needs code",
    applies: (access) => chained(access) && access.source === "web-identity",
    detail: () =>
      "Its default provider chain reads the web identity variables before the profiles, so it stays with the service account's own role. Give the client a ProfileCredentialsProvider, or an StsAssumeRoleCredentialsProvider.",
  },
  {
    id: "prefix-head-bucket",
    tone: "caution",
    title: "HeadBucket is denied under a prefix",
    applies: (access) => prefixes(access).length > 0,
    detail: (access) =>
      `Access to ${prefixes(access)
        .map(({ name, grant }) => `${name}/${grant.subResource}`)
        .join(
          ", ",
        )} covers that prefix only: HeadBucket and listing without it answer 403, and so does a missing key instead of 404. List with the prefix and its closing slash.`,
  },
  {
    id: "queue-url",
    tone: "info",
    title: "Queues of other accounts need their owner",
    applies: (access) =>
      queues(access).some(({ grant }) => grant.target.accountId !== access.workload.cluster.accountId),
    detail: () =>
      "Use the queue's full URL, or pass QueueOwnerAWSAccountId to GetQueueUrl: with the name alone SQS looks in the caller's account.",
  },
  {
    id: "check-sends-message",
    tone: "caution",
    title: "The check sends one message",
    applies: (access) =>
      queues(access).some(({ checks }) => checks.some(({ operation }) => operation === "sqs:SendMessage")),
    detail: () =>
      'SQS has no dry run: the verification Job sends one message with the body "drawbridge-check". Leave the Job out if consumers can\'t skip it.',
  },
  {
    id: "who-else",
    tone: "info",
    title: "Who can become this workload",
    applies: () => true,
    detail: ({ workload }) =>
      `Whoever may create pods, or tokens of the service account, in the namespace ${workload.namespace} has this access too, and so has a service account that is deleted and made again under the same name.`,
  },
];

/** What to tell people who connect the workload, what they must do first. */
export function notesFor(access: WorkloadAccess): Note[] {
  const order: Note["tone"][] = ["action", "caution", "info"];
  return rules
    .filter((rule) => rule.applies(access))
    .map(({ id, tone, title, detail }) => ({ id, tone, title, detail: detail(access) }))
    .sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone));
}
