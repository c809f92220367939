import type { CloudResource, Observed, ResourceKind } from "#lib/model/cloud-resource.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import type { Written } from "#lib/policy/written.ts";
import type { AccountClients } from "./sessions.ts";
import type { Wait } from "./wait.ts";

/** What a controller needs beside the resource. */
export interface ControllerContext {
  /** Of the resource's account. */
  clients: AccountClients;
  /** This installation's id: what is ours carries it in path and tag. */
  installation: string;
  wait: Wait;
  /** Which step it is done for, however often that is attempted: a call that is repeated is the same call. */
  occasion?: string;
  /** Grants of this installation whose dead statements go when a policy is changed; absent: none. */
  deadGrants?: ReadonlySet<string>;
  /** What steps of ours have made of the policy a moment ago, which it may not show yet; absent: nothing. */
  written?: readonly Written[];
  /** Whom the role that is given permissions may let in, as approved; absent: it is not asked. */
  trust?: PolicyDocument;
  /**
   * Ends it where something is found to be taken away since the look by which it was decided that nothing is given back
   * (decision 0026). Absent: whoever it is done for may give back what is the account's.
   */
  onTakenAway?: () => never;
}

export interface Outcome {
  /** `kept`: left in place on purpose, though its removal was asked; `detail` says why. */
  effect: "created" | "updated" | "deleted" | "unchanged" | "kept";
  detail?: string;
}

/**
 * How one kind of resource is read and written. Every verb may be repeated after a crash at any point and ends in
 * the same state: `create` converges what is there if it is ours, `delete` takes absence as success. None touches
 * what is not ours; they throw `ForeignResourceError` before the first write.
 */
export interface Controller<K extends ResourceKind> {
  /** Reads only. */
  observe(ctx: ControllerContext, resource: CloudResource<K>): Promise<Observed<K>>;
  /** @param seen a moment ago; absent: whoever needs it looks */
  create(ctx: ControllerContext, resource: CloudResource<K>, seen?: Observed<K>): Promise<Outcome>;
  /** Writes only what differs between `observed` and the resource's body. */
  update(ctx: ControllerContext, resource: CloudResource<K>, observed: Observed<K>): Promise<Outcome>;
  /** Ends what was given out in the resource's name and outlives it. Absent: there is no such thing. */
  cutOff?(ctx: ControllerContext, resource: CloudResource<K>): Promise<void>;
  delete(ctx: ControllerContext, resource: CloudResource<K>, observed: Observed<K>): Promise<Outcome>;
}

/** What is present, as `observe` answers it. */
export type Present<K extends ResourceKind> = Extract<Observed<K>, { state: "present" }>;
