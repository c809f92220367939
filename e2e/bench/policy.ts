import { readdirSync, readFileSync } from "node:fs";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import {
  type EvaluationRequest,
  evaluate,
  evaluateTrust,
  type NamedPolicy,
  type PolicySet,
  type UnreadPolicy,
} from "#lib/policy/evaluate.ts";
import { checkPolicy } from "#lib/policy/findings/check-policy.ts";
import { awsMetadata } from "#lib/policy/metadata/aws.ts";

/**
 * npm run bench:policy: how many decisions a second the evaluator takes on one core, over every case of its corpus,
 * each with documents that it has not seen before; and how long the findings of a policy take. Prints JSON lines, by
 * the thread's own CPU time, which other processes don't take from it; fails below the goal.
 */

const goalPerSecond = 20_000;
const warmUp = 20;
const rounds = 100;

type CasePolicy = PolicyDocument | { target: string; document: PolicyDocument };

interface Case {
  function: "evaluate" | "evaluateTrust";
  request: EvaluationRequest;
  policies: {
    identity: PolicyDocument[];
    boundary?: PolicyDocument;
    session?: PolicyDocument[];
    resource?: PolicyDocument;
    scps?: CasePolicy[];
    rcps?: CasePolicy[];
    unread?: UnreadPolicy[];
  };
}

interface Prepared {
  decide: typeof evaluate;
  request: EvaluationRequest;
  policies: PolicySet;
}

const folder = new URL("../../lib/policy/cases/", import.meta.url);

function read(file: string): Case[] {
  return (JSON.parse(readFileSync(new URL(file, folder), "utf8")) as { cases: Case[] }).cases;
}

function named(one: CasePolicy, index: number): NamedPolicy {
  return "document" in one ? { name: `policy ${index}`, ...one } : { name: `policy ${index}`, document: one };
}

function prepare({ function: name, request, policies }: Case): Prepared {
  const { identity, boundary, session, resource, scps, rcps, unread } = policies;
  return {
    decide: name === "evaluate" ? evaluate : evaluateTrust,
    request,
    policies: {
      identity: identity.map(named),
      ...(boundary && { boundary: named(boundary, 0) }),
      ...(session && { session: session.map(named) }),
      ...(resource && { resource: named(resource, 0) }),
      ...(scps && { scps: scps.map(named) }),
      ...(rcps && { rcps: rcps.map(named) }),
      ...(unread && { unread }),
    },
  };
}

/** Decisions a second of CPU time. */
function measure(bench: string, cases: readonly Case[], explain: boolean): number {
  let micros = 0;
  for (let round = 0; round < warmUp + rounds; round += 1) {
    // As read anew, so outside the clock.
    const fresh = structuredClone(cases).map(prepare);
    const used = process.threadCpuUsage();
    for (const { decide, request, policies } of fresh) decide(request, policies, { explain });
    const { user, system } = process.threadCpuUsage(used);
    if (round >= warmUp) micros += user + system;
  }
  const perSecond = Math.round((cases.length * rounds * 1_000_000) / micros);
  console.log(JSON.stringify({ bench, unit: "decisions/s", cases: cases.length, rounds, perSecond }));
  return perSecond;
}

/** Milliseconds of CPU time for all that is wrong with a policy of twenty statements, which is a long one. */
function measureFindings(): void {
  const statements = Array.from({ length: 20 }, (_, at) => ({
    Sid: `Number${at}`,
    Effect: "Allow",
    Action: ["s3:GetObject", "s3:PutObject", "s3:Get*", "sqs:SendMessage"],
    Resource: [`arn:aws:s3:::reports-${at}/*`, `arn:aws:sqs:eu-west-1:111122223333:orders-${at}`],
    Condition: { StringEquals: { "aws:PrincipalTag/team": ["pay", "ship"] } },
  }));
  const text = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  let micros = 0;
  for (let round = 0; round < warmUp + rounds; round += 1) {
    const used = process.threadCpuUsage();
    checkPolicy(text, { kind: "identity", metadata: awsMetadata });
    const { user, system } = process.threadCpuUsage(used);
    if (round >= warmUp) micros += user + system;
  }
  const milliseconds = Math.round(micros / rounds / 10) / 100;
  console.log(
    JSON.stringify({ bench: "findings of 20 statements", unit: "ms", rounds, perPolicy: milliseconds }),
  );
}

const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
const all = files.flatMap(read);
for (const file of files) measure(file.replace(".json", ""), read(file), false);
const perSecond = measure("all", all, false);
measure("all, explained", all, true);
measureFindings();

if (perSecond < goalPerSecond) {
  console.error(`The goal is ${goalPerSecond} decisions a second.`);
  process.exitCode = 1;
}
