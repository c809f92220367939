"use client";

import { createContext, useContext } from "react";
import { useFormContext, useFormState } from "react-hook-form";
import type { ChangedAccess } from "./change-facts.tsx";
import type { FormOptions, PreviewData, Problem } from "./types.ts";
import type { FormValues } from "./values.ts";

export interface RequestFormShared {
  options: FormOptions;
  /** Looks for more targets than the page was sent with. */
  search: (text: string) => void;
  /** When the page was made: the base of the dates that are offered. */
  now: number;
  /** The last answer; that another one is awaited is the panel's business alone. */
  preview: PreviewData | null;
  /** The target that is being edited: the preview shows its path. */
  activeTarget: number;
  /** The live access that this is another form of; null: new access is asked for. */
  changes: ChangedAccess | null;
  /** What the server said against the last submission. */
  problems: readonly Problem[];
}

export const RequestFormContext = createContext<RequestFormShared | null>(null);

export function useRequestForm(): RequestFormShared {
  const shared = useContext(RequestFormContext);
  if (!shared) throw new Error("The fields of a request stand inside RequestForm.");
  return shared;
}

export const problemText = ({ reason, nextStep }: Problem) => `${reason} ${nextStep}`;

/**
 * What is wrong with a field: by the form's own rules, else by the server's, which speaks of `grants.0.target` where
 * the form has `grants.0.text`.
 */
export function useFieldError(path: FieldPath, serverPath: string = path): string | undefined {
  const { control } = useFormContext<FormValues>();
  const { errors } = useFormState({ control, name: path, exact: true });
  const { preview, problems } = useRequestForm();
  const own = messageAt(errors, path);
  if (own) return own;
  const found = [...problems, ...(preview?.refusals ?? [])].find(
    ({ field }) => field === serverPath || field.startsWith(`${serverPath}.`),
  );
  return found && problemText(found);
}

export type FieldPath =
  | "cluster"
  | "namespace"
  | "serviceAccount"
  | "reason"
  | `grants.${number}.${"text" | "accountId" | "level" | "custom" | "subResource" | "until" | "untilDate" | "pattern"}`;

function messageAt(errors: unknown, path: string): string | undefined {
  let at: unknown = errors;
  for (const part of path.split(".")) at = (at as Record<string, unknown> | undefined)?.[part];
  const message = (at as { message?: unknown } | undefined)?.message;
  return typeof message === "string" ? message : undefined;
}
