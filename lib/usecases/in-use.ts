/** What keeps something from being taken off a list. */
export interface Uses {
  /** Neither revoked nor given up. */
  accesses: number;
  /** Open ones. */
  requests: number;
}

/** Each kind of use as a thing to list; empty: there is none. */
export function usesInWords({ accesses, requests }: Uses): string[] {
  return [
    ...(accesses === 0 ? [] : [accesses === 1 ? "1 access" : `${accesses} accesses`]),
    ...(requests === 0 ? [] : [requests === 1 ? "1 open request" : `${requests} open requests`]),
  ];
}

/** What to do about each kind of use. */
export function waysOutOfUse({ accesses, requests }: Uses): string[] {
  return [
    ...(accesses === 0 ? [] : ["Revoke the accesses first, and wait until that is done."]),
    ...(requests === 0 ? [] : ["Have the open requests decided or withdrawn first."]),
  ];
}
