import { expect, it, vi } from "vitest";
import { authLogger, describeProblem } from "./log.ts";

const refused = Object.assign(new Error('unexpected "state" response parameter value'), {
  code: "OAUTH_INVALID_RESPONSE",
  cause: { expected: "eyJ-secret", claims: { email: "ada@example.com" }, body: { id_token: "eyJ-secret" } },
});
const wrapped = Object.assign(new Error("Read more"), {
  type: "CallbackRouteError",
  cause: { err: refused, expected: "eyJ-secret", provider: "oidc" },
});

it("tells what went wrong and why, and nothing of what was sent", () => {
  expect(describeProblem(wrapped)).toEqual({
    type: "CallbackRouteError",
    message: "Read more",
    cause: { code: "OAUTH_INVALID_RESPONSE", message: 'unexpected "state" response parameter value' },
  });
});

it("repeats the provider's own words", () => {
  const cause = { error: "access_denied", error_description: "No\nway", state: "eyJ-secret" };
  expect(describeProblem(Object.assign(new Error("x"), { cause }))).toEqual({
    message: "x",
    cause: { error: "access_denied", error_description: "No\nway" },
  });
});

it("writes one line, however the errors hang together", () => {
  const circle = new Error("x".repeat(10_000));
  circle.cause = circle;
  const printed = vi.spyOn(console, "error").mockImplementation(() => {});
  authLogger.error(circle);
  const [line] = printed.mock.calls[0] ?? [];
  printed.mockRestore();
  expect(line).not.toContain("\n");
  expect(line.length).toBeLessThan(5_000);
});
