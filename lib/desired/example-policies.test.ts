import { expect, it } from "vitest";
import { checkPolicy } from "#lib/policy/findings/check-policy.ts";
import { awsMetadata as metadata } from "#lib/policy/metadata/aws.ts";
import { patternExamples } from "./example-policies.ts";
import { patterns } from "./patterns/catalogue.ts";

const examples = patternExamples();

it("every access pattern has an example, with a role that leads to the target", () => {
  expect(examples.map(({ pattern }) => pattern)).toEqual(Object.keys(patterns));
  for (const { roles, target } of examples)
    expect(JSON.stringify(roles.at(-1)?.policies)).toContain(target.arn);
});

it.each(examples)("the documents of $pattern have nothing wrong with them", (example) => {
  const { roles, target, targetPolicy } = example;
  const findings = roles.flatMap(({ trust, policies, arn }) => {
    const accountId = arn.split(":")[4] ?? "";
    return [
      ...checkPolicy(trust, { kind: "trust", metadata, accountId }),
      ...policies.flatMap((policy) => checkPolicy(policy, { kind: "identity", metadata, accountId })),
    ];
  });
  const options = { kind: "resource", metadata, accountId: target.accountId, service: "s3" } as const;
  expect([...findings, ...(targetPolicy ? checkPolicy(targetPolicy, options) : [])]).toEqual([]);
});
