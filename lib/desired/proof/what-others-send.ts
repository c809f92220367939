import { listOf, type PolicyDocument, type Statement, statementsOf } from "#lib/model/policy-document.ts";
import { foldCase } from "#lib/policy/glob.ts";
import { example, fulfilled } from "#lib/policy/intended.ts";
import type { Assumption } from "#lib/policy/session.ts";

/** What whoever opens a session on a role chooses freely. */
type Chosen = Pick<
  Assumption,
  "sessionName" | "externalId" | "sourceIdentity" | "tags" | "transitiveTagKeys"
>;

const requestTag = "aws:requesttag/";

/**
 * What somebody sends who wants in and can read the trust policy: nothing, and for each of its statements what that one
 * asks for, alone and with what the others ask for besides. A condition on what the caller chooses keeps nobody out who
 * knows it; what of it can't be told from the statement's text is left open.
 *
 * Source: STS API Reference, AssumeRole: the caller gives ExternalId, RoleSessionName, SourceIdentity and Tags.
 *
 * @param of the statements by which they want in
 */
export function whatOthersSend(
  trust: PolicyDocument,
  of: readonly Statement[] = statementsOf(trust),
): Chosen[] {
  const allowing = (all: readonly Statement[]) =>
    all.filter(({ Effect }) => Effect === "Allow").map(askedFor);
  const all = Object.assign({}, ...allowing(statementsOf(trust))) as Record<string, string>;
  const chosen = allowing(of).flatMap((one) => [chosenOf(one), chosenOf({ ...all, ...one })]);
  return [...new Set([{}, ...chosen].map((one) => JSON.stringify(one)))].map(
    (one): Chosen => JSON.parse(one),
  );
}

/** Values for what the statement asks of a request, keys that have to be there only included. */
function askedFor(statement: Statement): Record<string, string> {
  const present = Object.entries(statement.Condition?.Null ?? {}).filter(([, value]) =>
    listOf(value).some((one) => foldCase(String(one)) === "false"),
  );
  return { ...Object.fromEntries(present.map(([key]) => [key, "somebody"])), ...fulfilled(statement) };
}

function chosenOf(context: Record<string, string>): Chosen {
  const entries = Object.entries(context);
  const chosenAs = (key: string) => entries.find(([name]) => foldCase(name) === key)?.[1];
  const externalId = chosenAs("sts:externalid");
  const sessionName = chosenAs("sts:rolesessionname");
  const sourceIdentity = chosenAs("sts:sourceidentity");
  const keys = [chosenAs("aws:tagkeys"), chosenAs("sts:transitivetagkeys")].filter(
    (key) => key !== undefined,
  );
  const tags = Object.fromEntries([
    ...keys.map((key) => [example(key), "somebody"]),
    ...entries.flatMap(([name, value]) =>
      foldCase(name).startsWith(requestTag) ? [[name.slice(requestTag.length), value]] : [],
    ),
  ]);
  return {
    ...(sessionName === undefined ? {} : { sessionName }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(sourceIdentity === undefined ? {} : { sourceIdentity }),
    ...(Object.keys(tags).length > 0 ? { tags, transitiveTagKeys: Object.keys(tags) } : {}),
  };
}
