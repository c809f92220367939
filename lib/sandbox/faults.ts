import { z } from "zod";

/** What the sandbox does wrong on purpose. */
export const faultsSchema = z.strictObject({
  /** Every call takes at least so long. */
  latencyMs: z.number().min(0).max(60_000).default(0),
  /** Share of calls refused with the service's throttling code. */
  throttleRate: z.number().min(0).max(1).default(0),
  /** Share of calls answered with an internal error, without effect. */
  errorRate: z.number().min(0).max(1).default(0),
  /** Share of calls that take effect, but whose connection breaks before the answer. */
  lostAnswerRate: z.number().min(0).max(1).default(0),
  /** How long new roles, policies and associations stay unseen. */
  visibilityDelayMs: z.number().min(0).max(600_000).default(0),
  /** Makes the random choices repeatable. */
  seed: z.number().int().default(1),
  /** Throttles, errors, lost answers and latency for these calls only. */
  only: z.strictObject({ service: z.string(), operation: z.string().optional() }).optional(),
});

export type Faults = z.infer<typeof faultsSchema>;
export type FaultsInput = z.input<typeof faultsSchema>;
export type Fault = "throttle" | "error" | "lost-answer";

export const noFaults: Faults = faultsSchema.parse({});

/** Draws faults; with the same seed the same calls in the same order meet the same faults. */
export class FaultInjector {
  #faults: Faults;
  #random: () => number;

  constructor(faults: Faults = noFaults) {
    this.#faults = faults;
    this.#random = mulberry32(faults.seed);
  }

  set(faults: Faults): void {
    this.#faults = faults;
    this.#random = mulberry32(faults.seed);
  }

  get visibilityDelayMs(): number {
    return this.#faults.visibilityDelayMs;
  }

  latencyOf(service: string, operation: string): number {
    return this.#concerns(service, operation) ? this.#faults.latencyMs : 0;
  }

  draw(service: string, operation: string): Fault | null {
    if (!this.#concerns(service, operation)) return null;
    const { throttleRate, errorRate, lostAnswerRate } = this.#faults;
    if (throttleRate + errorRate + lostAnswerRate === 0) return null;
    const dice = this.#random();
    if (dice < throttleRate) return "throttle";
    if (dice < throttleRate + errorRate) return "error";
    return dice < throttleRate + errorRate + lostAnswerRate ? "lost-answer" : null;
  }

  #concerns(service: string, operation: string): boolean {
    const { only } = this.#faults;
    return !only || (only.service === service && (!only.operation || only.operation === operation));
  }
}

/** A small seeded generator (Tommy Ettinger's mulberry32): numbers from 0 up to 1. */
function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
