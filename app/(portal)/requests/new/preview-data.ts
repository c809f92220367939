import {
  type CompletedSubmission,
  placeholdersOf,
  tellingRefusals,
} from "#components/request-form/placeholders.ts";
import type { PartialSubmission } from "#components/request-form/submission.ts";
import type { PreviewData, PreviewTarget } from "#components/request-form/types.ts";
import { renderManifest } from "#lib/render/kubernetes.ts";
import type { Preview, TargetPreview } from "#lib/usecases/preview.ts";

/** A preview as the form shows it. */
export function previewData(
  preview: Preview,
  typed: PartialSubmission,
  asked: CompletedSubmission,
): PreviewData {
  return {
    refusals: tellingRefusals(preview.refusals),
    targets: preview.targets.map((target, index) => (asked.grants[index] ? targetData(target) : null)),
    plan: preview.plan,
    // How each answer comes about is on the request's page.
    proof: preview.proof.map(({ grantId, rows }) => ({
      grantId,
      rows: rows.map((row) => ({ ...row, steps: [] })),
    })),
    findings: preview.findings,
    risk: preview.risk,
    approvals: preview.approvals,
    yaml: manifestOf(preview),
    snapshotAt: preview.snapshotAt,
    computedAt: new Date().toISOString(),
    placeholders: placeholdersOf(typed),
  };
}

function targetData({ options, recommended, grant, target, hops }: TargetPreview): PreviewTarget {
  return { options, recommended, pattern: grant?.pattern ?? null, grantId: grant?.id ?? null, target, hops };
}

/** Null when there is nothing to apply yet, or a name that no manifest may hold. */
function manifestOf({ access, targets }: Preview): string | null {
  const grant = targets.find((target) => target.grant !== null)?.grant;
  if (!access || !grant) return null;
  try {
    return renderManifest(access, {
      grantId: grant.id,
      ...(grant.expiresAt ? { expires: grant.expiresAt } : {}),
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
