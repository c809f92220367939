import { EKSClient } from "@aws-sdk/client-eks";
import { DeleteRoleCommand, DeleteRolePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
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

export async function deleteRolePolicy(
  client: IAMClient,
  role: { roleName: string; policyName: string },
): Promise<void> {
  const { roleName: RoleName, policyName: PolicyName } = role;
  await client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
}

/** As the console does it, which empties a role before it deletes it. */
export async function deleteRole(
  client: IAMClient,
  RoleName: string,
  policies: readonly string[],
): Promise<void> {
  for (const policyName of policies) await deleteRolePolicy(client, { roleName: RoleName, policyName });
  await client.send(new DeleteRoleCommand({ RoleName }));
}

export function eksOfOwner(endpoint: string, accountId: string): EKSClient {
  return new EKSClient(configOf(endpoint, accountId));
}
