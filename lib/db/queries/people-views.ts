import type { Db } from "../types.ts";
import type { PersonView } from "./views/common.ts";

export function personView({ id, name, email }: PersonView): PersonView {
  return { id, name, email };
}

/** People by id, for columns that are no relation. Someone who is gone keeps their place. */
export async function peopleById(
  db: Db,
  ids: readonly (string | null)[],
): Promise<(id: string) => PersonView> {
  const wanted = [...new Set(ids)].filter((id): id is string => id !== null);
  const people =
    wanted.length === 0
      ? []
      : await db.person.findMany({
          where: { id: { in: wanted } },
          select: { id: true, name: true, email: true },
        });
  const byId = new Map(people.map((person) => [person.id, person]));
  return (id) => byId.get(id) ?? { id, name: "Someone who left", email: "" };
}

/** The names of the registered accounts. */
export async function accountNames(db: Db): Promise<(id: string) => string | undefined> {
  const accounts = await db.account.findMany({ select: { id: true, name: true } });
  const names = new Map(accounts.map((account) => [account.id, account.name]));
  return (id) => names.get(id);
}

/** The registered accounts as choices of a filter. */
export async function accountChoices(db: Db): Promise<{ value: string; label: string }[]> {
  const accounts = await db.account.findMany({
    select: { id: true, name: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
  });
  return accounts.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }));
}
