import type { JWK } from "jose";
import { CallLog } from "./call-log.ts";
import { FaultInjector } from "./faults.ts";
import { type AccountState, emptyState, type Role, type SandboxState } from "./state.ts";
import { newSigningKey } from "./tokens.ts";

/** Milliseconds since the epoch; tests pass their own to let time pass. */
export type Clock = () => number;

/** By cluster ARN. One a process, whatever is reset or started anew: making an RSA key takes longer than a test. */
const signingKeys = new Map<string, Promise<JWK>>();

/** One sandbox: what there is, what time it is, and what goes wrong. Handlers share it. */
export class Sandbox {
  state: SandboxState = emptyState();
  readonly faults: FaultInjector;
  readonly calls = new CallLog();
  readonly now: Clock;
  /** `http://127.0.0.1:PORT`, once the server listens. */
  url = "";
  /** When sessions that are long over were last looked for. */
  sessionsSweptAt = 0;
  /** Called after each change, so that the state can be written out. */
  onChange: () => void = () => {};

  constructor(clock: Clock = Date.now, faults = new FaultInjector()) {
    this.now = clock;
    this.faults = faults;
  }

  account(id: string): AccountState | undefined {
    return this.state.accounts[id];
  }

  signingKey(clusterArn: string): Promise<JWK> {
    const key = signingKeys.get(clusterArn) ?? newSigningKey();
    signingKeys.set(clusterArn, key);
    return key;
  }

  /** When something made now is seen by others. */
  visibleFrom(): number {
    return this.now() + this.faults.visibilityDelayMs;
  }

  /** The role of this ARN, if there is one that others can see already. */
  visibleRole(arn: string): Role | undefined {
    const role = this.roleByArn(arn);
    return role && this.now() >= role.visibleAt ? role : undefined;
  }

  roleByArn(arn: string): Role | undefined {
    const [, accountId, resource] = /^arn:[^:]+:iam::(\d{12}):role\/(.+)$/.exec(arn) ?? [];
    const name = resource?.split("/").at(-1);
    const role = accountId && name ? this.account(accountId)?.roles[name.toLowerCase()] : undefined;
    return role?.arn === arn ? role : undefined;
  }
}
