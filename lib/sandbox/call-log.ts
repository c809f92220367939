import type { Fault } from "./faults.ts";

/** One call as tests and the demo's log see it. */
export interface LoggedCall {
  /** Counts from 1; `since` asks for what came after a number. */
  sequence: number;
  time: string;
  accountId: string | null;
  service: string;
  operation: string;
  callerArn: string | null;
  status: number;
  errorCode: string | null;
  requestId: string;
  /** What went wrong on purpose. */
  fault?: Fault;
}

const capacity = 20_000;

/** The last calls, oldest first. */
export class CallLog {
  #calls: LoggedCall[] = [];
  #sequence = 0;

  add(call: Omit<LoggedCall, "sequence">): void {
    this.#sequence += 1;
    this.#calls.push({ sequence: this.#sequence, ...call });
    if (this.#calls.length > capacity) this.#calls = this.#calls.slice(-capacity / 2);
  }

  since(sequence: number): LoggedCall[] {
    return this.#calls.filter((call) => call.sequence > sequence);
  }

  clear(): void {
    this.#calls = [];
    this.#sequence = 0;
  }
}
