/**
 * Why something can't be done, said so that a person can act on it: the field, the reason and the next step.
 * Every boundary of the product (form, use case, compiler) answers with refusals instead of bare errors.
 */
export interface Refusal {
  /** Stable identifier, for tests and documentation, e.g. `target.not-registered`. */
  code: string;
  /** Dotted path of the input it is about, e.g. `grants.0.target`; empty when it is about the whole. */
  field: string;
  reason: string;
  nextStep: string;
  /** Where the next step is taken, when that is a page of the portal. */
  link?: { label: string; href: string };
}

export function refusal(
  code: string,
  field: string,
  reason: string,
  nextStep: string,
  link?: Refusal["link"],
): Refusal {
  return { code, field, reason, nextStep, ...(link ? { link } : {}) };
}

/** A value, or the reasons why there is none. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; refusals: Refusal[] };

export function accepted<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function refused<T>(...refusals: Refusal[]): Outcome<T> {
  return { ok: false, refusals };
}
