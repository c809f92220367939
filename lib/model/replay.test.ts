import { describe, expect, it } from "vitest";
import { type ReplayedEvent, replay, type StatusRows, unlikeHistory } from "./replay.ts";

const none = { requestId: null, grantId: null, runId: null };
const of = (type: string): ReplayedEvent => ({
  ...{ type, requestId: "r", grantId: "g", runId: "u" },
});

const whole = [
  "person.signed-in",
  "request.submitted",
  "request.reviewed",
  "request.changes-requested",
  "request.revised",
  "request.approved",
  "grant.provisioning",
  "run.queued",
  "run.started",
  "step.intended",
  "step.failed",
  "grant.failed",
  "run.failed",
  "grant.provisioning",
  "run.retried",
  "run.taken-over",
  "grant.verified",
  "grant.active",
  "run.succeeded",
].map(of);

function rows(changes: Partial<StatusRows> = {}): StatusRows {
  return {
    request: [{ id: "r", state: "approved" }],
    grant: [{ id: "g", state: "active" }],
    run: [{ id: "u", state: "succeeded" }],
    ...changes,
  };
}

describe("a replay of history", () => {
  it("gives the state of each request, grant and run", () => {
    expect(unlikeHistory(rows(), replay(whole))).toEqual([]);
  });

  it("gives the states of any moment between", () => {
    const { statuses } = replay(whole.slice(0, 13));
    expect([...statuses.grant.values(), ...statuses.run.values()]).toEqual(["failed", "failed"]);
  });

  it("goes on from where states are known", () => {
    const before = replay(whole.slice(0, 9));
    expect(unlikeHistory(rows(), replay(whole.slice(9), before.statuses))).toEqual([]);
    // What it starts from stays as it is.
    expect(before.statuses.grant.get("g")).toBe("provisioning");
  });

  it("looks at the thing that an event is about alone", () => {
    const { statuses } = replay([of("grant.provisioning"), { ...none, type: "run.queued" }]);
    expect([statuses.request.size, statuses.grant.size, statuses.run.size]).toEqual([0, 1, 0]);
  });

  it.each([
    [["run.queued", "run.succeeded", "run.started"], "run u went from succeeded to running"],
    [["grant.active"], "grant g begins as active"],
    [
      ["request.submitted", "request.withdrawn", "request.approved"],
      "request r went from withdrawn to approved",
    ],
    [["grant.provisioning", "grant.failed", "grant.active"], "grant g went from failed to active"],
  ])("says of %j which move no table allows", (types, fault) => {
    expect(replay(types.map(of)).faults).toEqual([fault]);
  });

  it("lets a run fail before its plan is on record, and be taken without a word", () => {
    expect(replay(["run.queued", "run.failed"].map(of)).faults).toEqual([]);
    const running = { request: [], grant: [], run: [{ id: "u", state: "running" }] };
    expect(unlikeHistory(running, replay([of("run.queued")]))).toEqual([]);
  });

  it.each([
    { what: "a state that was changed behind its back", changes: { grant: [{ id: "g", state: "revoked" }] } },
    { what: "a row that it does not know", changes: { run: [{ id: "other", state: "queued" }] } },
    { what: "a run that is under way again", changes: { run: [{ id: "u", state: "running" }] } },
    { what: "a request that is open again", changes: { request: [{ id: "r", state: "in_review" }] } },
  ])("shows $what", ({ changes }) => {
    expect(unlikeHistory(rows(changes), replay(whole))).toHaveLength(1);
  });
});
