import type { InventoryItem } from "#lib/model/estate.ts";
import type { PresetLevel } from "#lib/model/grant.ts";
import type { ClusterRef } from "#lib/model/workload.ts";

/** What the request form offers. */

export type TargetSuggestion = Pick<InventoryItem, "arn" | "accountId" | "service" | "name" | "region"> & {
  accountName: string;
  noun: string;
  /** What a tag says about its data: a word of lib/model/classification.ts. */
  classification: string | null;
};

export interface FormOptions {
  clusters: (ClusterRef & {
    accountName: string;
    environment: string;
    /** False while EKS has not told its issuer. */
    ready: boolean;
    podIdentityAgent: boolean;
    /** Namespaces with an owner or with grants that the actor may see. */
    namespaces: { name: string; ownerGroup: string | null }[];
  })[];
  accounts: { id: string; name: string; environment: string; partition: string; ownerGroup: string }[];
  /** The first of the inventory; `searchTargets` finds the others. */
  targets: TargetSuggestion[];
  moreTargets: boolean;
  services: {
    id: string;
    name: string;
    noun: string;
    exampleArn: string;
    levels: Record<PresetLevel, string>;
    subResource: { label: string; hint: string } | null;
  }[];
  /** The longest that access may last, in days. */
  maxDays: number;
}
