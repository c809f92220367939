import type { ChangedAccess } from "#components/request-form/change-facts.tsx";
import type { TargetView } from "#lib/db/queries/views/common.ts";
import type { Workload } from "#lib/model/workload.ts";

/** What of live access its change leaves as it is, as the form shows it. */
export function changedAccess(
  { grantId, name, noun, accountName, patternTitle }: TargetView,
  { namespace, serviceAccount, cluster }: Workload,
  renewal: boolean,
): ChangedAccess {
  return {
    grantId,
    renewal,
    workload: `${namespace}/${serviceAccount} on ${cluster.name}`,
    target: `${name}, a ${noun} in ${accountName}`,
    patternTitle,
  };
}
