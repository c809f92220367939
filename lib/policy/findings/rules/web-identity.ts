import { hasWildcard } from "../../glob.ts";
import type { CheckContext, CheckedStatement } from "../context.ts";
import type { ConditionView, Item, PrincipalItem } from "../view.ts";
import { covers } from "./trust.ts";

/** EKS's issuers, without the scheme; the second form is that of dual-stack endpoints. */
const eksIssuer =
  /^oidc\.eks\.[a-z]{2,}(-[a-z]+)+-\d+\.amazonaws\.com(\.cn)?\/id\/[A-Z0-9]+$|^oidc-eks\.[a-z0-9-]+\.(api\.aws|api\.amazonwebservices\.com\.cn)\/id\/[A-Z0-9]+$/;
const github = "token.actions.githubusercontent.com";
const audience = "sts.amazonaws.com";

/** Trust in the tokens of OIDC providers: from which provider, for whom and for what. */
export function checkWebIdentity(context: CheckContext): void {
  if (context.kind !== "trust") return;
  for (const statement of context.statements) {
    if (statement.effect !== "Allow") continue;
    const issuers = statement.principals.flatMap((principal) => {
      const issuer = issuerOf(principal);
      return issuer === undefined ? [] : [{ principal, issuer }];
    });
    for (const { principal, issuer } of issuers) {
      checkProvider(principal, issuer, context);
      if (covers(statement, "sts:AssumeRoleWithWebIdentity"))
        checkClaims(principal, issuer, statement, context);
    }
    if (issuers.length > 0) {
      const names = issuers.map(({ issuer }) => issuer);
      for (const condition of statement.conditions) checkIssuerOfClaim(condition, names, context);
    }
  }
}

/** What stands after `oidc-provider/`. */
function issuerOf({ type, text }: PrincipalItem): string | undefined {
  return type === "Federated" ? /:oidc-provider\/(.+)$/.exec(text)?.[1] : undefined;
}

function checkProvider(
  { text, path }: PrincipalItem,
  issuer: string,
  { accountId, report }: CheckContext,
): void {
  const account = /^arn:[^:]*:iam::(\d{12}):/.exec(text)?.[1];
  if (accountId !== undefined && account !== undefined && account !== accountId) {
    report(
      "trust.provider-elsewhere",
      path,
      `The provider is in account ${account}, the role in ${accountId}.`,
    );
  }
  if (issuer.startsWith("https:")) {
    report("trust.issuer-scheme", path, `${JSON.stringify(issuer)} begins with the scheme.`);
  } else if (/(^|[./-])oidc[.-]eks\b/i.test(issuer) && !eksIssuer.test(issuer) && !/[<®&]/.test(issuer)) {
    report("trust.lookalike-issuer", path, `${JSON.stringify(issuer)} is not an issuer of EKS.`);
  }
}

/** Claims are written as issuer, colon, name. */
function claimOf({ key }: ConditionView): { issuer: string; claim: string } {
  const at = key.lastIndexOf(":");
  return { issuer: key.slice(0, at), claim: key.slice(at + 1).toLowerCase() };
}

function checkIssuerOfClaim(
  condition: ConditionView,
  issuers: readonly string[],
  { report }: CheckContext,
): void {
  const { issuer } = claimOf(condition);
  if (!/[./]/.test(issuer) || issuers.some((one) => one.toLowerCase() === issuer.toLowerCase())) return;
  const detail = `${JSON.stringify(condition.key)} is a claim of another issuer than ${issuers.join(", ")}.`;
  if (issuer.startsWith("https:")) {
    report(
      "trust.issuer-scheme",
      condition.path,
      `${JSON.stringify(condition.key)} begins with the scheme.`,
      "key",
    );
  } else {
    report("trust.claim-of-other-issuer", condition.path, detail, "key");
  }
}

function checkClaims(
  { path }: PrincipalItem,
  issuer: string,
  statement: CheckedStatement,
  { report }: CheckContext,
): void {
  const of = (name: string) =>
    statement.conditions.filter((condition) => {
      const { issuer: named, claim } = claimOf(condition);
      return claim === name && named.toLowerCase() === issuer.toLowerCase() && limits(condition);
    });
  const [subs, auds] = [of("sub"), of("aud")];
  const eks = eksIssuer.test(issuer);
  if (auds.length === 0) report("trust.missing-aud", path, `No condition on ${issuer}:aud.`);
  if (issuer === github) checkGithub(path, subs, report);
  else if (subs.length === 0) report("trust.missing-sub", path, `No condition on ${issuer}:sub.`);
  for (const condition of auds) {
    for (const value of condition.values) checkAudience(value, condition, eks, report);
  }
  if (!eks) return;
  for (const condition of subs) {
    for (const value of condition.values) checkSubject(value, condition, report);
  }
}

/** Whether a token has to have the claim to meet the condition. */
function limits({ parsed }: ConditionView): boolean {
  return Boolean(
    parsed?.operator && !parsed.operator.negated && !parsed.ifExists && parsed.quantifier !== "ForAllValues",
  );
}

function isLike({ parsed }: ConditionView): boolean {
  return parsed?.name === "StringLike";
}

function checkAudience(
  value: Item,
  condition: ConditionView,
  eks: boolean,
  report: CheckContext["report"],
): void {
  const { text, path } = value;
  if (text.startsWith("system:serviceaccount:")) {
    report("trust.claims-swapped", path, `${JSON.stringify(text)} is a value of sub.`);
  } else if (hasWildcard(text)) {
    if (isLike(condition))
      report("trust.aud-pattern", path, `Any audience like ${JSON.stringify(text)} is taken.`);
    else
      report(
        "trust.wildcard-under-equals",
        path,
        `${condition.operator} takes ${JSON.stringify(text)} literally.`,
      );
  } else if (eks && text !== audience) {
    report("trust.unexpected-aud", path, `The audience is ${JSON.stringify(text)}.`);
  }
}

const subject = /^system:serviceaccount:[a-z0-9]([a-z0-9-]*[a-z0-9])?:[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

function checkSubject({ text, path }: Item, condition: ConditionView, report: CheckContext["report"]): void {
  const said = JSON.stringify(text);
  if (text === audience) {
    report("trust.claims-swapped", path, `${said} is a value of aud.`);
  } else if (!hasWildcard(text)) {
    if (!subject.test(text)) report("trust.sub-malformed", path, `No service account has the sub ${said}.`);
  } else if (!isLike(condition)) {
    report("trust.wildcard-under-equals", path, `${condition.operator} takes ${said} literally.`);
  } else {
    const [, , namespace = "*", name = "*"] = text.split(":");
    // A wildcard crosses colons: one in the namespace leaves all that follows open.
    if (!text.startsWith("system:serviceaccount:") || hasWildcard(namespace)) {
      report("trust.sub-any", path, `${said} leaves the namespace open.`);
    } else if (/^\*+$/.test(name)) {
      report("trust.sub-namespace", path, `${said} is every service account of ${namespace}.`);
    } else {
      report("trust.sub-pattern", path, `${said} is every service account of ${namespace} whose name fits.`);
    }
  }
}

/** GitHub's provider is one for all: only sub tells whose workflow it is. */
function checkGithub(
  path: Item["path"],
  subs: readonly ConditionView[],
  report: CheckContext["report"],
): void {
  const values = subs.flatMap(({ values }) => values);
  if (values.length === 0) report("trust.github-anybody", path, "No condition on sub.");
  for (const { text, path: at } of values) {
    if (/^repo:[^*?/]+\//.test(text)) continue;
    report("trust.github-anybody", at, `${JSON.stringify(text)} does not name an organisation.`);
  }
}
