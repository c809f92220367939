import type { CloudResource } from "#lib/model/cloud-resource.ts";
import type { Grant } from "#lib/model/grant.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import { type Asker, askerWords, type ProvenRow } from "#lib/model/proven-access.ts";
import { sidMarker } from "#lib/model/resource-key.ts";
import { act, type FinalCall, type Hop, type PathDecision, settled } from "#lib/policy/path.ts";
import { whyNot } from "#lib/policy/why-not.ts";
import { namedParties, type Party, partiesOf } from "./askers.ts";
import {
  askedOfIamAlone,
  beyondQuestions,
  intendedQuestions,
  partQuestions,
  type Question,
} from "./questions.ts";
import type { AccessDocuments, Attempt, Ground } from "./reachable-sessions.ts";
import { ofUsing } from "./surroundings.ts";
import { termsOf } from "./terms.ts";

/** What AWS has today, to say what is new; with what was approved before, for what ends. */
export interface Today {
  documents: AccessDocuments;
  desired: readonly CloudResource[];
}

/**
 * Who gets in, by the evaluator over documents, planned or as AWS has them: the workload may do all that the grant is
 * for and nothing near it; the same name elsewhere, its neighbour, people of both accounts and a caller without
 * credentials may do nothing of it. Pure, and knows no access pattern: it walks as a pod does, from token or agent to
 * a role, on to chained roles, to the target and to the key behind it.
 *
 * SCPs, RCPs and VPC endpoint policies are not among the documents; they can only take away. Neither are ACLs, access
 * points and KMS grants, which can let others in beside the policies.
 *
 * @param desired of all grants of the workload, as approved or asked for: what is asked comes from here
 * @param documents what decides
 * @param now ISO 8601; grants that end are asked about now
 * @param today also evaluated, where what is new is to be said
 */
export function proveAccess(
  grant: Grant,
  desired: readonly CloudResource[],
  documents: AccessDocuments,
  now: string,
  today: Today | null = null,
): ProvenRow[] {
  const ground = { desired, documents, now };
  const before = today && { ...today, now };
  const intended = intendedQuestions(grant, desired, documents);
  const earlier = before ? intendedQuestions(grant, before.desired, documents) : [];
  const ending = earlier.filter(({ label }) => !intended.some((one) => one.label === label));
  const beyond = beyondQuestions(grant, desired, documents).filter(
    ({ label }) => !ending.some((one) => one.label === label),
  );
  const ask = (party: Party, who: Asker, questions: readonly Question[], wanted: Wanted) => {
    const then = answers(party, ground, questions, who === "workload");
    const first = before && answers(party, before, reread(grant, questions, before), who === "workload");
    return rows(grant, who, then, first, wanted, letInByOthers(grant, party, ground, questions));
  };
  const others = namedParties(grant, before ? [ground, before] : [ground]).flatMap(({ name, party }) =>
    ask(party, party.who, intended, "refused")
      .filter(({ outcome, change }) => outcome !== "refused" || change === "ends")
      .map((row) => ({ ...row, named: [name] })),
  );
  const fixed = partiesOf(grant).flatMap((party) => {
    if (party.who !== "workload") return ask(party, party.who, intended, expected(party.who));
    const asked = intended.length > 0 ? [] : [nothingAsked(grant)];
    return [
      ...asked,
      ...ask(party, "workload", intended, "allowed").map((row) =>
        row.outcome === "allowed"
          ? { ...row, terms: termsOf(grant, desired, row.actions, keyUse(intended, row)) }
          : row,
      ),
      ...ask(party, "workload", ending, "either"),
      ...ask(party, "workload-beyond", beyond, "refused"),
    ];
  });
  const parts = partQuestions(grant, desired, documents);
  const inParts = partiesOf(grant)
    .filter(({ kind, who }) => (kind === "person" || kind === "nobody") && expected(who) === "refused")
    .flatMap((party) =>
      ask(party, "others-in-parts", notAllowedAnyway(party.who, parts, fixed), "either")
        .filter(({ outcome }) => outcome === "allowed")
        // Whom others let in there before is none of this access's doing.
        .map((row) => ({
          ...row,
          ok: row.byOthers === true && row.change !== "new",
          named: [askerWords[party.who].toLowerCase()],
        })),
    );
  return [...fixed, ...together(others), ...together(inParts)];
}

/** What the target's service does with the key for these actions. */
function keyUse(questions: readonly Question[], { actions }: ProvenRow): FinalCall[] {
  return questions.flatMap(({ label, key }) => (actions.includes(label) ? key : []));
}

/** Of questions about parts those whose action the asker may not do on the whole: else the row of the whole says it. */
function notAllowedAnyway(who: Asker, parts: readonly Question[], fixed: readonly ProvenRow[]): Question[] {
  const allowed = new Set(
    fixed.flatMap((row) => (row.who === who && row.outcome === "allowed" ? row.actions : [])),
  );
  return parts.filter(({ call }) => !allowed.has(call.action));
}

/** One row for all of the same answer: the table stays short, however many a trust policy lets in. */
function together(rows: readonly ProvenRow[]): ProvenRow[] {
  const same = grouped(
    rows,
    ({ ok, outcome, change, actions }) => `${ok} ${outcome} ${change} ${actions.join(" ")}`,
  );
  return same.flatMap(([, [first, ...others]]) => {
    if (!first) return [];
    const all = [first, ...others];
    return [
      {
        ...first,
        // "any…" is more than somebody.
        named: all
          .flatMap(({ named = [] }) => named)
          .toSorted((a, b) => Number(b.startsWith("any")) - Number(a.startsWith("any"))),
        dependsOn: [...new Set(all.flatMap(({ dependsOn }) => dependsOn))],
      },
    ];
  });
}

type Wanted = "allowed" | "refused" | "either";

/** Who rules the target's account reaches what is in it, and no grant has a say in that. */
function expected(who: Asker): Wanted {
  return who === "admin-of-target" ? "either" : "refused";
}

/** The same questions about a target that has another policy. */
function reread(grant: Grant, questions: readonly Question[], { documents }: Ground): Question[] {
  const { arn } = grant.target;
  const document = documents.policies.get(arn);
  const name = `the policy of ${arn}`;
  return questions.map((one) => {
    // Keys are as they are, whatever becomes of the target.
    if (one.onKey) return one;
    const { call, ...question } = one;
    const { policy: _, unread: __, ...on } = call.on;
    const known = document
      ? { policy: { name, document } }
      : documents.unreadPolicies?.has(arn)
        ? { unread: [{ kind: "resource" as const, name }] }
        : {};
    return { ...question, call: { ...call, on: { ...on, ...known } } };
  });
}

/** Of the targets' policies only what we wrote, or only what others did: every Sid of ours has the marker. */
function written(documents: AccessDocuments, by: "us" | "others"): AccessDocuments {
  const policies = [...documents.policies].flatMap(([arn, policy]) => {
    const Statement = statementsOf(policy).filter(
      ({ Sid }) => (Sid?.startsWith(sidMarker) ?? false) === (by === "us"),
    );
    return Statement.length > 0 ? [[arn, { ...policy, Statement }] as const] : [];
  });
  return { ...documents, policies: new Map(policies) };
}

/**
 * Label → whether it is others who let the asker do it, in each of its questions: what they wrote is enough, without
 * our roles; and what we wrote, with our roles, refuses it for certain. Ours that is too wide is never excused by
 * others who are as generous, whoever's grant it is of.
 */
function letInByOthers(
  grant: Grant,
  party: Party,
  ground: Ground,
  questions: readonly Question[],
): (label: string) => boolean {
  // A pod has nothing but our roles; of keys the policies are never ours.
  if (!party.self) return (label) => openKey(grant, questions, label, party, ground);
  const theirs = reread(grant, questions, { ...ground, documents: written(ground.documents, "others") });
  const ours = reread(grant, questions, { ...ground, documents: written(ground.documents, "us") });
  let known: Attempt[] | undefined;
  const attempts = () => (known ??= party.attempts(ground));
  const outcome = (question: Question | undefined, by: readonly Attempt[]): Outcome =>
    question ? outcomeOf(bestWay(party, by, question, ground.now)) : "refused";
  return (label) =>
    questions.every((question, at) => {
      if (question.label !== label) return true;
      const now = outcome(question, attempts());
      return (
        now === "refused" ||
        (rank[outcome(theirs[at], [])] >= rank[now] && outcome(ours[at], attempts()) === "refused")
      );
    });
}

/** Whether it is about a key whose own policy allows what our roles, by themselves, would not. */
function openKey(
  grant: Grant,
  questions: readonly Question[],
  label: string,
  party: Party,
  ground: Ground,
): boolean {
  const asked = questions.filter((one) => one.label === label).map((one) => askedOfIamAlone(grant, one));
  return asked.every(
    (one) => one && outcomeOf(bestWay(party, party.attempts(ground), one, ground.now)) === "refused",
  );
}

/** What becomes of an action: of all its questions the worst for the workload, and the best for everybody else. */
interface Answer {
  label: string;
  /** About the key, whose readers may be others than the target's. */
  onKey: boolean;
  decision: PathDecision;
}

type Outcome = ProvenRow["outcome"];

const rank: Record<Outcome, number> = { refused: 0, unknown: 1, allowed: 2 };

function outcomeOf({ effect }: PathDecision): Outcome {
  return effect === "allow" ? "allowed" : effect === "unknown" ? "unknown" : "refused";
}

function answers(party: Party, ground: Ground, questions: readonly Question[], every: boolean): Answer[] {
  const attempts = party.attempts(ground);
  return grouped(questions, ({ label }) => label).map(([label, asked]) => {
    const decisions = asked
      .map((question) => bestWay(party, attempts, question, ground.now))
      .sort((a, b) => rank[outcomeOf(a)] - rank[outcomeOf(b)]);
    // Groups are never empty.
    const decision = (every ? decisions[0] : decisions.at(-1)) ?? settled([]);
    return { label, onKey: asked.some((one) => one.onKey), decision };
  });
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups];
}

/** The way that leads farthest; of ways that are all refused, the one with the most hops. */
function bestWay(
  party: Party,
  attempts: readonly Attempt[],
  { call, key }: Question,
  now: string,
): PathDecision {
  const using = ofUsing(now, party.kind);
  const finish = (
    hops: readonly Hop[],
    from: Parameters<typeof act>[0],
    policies?: Parameters<typeof act>[1],
  ) => {
    const all = [...hops];
    for (const one of [call, ...key]) {
      const hop = act(from, policies, one, using);
      all.push(hop);
      if (hop.decision.effect.endsWith("deny")) break;
    }
    return settled(all);
  };
  const ways = attempts.map(({ session, hops }) => (session ? finish(hops, session) : settled(hops)));
  if (party.self) ways.unshift(finish([], party.self.principal, party.self.policies));
  const [best = settled([])] = ways.toSorted(
    (a, b) => rank[outcomeOf(b)] - rank[outcomeOf(a)] || b.hops.length - a.hops.length,
  );
  return best;
}

/** One row for the actions of a party that have the same answer and the same change. */
function rows(
  grant: Grant,
  who: Asker,
  answered: readonly Answer[],
  before: readonly Answer[] | null,
  wanted: Wanted,
  isByOthers: (label: string) => boolean,
): ProvenRow[] {
  const outcomes = new Map(before?.map(({ label, decision }) => [label, outcomeOf(decision)]));
  const parts = answered.map((answer) => {
    const outcome = outcomeOf(answer.decision);
    // Of who rules the account nobody asks by whom.
    const byOthers = who !== "admin-of-target" && outcome === "allowed" && isByOthers(answer.label);
    return { ...answer, outcome, byOthers, change: changeOf(outcome, outcomes.get(answer.label)) };
  });
  const kinds = grouped(
    parts,
    ({ outcome, byOthers, change, onKey }) => `${outcome} ${byOthers} ${change} ${onKey}`,
  );
  return kinds.flatMap(([, group]) => {
    const [first] = group;
    if (!first) return [];
    const { outcome, byOthers, change, decision } = first;
    const actions = [...new Set(group.map(({ label }) => label))].sort();
    const ok = outcome === "unknown" || wanted === "either" || outcome === wanted || isShared(who, byOthers);
    return [
      {
        who,
        actions,
        resource: grant.target.arn,
        outcome,
        ok,
        reason: ok ? "" : `${verdictWords(outcome, byOthers && who)}: ${actions.join(", ")}.`,
        ...(byOthers ? { byOthers } : {}),
        change,
        dependsOn: [...new Set(group.flatMap((one) => one.decision.dependsOn))],
        steps: decision.hops.map(({ action, resource, decision: one }) => ({
          action,
          resource,
          effect: one.effect,
          reason: whyNot(one),
        })),
      },
    ];
  });
}

/** A target that its owner shares with the whole account of the cluster: that account's administrators then rule it. */
function isShared(who: Asker, byOthers: boolean): boolean {
  return byOthers && who === "admin-of-cluster";
}

/** @param byOthers of what others let in: whom */
function verdictWords(outcome: Outcome, byOthers: Asker | false): string {
  // Without the grant's role the workload could not, whatever a key's policy says.
  if (byOthers === "workload-beyond")
    return "Allowed by the key's own policy, and not by what Drawbridge writes";
  if (byOthers) return "Allowed by statements of others, with or without this access";
  return outcome === "allowed" ? "Allowed" : "Refused";
}

function changeOf(now: Outcome, before: Outcome | undefined): ProvenRow["change"] {
  if (before === undefined) return null;
  if (now === before) return "unchanged";
  return rank[now] > rank[before] ? "new" : "ends";
}

/** Permissions that name nothing on the target: then nothing can be proven. */
function nothingAsked(grant: Grant): ProvenRow {
  return {
    who: "workload",
    actions: [],
    resource: grant.target.arn,
    outcome: "refused",
    ok: false,
    reason: "Refused: nothing was asked.",
    change: null,
    dependsOn: [],
    steps: [],
  };
}
