import { defineConfig } from "vitest/config";

/** Unit tests are pure and need nothing; integration tests use a real Postgres and the sandbox over the wire. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["lib/**/*.test.ts"], exclude: ["lib/**/*.integration.test.ts"] } },
      {
        test: {
          name: "integration",
          include: ["lib/**/*.integration.test.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
