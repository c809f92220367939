/** The forms that keys of cloud resources have (lib/model/resource-key.ts), each with the words for it. */
const forms: [pattern: RegExp, kind: string, title: (match: RegExpExecArray) => string][] = [
  [/:role\/(?:.*\/)?([^/#]+)#policy\/(.+)$/, "the policy", ([, role, policy]) => `${policy} of ${role}`],
  [/:role\/(?:.*\/)?([^/#]+)$/, "the role", ([, role]) => `${role}`],
  [/:oidc-provider\/(.+)$/, "the OIDC provider", ([, issuer]) => `${issuer}`],
  [/^arn:.*:([^:#]+)#statements\//, "statements in the policy of", ([, name]) => `${name}`],
  [
    /^pod-identity-association:\d+\/[^/]+\/([^/]+)\/([^/]+)\/(.+)$/,
    "the Pod Identity association of",
    ([, cluster, namespace, serviceAccount]) => `${namespace}/${serviceAccount} on ${cluster}`,
  ],
];

/** A cloud resource's key as people say it; what is of no known form stays as it is. */
export function thingOf(key: string): { kind: string; title: string } {
  for (const [pattern, kind, title] of forms) {
    const match = pattern.exec(key);
    if (match) return { kind, title: title(match) };
  }
  return { kind: "", title: key };
}
