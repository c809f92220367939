import { expect, it } from "vitest";
import type { Statement } from "#lib/model/policy-document.ts";
import { sid } from "#lib/model/resource-key.ts";
import { deadStatements } from "./dangling.ts";

const known = "abcdefghijkl";
const role = "arn:aws:iam::111122223333:role/x";
const gone = "AROAEXAMPLEEXAMPLE123";

// "If you delete the role, you break the relationship. The policy no longer applies, even if you recreate the role",
// IAM User Guide, "AWS JSON policy elements: Principal".
const cases: [what: string, statement: Partial<Statement>, isDead: boolean][] = [
  ["its role was deleted", { Principal: { AWS: gone } }, true],
  ["all its principals were deleted", { Principal: { AWS: [gone, "AIDAEXAMPLEEXAMPLE123"] } }, true],
  ["its role is there", { Principal: { AWS: role } }, false],
  ["one of its roles is there", { Principal: { AWS: [gone, role] } }, false],
  ["a service is let in beside it", { Principal: { AWS: gone, Service: "s3.amazonaws.com" } }, false],
  ["everybody is let in", { Principal: "*" }, false],
  ["all but one that was deleted are meant", { NotPrincipal: { AWS: gone } }, false],
  ["no principal is named", { Principal: {} }, false],
  ["it has no Sid", { Sid: "", Principal: { AWS: gone } }, false],
  ["its Sid only begins like ours", { Sid: `${sid(known, 0)}x`, Principal: { AWS: gone } }, false],
];

it.each(cases)("says of a statement of ours whether it is dead: %s", (_what, statement, isDead) => {
  const one: Statement = { Sid: sid(known, 3), Effect: "Allow", Action: "s3:GetObject", ...statement };
  expect(deadStatements([one])).toEqual(isDead ? [{ statement: one, grantId: known }] : []);
});
