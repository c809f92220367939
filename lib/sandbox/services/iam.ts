import * as iam from "@aws-sdk/client-iam";
import { type Call, type Operation, type Output, operation } from "../operation.ts";
import { limits } from "../quotas.ts";
import { instanceProfileOperations } from "./iam-instance-profiles.ts";
import { accountOf } from "./iam-names.ts";
import { policyOperations } from "./iam-policies.ts";
import { providerOperations } from "./iam-providers.ts";
import { rolePolicyOperations } from "./iam-role-policies.ts";
import { roleOperations } from "./iam-roles.ts";

/** Counts and quotas of the account, under IAM's own names for them. */
function summary(call: Call): Record<string, number> {
  const { roles, users, policies, providers, quotas } = accountOf(call);
  return {
    Roles: Object.keys(roles).length,
    RolesQuota: quotas.roles,
    Users: Object.keys(users).length,
    UsersQuota: 5000,
    Policies: Object.keys(policies).length,
    PoliciesQuota: quotas.managedPolicies,
    Providers: Object.keys(providers).length,
    AttachedPoliciesPerRoleQuota: quotas.attachedPoliciesPerRole,
    AssumeRolePolicySizeQuota: quotas.trustPolicySize,
    RolePolicySizeQuota: limits.inlinePoliciesPerRole,
    PolicySizeQuota: limits.managedPolicySize,
  };
}

export const iamOperations: Operation[] = [
  ...roleOperations,
  ...rolePolicyOperations,
  ...instanceProfileOperations,
  ...policyOperations,
  ...providerOperations,
  operation(iam.GetAccountSummary$, {
    access: (call) => [{ action: "iam:GetAccountSummary", resource: "*", resourceAccount: call.accountId }],
    handle: (call): Output<iam.GetAccountSummaryCommandOutput> => ({ SummaryMap: summary(call) }),
  }),
];
