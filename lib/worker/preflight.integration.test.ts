import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startAccessAnalyzer } from "#lib/aws/testing/access-analyzer.ts";
import type { PreflightFinding } from "#lib/model/run.ts";
import { type RunningSandbox, startSandbox } from "#lib/sandbox/server.ts";
import { runPreflight } from "./preflight.ts";
import { executeRun } from "./run.ts";
import {
  bucketAtHome,
  bucketAway,
  createWorld,
  grantWith,
  type World,
  withoutAgent,
  workload,
  worldSeed,
} from "./testing.ts";

let sandbox: RunningSandbox;
let analyzer: Awaited<ReturnType<typeof startAccessAnalyzer>>;
let world: World;
let allowed = true;
beforeEach(async () => {
  allowed = true;
  sandbox = await startSandbox({ seed: worldSeed() });
  analyzer = await startAccessAnalyzer(sandbox.url, () =>
    allowed
      ? { body: { findings: [suggestion] } }
      : { status: 403, error: "AccessDeniedException", body: { message: "Not allowed." } },
  );
  world = await createWorld(analyzer);
});
afterEach(async () => {
  await world.close();
  await analyzer.close();
  await sandbox.close();
});

const suggestion = {
  findingType: "SUGGESTION",
  issueCode: "EMPTY_SID_VALUE",
  findingDetails: "Add a value to the empty string in the Sid element.",
  learnMoreLink:
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html",
  locations: [],
};

/** Looks at a request of a role and a bucket's policy in two accounts. */
async function looked(accessAnalyzer: boolean) {
  const wanted = { workload: workload(withoutAgent), target: bucketAway };
  const grant = grantWith("resource-policy-statements", await world.estate(), wanted);
  const run = await world.run(await world.approve([grant]));
  const requestId = run.requestId ?? "";
  await world.prisma.run.deleteMany({});
  await world.prisma.grant.deleteMany({});
  await runPreflight(world.worker("w", { accessAnalyzer }), requestId, 1);
  const version = await world.prisma.requestVersion.findFirstOrThrow({ where: { requestId } });
  const findings = version.preflightFindings as unknown as PreflightFinding[];
  return {
    state: version.preflightState,
    answers: findings.filter(({ id }) => id.startsWith("access-analyzer.")),
  };
}

describe("the live check with Access Analyzer", () => {
  it("keeps its answers beside ours", async () => {
    const { state, answers } = await looked(true);
    expect(state).toBe("done");
    expect(new Set(answers.map(({ title }) => title))).toEqual(new Set(["Access Analyzer: empty sid value"]));
    expect(new Set(answers.map(({ accountId }) => accountId)).size).toBe(2);
  });

  it("asks with sessions that may do nothing else", async () => {
    await looked(true);
    const sessions = Object.values(sandbox.state().sessions).filter(({ sessionName }) =>
      sessionName.startsWith("drawbridge-analyzer-"),
    );
    expect(sessions).toHaveLength(2);
    for (const { policies } of sessions)
      expect(policies.map(({ document }) => document)).toMatchObject([
        {
          Statement: [
            {
              Effect: "Allow",
              Action: ["access-analyzer:CheckNoNewAccess", "access-analyzer:ValidatePolicy"],
            },
          ],
        },
      ]);
  });

  it("is done all the same where it may not be asked", async () => {
    allowed = false;
    const { state, answers } = await looked(true);
    expect(state).toBe("done");
    expect(answers.map(({ id, severity }) => [id, severity])).toEqual([
      ["access-analyzer.unavailable", "info"],
      ["access-analyzer.unavailable", "info"],
    ]);
  });

  it("asks nothing in the sandbox, and says nothing of it", async () => {
    expect(await looked(false)).toEqual({ state: "done", answers: [] });
    expect(analyzer.asked).toEqual([]);
  });
});

describe("the live check", () => {
  it("takes what an access has that is being taken back for nobody else's", async () => {
    const estate = await world.estate();
    const grantOf = (subResource: string) =>
      grantWith("oidc-provider", estate, {
        workload: workload(withoutAgent),
        target: bucketAtHome,
        subResource,
      });
    const [going, asked] = [grantOf("a"), grantOf("b")];
    await executeRun(world.worker("w"), await world.approve([going]));
    const { requestId } = await world.run(await world.approve([asked]));
    await world.prisma.run.deleteMany({ where: { grantIds: { has: asked.id } } });
    await world.prisma.grant.delete({ where: { id: asked.id } });
    await world.revoke(going.id);
    await runPreflight(world.worker("w"), requestId ?? "", 1);
    expect(
      await world.prisma.requestVersion.findFirstOrThrow({ where: { requestId: requestId ?? "" } }),
    ).toMatchObject({ preflightState: "done", preflightFindings: [] });
  });
});
