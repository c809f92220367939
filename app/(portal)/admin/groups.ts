import type { Reader } from "#lib/db/types.ts";

/** Every group that is known: from sign-ins, or because it owns something. For suggestions to admins. */
export async function groupNames({ prisma }: Reader): Promise<string[]> {
  const groups = await prisma.group.findMany({ select: { name: true }, orderBy: { name: "asc" } });
  return groups.map(({ name }) => name);
}
