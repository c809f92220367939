import type { FindingId } from "../catalogue.ts";

export const annotationPrefix = "eks.amazonaws.com/";
export const roleAnnotation = "eks.amazonaws.com/role-arn";

/** What the webhook reads on service accounts. Source: amazon-eks-pod-identity-webhook's README. */
export const knownAnnotations = new Set([
  roleAnnotation,
  "eks.amazonaws.com/audience",
  "eks.amazonaws.com/sts-regional-endpoints",
  "eks.amazonaws.com/token-expiration",
]);

/** Seconds; the webhook raises less to the minimum, Kubernetes takes no more than the maximum from it. */
const [shortest, longest] = [600, 86_400];

/** What is wrong with the value of one annotation. */
export function checkAnnotation(
  key: string,
  value: string,
  report: (id: FindingId, detail: string) => void,
): void {
  const said = JSON.stringify(value);
  if (key === roleAnnotation) {
    checkRole(value, report);
  } else if (key === "eks.amazonaws.com/audience" && value !== "sts.amazonaws.com") {
    report("service-account.audience", `The audience is ${said}.`);
  } else if (key === "eks.amazonaws.com/token-expiration") {
    const seconds = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(seconds >= shortest && seconds <= longest)) {
      report("service-account.token-expiration", `${said} is not a number from ${shortest} to ${longest}.`);
    }
  } else if (key === "eks.amazonaws.com/sts-regional-endpoints" && value === "false") {
    report("service-account.global-sts", "Regional endpoints are turned off.");
  }
}

function checkRole(arn: string, report: (id: FindingId, detail: string) => void): void {
  const said = JSON.stringify(arn);
  if (/<[^>]*>/.test(arn)) {
    report("grammar.placeholder", `${said} has a placeholder in it.`);
  } else if (/^(aws[a-z-]*:)?:?iam::/.test(arn)) {
    report("service-account.role-arn-prefix", `${said} does not begin with arn:aws:.`);
  } else if (/^arn:aws[a-z-]*:iam::(?!\d{12}:)\d+:role\/./.test(arn)) {
    const account = arn.split(":")[4] ?? "";
    report("service-account.role-arn-account", `${JSON.stringify(account)} does not have 12 digits.`);
  } else if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn)) {
    report("service-account.role-arn", `${said} is not the ARN of a role.`);
  }
}
