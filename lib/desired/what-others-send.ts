import { type PolicyDocument, statementsOf } from "#lib/model/policy-document.ts";
import { foldCase } from "#lib/policy/glob.ts";
import { fulfilled } from "#lib/policy/intended.ts";
import type { Assumption } from "#lib/policy/session.ts";

/** What whoever opens a session on a role chooses freely. */
type Chosen = Pick<Assumption, "sessionName" | "externalId" | "tags" | "transitiveTagKeys">;

/** A trust policy has a few statements; of one that somebody has filled, the first say enough. */
const mostStatements = 8;

const requestTag = "aws:requesttag/";

/**
 * What somebody sends who wants in and can read the trust policy: for each of its statements what that one asks for,
 * and what the others ask for besides. A condition on what the caller chooses keeps nobody out who knows it.
 */
export function whatOthersSend(trust: PolicyDocument): Chosen[] {
  const asked = statementsOf(trust)
    .filter(({ Effect }) => Effect === "Allow")
    .slice(0, mostStatements)
    .map(fulfilled);
  const all = Object.assign({}, ...asked) as Record<string, string>;
  const chosen = asked.map((one) => JSON.stringify(chosenOf({ ...all, ...one })));
  return [...new Set(chosen)].map((one): Chosen => JSON.parse(one));
}

function chosenOf(context: Record<string, string>): Chosen {
  const entries = Object.entries(context);
  const chosenAs = (key: string) => entries.find(([name]) => foldCase(name) === key)?.[1];
  const externalId = chosenAs("sts:externalid");
  const sessionName = chosenAs("sts:rolesessionname");
  const tags = Object.fromEntries(
    entries.flatMap(([name, value]) =>
      foldCase(name).startsWith(requestTag) ? [[name.slice(requestTag.length), value]] : [],
    ),
  );
  return {
    ...(sessionName === undefined ? {} : { sessionName }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(Object.keys(tags).length > 0 ? { tags, transitiveTagKeys: Object.keys(tags) } : {}),
  };
}
