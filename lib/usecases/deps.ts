import type { Reader } from "#lib/db/types.ts";

/** Sources of randomness, passed in so that tests can fix them. */
export interface Ids {
  /** A grant's: 12 characters of 0-9 and a-z. */
  grant: () => string;
  /** One through everything that one act sets off. */
  correlation: () => string;
  /** An account's ExternalId. */
  externalId: () => string;
}

/** What every use case needs from outside. */
export interface Deps extends Reader {
  ids: Ids;
}

/** For the use cases that issue or read signed addresses. */
export interface SigningDeps extends Deps {
  /** `SIGNING_KEY`; web and worker share it. */
  signingKey: string;
}
