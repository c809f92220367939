import { isRecord } from "./conditions.ts";

/** Checks a `Principal` or `NotPrincipal`; `path` is its name. Whether the principal exists is not asked. */
export function validatePrincipal(
  value: unknown,
  kind: "trust" | "resource",
  path: string,
  report: (path: string, message: string) => void,
): void {
  if (value === "*") return;
  if (!isRecord(value) || Object.keys(value).length === 0) {
    report(path, '"*", or an object with AWS, Service, Federated or CanonicalUser.');
    return;
  }
  for (const [type, one] of Object.entries(value)) {
    const at = `${path}.${type}`;
    const known = FORMS.get(type);
    if (known === undefined || (type === "CanonicalUser" && kind === "trust")) {
      report(at, "There is no such kind of principal here.");
      continue;
    }
    const list: unknown[] = Array.isArray(one) ? one : [one];
    if (list.length === 0) report(at, "The list is empty.");
    for (const item of list) {
      if (typeof item !== "string" || !known.some((form) => form.test(item))) {
        report(at, `Invalid principal in policy: ${JSON.stringify(item)}.`);
      }
    }
  }
}

/** What each kind takes. No wildcards but the lone `*`. */
const FORMS: ReadonlyMap<string, RegExp[]> = new Map([
  [
    "AWS",
    [
      /^\*$/,
      /^\d{12}$/,
      /^arn:aws[a-z-]*:iam::\d{12}:(root|(role|user)\/[\w+=,.@/-]+)$/,
      /^arn:aws[a-z-]*:sts::\d{12}:(assumed-role\/[\w+=,.@-]+\/[\w+=,.@-]+|federated-user\/[\w+=,.@-]+)$/,
      /^A(ROA|IDA)[A-Z0-9]{8,}$/,
    ],
  ],
  ["Service", [/^[a-z0-9-]+(\.[a-z0-9-]+)+$/]],
  [
    "Federated",
    [
      /^arn:aws[a-z-]*:iam::\d{12}:(oidc-provider|saml-provider)\/[\w+=,.@:/~%-]+$/,
      /^[a-z0-9-]+(\.[a-z0-9-]+)+$/,
    ],
  ],
  ["CanonicalUser", [/^[0-9a-f]{64}$/]],
]);
