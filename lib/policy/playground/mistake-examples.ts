import type { PlaygroundExample } from "./example.ts";
import { exampleState, rowsOf } from "./example.ts";

/** Mistakes that are made again and again, each with a request that shows it. */

const issuer = "oidc.eks.eu-west-1.amazonaws.com/id/A1B2C3D4E5F60718293A4B5C6D7E8F90";
const provider = `arn:aws:iam::111122223333:oidc-provider/${issuer}`;
const group = "mistake";

const pod = (serviceAccount: string) => ({
  caller: { kind: "web-identity" as const, name: provider, session: "" },
  action: "sts:AssumeRoleWithWebIdentity",
  resource: "arn:aws:iam::111122223333:role/reports",
  context: rowsOf({
    [`${issuer}:aud`]: "sts.amazonaws.com",
    [`${issuer}:sub`]: `system:serviceaccount:${serviceAccount}`,
  }),
});

function trust(condition: string): string {
  return `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Federated": "${provider}"
      },
      "Action": "sts:AssumeRoleWithWebIdentity",
      "Condition": ${condition}
    }
  ]
}`;
}

const wildcardUnderEquals = trust(`{
        "StringEquals": {
          "${issuer}:aud": "sts.amazonaws.com",
          "${issuer}:sub": "system:serviceaccount:payments:*"
        }
      }`);

const sameKeyTwice = trust(`{
        "StringEquals": {
          "${issuer}:aud": "sts.amazonaws.com"
        },
        "StringEquals": {
          "${issuer}:sub": "system:serviceaccount:payments:reports"
        }
      }`);

const wideLike = trust(`{
        "StringEquals": {
          "${issuer}:aud": "sts.amazonaws.com"
        },
        "StringLike": {
          "${issuer}:sub": "system:serviceaccount:*:reports"
        }
      }`);

const setOperator = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "OnlyForOurTeam",
      "Effect": "Allow",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::reports-archive/*",
      "Condition": {
        "ForAllValues:StringEquals": {
          "aws:PrincipalTag/team": "payments"
        }
      }
    }
  ]
}`;

const publicBucket = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "FromOurNetwork",
      "Effect": "Allow",
      "Principal": "*",
      "Action": "s3:GetObject",
      "Resource": "arn:aws:s3:::reports-archive/*",
      "Condition": {
        "StringNotEquals": {
          "aws:SourceVpce": "vpce-0a1b2c3d4e5f60718"
        }
      }
    }
  ]
}`;

const passAnyRole = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "DeployFunctions",
      "Effect": "Allow",
      "Action": [
        "lambda:CreateFunction",
        "lambda:InvokeFunction",
        "iam:PassRole"
      ],
      "Resource": "*"
    }
  ]
}`;

const confusedDeputy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "TopicMaySend",
      "Effect": "Allow",
      "Principal": {
        "Service": "sns.amazonaws.com"
      },
      "Action": "sqs:SendMessage",
      "Resource": "arn:aws:sqs:eu-west-1:444455556666:orders"
    }
  ]
}`;

export const mistakeExamples: readonly PlaygroundExample[] = [
  {
    id: "mistake-equals",
    group,
    title: "A wildcard under StringEquals",
    note: "The star is an ordinary letter there: nobody gets in",
    state: exampleState([["trust", wildcardUnderEquals]], pod("payments:reports")),
  },
  {
    id: "mistake-twice",
    group,
    title: "The same key twice",
    note: "Most readers keep the last: the condition on aud is gone",
    state: exampleState([["trust", sameKeyTwice]], pod("payments:reports")),
  },
  {
    id: "mistake-like",
    group,
    title: "A namespace left open",
    note: "Whoever may make a namespace gets in",
    state: exampleState([["trust", wideLike]], pod("mallory:reports")),
  },
  {
    id: "mistake-for-all",
    group,
    title: "ForAllValues in an Allow",
    note: "A request without the tag meets it too",
    state: exampleState([["identity", setOperator]], {
      caller: { kind: "role", name: "arn:aws:iam::444455556666:role/somebody", session: "session" },
      action: "s3:GetObject",
      resource: "arn:aws:s3:::reports-archive/2026/may.csv",
      resourceAccount: "444455556666",
      context: [{ key: "aws:PrincipalTag/team", state: "absent", value: "" }],
    }),
  },
  {
    id: "mistake-public",
    group,
    title: "A bucket open to all but our network",
    note: "One negation too many, and no credentials are needed",
    state: exampleState([["resource", publicBucket]], {
      caller: { kind: "anonymous", name: "", session: "" },
      action: "s3:GetObject",
      resource: "arn:aws:s3:::reports-archive/2026/may.csv",
      resourceAccount: "444455556666",
      context: [{ key: "aws:SourceVpce", state: "absent", value: "" }],
    }),
  },
  {
    id: "mistake-pass-role",
    group,
    title: "PassRole on every role",
    note: "A function can be given the admin's role",
    state: exampleState([["identity", passAnyRole]], {
      caller: { kind: "role", name: "arn:aws:iam::111122223333:role/deployer", session: "ci" },
      action: "iam:PassRole",
      resource: "arn:aws:iam::111122223333:role/admin",
    }),
  },
  {
    id: "mistake-deputy",
    group,
    title: "A service on behalf of anybody",
    note: "Any topic of any account can send to the queue",
    state: exampleState([["resource", confusedDeputy]], {
      caller: { kind: "service", name: "sns.amazonaws.com", session: "" },
      action: "sqs:SendMessage",
      resource: "arn:aws:sqs:eu-west-1:444455556666:orders",
      context: rowsOf({ "aws:SourceAccount": "999999999999" }),
    }),
  },
];
