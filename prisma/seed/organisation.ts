import type { Account } from "#lib/model/account.ts";
import type { Classification } from "#lib/model/classification.ts";
import type { PersonRole } from "#lib/model/person.ts";
import type { PolicyDocument, Statement } from "#lib/model/policy-document.ts";

/**
 * A believable organisation for the demo and the end-to-end tests: a payments company with a platform team that
 * runs the clusters, a data team that owns the lake, and product teams that own namespaces.
 */

export const portalAccountId = "999900001111";

export const groups: Record<string, string> = {
  "platform-owners": "Run the EKS clusters and their accounts",
  "data-owners": "Own the data lake and its queues",
  "ledger-owners": "Own the ledger's account",
  "payments-team": "Build and run payments",
  "reporting-team": "Build and run reporting",
  "ml-team": "Train and serve models",
  "drawbridge-admins": "Administer Drawbridge",
  "drawbridge-auditors": "Read everything, change nothing",
};

export interface Persona {
  subject: string;
  name: string;
  email: string;
  /** In a few words, for the sign-in page and the launcher. */
  description: string;
  roles: PersonRole[];
  groups: string[];
}

export const personas: Persona[] = [
  {
    subject: "dana",
    name: "Dana Whitfield",
    email: "dana@halcyon.example",
    description: "Builds payments; asks for access",
    roles: ["developer"],
    groups: ["payments-team"],
  },
  {
    subject: "omar",
    name: "Omar Haddad",
    email: "omar@halcyon.example",
    description: "Owns the data account; approves",
    roles: ["developer", "approver"],
    groups: ["data-owners", "reporting-team"],
  },
  {
    subject: "priya",
    name: "Priya Nair",
    email: "priya@halcyon.example",
    description: "Owns the platform accounts; approves",
    roles: ["developer", "approver"],
    groups: ["platform-owners", "ml-team"],
  },
  {
    subject: "lucas",
    name: "Lucas Ferreira",
    email: "lucas@halcyon.example",
    description: "Owns the ledger's account; approves",
    roles: ["developer", "approver"],
    groups: ["ledger-owners"],
  },
  {
    subject: "ines",
    name: "Ines Moreau",
    email: "ines@halcyon.example",
    description: "Administers Drawbridge",
    roles: ["developer", "admin"],
    groups: ["drawbridge-admins"],
  },
  {
    subject: "tomas",
    name: "Tomas Berg",
    email: "tomas@halcyon.example",
    description: "Audits; sees everything, changes nothing",
    roles: ["auditor"],
    groups: ["drawbridge-auditors"],
  },
];

type SeedAccount = Omit<Account, "partition" | "provisionerRoleArn" | "boundaryArn" | "externalId">;

export const accounts: SeedAccount[] = [
  {
    id: "111122223333",
    name: "platform-production",
    environment: "production",
    ownerGroup: "platform-owners",
    regions: ["eu-west-1"],
  },
  {
    id: "222233334444",
    name: "platform-staging",
    environment: "staging",
    ownerGroup: "platform-owners",
    regions: ["eu-west-1"],
  },
  {
    id: "444455556666",
    name: "data-production",
    environment: "production",
    ownerGroup: "data-owners",
    regions: ["eu-west-1"],
  },
  {
    id: "777788889999",
    name: "ledger-production",
    environment: "production",
    ownerGroup: "ledger-owners",
    regions: ["eu-west-1"],
  },
];

export interface SeedCluster {
  accountId: string;
  region: string;
  name: string;
  podIdentityAgent: boolean;
  /** Namespace → group that owns it. */
  namespaces: Record<string, string>;
}

export const clusters: SeedCluster[] = [
  {
    accountId: "111122223333",
    region: "eu-west-1",
    name: "prod-eu-1",
    podIdentityAgent: true,
    namespaces: { payments: "payments-team", reporting: "reporting-team", ml: "ml-team" },
  },
  {
    accountId: "111122223333",
    region: "eu-west-1",
    name: "prod-eu-legacy",
    podIdentityAgent: false,
    namespaces: { payments: "payments-team", batch: "reporting-team" },
  },
  {
    accountId: "222233334444",
    region: "eu-west-1",
    name: "staging-eu-1",
    podIdentityAgent: true,
    namespaces: { payments: "payments-team", reporting: "reporting-team" },
  },
];

export interface SeedKey {
  accountId: string;
  region: string;
  id: string;
  alias: string;
  description: string;
  /** Left out: the default key policy, which leaves the key's use to the account's IAM policies. */
  policy?: PolicyDocument;
}

export const keys: SeedKey[] = [
  {
    accountId: "777788889999",
    region: "eu-west-1",
    id: "5a3f0c1e-8d2b-4f6a-9b7c-2e1d0f9a8b7c",
    alias: "alias/card-vault",
    description: "Encrypts the card vault",
  },
  // Its owners have kept its use to themselves: what a grant gives a role counts for nothing here, and the check says so.
  {
    accountId: "444455556666",
    region: "eu-west-1",
    id: "c0ffee00-1b2d-4e3f-8a5b-6c7d8e9f0a1b",
    alias: "alias/lake-quarantine",
    description: "Encrypts what the data team has not looked through yet",
    policy: {
      Version: "2012-10-17",
      Id: "lake-quarantine",
      Statement: [
        {
          Sid: "AdministeredByTheAccount",
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::444455556666:root" },
          Action: ["kms:Describe*", "kms:Get*", "kms:List*", "kms:Put*", "kms:Enable*", "kms:Disable*"],
          Resource: "*",
        },
        {
          Sid: "UsedByTheLake",
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::444455556666:role/lake-reader" },
          Action: "kms:Decrypt",
          Resource: "*",
        },
      ],
    },
  },
];

export interface SeedBucket {
  accountId: string;
  region: string;
  name: string;
  /** What is there before Drawbridge comes: the owners' own statements, which must survive. */
  policy?: PolicyDocument;
  /** Its owners have allowed a public policy; else Block Public Access is on, as on every new bucket. */
  mayBePublic?: true;
  /** How its owners have marked it. */
  classification?: Classification;
  /** The customer managed key of its account that encrypts it, by alias here. */
  key?: string;
  objects: Record<string, string>;
}

/** Requires TLS, as most organisations do: a foreign statement that every grant has to live beside. */
function denyInsecureTransport(bucket: string): Statement[] {
  return [
    {
      Sid: "DenyInsecureTransport",
      Effect: "Deny",
      Principal: "*",
      Action: "s3:*",
      Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
      // The sandbox is reached over plain HTTP on loopback, so the TLS version, not its presence, is asked for here.
      Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } },
    },
  ];
}

export const buckets: SeedBucket[] = [
  {
    accountId: "444455556666",
    region: "eu-west-1",
    name: "halcyon-reports-archive",
    policy: {
      Version: "2012-10-17",
      Id: "reports-archive-guardrails",
      Statement: [
        ...denyInsecureTransport("halcyon-reports-archive"),
        {
          Sid: "LakeFormationReaders",
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::444455556666:role/lake-reader" },
          Action: "s3:GetObject",
          Resource: "arn:aws:s3:::halcyon-reports-archive/curated/*",
        },
      ],
    },
    objects: {
      "exports/2026/settlement-report.csv": "date,amount\n2026-11-20,1843920.12\n",
      "curated/customers.parquet": "PAR1",
    },
  },
  {
    accountId: "444455556666",
    region: "eu-west-1",
    name: "halcyon-customer-exports",
    classification: "confidential",
    objects: { "2026/11/export.json": '{"customers":[]}' },
  },
  {
    accountId: "444455556666",
    region: "eu-west-1",
    name: "halcyon-price-lists",
    policy: {
      Version: "2012-10-17",
      Id: "price-lists-for-partners",
      Statement: [
        ...denyInsecureTransport("halcyon-price-lists"),
        // What partners download without an account: wide, known to its owners, and no business of a grant's.
        {
          Sid: "PartnersReadPublished",
          Effect: "Allow",
          Principal: "*",
          Action: "s3:GetObject",
          Resource: "arn:aws:s3:::halcyon-price-lists/published/*",
        },
      ],
    },
    mayBePublic: true,
    objects: {
      "published/2026-11.csv": "product,price\ncard,0.29\n",
      "drafts/2026-12.csv": "product,price\ncard,0.27\n",
    },
  },
  {
    accountId: "444455556666",
    region: "eu-west-1",
    name: "halcyon-lake-quarantine",
    classification: "confidential",
    key: "alias/lake-quarantine",
    objects: { "2026/11/unsorted.json": "{}" },
  },
  {
    accountId: "777788889999",
    region: "eu-west-1",
    name: "halcyon-ledger-snapshots",
    policy: { Version: "2012-10-17", Statement: denyInsecureTransport("halcyon-ledger-snapshots") },
    objects: { "snapshots/2026-11-20.json": "{}" },
  },
  {
    accountId: "777788889999",
    region: "eu-west-1",
    name: "halcyon-card-vault",
    classification: "restricted",
    key: "alias/card-vault",
    objects: { "tokens/2026-11.bin": "0" },
  },
  {
    accountId: "111122223333",
    region: "eu-west-1",
    name: "halcyon-payments-artifacts",
    classification: "internal",
    objects: { "releases/latest.txt": "v42" },
  },
];

export interface SeedQueue {
  accountId: string;
  region: string;
  name: string;
  policy?: PolicyDocument;
  classification?: Classification;
}

export const queues: SeedQueue[] = [
  {
    accountId: "444455556666",
    region: "eu-west-1",
    name: "settlement-events",
    policy: {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "LakeReaderMayConsume",
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::444455556666:role/lake-reader" },
          Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage"],
          Resource: "arn:aws:sqs:eu-west-1:444455556666:settlement-events",
        },
      ],
    },
  },
  { accountId: "777788889999", region: "eu-west-1", name: "ledger-postings" },
  { accountId: "111122223333", region: "eu-west-1", name: "payment-retries" },
];

/** A role that the data team made long ago: named in its policies, no business of ours. */
export const lakeReader = { accountId: "444455556666", name: "lake-reader" };
