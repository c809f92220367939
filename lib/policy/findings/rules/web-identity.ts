import { hasWildcard } from "../../glob.ts";
import { type CheckContext, type CheckedStatement, needsKey } from "../context.ts";
import { emptyLimit } from "../limits.ts";
import type { ConditionView, Item, PrincipalItem } from "../view.ts";
import { namesOwner, type SharedProvider, sharedProviders } from "./identity-providers.ts";
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

/** What stands after `oidc-provider/`, or the name of one that AWS has built in. */
function issuerOf({ type, text }: PrincipalItem): string | undefined {
  if (type !== "Federated") return undefined;
  const builtIn = sharedProviders.get(text)?.builtIn ? text : undefined;
  return /:oidc-provider\/(.+)$/.exec(text)?.[1] ?? builtIn;
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
      return claim === name && named.toLowerCase() === issuer.toLowerCase() && needsKey(condition);
    });
  const [subs, auds] = [of("sub"), of("aud")];
  const eks = eksIssuer.test(issuer);
  const shared = sharedProviders.get(issuer.toLowerCase());
  if (shared !== undefined && issuer !== github)
    checkShared(path, issuer, shared, shared.claims.flatMap(of), report);
  if (auds.length === 0 && !shared?.claims.includes("aud") && !shared?.builtIn)
    report("trust.missing-aud", path, `No condition on ${issuer}:aud.`);
  if (issuer === github) checkGithub(path, subs, report);
  else if (subs.length === 0 && shared === undefined)
    report("trust.missing-sub", path, `No condition on ${issuer}:sub.`);
  for (const condition of auds) {
    for (const value of condition.values) checkAudience(value, condition, eks, report);
  }
  if (shared !== undefined) return;
  for (const condition of subs) {
    for (const value of condition.values) checkSubject(value, condition, eks, report);
  }
}

/** Of a provider that many share, some claim has to say whose tokens are meant. */
function checkShared(
  path: Item["path"],
  issuer: string,
  { name, claims }: SharedProvider,
  conditions: readonly ConditionView[],
  report: CheckContext["report"],
): void {
  const literal = conditions.filter((one) => !isLike(one));
  for (const { operator, values } of literal.filter(({ folded }) => !folded.endsWith(":aud"))) {
    for (const { text, path: at } of values.filter(({ text }) => hasWildcard(withoutVariables(text)))) {
      report("trust.wildcard-under-equals", at, `${operator} takes ${JSON.stringify(text)} literally.`);
    }
  }
  const open = conditions.map((one) => one.values.find(({ text }) => !isOwned(text, one)));
  if (open.includes(undefined)) return;
  const [first] = open;
  const wanted = claims.map((claim) => `${issuer}:${claim}`).join(" or ");
  const detail =
    first === undefined
      ? `No condition on ${wanted}.`
      : `${JSON.stringify(first.text)} does not name a customer of ${name}.`;
  report("trust.provider-anybody", first?.path ?? path, detail);
}

function isOwned(text: string, condition: ConditionView): boolean {
  if (isAnyValue(text, condition)) return false;
  return !isLike(condition) || !hasWildcard(withoutVariables(text)) || namesOwner(text);
}

/** Whether each token that has the claim fits. */
function isAnyValue(text: string, { parsed, folded }: ConditionView): boolean {
  return emptyLimit({ parsed, folded, texts: [text] }) !== undefined;
}

function withoutVariables(text: string): string {
  return text.replace(/\$\{[^{}]*\}/g, "");
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

function checkSubject(
  { text, path }: Item,
  condition: ConditionView,
  eks: boolean,
  report: CheckContext["report"],
): void {
  const said = JSON.stringify(text);
  if (isAnyValue(text, condition)) {
    report("trust.sub-any", path, `${said} is met by any sub.`);
  } else if (text === audience) {
    report("trust.claims-swapped", path, `${said} is a value of aud.`);
  } else if (!hasWildcard(text)) {
    if (eks && !subject.test(text))
      report("trust.sub-malformed", path, `No service account has the sub ${said}.`);
  } else if (!isLike(condition)) {
    report("trust.wildcard-under-equals", path, `${condition.operator} takes ${said} literally.`);
  } else if (!eks && !/^system:serviceaccount\b/.test(text)) {
    report("trust.sub-pattern", path, `${said} is everybody whose sub fits.`);
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

/** GitHub's provider is one for all: only sub tells whose workflow it is, and of which branch. */
function checkGithub(
  path: Item["path"],
  subs: readonly ConditionView[],
  report: CheckContext["report"],
): void {
  if (subs.every(({ values }) => values.length === 0))
    report("trust.github-anybody", path, "No condition on sub.");
  for (const condition of subs) {
    for (const { text, path: at } of condition.values) {
      const said = JSON.stringify(text);
      const found = /^repo:[^*?/]+\/([^:]*)(?::(.*))?$/.exec(text);
      if (found === null) {
        report("trust.github-anybody", at, `${said} does not name an organisation.`);
        continue;
      }
      if (hasWildcard(text) && !isLike(condition)) {
        report("trust.wildcard-under-equals", at, `${condition.operator} takes ${said} literally.`);
        continue;
      }
      const [, repository = "", context] = found;
      if (hasWildcard(repository)) {
        report("trust.github-repositories", at, `${said} is every repository that fits.`);
      } else if (context === "pull_request") {
        report("trust.github-branches", at, `${said} is whoever opens a pull request.`);
      } else if (/^(ref:(refs\/(heads\/|tags\/)?)?)?[*?]+$/.test(context ?? "")) {
        report("trust.github-branches", at, `${said} is any branch or tag of the repository.`);
      }
    }
  }
}
