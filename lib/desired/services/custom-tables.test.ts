import { describe, expect, it } from "vitest";
import { listOf, statementsOf } from "#lib/model/policy-document.ts";
import { awsMetadata } from "#lib/policy/metadata/aws.ts";
import { parseOperator } from "#lib/policy/operators.ts";
import { boundaryPolicy } from "#lib/render/onboarding.ts";
import { services } from "./catalogue.ts";
import { operatorsFor, operatorsOf, valueProblem } from "./condition-keys.ts";

const all = Object.values(services);
const rows = all.flatMap((service) => service.actions.map((row) => ({ service, ...row })));
const metadataOf = (action: string) => {
  const [prefix = "", name = ""] = action.split(":");
  return awsMetadata.service(prefix)?.actions.get(name.toLowerCase());
};

describe("the actions that custom access may list", () => {
  it.each(rows)("$action is what AWS's reference says", ({ action, access, on }) => {
    const known = metadataOf(action);
    expect(`${action.split(":")[0]}:${known?.name}`).toBe(action);
    expect(known?.level).toBe(access);
    expect(known?.resourceTypes.map(({ name }) => name)).toContain(on);
  });

  it("are exactly what the permissions boundary allows of each service", () => {
    const boundary = statementsOf(boundaryPolicy({ partition: "aws" }, "acme"));
    for (const { id, actions } of all) {
      const allowed = boundary
        .filter(({ Condition }) => !Condition)
        .flatMap(({ Action }) => listOf(Action))
        .filter((action) => action.startsWith(`${id}:`));
      expect(allowed).toEqual(actions.map(({ action }) => action).sort());
    }
  });

  it("hold all that a level is made of", () => {
    for (const { id, actions, exampleArn, statements } of all)
      for (const level of ["read", "write", "read-write"] as const) {
        const [, partition = "", service = "", region = "", account = "", resource = ""] =
          exampleArn.split(":");
        const arn = { partition, service, region, account, resource };
        const used = statements({ arn, arnText: exampleArn, level, subResource: null });
        for (const action of used.flatMap(({ Action }) => listOf(Action)))
          expect(
            actions.map((one) => one.action),
            id,
          ).toContain(action);
      }
  });

  it("change no permission, protection or configuration, and end nothing but data", () => {
    const never =
      /Policy|Acl|Permission|Ownership|PublicAccess|Replicat|Bypass|(Put|Delete)Bucket|SetQueue|DeleteQueue/;
    expect(rows.filter(({ action }) => never.test(action) || /[*?]/.test(action))).toEqual([]);
    for (const { action } of rows) expect(metadataOf(action)?.level).not.toBe("permissions");
  });
});

describe("the condition keys that custom access may name", () => {
  const keys = all.flatMap((service) => service.conditionKeys.map((key) => ({ service, ...key })));

  it.each(keys)("$service.id: $key exists, and has the type that AWS gives it", ({ service, key, type }) => {
    const written = key.endsWith("/") ? `${key}team` : key;
    const known = awsMetadata.globalKey(written) ?? awsMetadata.service(service.id)?.key(written);
    const types = { text: "String", address: "IPAddress", truth: "Bool", number: "Numeric" };
    expect(known).toMatchObject({ type: types[type], many: false });
  });

  it.each(keys.filter(({ key }) => key.startsWith("s3:")))(
    "$key is carried by the requests that it is offered for, and no others of the table",
    (key) => {
      const written = key.key.replace(/\/$/, "/<key>");
      const carrying = key.service.actions.filter(({ action }) => metadataOf(action)?.keys.includes(written));
      const offered = key.actions ?? key.service.actions.map(({ action }) => action);
      expect(carrying.map(({ action }) => action)).toEqual(expect.arrayContaining([...offered]));
      // With a tag that it asks for a workload could lift its own condition, so writes of tags are not offered it.
      const left = carrying.filter(({ action }) => !offered.includes(action));
      for (const { action } of left) expect(action).toMatch(/:(Put|Delete)Object(Version)?Tagging$/);
    },
  );

  it("take an example of their own", () => {
    for (const key of keys)
      for (const operator of operatorsFor(key).filter(
        (one) => one !== "StringEquals" || !/[*?]/.test(key.example),
      ))
        expect(valueProblem(key, operator, key.example), key.key).toBeUndefined();
  });
});

/**
 * IAM User Guide, "Condition operators": "If the key that you specify in a policy condition is not present in the
 * request context, the values do not match and the condition is false"; with negated operators, …IfExists and
 * ForAllValues it is true.
 */
it("an operator is offered only if it fails without its key", () => {
  for (const operator of Object.values(operatorsOf).flat())
    expect(parseOperator(operator)).toMatchObject({
      name: operator,
      quantifier: null,
      ifExists: false,
      operator: { negated: false },
    });
});
