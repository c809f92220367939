import { expect, it } from "vitest";
import { proofAnswer } from "./proof-answer.ts";
import type { ProvenRow } from "./proven-access.ts";

const pod = "payments/orders on prod-eu-1";

function row(who: ProvenRow["who"], outcome: ProvenRow["outcome"], rest: Partial<ProvenRow> = {}): ProvenRow {
  return {
    who,
    actions: ["s3:GetObject"],
    resource: "arn:aws:s3:::reports",
    outcome,
    ok: true,
    reason: "",
    change: "unchanged",
    dependsOn: [],
    steps: [],
    ...rest,
  };
}

const answer = (...rows: ProvenRow[]) => proofAnswer(pod, [{ target: "reports", rows }]);
const others = [row("admin-of-target", "allowed"), row("anonymous", "refused")];
const fresh = row("workload", "allowed", { change: "new" });

it("says who is newly let in, and that nobody else is", () => {
  expect(answer(fresh, ...others)).toEqual({ alarms: [], answer: `Newly let in: ${pod}. Nobody else.` });
});

it("says what is new of who gets in already, and what ends", () => {
  const more = row("workload", "allowed", { change: "new", actions: ["s3:PutObject"] });
  expect(answer(row("workload", "allowed"), more).answer).toBe(
    `${pod} gets in already and may newly do s3:PutObject. Nobody else is newly let in.`,
  );
  const less = row("workload", "refused", { change: "ends", actions: ["s3:PutObject"] });
  expect(answer(row("workload", "allowed"), less).answer).toBe(
    `${pod} gets in already. Nobody is newly let in. No longer: s3:PutObject.`,
  );
});

it("names an administrator whom a policy newly lets in", () => {
  const admin = row("admin-of-target", "allowed", { change: "new" });
  expect(answer(fresh, admin).answer).toBe(
    `Newly let in: ${pod} and an administrator of the target's account. Nobody else.`,
  );
});

it("says that others reach a part of it already", () => {
  expect(answer(fresh, row("others-in-parts", "allowed")).answer).toBe(
    `Newly let in: ${pod}. Nobody else. A part of it is open to others already.`,
  );
});

it("tells who gets in by statements of others from who gets in by this access", () => {
  const open = row("anonymous", "allowed", { ok: false, byOthers: true });
  expect(answer(fresh, open)).toEqual({
    alarms: ["Open to anybody without credentials, by statements of others, with or without this access."],
    answer: `Newly let in: ${pod}.`,
  });
  expect(answer(fresh, row("admin-of-cluster", "allowed", { byOthers: true }))).toEqual({
    alarms: [],
    answer: `Newly let in: ${pod}. Nobody else. Open already to an administrator of the cluster's account, by statements of others.`,
  });
  expect(answer(fresh, open, row("person-of-target", "allowed", { ok: false })).alarms).toEqual([
    "Gets in and should not: a person of the target's account, without rights of their own.",
    "Open to anybody without credentials, by statements of others, with or without this access.",
  ]);
});

it("says first who gets in and should not, and never that nobody else does", () => {
  expect(answer(fresh, row("anonymous", "allowed", { ok: false }))).toEqual({
    alarms: ["Gets in and should not: anybody without credentials."],
    answer: `Newly let in: ${pod}.`,
  });
  const named = row("somebody-else", "allowed", { ok: false, named: ["the role ops"] });
  expect(answer(fresh, named).alarms).toEqual(["Gets in and should not: the role ops."]);
  const beyond = row("workload-beyond", "allowed", { ok: false, actions: ["s3:DeleteObject"] });
  expect(answer(fresh, beyond).alarms).toEqual(["Could do more than was asked for: s3:DeleteObject."]);
  const open = { ...beyond, byOthers: true as const, actions: ["kms:Decrypt without Amazon S3"] };
  expect(answer(fresh, beyond, open).alarms).toEqual([
    "Could do more than was asked for: s3:DeleteObject.",
    "Could do more than was asked for, by the policy of the key behind the target: kms:Decrypt without Amazon S3.",
  ]);
});

it("says first what would be refused, and what is not known", () => {
  expect(answer(row("workload", "refused", { ok: false }))).toEqual({
    alarms: ["Would be refused: s3:GetObject."],
    answer: "Nobody is newly let in.",
  });
  expect(answer(row("workload", "unknown", { dependsOn: ["aws:SourceIp"] })).alarms).toEqual([
    `Not known: whether ${pod} may do s3:GetObject, which depends on aws:SourceIp.`,
  ]);
  const write = row("workload", "allowed", { change: "new", actions: ["s3:PutObject"] });
  expect(answer(write, row("workload", "unknown", { dependsOn: ["aws:SourceIp"] })).answer).toBe(
    `Newly let in: ${pod} for s3:PutObject.`,
  );
  expect(answer(fresh, row("workload-beyond", "unknown")).alarms).toEqual([
    "Not known: whether it could also do s3:GetObject.",
  ]);
});

it("says of several targets once what is the same, and by name what is not", () => {
  const two = (first: ProvenRow[], second: ProvenRow[]) =>
    proofAnswer(pod, [
      { target: "reports", rows: first },
      { target: "orders", rows: second },
    ]);
  expect(two([fresh], [fresh])).toEqual({ alarms: [], answer: `Newly let in: ${pod}. Nobody else.` });
  expect(two([fresh], [fresh, row("anonymous", "allowed", { ok: false })])).toEqual({
    alarms: ["orders: Gets in and should not: anybody without credentials."],
    answer: `reports: Newly let in: ${pod}. Nobody else. orders: Newly let in: ${pod}.`,
  });
});
