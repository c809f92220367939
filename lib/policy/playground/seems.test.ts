import { expect, it } from "vitest";
import { seemsToBe } from "./seems.ts";
import type { PlaygroundKind } from "./state.ts";

const statement = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::archive/*" };
const everybody = { ...statement, Principal: "*" };
const assume = {
  Effect: "Allow",
  Principal: { AWS: "111122223333" },
  Action: ["sts:AssumeRole", "sts:TagSession"],
};
const mayAssume = { Effect: "Allow", Action: "sts:AssumeRole", Resource: "arn:aws:iam::111122223333:role/x" };

const cases: [string, PlaygroundKind, object[], PlaygroundKind | null][] = [
  ["an identity policy", "identity", [statement, mayAssume], null],
  ["a boundary that names nobody", "boundary", [statement], null],
  ["a bucket's policy", "resource", [everybody, { ...everybody, Effect: "Deny" }], null],
  ["a trust policy", "trust", [assume], null],
  ["a bucket's policy taken for an identity policy", "identity", [everybody], "resource"],
  ["a trust policy taken for an identity policy", "identity", [assume], "trust"],
  ["a trust policy taken for a resource's", "resource", [assume], "trust"],
  ["a bucket's policy taken for a trust policy", "trust", [everybody], "resource"],
  ["an identity policy taken for a trust policy", "trust", [mayAssume], "identity"],
  ["one by NotPrincipal", "scp", [{ ...statement, NotPrincipal: { AWS: "111122223333" } }], "resource"],
  ["a statement of each kind", "identity", [statement, everybody], null],
  ["a trust policy with something else in it", "trust", [assume, everybody], null],
  ["a resource control policy, which names everybody", "rcp", [everybody], null],
  ["nothing but NotAction", "trust", [{ Effect: "Allow", NotAction: "s3:*", Resource: "*" }], null],
  ["no statement", "trust", [], null],
  ["a trust with sts:Assume*", "trust", [{ ...assume, Action: "sts:Assume*" }], null],
  ["a trust with *", "trust", [{ ...assume, Action: "*" }], null],
  ["sts:* in what hangs on a role", "identity", [{ ...assume, Action: "sts:*" }], "trust"],
  ["* in what names who", "identity", [{ ...everybody, Action: "*" }], null],
];

it.each(cases)("%s", (_, kind, Statement, expected) => {
  expect(seemsToBe({ kind, text: JSON.stringify({ Version: "2012-10-17", Statement }) })).toBe(expected);
});

it("says nothing of what is no policy", () => {
  for (const text of ["", "{", "[]", "null", '{"Statement": 1}', '{"Statement": [null]}'])
    expect(seemsToBe({ kind: "trust", text })).toBe(null);
});
