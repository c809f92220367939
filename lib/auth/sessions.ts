import { audit } from "#lib/db/audit.ts";
import { loadActor } from "#lib/db/people.ts";
import type { PrismaClient, Tx } from "#lib/db/types.ts";
import type { Actor } from "#lib/model/person.ts";

/** How long a session lasts at most, in seconds. It is not extended by use. */
export const sessionSeconds = 12 * 60 * 60;

/** What sessions need from outside. */
export interface SessionDeps {
  prisma: PrismaClient;
  now: () => Date;
  correlationId: () => string;
}

/** Who the identity provider says has signed in. */
export interface SignedInIdentity {
  issuer: string;
  subject: string;
  name: string;
  email: string;
  /** What the claim of groups held; anything but a list of names means none. */
  groups: unknown;
}

/**
 * Signs in whom the identity provider vouches for. A person is an issuer and a subject, never an email address, so
 * a second provider makes a second person. Groups become exactly what the claim says, none if there is no claim.
 *
 * @returns the id of the new session
 */
export function signInByIdentity(deps: SessionDeps, identity: SignedInIdentity): Promise<string> {
  const { issuer, subject, name, email } = identity;
  return deps.prisma.$transaction(async (tx) => {
    const { id } = await tx.person.upsert({
      where: { issuer_subject: { issuer, subject } },
      create: { issuer, subject, name, email, lastSignInAt: deps.now() },
      // Roles follow from groups; whatever stood in the row is not the provider's word.
      update: { name, email, roles: [], lastSignInAt: deps.now() },
    });
    await replaceGroups(tx, id, groupsOf(identity.groups));
    return openSession(tx, deps, { id, name }, issuer);
  });
}

/** Signs in a person who is there already, as they are: the demo's personas. */
export function signInByPerson(deps: SessionDeps, personId: string): Promise<string> {
  return deps.prisma.$transaction(async (tx) => {
    const person = await tx.person.update({ where: { id: personId }, data: { lastSignInAt: deps.now() } });
    return openSession(tx, deps, person, person.issuer);
  });
}

async function openSession(
  tx: Tx,
  deps: SessionDeps,
  person: { id: string; name: string },
  provider: string,
): Promise<string> {
  const at = deps.now();
  const expiresAt = new Date(at.getTime() + sessionSeconds * 1000);
  const { id } = await tx.session.create({ data: { personId: person.id, createdAt: at, expiresAt } });
  const context = { actor: person, accountIds: [], correlationId: deps.correlationId(), at };
  await audit(tx, { type: "person.signed-in", data: { provider } }, context);
  return id;
}

/** Ends the session on the server: its cookie is worth nothing from now on, wherever a copy of it may be. */
export async function endSession(deps: SessionDeps, sessionId: string): Promise<void> {
  await deps.prisma.$transaction(async (tx) => {
    const at = deps.now();
    const { count } = await tx.session.updateMany({
      where: { id: sessionId, revokedAt: null },
      data: { revokedAt: at },
    });
    if (count === 0) return;
    const { person } = await tx.session.findUniqueOrThrow({
      where: { id: sessionId },
      include: { person: true },
    });
    const context = { actor: person, accountIds: [], correlationId: deps.correlationId(), at };
    await audit(tx, { type: "person.signed-out", data: {} }, context);
  });
}

/** Who the session belongs to, as the database knows them now; null when it has ended. */
export async function sessionActor(
  { prisma, now }: Pick<SessionDeps, "prisma" | "now">,
  sessionId: string,
): Promise<Actor | null> {
  const session = await prisma.session.findFirst({
    where: { id: sessionId, revokedAt: null, expiresAt: { gt: now() } },
  });
  return session ? loadActor(prisma, session.personId) : null;
}

const maxGroups = 1_000;
const maxGroupLength = 200;

/** A claim that is missing or of another form gives no groups: nobody gains by a provider that is set up wrongly. */
export function groupsOf(claim: unknown): string[] {
  if (!Array.isArray(claim)) return [];
  const names = claim.filter(
    (name): name is string => typeof name === "string" && name.length > 0 && name.length <= maxGroupLength,
  );
  return [...new Set(names)].slice(0, maxGroups);
}

async function replaceGroups(tx: Tx, personId: string, groups: readonly string[]): Promise<void> {
  await tx.group.createMany({ data: groups.map((name) => ({ name })), skipDuplicates: true });
  await tx.membership.deleteMany({ where: { personId, groupName: { notIn: [...groups] } } });
  await tx.membership.createMany({
    data: groups.map((groupName) => ({ personId, groupName })),
    skipDuplicates: true,
  });
}
