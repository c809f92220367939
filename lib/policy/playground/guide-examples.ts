import { exampleState, type PlaygroundExample, rowsOf } from "./example.ts";

/** The policies of guides that many clusters were set up by, as they stand there, mistakes included. */

const issuer = "oidc.eks.us-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B716D3041E";

const ministryBucket = `{
"Version": "2012-10-17",
"Statement": [
  {
    "Sid": "Cross IAM permissions",
    "Effect": "Allow",
    "Principal": {
      "AWS": "arn:aws:iam::11111111:role/my-service-account-role"
    },
    "Action": [
      "s3:PutObject",
      "s3:GetObject",
    ],
    "Resource": "arn:aws:s3:::target-s3-bucket/*"
      }
    ]
  }`;

const teracloudTrust = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Principal": {
        "Federated": "arn:aws:iam::5554444333:oidc-provider/"
      },
      "Condition": {
        "StringEquals": {
          "": "system:serviceaccount:<namespace>:<name_of_service_account>"
        }
      }
    }
  ]
}`;

const awsTargetTrust =
  '{ "Version":"2012-10-17", "Statement": [ { "Effect": "Allow", "Principal": { "AWS": "®ion-arn;iam::111122223333:root" }, "Action": "sts:AssumeRole", "Condition": {} } ] }';

const awsSourceTrust =
  '{ "Version":"2012-10-17", "Statement": [ { "Effect": "Allow", "Principal": { "Federated": "®ion-arn;iam::111122223333:oidc-provider/oidc.eks.®ion_api_default;.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE" }, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": { "StringEquals": { "oidc.eks.®ion_api_default;.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE:aud": "sts.amazonaws.com" } } } ] }';

const awsSourcePermissions =
  '{ "Version":"2012-10-17", "Statement": [ { "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "®ion-arn;iam::444455556666:role/account-b-role" } ] }';

const kubeRocketTrust = `{
"Version": "2012-10-17",
"Statement": [
{
"Effect": "Allow",
"Principal": {
"Federated": "arn:aws:iam::<AWS_ACCOUNT_ID>:oidc-provider/<OIDC_PROVIDER>"
},
"Action": "sts:AssumeRoleWithWebIdentity",
"Condition": {
"StringEquals": {
"<OIDC_PROVIDER>:sub": "system:serviceaccount:<SERVICE_ACCOUNT_NAMESPACE>:<SERVICE_ACCOUNT_NAME>"
}
}
}
]
}`;

const eksctlAutoscaler = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeAutoScalingInstances",
        "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeTags",
        "autoscaling:SetDesiredCapacity",
        "autoscaling:TerminateInstanceInAutoScalingGroup"
      ],
      "Resource": "*"
    }
  ]
}`;

const teracloudAccount = `apiVersion: v1
kind: ServiceAccount
  name: "s3-sa" #Name we used during the role creation
  annotations: "arn:aws:iam::5554444333:role/s3" #role ARN
automountServiceAccountToken: true`;

const awsAccount =
  "apiVersion: v1 kind: ServiceAccount metadata: annotations: eks.amazonaws.com/role-arn: iam::444455556666:role/account-b-role";

const kubeRocketAccount = `apiVersion: v1
kind: ServiceAccount
metadata:
name: <SERVICE_ACCOUNT_NAME>
namespace: <NAMESPACE>
annotations:
eks.amazonaws.com/role-arn: "arn:aws:iam::<AWS_ACCOUNT_ID>:role/<IAM_ROLE_NAME>"`;

const group = "guide";

export const guideExamples: readonly PlaygroundExample[] = [
  {
    id: "guide-moj",
    group,
    title: "MoJ Cloud Platform: bucket policy",
    note: "A comma that AWS refuses, and an account id that is none",
    state: exampleState([["resource", ministryBucket]], {
      caller: {
        kind: "role",
        name: "arn:aws:iam::111122223333:role/my-service-account-role",
        session: "pod",
      },
      action: "s3:GetObject",
      resource: "arn:aws:s3:::target-s3-bucket/report.csv",
      resourceAccount: "444455556666",
    }),
  },
  {
    id: "guide-teracloud",
    group,
    title: "Teracloud: trust policy",
    note: "What its Terraform makes: a condition whose key is empty",
    state: exampleState([["trust", teracloudTrust]], {
      caller: {
        kind: "web-identity",
        name: `arn:aws:iam::555444433300:oidc-provider/${issuer}`,
        session: "",
      },
      action: "sts:AssumeRoleWithWebIdentity",
      resource: "arn:aws:iam::555444433300:role/s3",
    }),
  },
  {
    id: "guide-aws-source",
    group,
    title: "AWS, chained roles: trust of the first",
    note: "No condition on sub: every service account of the cluster",
    state: exampleState([["trust", awsSourceTrust]]),
  },
  {
    id: "guide-aws-source-permissions",
    group,
    title: "AWS, chained roles: permissions of the first",
    note: "An ARN that lost its beginning",
    state: exampleState([["identity", awsSourcePermissions]], {
      caller: { kind: "role", name: "arn:aws:iam::111122223333:role/account-a-role", session: "pod" },
      action: "sts:AssumeRole",
      resource: "arn:aws:iam::444455556666:role/account-b-role",
    }),
  },
  {
    id: "guide-aws-target",
    group,
    title: "AWS, chained roles: trust of the second",
    note: "The account is trusted, and so whoever its admins let",
    state: exampleState([["trust", awsTargetTrust]], {
      caller: { kind: "role", name: "arn:aws:iam::111122223333:role/account-a-role", session: "pod" },
      action: "sts:AssumeRole",
      resource: "arn:aws:iam::444455556666:role/account-b-role",
    }),
  },
  {
    id: "guide-kuberocket",
    group,
    title: "KubeRocketCI: trust policy",
    note: "No condition on aud, and placeholders to fill in",
    state: exampleState([["trust", kubeRocketTrust]], {
      caller: {
        kind: "web-identity",
        name: `arn:aws:iam::111122223333:oidc-provider/${issuer}`,
        session: "",
      },
      action: "sts:AssumeRoleWithWebIdentity",
      resource: "arn:aws:iam::111122223333:role/irsa-test",
      context: rowsOf({ [`${issuer}:sub`]: "system:serviceaccount:default:irsa-test" }),
    }),
  },
  {
    id: "guide-teracloud-account",
    group,
    title: "Teracloud: service account",
    note: "The role's ARN without its annotation's name, and an account of ten digits",
    state: exampleState([["service-account", teracloudAccount]]),
  },
  {
    id: "guide-aws-account",
    group,
    title: "AWS, provider in the other account: service account",
    note: "On one line, and a role's ARN that lost its beginning",
    state: exampleState([["service-account", awsAccount]]),
  },
  {
    id: "guide-kuberocket-account",
    group,
    title: "KubeRocketCI: service account",
    note: "Lost indentation, so that nothing stands under metadata",
    state: exampleState([["service-account", kubeRocketAccount]]),
  },
  {
    id: "guide-eksctl",
    group,
    title: "eksctl: cluster autoscaler",
    note: "Any group of the account can be scaled and its machines ended",
    state: exampleState([["identity", eksctlAutoscaler]], {
      caller: { kind: "role", name: "arn:aws:iam::111122223333:role/cluster-autoscaler", session: "pod" },
      action: "autoscaling:SetDesiredCapacity",
      resource:
        "arn:aws:autoscaling:us-west-2:111122223333:autoScalingGroup:a1b2c3d4-0000-0000-0000-000000000000:autoScalingGroupName/somebody-elses",
    }),
  },
];
