import * as eks from "@aws-sdk/client-eks";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type RunningSandbox, startSandbox } from "./server.ts";
import {
  accountA,
  accountB,
  adminOf,
  assumed,
  clients,
  control,
  estate,
  issuer,
  outcome,
  region,
  trusting,
} from "./test-estate.ts";

let sandbox: RunningSandbox;
let a: ReturnType<typeof clients>;

beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  await control(sandbox.url, "reset", {});
  await control(sandbox.url, "seed", estate);
  a = await adminOf(sandbox.url, accountA);
});

const podTrust = JSON.stringify(
  trusting({ Service: "pods.eks.amazonaws.com" }, ["sts:AssumeRole", "sts:TagSession"]),
);
const roleIn = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;

describe("EKS", () => {
  it("describes clusters and add-ons of the Region", async () => {
    expect((await a.eks.send(new eks.ListClustersCommand({}))).clusters).toEqual(["blue", "green"]);
    const { cluster } = await a.eks.send(new eks.DescribeClusterCommand({ name: "blue" }));
    expect(cluster?.identity?.oidc?.issuer).toBe(`https://${issuer}`);
    expect(cluster?.createdAt).toBeInstanceOf(Date);
    const addons = await a.eks.send(new eks.ListAddonsCommand({ clusterName: "blue" }));
    expect(addons.addons).toEqual(["eks-pod-identity-agent"]);
    const { addon } = await a.eks.send(
      new eks.DescribeAddonCommand({ clusterName: "blue", addonName: "eks-pod-identity-agent" }),
    );
    expect(addon?.status).toBe("ACTIVE");
    expect(await outcome(a.eks.send(new eks.DescribeClusterCommand({ name: "red" })))).toBe(
      "ResourceNotFoundException",
    );
    const { eks: elsewhere } = await adminOf(sandbox.url, accountA, "us-east-1");
    expect((await elsewhere.send(new eks.ListClustersCommand({}))).clusters).toEqual([]);
  });

  const wanted = {
    clusterName: "blue",
    namespace: "pay",
    serviceAccount: "api",
    roleArn: roleIn(accountA, "source"),
    targetRoleArn: roleIn(accountB, "target"),
    tags: { team: "pay" },
  };

  it("makes, lists, describes, changes and deletes associations", async () => {
    const make = () => a.eks.send(new eks.CreatePodIdentityAssociationCommand(wanted));
    const missing = await make().catch((error: unknown) => error);
    expect(missing).toMatchObject({
      name: "InvalidParameterException",
      message: "Role provided in the request does not exist",
    });
    await a.iam.send(new CreateRoleCommand({ RoleName: "source", AssumeRolePolicyDocument: podTrust }));
    const { association } = await make();
    expect(association).toMatchObject({
      namespace: "pay",
      targetRoleArn: wanted.targetRoleArn,
      externalId: `${region}/${accountA}/blue/pay/api`,
      tags: { team: "pay" },
    });
    expect(await outcome(make())).toBe("ResourceInUseException");
    const of = { clusterName: "blue", associationId: association?.associationId };
    const listed = await a.eks.send(
      new eks.ListPodIdentityAssociationsCommand({
        clusterName: "blue",
        namespace: "pay",
        serviceAccount: "api",
      }),
    );
    expect(listed.associations).toHaveLength(1);
    expect(listed.associations?.[0]).not.toHaveProperty("roleArn");
    await a.eks.send(new eks.UpdatePodIdentityAssociationCommand({ ...of, targetRoleArn: "" }));
    const described = await a.eks.send(new eks.DescribePodIdentityAssociationCommand(of));
    expect(described.association?.roleArn).toBe(wanted.roleArn);
    expect(described.association?.targetRoleArn).toBeUndefined();
    const resourceArn = association?.associationArn;
    await a.eks.send(new eks.TagResourceCommand({ resourceArn, tags: { more: "x" } }));
    const tags = await a.eks.send(new eks.ListTagsForResourceCommand({ resourceArn }));
    expect(tags.tags).toEqual({ team: "pay", more: "x" });
    await a.eks.send(new eks.DeletePodIdentityAssociationCommand(of));
    expect(await outcome(a.eks.send(new eks.DescribePodIdentityAssociationCommand(of)))).toBe(
      "ResourceNotFoundException",
    );
  });

  it("answers to a token with what it made for it, even after that was deleted", async () => {
    await a.iam.send(new CreateRoleCommand({ RoleName: "source", AssumeRolePolicyDocument: podTrust }));
    const make = (clientRequestToken: string) =>
      a.eks.send(new eks.CreatePodIdentityAssociationCommand({ ...wanted, clientRequestToken }));
    const { association } = await make("one");
    const of = { clusterName: "blue", associationId: association?.associationId };
    expect((await make("one")).association?.associationId).toBe(of.associationId);
    await a.eks.send(new eks.DeletePodIdentityAssociationCommand(of));
    expect((await make("one")).association?.associationId).toBe(of.associationId);
    const gone = a.eks.send(new eks.DescribePodIdentityAssociationCommand(of));
    expect(await outcome(gone)).toBe("ResourceNotFoundException");
    const anew = await make("two");
    expect(anew.association?.associationId).not.toBe(of.associationId);
    const made = { clusterName: "blue", associationId: anew.association?.associationId };
    await a.eks.send(new eks.DeletePodIdentityAssociationCommand(made));
  });

  it("takes roles of the cluster's account only", async () => {
    const call = new eks.CreatePodIdentityAssociationCommand({
      ...wanted,
      roleArn: roleIn(accountB, "provisioner"),
    });
    expect(await outcome(a.eks.send(call))).toBe("AccessDeniedException");
  });

  it("asks for iam:PassRole with the service it is passed to", async () => {
    const passer = (service: string) => ({
      name: "passer",
      trust: trusting({ AWS: "arn:aws:iam::999900001111:user/worker" }),
      policies: [
        {
          name: "p",
          document: {
            Version: "2012-10-17",
            Statement: [
              { Effect: "Allow", Action: "eks:*", Resource: "*" },
              {
                Effect: "Allow",
                Action: "iam:PassRole",
                Resource: "*",
                Condition: { StringEquals: { "iam:PassedToService": service } },
              },
            ],
          },
        },
      ],
    });
    for (const [service, expected] of [
      ["ec2.amazonaws.com", "AccessDeniedException"],
      ["pods.eks.amazonaws.com", "ok"],
    ] as const) {
      await control(sandbox.url, "reset", {});
      await control(sandbox.url, "seed", {
        accounts: [
          ...estate.accounts.filter((one) => one.id !== accountA),
          {
            ...estate.accounts[1],
            roles: [
              ...(estate.accounts[1]?.roles ?? []),
              { name: "source", trust: JSON.parse(podTrust) },
              passer(service),
            ],
          },
        ],
      });
      const caller = clients(sandbox.url, await assumed(sandbox.url, roleIn(accountA, "passer")));
      const call = new eks.CreatePodIdentityAssociationCommand({ ...wanted, targetRoleArn: undefined });
      expect(await outcome(caller.eks.send(call))).toBe(expected);
    }
  });
});
