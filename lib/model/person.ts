/** What a person may do, over and above what their groups own. */
export const roles = ["developer", "approver", "admin", "auditor"] as const;
export type PersonRole = (typeof roles)[number];

/** Who acts. `id` is a person, whatever email or provider they signed in with. */
export interface Actor {
  id: string;
  name: string;
  email: string;
  roles: PersonRole[];
  /** Group names, re-read from the database at each decision. */
  groups: string[];
}

export function isAdmin(actor: Actor): boolean {
  return actor.roles.includes("admin");
}

/** Admins and auditors see everything. */
export function seesEverything(actor: Actor): boolean {
  return actor.roles.includes("admin") || actor.roles.includes("auditor");
}
