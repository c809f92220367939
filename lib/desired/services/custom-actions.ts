/** An action that custom access may list. */
export interface CustomAction {
  /** In full, e.g. `s3:GetObject`. */
  action: string;
  /** AWS's access level. */
  access: "list" | "read" | "write" | "tagging";
  /** The kind of resource that it takes: the target itself, or what is in it. */
  on: string;
  /** In AWS's words, without "Grants permission". */
  about: string;
  /** It is about the whole target, so that it can't be given for a part of it. */
  wholeOnly?: true;
}

type Row = [name: string, access: CustomAction["access"], on: string, about: string, whole?: "whole only"];

/**
 * A service's table of actions. What is missing in it can't be asked for: whatever changes permissions, policies, ACLs,
 * ownership, public access, replication, Object Lock or the target's configuration, and the target's own end.
 */
export function actionTable(service: string, rows: readonly Row[]): CustomAction[] {
  return rows.map(([name, access, on, about, whole]) => ({
    action: `${service}:${name}`,
    access,
    on,
    about,
    ...(whole ? { wholeOnly: true as const } : {}),
  }));
}
