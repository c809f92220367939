import fc from "fast-check";
import type { CustomPermissions } from "#lib/model/custom-permissions.ts";
import { customProblems } from "../admit-custom.ts";
import { type ConditionKey, operatorsFor } from "../services/condition-keys.ts";
import type { TargetService } from "../services/service.ts";

function anyCondition(key: ConditionKey) {
  const tag = key.key.endsWith("/") ? "team" : "";
  return fc.record({
    key: fc.constant(`${key.key}${tag}`),
    operator: fc.constantFrom(...operatorsFor(key)),
    values: fc.constantFrom<string[]>([key.example], [key.values?.at(-1) ?? key.example.replace("*", "")]),
  });
}

/** Custom access that is admitted: any actions of the service, under any conditions of its table. */
export function anyCustom(
  service: TargetService,
  subResource: string | null,
): fc.Arbitrary<CustomPermissions> {
  const actions = service.actions.map(({ action }) => action);
  const statement = fc.record({
    actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1, maxLength: 9 }),
    conditions: fc
      .uniqueArray(fc.constantFrom(...service.conditionKeys), { maxLength: 2 })
      .chain((keys) => fc.tuple(...keys.map(anyCondition))),
  });
  return fc
    .array(statement, { minLength: 1, maxLength: 2 })
    .map((custom) => custom.filter((one) => judge([one], service, subResource)))
    .filter((custom) => judge(custom, service, subResource));
}

function judge(custom: CustomPermissions, service: TargetService, subResource: string | null): boolean {
  return customProblems({ level: "custom", custom, subResource }, service).length === 0;
}
