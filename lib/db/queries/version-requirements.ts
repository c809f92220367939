import { z } from "zod";
import {
  type ApprovalRequirement,
  approvalRequirementSchema,
  riskRequirements,
} from "#lib/model/approvals.ts";
import { type Risk, riskSchema } from "#lib/model/risk.ts";

/** Who must approve a version: its owners as they were when it was sent, and whom its risk asks for. */
export function versionRequirements(version: { approvals: unknown; risk: unknown }): {
  requirements: ApprovalRequirement[];
  risk: Risk;
} {
  const risk = riskSchema.parse(version.risk);
  const owners = z.array(approvalRequirementSchema).parse(version.approvals);
  return { requirements: [...owners, ...riskRequirements(risk.level)], risk };
}
