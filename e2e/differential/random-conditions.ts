import fc from "fast-check";
import type { Statement } from "#lib/model/policy-document.ts";

/** Every operator of IAM with keys and values of its type, and contexts in which they are met or not. */

type Condition = NonNullable<Statement["Condition"]>;

/** `${key}` */
const variable = (key: string) => "$".concat(`{${key}}`);
const strings = ["StringEquals", "StringEqualsIgnoreCase", "StringLike"].flatMap((name) => [
  name,
  name.replace("String", "StringNot"),
]);
const comparisons = (type: string) =>
  ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"].map(
    (name) => type + name,
  );
const arns = ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"];

interface Key {
  operators: string[];
  /** what policies ask for */
  asked: string[];
  /** what requests carry */
  carried: (string | string[])[];
  quantified?: boolean;
}

const keys: Record<string, Key> = {
  "aws:PrincipalTag/team": {
    operators: strings,
    asked: [
      "reports",
      "Reports",
      "rep*",
      "rep?rts",
      "hr",
      "",
      "*",
      variable("aws:RequestedRegion"),
      variable("aws:Referer"),
      `${variable("*")}`,
    ],
    carried: ["reports", "hr", "REPORTS", "*", "eu-west-1"],
  },
  "aws:SourceIp": {
    operators: ["IpAddress", "NotIpAddress"],
    asked: [
      "10.0.0.0/8",
      "203.0.113.7",
      "203.0.113.0/24",
      "0.0.0.0/0",
      "2001:db8::/32",
      "2001:DB8:0:0::7/128",
    ],
    carried: ["10.1.2.3", "203.0.113.7", "2001:db8::7", "198.51.100.1"],
  },
  "aws:CurrentTime": {
    operators: comparisons("Date"),
    asked: [
      "2026-06-30T12:00:00Z",
      "2026-06-30",
      "2026-06-30T12:00:00.000Z",
      "2026-06-30T14:00:00+02:00",
      "1782820800",
    ],
    carried: ["2026-06-30T12:00:00Z", "2026-06-30T12:00:01Z", "2025-01-01T00:00:00Z"],
  },
  "aws:EpochTime": {
    operators: [...comparisons("Numeric"), ...comparisons("Date")],
    asked: ["1782820800", "1782820801"],
    carried: ["1782820800", "1700000000"],
  },
  "aws:MultiFactorAuthAge": {
    operators: comparisons("Numeric"),
    asked: ["300", "300.0", "3600", "-1", "3e2", "0300"],
    carried: ["300", "3600", "299.5", "0"],
  },
  "aws:SecureTransport": {
    operators: ["Bool"],
    asked: ["true", "false", "True"],
    carried: ["true", "false"],
  },
  "aws:SourceArn": {
    operators: [...arns, "StringLike", "StringEquals"],
    asked: [
      "arn:aws:sns:eu-west-1:111122223333:orders",
      "arn:aws:sns:*:111122223333:*",
      "arn:aws:sns:eu-west-1:111122223333:ord?rs",
      "arn:aws:sns:*:orders",
      "arn:*:sns:*:*:*",
      `arn:aws:sns:eu-west-1:111122223333:${variable("aws:PrincipalTag/team")}`,
    ],
    carried: [
      "arn:aws:sns:eu-west-1:111122223333:orders",
      "arn:aws:sns:eu-west-1:111122223333:reports",
      "arn:aws:sns:us-east-1:444455556666:a:b",
    ],
  },
  "aws:PrincipalOrgPaths": {
    operators: ["StringEquals", "StringLike", "StringNotLike", "StringNotEquals", "StringEqualsIgnoreCase"],
    asked: [
      "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/",
      "o-a1b2c3d4e5/*",
      "o-other/*",
      variable("aws:PrincipalTag/team"),
    ],
    carried: [
      ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/"],
      ["o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/", "o-zzzzzzzzzz/"],
      [],
    ],
    quantified: true,
  },
};

const names = Object.keys(keys);

const single: fc.Arbitrary<Condition> = fc.constantFrom(...names).chain((name) => {
  const { operators, asked, quantified } = keys[name] as Key;
  const spelled = fc.constantFrom(name, name, name, name.toLowerCase());
  const values = fc.oneof(
    fc.constantFrom(...asked),
    fc.uniqueArray(fc.constantFrom(...asked), { minLength: 1, maxLength: 2 }),
  );
  const quantifier = quantified
    ? fc.constantFrom("ForAnyValue:", "ForAllValues:")
    : fc.constantFrom("", "", "", "", "", "ForAnyValue:", "ForAllValues:");
  const compared = fc
    .tuple(
      quantifier,
      fc.constantFrom(...operators),
      fc.constantFrom("", "", "", "IfExists"),
      spelled,
      values,
    )
    .map(([prefix, operator, suffix, key, value]) => ({
      [`${prefix}${operator}${suffix}`]: { [key]: value },
    }));
  const present = fc
    .tuple(fc.constantFrom("true", "false"), spelled)
    .map(([value, key]) => ({ Null: { [key]: value } }));
  return fc.oneof({ weight: 8, arbitrary: compared }, { weight: 1, arbitrary: present });
});

/** Half of the statements have none, some have two. */
export const conditions: fc.Arbitrary<Condition | undefined> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 2, arbitrary: single },
  { weight: 1, arbitrary: fc.tuple(single, single).map(([one, two]) => ({ ...one, ...two })) },
);

/** Each key is there in two of three requests. */
export const contexts: fc.Arbitrary<Record<string, string | string[]>> = fc
  .record(
    {
      ...Object.fromEntries(
        names.map((name) => [
          name,
          fc.option(fc.constantFrom(...(keys[name] as Key).carried), { nil: undefined, freq: 2 }),
        ]),
      ),
      "aws:RequestedRegion": fc.constant("eu-west-1"),
    },
    { requiredKeys: [] },
  )
  .map(
    (all) =>
      Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
        string,
        string | string[]
      >,
  );
