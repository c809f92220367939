import { expect, it } from "vitest";
import type { ProvenRow } from "#lib/model/proven-access.ts";
import { shownRows } from "./proof-view.ts";

const target = { arn: "arn:aws:s3:::reports", accountId: "444455556666" };
const role = "arn:aws:iam::444455556666:role/drawbridge/acme/api";
const key = (account: string) => `arn:aws:kms:eu-west-1:${account}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;

function row(keyArn: string): ProvenRow {
  const step = (action: string, resource: string) => ({
    action,
    resource,
    effect: "allow" as const,
    reason: "",
  });
  return {
    who: "workload",
    actions: ["s3:GetObject"],
    resource: target.arn,
    outcome: "unknown",
    ok: true,
    reason: "",
    change: null,
    dependsOn: ["aws:SourceVpce"],
    steps: [
      step("sts:AssumeRoleWithWebIdentity", role),
      step("s3:GetObject", `${target.arn}/a`),
      step("kms:Decrypt", keyArn),
    ],
  };
}

const seen = (keyArn: string, ...insideOf: string[]) => {
  const [shown] = shownRows({ target }, [row(keyArn)], (id) => insideOf.includes(id));
  return { actions: shown?.steps.map(({ action }) => action), dependsOn: shown?.dependsOn };
};
const hidden = ["what only the target account's owners see here"];

it("shows the hops to the target and its key to who may see inside their account", () => {
  expect(seen(key("444455556666"), "444455556666")).toEqual({
    actions: ["sts:AssumeRoleWithWebIdentity", "s3:GetObject", "kms:Decrypt"],
    dependsOn: ["aws:SourceVpce"],
  });
});

it("shows the way there alone to others", () => {
  expect(seen(key("444455556666"), "111122223333")).toEqual({
    actions: ["sts:AssumeRoleWithWebIdentity"],
    dependsOn: hidden,
  });
});

it("does not show what the policy of another account's key says", () => {
  const elsewhere = key("777788889999");
  expect(seen(elsewhere, "444455556666")).toEqual({
    actions: ["sts:AssumeRoleWithWebIdentity", "s3:GetObject"],
    dependsOn: hidden,
  });
  expect(seen(elsewhere, "444455556666", "777788889999").dependsOn).toEqual(["aws:SourceVpce"]);
});

it("says that a part is open, but not which, to who does not see what others wrote into the policy", () => {
  const part: ProvenRow = {
    ...row(key("444455556666")),
    who: "others-in-parts",
    actions: ["s3:GetObject on merger/*", "s3:GetObject on layoffs/*"],
    outcome: "allowed",
    reason: "Allowed by statements of others: s3:GetObject on merger/*.",
  };
  const [shown] = shownRows({ target }, [part], () => false);
  expect(shown).toMatchObject({ outcome: "allowed", actions: ["s3:GetObject"] });
  expect(JSON.stringify(shown)).not.toMatch(/merger|layoffs/);
  expect(shownRows({ target }, [part], () => true)).toEqual([part]);
});
