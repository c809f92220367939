import { IAMServiceException } from "@aws-sdk/client-iam";
import { describe, expect, it } from "vitest";
import { createRetryStrategy } from "./retry.ts";

function failing(name: string) {
  const error = new IAMServiceException({ name, message: name, $fault: "client", $metadata: {} });
  return { error, errorType: "THROTTLING" as const };
}

/** How many calls the strategy allows in all when each fails so. */
async function callsOn(name: string, maxAttempts: number): Promise<number> {
  const strategy = createRetryStrategy(maxAttempts, () => 0);
  if (!("acquireInitialRetryToken" in strategy)) throw new Error("not a V2 strategy");
  let token = await strategy.acquireInitialRetryToken("");
  for (let calls = 1; ; calls += 1) {
    try {
      token = await strategy.refreshRetryTokenForRetry(token, failing(name) as never);
    } catch {
      return calls;
    }
  }
}

describe("createRetryStrategy", () => {
  it.each([
    ["Throttling", 5],
    ["ServiceFailureException", 5],
    // The SDK itself takes this one for throttling; IAM means a quota.
    ["LimitExceededException", 1],
    ["EntityAlreadyExistsException", 1],
    ["MalformedPolicyDocumentException", 1],
  ])("on %s calls %i times of 5", async (name, calls) => {
    expect(await callsOn(name, 5)).toBe(calls);
  });

  it("waits longer each time, longer still when throttled, and never beyond the cap", async () => {
    const strategy = createRetryStrategy(20, () => 1);
    if (!("acquireInitialRetryToken" in strategy)) throw new Error("not a V2 strategy");
    const delays: number[] = [];
    let token = await strategy.acquireInitialRetryToken("");
    for (let round = 0; round < 8; round += 1) {
      token = await strategy.refreshRetryTokenForRetry(token, failing("Throttling") as never);
      delays.push(token.getRetryDelay());
    }
    expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 20_000, 20_000, 20_000]);
  });
});
