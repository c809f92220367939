import { isRecord } from "../../conditions.ts";
import type { Path, Report } from "../finding.ts";
import type { CheckKind } from "../kinds.ts";

/** The form of a `Principal` or `NotPrincipal`. Whether the principal exists is not asked. */
export function checkGrammarOfPrincipal(value: unknown, kind: CheckKind, path: Path, report: Report): void {
  if (value === "*") return;
  if (!isRecord(value) || Object.keys(value).length === 0) {
    const detail = '"*", or an object with AWS, Service, Federated or CanonicalUser.';
    if (isRecord(value)) report("grammar.empty-list", path, "The Principal is empty.");
    else report("grammar.data-type", path, detail);
    return;
  }
  for (const [type, one] of Object.entries(value)) {
    const at = [...path, type];
    const known = forms.get(type);
    if (known === undefined || (type === "CanonicalUser" && kind === "trust")) {
      const detail = `There is no kind of principal ${JSON.stringify(type)} here.`;
      report("principal.unknown-kind", at, detail, "key");
      continue;
    }
    const list: unknown[] = Array.isArray(one) ? one : [one];
    if (list.length === 0) report("grammar.empty-list", at, "The list of principals is empty.");
    for (const [index, item] of list.entries()) {
      if (typeof item === "string" && known.some((form) => form.test(item))) continue;
      reportMalformed(item, type, Array.isArray(one) ? [...at, index] : at, report);
    }
  }
}

function reportMalformed(item: unknown, type: string, path: Path, report: Report): void {
  const text = JSON.stringify(item);
  if (typeof item !== "string") {
    report("grammar.data-type", path, `A principal is a string, not ${text}.`);
  } else if (type === "AWS" && /[*?]/.test(item)) {
    report("principal.partial-wildcard", path, `${text} has a wildcard in it.`);
  } else if (type === "AWS" && wrongAccount.test(item)) {
    const account = wrongAccount.exec(item)?.[1] ?? "";
    report(
      "principal.account-digits",
      path,
      `${JSON.stringify(account)} in ${text} does not have 12 digits.`,
    );
  } else {
    report("principal.malformed", path, `Invalid principal in policy: ${text}.`);
  }
}

/** An ARN of IAM or STS, or a bare number, that is right but for the account. */
const wrongAccount = /^(?:arn:aws[a-z-]*:(?:iam|sts)::)?(?!\d{12}(?:$|:))(\d+)(?:$|:\S+$)/;

/** What each kind takes. No wildcards but the lone `*`. */
const forms: ReadonlyMap<string, RegExp[]> = new Map([
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
      // Those that AWS knows by name; any other provider is one of the account's, with an ARN.
      /^(accounts\.google\.com|cognito-identity(-us-gov)?\.amazonaws\.com|graph\.facebook\.com|www\.amazon\.com)$/,
    ],
  ],
  ["CanonicalUser", [/^[0-9a-f]{64}$/]],
]);
