import { askerWords, type ProvenRow } from "./proven-access.ts";

export type ProofOf = { target: string; rows: readonly ProvenRow[] };

/** A proof as an answer: what is wrong or not known, which comes first, and who is newly let in. */
export type ProofAnswer = { alarms: string[]; answer: string };

/**
 * @param workload "payments/orders on prod-eu-1"
 * @param proofs target by target; what is the same for all of them is said once
 */
export function proofAnswer(workload: string, proofs: readonly ProofOf[]): ProofAnswer {
  const each = proofs.map(({ target, rows }) => ({ target, ...ofTarget(workload, rows) }));
  const same = <T>(of: (one: (typeof each)[number]) => T) =>
    new Set(each.map((one) => JSON.stringify(of(one)))).size === 1;
  const [first] = each;
  const alarms = same((one) => one.alarms)
    ? (first?.alarms ?? [])
    : each.flatMap((one) => one.alarms.map((alarm) => `${one.target}: ${alarm}`));
  const answer = same((one) => one.answer)
    ? (first?.answer ?? "")
    : each.map((one) => `${one.target}: ${one.answer}`).join(" ");
  return { alarms, answer };
}

function ofTarget(workload: string, rows: readonly ProvenRow[]): ProofAnswer {
  const own = rows.filter(({ who }) => who === "workload");
  const nameOf = ({ who, named }: ProvenRow) => {
    if (who === "workload") return workload;
    return named ? some(named) : lowerFirst(askerWords[who]);
  };
  const wrong = rows.filter(({ ok, outcome }) => !ok && outcome !== "unknown");
  const beyond = wrong.filter(({ who, byOthers }) => who === "workload-beyond" && !byOthers);
  const beyondByOthers = wrong.filter(({ who, byOthers }) => who === "workload-beyond" && byOthers);
  const inside = wrong.filter(({ who, outcome }) => outcome === "allowed" && who !== "workload-beyond");
  const strangers = inside.filter(({ byOthers }) => !byOthers);
  const already = inside.filter(({ byOthers }) => byOthers);
  const kept = wrong.filter(({ who, outcome }) => outcome === "refused" && who === "workload");
  const open = rows.filter(({ outcome }) => outcome === "unknown");
  const unknown = open.filter(({ who }) => who !== "workload-beyond" && who !== "workload");
  const unsure = open.filter(({ who }) => who === "workload");
  const more = open.filter(({ who }) => who === "workload-beyond");
  const alarms = [
    ...(strangers.length > 0 ? [`Gets in and should not: ${names(strangers, nameOf)}.`] : []),
    ...(already.length > 0
      ? [`Open to ${names(already, nameOf)}, by statements of others, with or without this access.`]
      : []),
    ...(beyond.length > 0 ? [`Could do more than was asked for: ${some(actionsOf(beyond))}.`] : []),
    ...(beyondByOthers.length > 0
      ? [
          `Could do more than was asked for, by the policy of the key behind the target: ${some(actionsOf(beyondByOthers))}.`,
        ]
      : []),
    ...(kept.length > 0
      ? [
          actionsOf(kept).length > 0
            ? `Would be refused: ${some(actionsOf(kept))}.`
            : "Nothing can be proven.",
        ]
      : []),
    ...(unsure.length > 0
      ? [`Not known: whether ${workload} may do ${some(actionsOf(unsure))}${dependence(unsure)}.`]
      : []),
    ...(unknown.length > 0
      ? [`Not known: whether ${names(unknown, nameOf)} gets in${dependence(unknown)}.`]
      : []),
    ...(more.length > 0
      ? [`Not known: whether it could also do ${some(actionsOf(more))}${dependence(more)}.`]
      : []),
  ];
  const allowed = own.filter(({ outcome }) => outcome === "allowed");
  const fresh = allowed.filter(({ change }) => change === "new");
  const before = allowed.filter(({ change }) => change === "unchanged");
  const ends = own.filter(({ change, ok }) => ok && change === "ends");
  const others = rows.filter(
    ({ who, ok, outcome, change }) =>
      who !== "workload" && who !== "workload-beyond" && ok && outcome === "allowed" && change === "new",
  );
  const loses = ends.length > 0 ? ` No longer: ${some(actionsOf(ends))}.` : "";
  const clean = alarms.length === 0;
  const opened = rows.some(({ who, outcome }) => who === "others-in-parts" && outcome === "allowed");
  const parts = clean && opened ? " A part of it is open to others already." : "";
  const news = newsOf({
    workload,
    also: names(others, nameOf),
    fresh,
    before,
    isLetIn: allowed.length > 0,
    inPart: own.some(({ outcome, change }) => outcome !== "allowed" && change !== "ends"),
    clean,
  });
  const sharing = rows.filter(({ ok, outcome, byOthers }) => ok && outcome === "allowed" && byOthers);
  const shared =
    sharing.length > 0 ? ` Open already to ${names(sharing, nameOf)}, by statements of others.` : "";
  return { alarms, answer: `${news}${parts}${shared}${loses}` };
}

interface News {
  workload: string;
  /** Who else is newly let in; empty: nobody that is known. */
  also: string;
  /** What the workload may newly do, and what it may do already. */
  fresh: readonly ProvenRow[];
  before: readonly ProvenRow[];
  isLetIn: boolean;
  /** Some of what it asks for is refused, or not known: what it gets is said. */
  inPart: boolean;
  /** Nothing else is wrong or not known: only then may it be said that there is nobody else. */
  clean: boolean;
}

function newsOf({ workload, also, fresh, before, isLetIn, inPart, clean }: News): string {
  const forWhat = (rows: readonly ProvenRow[]) => (inPart ? ` for ${some(actionsOf(rows))}` : "");
  const unless = (text: string) => (clean ? ` ${text}` : "");
  if (fresh.length > 0 && before.length > 0) {
    const rest = also ? ` Newly let in: ${also}.` : unless("Nobody else is newly let in.");
    return `${workload} gets in already and may newly do ${some(actionsOf(fresh))}.${rest}`;
  }
  if (fresh.length > 0)
    return `Newly let in: ${workload}${forWhat(fresh)}${also && ` and ${also}`}.${unless("Nobody else.")}`;
  if (also) return `Newly let in: ${also}.`;
  if (before.length > 0)
    return `${workload} gets in already${forWhat(before)}.${unless("Nobody is newly let in.")}`;
  return isLetIn ? `Let in: ${workload}.` : "Nobody is newly let in.";
}

function names(rows: readonly ProvenRow[], nameOf: (row: ProvenRow) => string): string {
  return new Intl.ListFormat("en").format(new Set(rows.map(nameOf)));
}

function actionsOf(rows: readonly ProvenRow[]): string[] {
  return [...new Set(rows.flatMap(({ actions }) => actions))];
}

function dependence(rows: readonly ProvenRow[]): string {
  const on = [...new Set(rows.flatMap(({ dependsOn }) => dependsOn))];
  return on.length > 0 ? `, which depends on ${some(on)}` : "";
}

function some(all: readonly string[]): string {
  const more = all.length > 3 ? ` and ${all.length - 3} more` : "";
  return `${all.slice(0, 3).join(", ")}${more}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
