import { randomBytes } from "node:crypto";
import type { PrismaClient } from "#lib/db/generated/client.ts";
import type { Account } from "#lib/model/account.ts";
import { accounts, clusters, groups, personas } from "./organisation.ts";

/** Who the demo's people are known by; no identity provider can have this issuer, which is no URL. */
export const demoIssuer = "demo";

/**
 * Writes the organisation: groups, people, accounts and clusters. Repeatable: what is there is brought up to date,
 * and an account keeps the ExternalId that it was given the first time.
 */
export async function seedDatabase(prisma: PrismaClient): Promise<Account[]> {
  for (const [name, description] of Object.entries(groups))
    await prisma.group.upsert({ where: { name }, create: { name, description }, update: { description } });
  await seedPeople(prisma);
  const registered = await seedAccounts(prisma);
  await seedClusters(prisma);
  return registered;
}

async function seedPeople(prisma: PrismaClient): Promise<void> {
  for (const { subject, name, email, roles, groups: memberOf } of personas) {
    const person = await prisma.person.upsert({
      where: { issuer_subject: { issuer: demoIssuer, subject } },
      create: { issuer: demoIssuer, subject, name, email, roles },
      update: { name, email, roles },
    });
    await prisma.membership.deleteMany({ where: { personId: person.id, groupName: { notIn: memberOf } } });
    await prisma.membership.createMany({
      data: memberOf.map((groupName) => ({ personId: person.id, groupName })),
      skipDuplicates: true,
    });
  }
}

async function seedAccounts(prisma: PrismaClient): Promise<Account[]> {
  const registered: Account[] = [];
  for (const account of accounts) {
    const settings = {
      name: account.name,
      partition: "aws",
      environment: account.environment,
      ownerGroup: account.ownerGroup,
      regions: account.regions,
      provisionerRoleArn: `arn:aws:iam::${account.id}:role/drawbridge-provisioner`,
      boundaryArn: `arn:aws:iam::${account.id}:policy/drawbridge-boundary`,
    };
    const { externalId } = await prisma.account.upsert({
      where: { id: account.id },
      create: { id: account.id, ...settings, externalId: randomBytes(24).toString("base64url") },
      update: settings,
    });
    registered.push({ ...account, ...settings, partition: "aws", externalId });
  }
  return registered;
}

async function seedClusters(prisma: PrismaClient): Promise<void> {
  for (const { accountId, region, name, namespaces } of clusters) {
    // What EKS knows of a cluster (issuer, agent) comes from the worker's first sync, as for any cluster.
    await prisma.cluster.upsert({
      where: { accountId_region_name: { accountId, region, name } },
      create: { accountId, region, name },
      update: {},
    });
    for (const [namespace, groupName] of Object.entries(namespaces))
      await prisma.namespaceOwner.upsert({
        where: {
          accountId_region_clusterName_namespace: { accountId, region, clusterName: name, namespace },
        },
        create: { accountId, region, clusterName: name, namespace, groupName },
        update: { groupName },
      });
  }
}
