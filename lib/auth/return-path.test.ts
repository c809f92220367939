import { describe, expect, it } from "vitest";
import { safeReturnPath } from "./return-path.ts";

describe("the path to return to after signing in", () => {
  it.each([
    ["/", "/"],
    ["/requests/42", "/requests/42"],
    ["/history?type=grant&after=abc", "/history?type=grant&after=abc"],
    ["/requests/42#comment", "/requests/42"],
    ["/apidocs", "/apidocs"],
  ])("is %s as it is asked", (text, path) => {
    expect(safeReturnPath(text)).toBe(path);
  });

  it.each([
    undefined,
    null,
    42,
    ["/requests"],
    "",
    "requests",
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/requests\\..\\x",
    "/.//evil.example",
    "/..//evil.example",
    "/x/../..//evil.example",
    "/%0d%0a/../..//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " /requests",
    "javascript:alert(1)",
    "/api/auth/signout",
    "/sign-in?next=/sign-in",
    "/x/../api/auth/signout",
    `/${"a".repeat(3_000)}`,
  ])("is the home page for %j", (text) => {
    expect(safeReturnPath(text)).toBe("/");
  });
});
