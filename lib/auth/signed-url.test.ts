import { describe, expect, it } from "vitest";
import { issueToken, readToken } from "./signed-url.ts";

const key = "a-signing-key-of-at-least-32-characters";
const now = new Date("2026-11-22T10:00:00Z");
const expiresAt = new Date("2026-11-22T10:15:00Z");
const claims = { purpose: "manifest" as const, grantId: "abc123def456", expiresAt };
const token = issueToken(key, claims);

const codeOf = (text: string, at = now, purpose: "manifest" | "report" = "manifest", withKey = key) => {
  const read = readToken(withKey, text, purpose, at);
  return read.ok ? "ok" : read.refusals[0]?.code;
};

describe("a signed token", () => {
  it("opens its one grant until it expires", () => {
    expect(readToken(key, token, "manifest", now)).toEqual({ ok: true, value: { grantId: "abc123def456" } });
    expect(codeOf(token, new Date(expiresAt.getTime() - 1))).toBe("ok");
    expect(codeOf(token, expiresAt)).toBe("token.expired");
  });

  it("opens nothing else, and nothing with another key", () => {
    expect(codeOf(token, now, "report")).toBe("token.invalid");
    expect(codeOf(token, now, "manifest", `${key}!`)).toBe("token.invalid");
  });

  it("is void after any change of any character", () => {
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === "A" ? "B" : "A";
      expect(codeOf(token.slice(0, index) + other + token.slice(index + 1))).toBe("token.invalid");
    }
  });

  it.each([
    ["empty", ""],
    ["a dot", "."],
    ["without a signature", token.split(".")[0] ?? ""],
    ["without content", `.${token.split(".")[1]}`],
    ["with a third part", `${token}.x`],
    ["very long", "a".repeat(100_000)],
    ["not base64", "ä.ö"],
  ])("is void when %s", (_, text) => {
    expect(codeOf(text)).toBe("token.invalid");
  });

  it("can't be issued for what is no grant", () => {
    expect(() => issueToken(key, { ...claims, grantId: "../secret" })).toThrow();
  });
});
