import fc from "fast-check";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import { customProblems } from "../admit-custom.ts";
import { type ConditionKey, operatorsFor } from "../services/condition-keys.ts";
import type { TargetService } from "../services/service.ts";

type ValuesOf = (key: ConditionKey) => fc.Arbitrary<string[]>;

const sensible: ValuesOf = (key) =>
  fc.constantFrom([key.example], [key.values?.at(-1) ?? key.example.replace("*", "")]);

/** Of every type, on the edge of it and beyond: most are refused. */
const odd = [
  ["10.0.0.0/8", "192.168.1.1", "127.0.0.1", "fe80::1", "::ffff:10.0.0.0/104", "100.64.0.0/10", "0.0.0.0"],
  ["203.0.113.5/24", "2001:db8::/32", "10.0.0.0/0", "224.0.0.1"],
  ["0", "1", "-1", "1.5", "1.2", "99999", "1e3", "true", "false", "2020-01-01T00:00:00Z"],
  ["*", "a*", "*/*/", "a/b", "x", "arn:aws:iam::111122223333:role/x", "arn:*", "o-abc", "vpc-1", "vpce-*"],
].flat();

/** @see odd */
export const anyValues: ValuesOf = (key) =>
  fc.array(fc.constantFrom(...odd, key.example), { minLength: 1, maxLength: 3 });

function anyCondition(key: ConditionKey, valuesOf: ValuesOf) {
  const tag = key.key.endsWith("/") ? "team" : "";
  return fc.record({
    key: fc.constant(`${key.key}${tag}`),
    operator: fc.constantFrom(...operatorsFor(key)),
    values: valuesOf(key),
  });
}

/** Custom access that is admitted: any actions of the service, under any conditions of its table. */
export function anyCustom(
  service: TargetService,
  subResource: string | null,
  valuesOf = sensible,
): fc.Arbitrary<CustomPermissions> {
  const actions = service.actions.map(({ action }) => action);
  const statement = fc.record({
    actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1, maxLength: 9 }),
    conditions: fc
      .uniqueArray(fc.constantFrom(...service.conditionKeys), { maxLength: 2 })
      .chain((keys) => fc.tuple(...keys.map((key) => anyCondition(key, valuesOf)))),
  });
  return fc
    .array(statement, { minLength: 1, maxLength: 2 })
    .map((custom) => custom.filter((one) => judge([one], service, subResource)))
    .filter((custom) => judge(custom, service, subResource));
}

function judge(custom: CustomPermissions, service: TargetService, subResource: string | null): boolean {
  return customProblems({ level: "custom", custom, subResource }, service).length === 0;
}
