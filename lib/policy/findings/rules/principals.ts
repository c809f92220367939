import { type CheckContext, type CheckedStatement, demands, keepsStrangersOut, limitOf } from "../context.ts";
import { hasPrincipal } from "../kinds.ts";
import { emptyLimit, onBehalfKeys } from "../limits.ts";
import { namesEveryone, type PrincipalItem } from "../view.ts";

/** Also where the beginning is a placeholder: whose it is stands behind it. */
const role = /\b(iam|sts)::(\d{12}):(.+)$/;

/** The account of a principal of the kind AWS, if its text says so. */
export function accountOf(text: string): string | undefined {
  return /^\d{12}$/.test(text) ? text : role.exec(text)?.[2];
}

/** Whether the principal stands for everybody in its account. */
export function isRoot(text: string): boolean {
  return /^\d{12}$/.test(text) || role.exec(text)?.[3] === "root";
}

/** How wide the principals are. */
export function checkPrincipals(context: CheckContext): void {
  if (!hasPrincipal(context.kind)) return;
  for (const statement of context.statements) {
    const { effect, principalElement, principals, path } = statement;
    for (const one of principals) checkOne(one, statement, context);
    if (principalElement === "NotPrincipal" && effect === "Deny") {
      const detail =
        "The Deny is for all but the named, and their sessions and account have to be named too.";
      context.report("principal.not-principal-deny", [...path, "NotPrincipal"], detail, "key");
    }
    if (effect === "Allow" && principalElement === "Principal") {
      checkEveryone(statement, context);
      checkIncluded(statement, context);
    }
  }
}

function checkOne(
  one: PrincipalItem,
  statement: CheckedStatement,
  { kind, accountId, report }: CheckContext,
): void {
  const { type, text, path } = one;
  const allows = statement.effect === "Allow" && statement.principalElement === "Principal";
  if (type === "AWS" && /^A(ROA|IDA)[A-Z0-9]{8,}$/.test(text)) {
    const what = text.startsWith("AROA") ? "role" : "user";
    report("principal.deleted", path, `${text} is the id of a ${what} that is gone.`);
  } else if (type === "AWS" && allows && /^arn:[^:]*:sts::\d{12}:assumed-role\//.test(text)) {
    report("principal.session", path, `${text} is one session and not its role.`);
  } else if (type === "AWS" && allows && /^arn:[^:]*:iam::\d{12}:user\//.test(text)) {
    report("principal.user", path, `${text} is a user.`);
  } else if (type === "AWS" && allows && isRoot(text)) {
    checkAccount(one, statement, { kind, accountId, report });
  } else if (type === "Service" && !/\.amazonaws\.com(\.cn)?$/.test(text)) {
    report("principal.not-a-service", path, `${JSON.stringify(text)} is not a service of AWS.`);
  } else if (
    type === "Service" &&
    allows &&
    kind === "resource" &&
    !keepsStrangersOut(statement.conditions, onBehalfKeys)
  ) {
    report("principal.service-for-anyone", path, `${text} is let in on behalf of any account.`);
  }
}

function checkAccount(
  { text, path }: PrincipalItem,
  statement: CheckedStatement,
  { kind, accountId, report }: Pick<CheckContext, "kind" | "report"> & { accountId: string | undefined },
): void {
  const account = accountOf(text);
  // What every role of the account meets leaves out none of those who can assume one.
  const named = demands(statement.conditions).some(
    (one) =>
      (one.folded === "aws:principalarn" || one.folded === "aws:userid") &&
      emptyLimit(limitOf(one), account) === undefined,
  );
  if (kind === "rcp" || named) return;
  if (account !== accountId) {
    report("principal.whole-account", path, `Everybody in account ${account} may be let in from there.`);
  } else if (kind === "trust") {
    report("principal.own-account", path, "Whoever may assume any role of this account may assume this one.");
  }
}

function checkEveryone(statement: CheckedStatement, { kind, report }: CheckContext): void {
  // An RCP's lone Allow is for everybody by nature: it only limits.
  if (!namesEveryone(statement) || kind === "rcp") return;
  const path = statement.principals.find(({ text }) => text === "*")?.path ?? statement.path;
  if (keepsStrangersOut(statement.conditions)) {
    report("principal.everyone-limited", path, "Anybody is let in who meets the condition.");
  } else {
    // A role is assumed with credentials, of whatever account.
    const how = kind === "trust" ? "from any account" : "without credentials too";
    report("principal.everyone", path, `Anybody is let in, ${how}.`);
  }
}

/** Principals that a wider one of the statement stands for too. */
function checkIncluded(statement: CheckedStatement, { report }: CheckContext): void {
  const aws = statement.principals.filter(({ type }) => type === "AWS");
  const roots = new Set(aws.filter(({ text }) => isRoot(text)).map(({ text }) => accountOf(text)));
  const everyone = namesEveryone(statement);
  const seen = new Set<string>();
  for (const { text, path } of aws) {
    const twice = seen.has(text);
    seen.add(text);
    const account = accountOf(text);
    const included =
      (everyone && text !== "*") || (!isRoot(text) && account !== undefined && roots.has(account));
    if (twice || included) report("principal.redundant", path, `${text} is included already.`);
  }
}
