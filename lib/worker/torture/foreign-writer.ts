import { desiredResources } from "#lib/desired/desired-resources.ts";
import type { Estate } from "#lib/model/estate.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import { statementsOf } from "#lib/model/policy-document.ts";
import { executeRun } from "../run.ts";
import { type Arena, inArena } from "./arena.ts";
import { allCases, type Case, spread } from "./cases.ts";
import { nameOf, phases, referenceOf } from "./cycle.ts";
import { violationsOf } from "./invariants.ts";
import { foreignStatements } from "./invariants-aws.ts";
import { mortalWorker } from "./mortal.ts";
import { seeded } from "./random.ts";
import { isShared, type Options, type Outcome, type Scenario, sum } from "./scenario.ts";
import { markOf, viewOf } from "./view.ts";

/** Somebody else writes the same bucket's or queue's policy, in each gap between two calls of ours. */

/** The policy that a case writes into, as the sandbox stores it; undefined: it writes into none. */
function sharedPolicy({ sandbox }: Arena, targetArn: string) {
  const state = sandbox.state();
  const name = targetArn.split(":").at(-1) ?? "";
  if (targetArn.includes(":s3:")) return { name: `bucket ${name}`, holder: state.buckets[name] };
  const queues = Object.values(state.accounts).flatMap(({ queues }) => Object.values(queues));
  return { name: `queue ${name}`, holder: queues.find(({ arn }) => arn === targetArn) };
}

function statementOf(targetArn: string, Sid: string): Statement {
  const action = targetArn.includes(":s3:") ? "s3:DeleteBucket" : "sqs:PurgeQueue";
  return { Sid, Effect: "Deny", Principal: "*", Action: action, Resource: targetArn };
}

/** What somebody else does to their statements: those there were first, and those there are then. */
interface Write {
  what: string;
  before(targetArn: string): Statement[];
  after(targetArn: string): Statement[];
}

const writes: readonly Write[] = [
  { what: "adds a statement", before: () => [], after: (arn) => [statementOf(arn, "Added")] },
  {
    what: "changes a statement",
    before: (arn) => [statementOf(arn, "Theirs")],
    // In another form, too.
    after: (arn) => [{ ...statementOf(arn, "Theirs"), Resource: [arn], Principal: { AWS: "*" } }],
  },
  { what: "removes a statement", before: (arn) => [statementOf(arn, "Theirs")], after: () => [] },
];

type Holder = NonNullable<ReturnType<typeof sharedPolicy>["holder"]>;

/** As the other writer sees it: a read and a write of the whole document, with nothing of ours in between. */
function writeTheirs(holder: Holder, write: Write, which: "before" | "after", targetArn: string): void {
  const policy = holder.policy ?? { Version: "2012-10-17" as const, Statement: [] };
  const replaced = new Set(write.before(targetArn).map(({ Sid }) => Sid));
  const kept = statementsOf(policy).filter(({ Sid }) => !replaced.has(Sid));
  const Statement = [...kept, ...write[which](targetArn)];
  if (Statement.length > 0) holder.policy = { ...policy, Statement };
  else holder.policy = null;
}

/**
 * Between the last read and the write there is one round trip that no API closes: the call that follows overwrites
 * what was written in it. Everywhere else a lost statement is a violation.
 */
const lastGap = /\.(PutBucketPolicy|DeleteBucketPolicy|SetQueueAttributes) \d+ before$/;
/** The answer of that last read, too, is on its way when the gap begins. */
const lastRead = /\.(GetBucketPolicy|GetQueueAttributes) \d+ after$/;

interface Gaps extends Outcome {
  unclosable: number;
  lost: number;
}

async function playCase(arena: Arena, one: Case, plays: number | undefined, options: Options): Promise<Gaps> {
  const { world } = arena;
  const outcome: Gaps = { count: 0, violations: [], notes: [], unclosable: 0, lost: 0 };
  const reference = await referenceOf(arena, one);
  const target = one.grant().target.arn;
  const gaps = reference.points.filter(({ step, event }) => step === target && !event.startsWith("commit"));
  // The plan's thousand are reached by going round.
  const rounds = options.full ? 8 : 1;
  const all = Array.from({ length: rounds }, () =>
    writes.flatMap((write) =>
      gaps
        // A policy with something of theirs is written and not deleted.
        .filter(({ event }) => write.before(target).length === 0 || !event.includes(".DeleteBucketPolicy "))
        .map((gap) => ({ gap, write })),
    ),
  ).flat();
  const chosen = plays === undefined ? all : seeded(options.seed).sample(all, plays);
  for (const [index, { gap, write }] of chosen.entries()) {
    if (!isShared(options, index)) continue;
    const { name, holder } = sharedPolicy(arena, target);
    if (!holder) throw new Error(`${target} is not there`);
    const original = structuredClone(holder.policy);
    const mark = await markOf(arena);
    if (write.before(target).length > 0) writeTheirs(holder, write, "before", target);
    let written = false;
    const worker = () =>
      mortalWorker(world, "w", (point) => {
        if (written || point.step !== gap.step || point.event !== gap.event || phase !== gap.phase)
          return false;
        writeTheirs(holder, write, "after", target);
        written = true;
        return false;
      });
    const grant = one.grant();
    let phase: (typeof phases)[number] = "provision";
    const faults: string[] = [];
    let lost = false;
    for (const next of phases) {
      phase = next;
      const runId = next === "provision" ? await world.approve([grant]) : await world.revoke(grant.id);
      await executeRun(worker().deps, runId);
      const { state, error } = await world.run(runId);
      if (state !== "succeeded") faults.push(`${next} ${state}: ${JSON.stringify(error)}`);
      if (written && !lost) {
        const theirs = new Map([[name, write.after(target)]]);
        lost = foreignStatements(await viewOf(arena, mark), theirs).length > 0;
      }
      const left = new Map([[name, write[written && !lost ? "after" : "before"](target)]]);
      faults.push(...(await violationsOf(arena, mark, { foreign: left })));
    }
    const events = reference.points.filter((point) => point.phase === gap.phase && point.step === gap.step);
    const following = events[events.indexOf(gap) + 1]?.event ?? "";
    const unclosable = lastGap.test(gap.event) || (lastRead.test(gap.event) && lastGap.test(following));
    outcome.count += 1;
    if (unclosable) outcome.unclosable += 1;
    if (lost) outcome.lost += 1;
    if (!written) faults.push("the gap was not reached");
    if (lost && !unclosable) faults.push("what somebody else wrote is undone");
    outcome.violations.push(
      ...faults.map((fault) => `${one.name}, somebody ${write.what} in the gap ${nameOf(gap)}: ${fault}`),
    );
    holder.policy = original;
    if (faults.length > 0) break;
  }
  return outcome;
}

export const foreignWriter: Scenario = {
  name: "foreign",
  title: "Somebody else writes the shared policy in a gap between two calls",
  run: (options) =>
    inArena(async (arena) => {
      const outcomes: Gaps[] = [];
      const cases: Case[] = [];
      for (const one of allCases(await arena.world.estate()))
        if (writesPolicy(one, await arena.world.estate())) cases.push(one);
      const { count } = options;
      const chosen =
        count === undefined
          ? cases.map((one) => ({ one, plays: undefined }))
          : spread(seeded(options.seed), cases, count);
      for (const { one, plays } of chosen) {
        outcomes.push(await playCase(arena, one, plays, options));
        if (outcomes.some(({ violations }) => violations.length > 0)) break;
      }
      const total = (of: (one: Gaps) => number) => outcomes.reduce((all, one) => all + of(one), 0);
      const note = `${total((one) => one.unclosable)} of these gaps lie between our last read and our write, where AWS has no revision parameter: ${total((one) => one.lost)} writes undone there, none elsewhere`;
      return { ...sum(outcomes), notes: [note] };
    }),
};

function writesPolicy(one: Case, estate: Estate): boolean {
  return desiredResources([one.grant()], estate).some(({ kind }) => kind === "resource-policy-statements");
}
