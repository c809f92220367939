import { describe, expect, it } from "vitest";
import { demoSignInAllowed } from "./demo-sign-in.ts";

describe("the demo's sign-in", () => {
  it.each([
    "http://127.0.0.1:4566",
    "http://127.0.0.1",
    "http://127.1.2.3:80/",
    "http://localhost:4566",
    "https://localhost",
    "http://[::1]:4566",
  ])("exists beside a sandbox at %s", (endpoint) => {
    expect(demoSignInAllowed({ DRAWBRIDGE_AWS: "sandbox", DRAWBRIDGE_SANDBOX_ENDPOINT: endpoint })).toBe(
      true,
    );
  });

  it.each([
    undefined,
    "",
    " ",
    "localhost",
    "127.0.0.1:4566",
    "//127.0.0.1",
    "http://",
    "http://127.0.0.1.evil.com",
    "http://127.0.0.1@evil.com",
    "http://evil.com@127.0.0.1",
    "http://localhost:x@evil.com",
    "http://localhost.evil.com",
    "http://evil.com/127.0.0.1",
    "http://evil.com?http://127.0.0.1",
    "http://evil.com#@127.0.0.1",
    "http://0x7f.1",
    "http://2130706433",
    "http://017700000001",
    "http://127.1",
    "http://0.0.0.0",
    "http://128.0.0.1",
    "http://127.0.0.256",
    "http://127.0.0.1.",
    "http://[::ffff:127.0.0.1]",
    "http://[::]",
    "http://LOCALHOST",
    "http://127.0.0.1:4566/path",
    "http://127.0.0.1\n.evil.com",
    "http://localhost\\@evil.com",
    "ftp://localhost",
    "http://10.0.0.1",
    "http://169.254.169.254",
  ])("does not exist with a sandbox at %j", (endpoint) => {
    expect(demoSignInAllowed({ DRAWBRIDGE_AWS: "sandbox", DRAWBRIDGE_SANDBOX_ENDPOINT: endpoint })).toBe(
      false,
    );
  });

  it.each([undefined, "", "aws", "SANDBOX", "sandbox "])("does not exist when AWS is %j", (mode) => {
    const env = { DRAWBRIDGE_AWS: mode, DRAWBRIDGE_SANDBOX_ENDPOINT: "http://127.0.0.1:4566" };
    expect(demoSignInAllowed(env)).toBe(false);
  });
});
