import { describe, expect, it } from "vitest";
import { awsMetadata } from "../../metadata/aws.ts";
import { checkPolicy } from "../check-policy.ts";

/**
 * Ways to more permissions that are published, as the actions that each takes. Sources: pathfinding.cloud (Datadog), whose
 * ids these are, and Rhino Security Labs' "AWS IAM Privilege Escalation – Methods and Mitigation".
 */
const paths: Record<string, string[]> = {
  "apprunner-001": ["iam:PassRole", "apprunner:CreateService"],
  "apprunner-002": ["apprunner:UpdateService"],
  "bedrock-001": ["iam:PassRole", "bedrock-agentcore:CreateCodeInterpreter"],
  "bedrock-002": ["bedrock-agentcore:StartCodeInterpreterSession", "bedrock-agentcore:InvokeCodeInterpreter"],
  "cloudformation-001": ["iam:PassRole", "cloudformation:CreateStack"],
  "cloudformation-002": ["cloudformation:UpdateStack"],
  "cloudformation-003": ["iam:PassRole", "cloudformation:CreateStackSet"],
  "cloudformation-004": ["iam:PassRole", "cloudformation:UpdateStackSet"],
  "cloudformation-005": ["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"],
  "codebuild-001": ["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"],
  "codebuild-002": ["codebuild:StartBuild"],
  "codebuild-003": ["codebuild:StartBuildBatch"],
  "datapipeline-001": ["iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
  "ec2-001": ["iam:PassRole", "ec2:RunInstances"],
  "ec2-002": ["ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"],
  "ec2-003": ["iam:PassRole", "ec2:RequestSpotInstances"],
  "ec2-004": ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
  "ec2instanceconnect-003": ["ec2-instance-connect:SendSSHPublicKey"],
  "ecs-001": ["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:CreateService"],
  "ecs-002": ["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"],
  "ecs-005": ["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:StartTask"],
  "glue-001": ["iam:PassRole", "glue:CreateDevEndpoint"],
  "glue-002": ["glue:UpdateDevEndpoint"],
  "glue-003": ["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"],
  "glue-005": ["iam:PassRole", "glue:UpdateJob", "glue:StartJobRun"],
  "iam-001": ["iam:CreatePolicyVersion"],
  "iam-002": ["iam:CreateAccessKey"],
  "iam-004": ["iam:CreateLoginProfile"],
  "iam-005": ["iam:PutRolePolicy"],
  "iam-006": ["iam:UpdateLoginProfile"],
  "iam-007": ["iam:PutUserPolicy"],
  "iam-008": ["iam:AttachUserPolicy"],
  "iam-009": ["iam:AttachRolePolicy"],
  "iam-010": ["iam:AttachGroupPolicy"],
  "iam-011": ["iam:PutGroupPolicy"],
  "iam-012": ["iam:UpdateAssumeRolePolicy"],
  "iam-013": ["iam:AddUserToGroup"],
  "iam set default version": ["iam:SetDefaultPolicyVersion"],
  "lambda-001": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
  "lambda-002": ["iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
  "lambda-003": ["lambda:UpdateFunctionCode"],
  "sagemaker-001": ["iam:PassRole", "sagemaker:CreateNotebookInstance"],
  "sagemaker-002": ["iam:PassRole", "sagemaker:CreateTrainingJob"],
  "sagemaker-003": ["iam:PassRole", "sagemaker:CreateProcessingJob"],
  "sagemaker-004": ["sagemaker:CreatePresignedNotebookInstanceUrl"],
  "sagemaker-005": ["sagemaker:CreateNotebookInstanceLifecycleConfig", "sagemaker:UpdateNotebookInstance"],
  "ssm-001": ["ssm:StartSession"],
  "ssm-002": ["ssm:SendCommand"],
  "sts-001": ["sts:AssumeRole"],
};

const role = "arn:aws:iam::111122223333:role/apps/reports";

function escalations(statements: object[]): string[] {
  const document = { Version: "2012-10-17", Statement: statements };
  return checkPolicy(document, { kind: "identity", metadata: awsMetadata })
    .map(({ id }) => id)
    .filter((id) => id.startsWith("escalation."));
}

describe("published ways to more permissions", () => {
  it.each(Object.entries(paths))("%s is found", (_, actions) => {
    expect(escalations([{ Effect: "Allow", Action: actions, Resource: "*" }])).not.toEqual([]);
    expect(escalations([{ Effect: "Deny", Action: actions, Resource: "*" }])).toEqual([]);
  });

  const passing = Object.entries(paths).filter(([, [first]]) => first === "iam:PassRole");
  it.each(passing)(
    "%s is found with one role that may be passed, in statements apart",
    (_, [pass, ...rest]) => {
      const statements = [
        { Effect: "Allow", Action: pass, Resource: role },
        { Effect: "Allow", Action: rest, Resource: "*" },
      ];
      expect(escalations(statements)).toContain("escalation.pass-role-and-run");
      expect(escalations(statements.slice(1))).not.toContain("escalation.pass-role-and-run");
    },
  );

  it("are found behind patterns too", () => {
    expect(escalations([{ Effect: "Allow", Action: "iam:Put*", Resource: "*" }])).toContain(
      "escalation.write-policies",
    );
    expect(escalations([{ Effect: "Allow", Action: "iam:*Role*", Resource: "*" }])).toContain(
      "escalation.pass-role-any",
    );
  });
});
