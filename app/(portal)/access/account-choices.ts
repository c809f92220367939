import type { Reader } from "#lib/db/types.ts";

export type AccountChoice = { value: string; label: string; description: string };

/** The registered accounts by name, for filters and labels. Everyone signed in may know them: the form shows them. */
export async function accountChoices({ prisma }: Reader): Promise<AccountChoice[]> {
  const accounts = await prisma.account.findMany({
    select: { id: true, name: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
  });
  return accounts.map(({ id, name }) => ({ value: id, label: name, description: id }));
}
