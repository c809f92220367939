import type { FindingId } from "../catalogue.ts";

/** Actions each of which is enough. */
export interface Single {
  id: FindingId;
  actions: ReadonlySet<string>;
  /** Only where the statement is about any resource: on named ones it is what it was asked for. */
  anyResource?: boolean;
  /** Keys that make it harmless when they are demanded; in lower case. */
  unless?: readonly string[];
  /** Harmless on the caller's own user. */
  ownUser?: boolean;
}

/**
 * The paths are those of pathfinding.cloud (Datadog) and, before it, of Rhino Security Labs' "AWS IAM Privilege
 * Escalation"; what can be had by one action is here, what takes a role besides below.
 */
export const singles: readonly Single[] = [
  {
    id: "escalation.write-policies",
    actions: new Set([
      "iam:CreatePolicyVersion",
      "iam:SetDefaultPolicyVersion",
      "iam:AttachRolePolicy",
      "iam:AttachUserPolicy",
      "iam:AttachGroupPolicy",
      "iam:PutRolePolicy",
      "iam:PutUserPolicy",
      "iam:PutGroupPolicy",
    ]),
    unless: ["iam:permissionsboundary"],
  },
  {
    id: "escalation.write-trust",
    actions: new Set(["iam:UpdateAssumeRolePolicy"]),
    unless: ["iam:permissionsboundary"],
  },
  {
    id: "escalation.credentials",
    actions: new Set([
      "iam:CreateAccessKey",
      "iam:CreateLoginProfile",
      "iam:UpdateLoginProfile",
      "iam:CreateServiceSpecificCredential",
      "iam:ResetServiceSpecificCredential",
    ]),
    ownUser: true,
  },
  { id: "escalation.group-membership", actions: new Set(["iam:AddUserToGroup"]) },
  {
    id: "escalation.boundaries",
    actions: new Set([
      "iam:DeleteRolePermissionsBoundary",
      "iam:DeleteUserPermissionsBoundary",
      "iam:PutRolePermissionsBoundary",
      "iam:PutUserPermissionsBoundary",
    ]),
    unless: ["iam:permissionsboundary"],
  },
  {
    // Any policy that is taken away may have held a Deny.
    id: "escalation.remove-policies",
    actions: new Set([
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:DeleteUserPolicy",
      "iam:DetachUserPolicy",
      "iam:DeleteGroupPolicy",
      "iam:DetachGroupPolicy",
      "iam:RemoveUserFromGroup",
    ]),
    unless: ["iam:permissionsboundary"],
  },
  {
    id: "escalation.identity-providers",
    actions: new Set([
      "iam:CreateOpenIDConnectProvider",
      "iam:AddClientIDToOpenIDConnectProvider",
      "iam:UpdateOpenIDConnectProviderThumbprint",
      "iam:CreateSAMLProvider",
      "iam:UpdateSAMLProvider",
      "rolesanywhere:CreateTrustAnchor",
      "rolesanywhere:UpdateTrustAnchor",
    ]),
    anyResource: true,
  },
  {
    id: "escalation.service-linked-roles",
    actions: new Set(["iam:CreateServiceLinkedRole"]),
    anyResource: true,
    unless: ["iam:awsservicename"],
  },
  {
    id: "escalation.run-as-existing",
    actions: new Set([
      "lambda:UpdateFunctionCode",
      "ssm:SendCommand",
      "ssm:StartSession",
      "ec2-instance-connect:SendSSHPublicKey",
      "ec2:ModifyInstanceAttribute",
      "ec2:CreateLaunchTemplateVersion",
      "ecs:ExecuteCommand",
      "codebuild:StartBuild",
      "codebuild:StartBuildBatch",
      "cloudformation:UpdateStack",
      "cloudformation:ExecuteChangeSet",
      "apprunner:UpdateService",
      "glue:UpdateDevEndpoint",
      "glue:UpdateJob",
      "sagemaker:CreatePresignedNotebookInstanceUrl",
      "sagemaker:UpdateNotebookInstance",
      "bedrock-agentcore:InvokeCodeInterpreter",
    ]),
    anyResource: true,
  },
];

/** What starts something as a role that is passed to it. */
export const withPassedRole: readonly { service: string; actions: readonly string[] }[] = [
  { service: "lambda.amazonaws.com", actions: ["lambda:CreateFunction"] },
  {
    service: "lambda.amazonaws.com",
    actions: ["lambda:UpdateFunctionConfiguration", "lambda:UpdateFunctionCode"],
  },
  { service: "ec2.amazonaws.com", actions: ["ec2:RunInstances"] },
  { service: "ec2.amazonaws.com", actions: ["ec2:RequestSpotInstances"] },
  { service: "ec2.amazonaws.com", actions: ["ec2:AssociateIamInstanceProfile"] },
  { service: "ecs-tasks.amazonaws.com", actions: ["ecs:RegisterTaskDefinition"] },
  { service: "cloudformation.amazonaws.com", actions: ["cloudformation:CreateStack"] },
  { service: "cloudformation.amazonaws.com", actions: ["cloudformation:UpdateStack"] },
  {
    service: "cloudformation.amazonaws.com",
    actions: ["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"],
  },
  { service: "cloudformation.amazonaws.com", actions: ["cloudformation:CreateStackSet"] },
  { service: "cloudformation.amazonaws.com", actions: ["cloudformation:UpdateStackSet"] },
  { service: "glue.amazonaws.com", actions: ["glue:CreateDevEndpoint"] },
  { service: "glue.amazonaws.com", actions: ["glue:CreateJob"] },
  { service: "glue.amazonaws.com", actions: ["glue:UpdateJob"] },
  { service: "codebuild.amazonaws.com", actions: ["codebuild:CreateProject"] },
  { service: "codebuild.amazonaws.com", actions: ["codebuild:UpdateProject"] },
  {
    service: "datapipeline.amazonaws.com",
    actions: ["datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
  },
  { service: "sagemaker.amazonaws.com", actions: ["sagemaker:CreateNotebookInstance"] },
  { service: "sagemaker.amazonaws.com", actions: ["sagemaker:CreateTrainingJob"] },
  { service: "sagemaker.amazonaws.com", actions: ["sagemaker:CreateProcessingJob"] },
  { service: "build.apprunner.amazonaws.com", actions: ["apprunner:CreateService"] },
  { service: "tasks.apprunner.amazonaws.com", actions: ["apprunner:CreateService"] },
  { service: "bedrock-agentcore.amazonaws.com", actions: ["bedrock-agentcore:CreateCodeInterpreter"] },
  { service: "batch.amazonaws.com", actions: ["batch:RegisterJobDefinition"] },
  { service: "states.amazonaws.com", actions: ["states:CreateStateMachine"] },
  { service: "scheduler.amazonaws.com", actions: ["scheduler:CreateSchedule"] },
  { service: "elasticmapreduce.amazonaws.com", actions: ["elasticmapreduce:RunJobFlow"] },
  { service: "emr-serverless.amazonaws.com", actions: ["emr-serverless:StartJobRun"] },
  { service: "pods.eks.amazonaws.com", actions: ["eks:CreatePodIdentityAssociation"] },
  { service: "pods.eks.amazonaws.com", actions: ["eks:UpdatePodIdentityAssociation"] },
];
