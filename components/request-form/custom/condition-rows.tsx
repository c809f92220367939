"use client";

import { Plus, X } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { IconButton } from "#components/ui/icon-button.tsx";
import { Input } from "#components/ui/input.tsx";
import { Select } from "#components/ui/select.tsx";
import { type ConditionKey, operatorsFor } from "#lib/desired/services/condition-keys.ts";
import type { ConditionValues } from "./custom-values.ts";

/** In few words; the operator itself stands beside them. */
const operatorWords: Record<string, string> = {
  StringEquals: "is exactly",
  StringLike: "matches, with * and ?",
  IpAddress: "is in the range",
  Bool: "is",
  NumericEquals: "equals",
  NumericLessThanEquals: "is at most",
  NumericGreaterThanEquals: "is at least",
};

/** Those of tags go on with the tag's name. */
const tableKey = (written: string, keys: readonly ConditionKey[]) =>
  keys.find(({ key }) => (key.endsWith("/") ? written.startsWith(key) : written === key));

export type ConditionRowsProps = {
  conditions: readonly ConditionValues[];
  keys: readonly ConditionKey[];
  /** The statement's actions: their requests have to carry the key. */
  actions: readonly string[];
  onChange: (conditions: ConditionValues[]) => void;
};

/** What has to hold for the statement's actions: all of it. */
export function ConditionRows({ conditions, keys, actions, onChange }: ConditionRowsProps) {
  const carried = keys.filter(
    ({ actions: only }) => only === undefined || actions.every((action) => only.includes(action)),
  );
  const [first] = carried;
  return (
    <div className="grid min-w-0 gap-2">
      {conditions.map((condition, at) => (
        <Row
          // biome-ignore lint/suspicious/noArrayIndexKey: a row has no identity but its place, and no state.
          key={`condition-${at + 1}`}
          number={at + 1}
          condition={condition}
          keys={keys}
          carried={carried}
          onChange={(next) => onChange(conditions.with(at, next))}
          onRemove={() => onChange(conditions.toSpliced(at, 1))}
        />
      ))}
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span className="text-xs text-ink-muted">
          {conditions.length === 0 ? "Allowed without further conditions." : "All conditions have to hold."}
        </span>
        {first && conditions.length < 8 && (
          <Button size="sm" variant="ghost" onClick={() => onChange([...conditions, fresh(first)])}>
            <Plus aria-hidden="true" />
            Add a condition
          </Button>
        )}
      </div>
    </div>
  );
}

function fresh(key: ConditionKey): ConditionValues {
  const values = key.values?.length === 1 ? (key.values[0] ?? "") : "";
  return { key: key.key, operator: operatorsFor(key)[0] ?? "", values };
}

type RowProps = {
  number: number;
  condition: ConditionValues;
  keys: readonly ConditionKey[];
  carried: readonly ConditionKey[];
  onChange: (condition: ConditionValues) => void;
  onRemove: () => void;
};

function Row({ number, condition, keys, carried, onChange, onRemove }: RowProps) {
  const chosen = tableKey(condition.key, keys);
  const shown = chosen && !carried.includes(chosen) ? [...carried, chosen] : carried;
  const operators = chosen ? operatorsFor(chosen) : [condition.operator];
  const tag = chosen?.key.endsWith("/") ? condition.key.slice(chosen.key.length) : null;
  return (
    <fieldset className="relative grid min-w-0 gap-2 rounded-md border border-line bg-sunken p-2.5 pr-10">
      <legend className="sr-only">Condition {number}</legend>
      <IconButton
        label={`Remove condition ${number}`}
        icon={<X aria-hidden="true" />}
        size="sm"
        onClick={onRemove}
        className="absolute top-1.5 right-1.5"
      />
      <Field label="Condition key" labelHidden hint={chosen?.about}>
        <Select
          items={shown.map(({ key, about }) => ({
            value: key,
            label: key.endsWith("/") ? `${key}…` : key,
            description: about,
          }))}
          value={chosen?.key ?? null}
          onValueChange={(key) => {
            const next = keys.find((one) => one.key === key);
            if (next && next !== chosen) onChange(fresh(next));
          }}
        />
      </Field>
      {chosen && tag !== null && (
        <Field label="Tag name">
          <Input
            value={tag}
            onChange={(event) => onChange({ ...condition, key: `${chosen.key}${event.currentTarget.value}` })}
            autoComplete="off"
            spellCheck={false}
            mono
          />
        </Field>
      )}
      <div className="grid min-w-0 gap-2 sm:grid-cols-[minmax(0,11rem)_minmax(0,1fr)]">
        <Field label="Operator" labelHidden>
          <Select
            items={operators.map((operator) => ({
              value: operator,
              label: operatorWords[operator] ?? operator,
              description: operator,
            }))}
            value={condition.operator}
            onValueChange={(operator) => onChange({ ...condition, operator })}
          />
        </Field>
        <Field label="Values" labelHidden>
          <Input
            value={condition.values}
            onChange={(event) => onChange({ ...condition, values: event.currentTarget.value })}
            placeholder={chosen?.values?.join(", ") ?? `${chosen?.example ?? ""}, …`}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            mono
          />
        </Field>
      </div>
    </fieldset>
  );
}
