import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Unit tests are pure and need nothing; integration tests use a real Postgres and the sandbox over the wire. */
export default defineConfig({
  test: {
    // Half of an integration test is waiting for Postgres and the wire, so that two share even a small machine.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: "unit",
          include: ["lib/**/*.test.ts", "e2e/differential/page.test.ts"],
          exclude: ["lib/**/*.integration.test.ts"],
          // The property tests run 100,000 cases: seconds on an idle machine, more on a busy one.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "integration",
          include: ["lib/**/*.integration.test.ts"],
          // Generous, for busy machines: a hang is still found.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          expect: { poll: { timeout: 20_000 } },
        },
      },
      {
        test: {
          name: "differential",
          include: ["e2e/differential/decisions.test.ts", "e2e/differential/findings.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: "moto",
          include: [
            "lib/aws/controllers/oidc-provider.integration.test.ts",
            "lib/aws/controllers/pod-identity-association.integration.test.ts",
            "lib/aws/controllers/resource-policy-statements.integration.test.ts",
            "lib/aws/controllers/role.integration.test.ts",
            "lib/worker/read-back.integration.test.ts",
            "lib/worker/run.integration.test.ts",
          ],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
