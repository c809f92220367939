import { describe, expect, it } from "vitest";
import { fits, foldCase, globPattern } from "./glob.ts";
import { inCidr, parseAddress, parseCidr } from "./ip.ts";
import { parseDate } from "./operators.ts";
import { principalContext } from "./principals.ts";

describe("glob", () => {
  it.each([
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["**a**", "xxaxx", true],
    ["a*b*c", "aXbYbZc", true],
    ["a*b*c", "aXcYb", false],
    ["?", "", false],
    ["a.c", "abc", false],
    ["a*a*a*a*a*a*a*a*b", "a".repeat(2000), false],
  ])("%s fits %s: %s", (glob, text, expected) => {
    expect(fits(globPattern(glob), text)).toBe(expected);
  });
  it("folds A to Z only", () => {
    expect(foldCase("AWS:\u212Aey\u0130")).toBe("aws:\u212Aey\u0130");
  });
});

describe("addresses", () => {
  it.each([
    "1.2.3",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4.5",
    "",
    "::1::",
    "1:2:3",
    "12345::",
    ":::",
    "1:2:3:4:5:6:7:8:9",
    "fe80::1%eth0",
    "1.2.3.4::",
  ])("refuses %s", (text) => expect(parseAddress(text)).toBeNull());
  it.each(["1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/08", "1.2.3.4/", "::/129", "1.2.3.4/8/8"])(
    "refuses %s",
    (text) => expect(parseCidr(text)).toBeNull(),
  );
  it.each([
    ["0.0.0.0/0", "255.255.255.255", true],
    ["10.1.2.3/8", "10.200.0.1", true],
    ["10.0.0.0/31", "10.0.0.2", false],
    ["::/0", "1::", true],
    ["2001:db8::1", "2001:db8:0:0:0:0:0:1", true],
    ["::ffff:1.2.3.4/128", "::ffff:102:304", true],
    ["::ffff:1.2.3.4/96", "1.2.3.4", false],
  ])("%s holds %s: %s", (cidr, address, expected) => {
    expect(inCidr(cidr, address)).toBe(expected);
  });
});

describe("dates", () => {
  it.each([
    ["0", "1970-01-01T00:00:00.000Z"],
    ["2026-06-30T12:00:00Z", "2026-06-30T12:00:00.000Z"],
    ["2026-06-30T12:00:00.250Z", "2026-06-30T12:00:00.250Z"],
    ["2026-06-30T12:00:00+05:30", "2026-06-30T06:30:00.000Z"],
    ["2026-06-30T12:00-0200", "2026-06-30T14:00:00.000Z"],
    ["2026-06-30", "2026-06-30T00:00:00.000Z"],
    ["2026-06", "2026-06-01T00:00:00.000Z"],
    ["2026", "2026-01-01T00:00:00.000Z"],
    ["1700000000", "2023-11-14T22:13:20.000Z"],
  ])("%s is %s", (text, iso) => {
    expect(new Date(parseDate(text) ?? Number.NaN).toISOString()).toBe(iso);
  });
  it.each([
    "2026-02-29",
    "2026-13-01",
    "2026-00-10",
    "2026-06-30T24:00:00Z",
    "2026-06-30T12:00:00",
    "June 2026",
    "",
    "12345",
    "0000-00-00",
  ])("refuses %s", (text) => expect(parseDate(text)).toBeNull());
});

it("derives the caller's condition keys", () => {
  expect(
    principalContext({
      kind: "role-session",
      roleArn: "arn:aws:iam::111122223333:role/drawbridge/src",
      roleId: "AROASRC0000000000001",
      sessionArn: "arn:aws:sts::111122223333:assumed-role/src/pod",
      accountId: "111122223333",
    }),
  ).toEqual({
    "aws:PrincipalArn": "arn:aws:iam::111122223333:role/drawbridge/src",
    "aws:PrincipalAccount": "111122223333",
    "aws:PrincipalType": "AssumedRole",
    "aws:userid": "AROASRC0000000000001:pod",
  });
});
