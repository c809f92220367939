import { expect, it } from "vitest";
import { emptyQuestion } from "./state.ts";
import { whereaboutsOf } from "./whereabouts.ts";

const question = {
  ...emptyQuestion,
  caller: { kind: "role" as const, name: "arn:aws:iam::111122223333:role/reports", session: "" },
  resource: "arn:aws:s3:::archive",
  resourceAccount: "444455556666",
};

it("the caller's policies are in the caller's account", () => {
  expect(whereaboutsOf("identity", question)).toEqual({ accountId: "111122223333" });
  expect(whereaboutsOf("scp", emptyQuestion)).toEqual({});
});

it("a resource's policy is in the resource's account, and of its service", () => {
  expect(whereaboutsOf("resource", question)).toEqual({ accountId: "444455556666", service: "s3" });
  const role = { ...question, resource: "arn:aws:iam::777788889999:role/x", resourceAccount: "" };
  expect(whereaboutsOf("trust", role)).toEqual({ accountId: "777788889999" });
  expect(whereaboutsOf("resource", { ...question, resource: "arn:", resourceAccount: "12" })).toEqual({});
});
