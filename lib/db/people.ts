import type { Decider } from "#lib/model/approvals.ts";
import { type Actor, type PersonRole, roles } from "#lib/model/person.ts";
import type { Prisma } from "./generated/client.ts";
import type { PersonView } from "./queries/views/common.ts";
import type { Db } from "./types.ts";

/** Groups of the identity provider that make a role. Everything else about roles follows from ownership. */
export const adminGroup = "drawbridge-admins";
export const auditorGroup = "drawbridge-auditors";

const withGroups = { memberships: { select: { groupName: true } } } satisfies Prisma.PersonInclude;

type PersonWithGroups = Prisma.PersonGetPayload<{ include: typeof withGroups }>;

/** Who the person is now: roles and groups as the database has them, whatever their session once said. */
export async function loadActor(db: Db, personId: string): Promise<Actor | null> {
  const person = await db.person.findUnique({ where: { id: personId }, include: withGroups });
  if (!person) return null;
  const groups = groupsOf(person);
  const owned = await db.group.count({
    where: { name: { in: groups }, OR: [{ accounts: { some: {} } }, { namespaceOwners: { some: {} } }] },
  });
  return {
    id: person.id,
    name: person.name,
    email: person.email,
    roles: rolesOf(person, owned > 0),
    groups,
  };
}

/** Everyone who can speak for one of the groups, and the admins, with their memberships as they are now. */
export async function deciders(db: Db, groups: readonly string[]): Promise<(Decider & PersonView)[]> {
  const people = await db.person.findMany({
    where: {
      OR: [
        { roles: { has: "admin" } },
        { memberships: { some: { groupName: { in: [...groups, adminGroup] } } } },
      ],
    },
    include: withGroups,
    orderBy: [{ name: "asc" }, { id: "asc" }],
  });
  return people.map((person) => ({
    id: person.id,
    name: person.name,
    email: person.email,
    personId: person.id,
    groups: groupsOf(person),
    isAdmin: rolesOf(person, false).includes("admin"),
  }));
}

function groupsOf(person: PersonWithGroups): string[] {
  return person.memberships.map((membership) => membership.groupName).sort();
}

function rolesOf(person: PersonWithGroups, ownsSomething: boolean): PersonRole[] {
  const groups = groupsOf(person);
  const held = new Set<string>(["developer", ...person.roles]);
  if (ownsSomething) held.add("approver");
  if (groups.includes(adminGroup)) held.add("admin");
  if (groups.includes(auditorGroup)) held.add("auditor");
  return roles.filter((role) => held.has(role));
}
