/** Where a document hangs, or is to hang. */
export const checkKinds = ["trust", "identity", "boundary", "session", "resource", "scp", "rcp"] as const;
export type CheckKind = (typeof checkKinds)[number];

/** Whether the statements of this kind name principals. */
export function hasPrincipal(kind: CheckKind): boolean {
  return kind === "trust" || kind === "resource" || kind === "rcp";
}

/** Whether statements of this kind give access by themselves; the others only limit what something else gives. */
export function gives(kind: CheckKind): boolean {
  return kind === "trust" || kind === "identity" || kind === "resource";
}
