import { describe, expect, it } from "vitest";
import { isSameOrigin } from "./same-origin.ts";

const app = "https://drawbridge.example.com";

describe("a request that changes something", () => {
  it.each([
    [app, "same-origin"],
    [app, null],
  ])("is taken from %s with Sec-Fetch-Site %s", (origin, fetchSite) => {
    expect(isSameOrigin({ origin, fetchSite }, app)).toBe(true);
    expect(isSameOrigin({ origin, fetchSite }, `${app}/`)).toBe(true);
  });

  it.each([
    [null, null],
    [null, "same-origin"],
    ["null", null],
    ["", null],
    ["https://evil.example", null],
    ["https://sub.drawbridge.example.com", "same-site"],
    ["https://drawbridge.example.com.evil.example", null],
    ["http://drawbridge.example.com", null],
    ["https://drawbridge.example.com:8443", null],
    ["https://drawbridge.example.com/", null],
    [app, "cross-site"],
    [app, "same-site"],
    [app, "none"],
  ])("is refused from %j with Sec-Fetch-Site %j", (origin, fetchSite) => {
    expect(isSameOrigin({ origin, fetchSite }, app)).toBe(false);
  });
});
