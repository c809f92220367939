import type { ClusterRef } from "#lib/model/workload.ts";
import type { PersonView } from "./common.ts";

/** The registered accounts and clusters. */

export interface AccountView {
  id: string;
  name: string;
  partition: string;
  environment: string;
  ownerGroup: string;
  owners: PersonView[];
  regions: string[];
  provisionerRoleArn: string;
  /** For admins only. */
  externalId: string | null;
  boundaryArn: string;
  registeredAt: string;
  syncedAt: string | null;
  syncRequestedAt: string | null;
  syncErrors: { section: string; subject: string; cause: string; nextStep: string }[];
  clusters: number;
  targets: number;
  liveGrants: number;
}

export interface ClusterView extends ClusterRef {
  accountName: string;
  issuer: string | null;
  status: string;
  podIdentityAgent: boolean;
  registeredAt: string;
  seenAt: string | null;
  namespaceOwners: { namespace: string; group: string }[];
  liveGrants: number;
}
