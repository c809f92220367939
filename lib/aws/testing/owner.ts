import { EKSClient } from "@aws-sdk/client-eks";
import { IAMClient } from "@aws-sdk/client-iam";
import { S3Client } from "@aws-sdk/client-s3";
import { region } from "./estate.ts";

/** A person with a console in one of the accounts, who may do anything there: for tests that tamper. */

const accessKeyId = (accountId: string) => `AKIAOWNER${accountId}`;

/** To be seeded beside the account itself. */
export function ownerSeed(id: string) {
  return {
    id,
    users: [
      {
        name: "owner",
        accessKeys: { [accessKeyId(id)]: "owner-secret" },
        policies: [
          {
            name: "everything",
            document: {
              Version: "2012-10-17",
              Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
            },
          },
        ],
      },
    ],
  };
}

function configOf(endpoint: string, accountId: string) {
  const credentials = { accessKeyId: accessKeyId(accountId), secretAccessKey: "owner-secret" };
  return { endpoint, region, credentials };
}

export function iamOfOwner(endpoint: string, accountId: string): IAMClient {
  return new IAMClient(configOf(endpoint, accountId));
}

export function eksOfOwner(endpoint: string, accountId: string): EKSClient {
  return new EKSClient(configOf(endpoint, accountId));
}

export function s3OfOwner(endpoint: string, accountId: string): S3Client {
  return new S3Client({ ...configOf(endpoint, accountId), forcePathStyle: true });
}
