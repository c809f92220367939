import { GetPolicyCommand, GetPolicyVersionCommand, type IAMClient } from "@aws-sdk/client-iam";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import { parseIamDocument } from "./documents.ts";

/**
 * The document that a managed policy stands for now: that of its default version.
 *
 * Source: IAM API reference, GetPolicy and GetPolicyVersion; IAM User Guide, "Versioning IAM policies".
 */
export async function managedPolicy(iam: IAMClient, PolicyArn: string): Promise<PolicyDocument> {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  const VersionId = Policy?.DefaultVersionId;
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  return parseIamDocument(PolicyVersion?.Document ?? "", PolicyArn);
}
