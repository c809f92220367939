/** The package carries no types of its own; these are the few that our tests use. */
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  interface Context {
    oidc: { client: { clientId: string }; session: { accountId: string } };
  }

  class Grant {
    constructor(properties: { accountId: string; clientId: string });
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  }

  interface Configuration {
    adapter: ReturnType<typeof import("oidc-provider/lib/adapters/memory_adapter.js").createMemoryAdapter>;
    clients: Record<string, unknown>[];
    claims: Record<string, string[]>;
    conformIdTokenClaims: boolean;
    cookies: { keys: string[] };
    features: Record<string, { enabled: boolean }>;
    findAccount(
      context: Context,
      id: string,
    ): { accountId: string; claims(): Record<string, unknown> } | undefined;
    interactions: { url(context: Context, interaction: { uid: string }): string };
    jwks: { keys: object[] };
    loadExistingGrant(context: Context): Promise<Grant>;
    pkce: { required(): boolean };
    ttl: Record<string, number>;
  }

  export default class Provider {
    constructor(issuer: string, configuration: Partial<Configuration>);
    Grant: typeof Grant;
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: Record<string, unknown>,
    ): Promise<void>;
  }
}

declare module "oidc-provider/lib/adapters/memory_adapter.js" {
  /** What the provider uses by itself too, but not without a warning. */
  export function createMemoryAdapter(): (model: string) => object;
}
