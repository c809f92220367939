/** An identity provider that many customers share: its name does not say whose tokens are trusted, a claim does. */
export interface SharedProvider {
  name: string;
  /** Any of these claims, fully named or by its beginning, says for whom a token is; in lower case. */
  claims: readonly string[];
  /** Known to AWS by name; the others are providers of the account, with an ARN. */
  builtIn?: true;
}

const bySub = (name: string): SharedProvider => ({ name, claims: ["sub"] });
const byAud = (name: string): SharedProvider => ({ name, claims: ["aud"] });

/**
 * By issuer. In the tokens of the built-in ones `aud` (or `app_id`) is the application or identity pool, and with some
 * of them `sub` is a person; anybody may make an application.
 *
 * Source: IAM User Guide, "Identity-provider controls for shared OIDC providers" and "Available keys for AWS OIDC
 * federation".
 */
export const sharedProviders: ReadonlyMap<string, SharedProvider> = new Map<string, SharedProvider>([
  ["accounts.google.com", { name: "Google", claims: ["aud", "oaud", "sub"], builtIn: true }],
  ["cognito-identity.amazonaws.com", { ...byAud("Amazon Cognito"), builtIn: true }],
  ["cognito-identity-us-gov.amazonaws.com", { ...byAud("Amazon Cognito"), builtIn: true }],
  ["graph.facebook.com", { name: "Facebook", claims: ["app_id", "id"], builtIn: true }],
  ["www.amazon.com", { name: "Login with Amazon", claims: ["app_id", "user_id"], builtIn: true }],
  ["token.actions.githubusercontent.com", bySub("GitHub Actions")],
  ["vstoken.actions.githubusercontent.com", bySub("GitHub (vstoken)")],
  ["oidc-configuration.audit-log.githubusercontent.com", bySub("GitHub's audit log")],
  ["gitlab.com", bySub("GitLab")],
  ["app.terraform.io", bySub("HCP Terraform")],
  ["agent.buildkite.com", bySub("Buildkite")],
  ["oidc.codefresh.io", bySub("Codefresh")],
  ["studio.datachain.ai/api", bySub("DVC Studio")],
  ["scalr.io", bySub("Scalr")],
  ["tokens.cloud.shisho.dev", bySub("Shisho Cloud")],
  ["proidc.upbound.io", bySub("Upbound")],
  ["oidc.op1.openshiftapps.com/2f785sojlpb85i7402pk3qogugim5nfb", bySub("IBM Turbonomic")],
  ["oidc.vercel.com", byAud("Vercel")],
  ["api.pulumi.com/oidc", byAud("Pulumi Cloud")],
  ["sandboxes.cloud", byAud("sandboxes.cloud")],
]);

/**
 * Whether a pattern still says whose tokens it takes: what leads to the owner and the owner itself stand before the first
 * wildcard, as in `project_path:acme/*` or `organization:acme:*`.
 */
export function namesOwner(pattern: string): boolean {
  return /^[^*?:/]+:[^*?:/]+[:/]/.test(pattern);
}
