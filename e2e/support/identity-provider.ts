import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import Provider from "oidc-provider";
import { createMemoryAdapter } from "oidc-provider/lib/adapters/memory_adapter.js";

/** What the provider says about somebody. Without groups the id token has no such claim. */
export interface Claims {
  name: string;
  email: string;
  groups?: unknown;
}

export interface IdentityProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** Who can sign in, by subject; changes count from the next sign-in on. */
  accounts: Map<string, Claims>;
  /** The authorization requests that came, as their parameters. */
  authorizations: URLSearchParams[];
  /** Whether it is broken for the time being: then it has nothing but errors for everybody. */
  broken: boolean;
  close(): Promise<void>;
}

/**
 * A real OpenID provider on this machine, with one confidential client that must use PKCE. It listens on 127.0.0.1
 * while the product is at localhost: for the browser another site, as it is in life. Its page asks for a subject and
 * no password, and puts all claims into the id token.
 */
export async function startIdentityProvider(redirectUri: string): Promise<IdentityProvider> {
  const accounts = new Map<string, Claims>();
  const authorizations: URLSearchParams[] = [];
  const clientId = "drawbridge";
  // With signs that have to be escaped in the header that carries it.
  const clientSecret = `${randomBytes(24).toString("base64")}+/%:`;

  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const provider = new Provider(issuer, {
    adapter: createMemoryAdapter(),
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        response_types: ["code"],
        grant_types: ["authorization_code"],
      },
    ],
    claims: { openid: ["sub", "groups"], profile: ["name"], email: ["email"] },
    conformIdTokenClaims: false,
    cookies: { keys: [randomBytes(16).toString("hex")] },
    features: { devInteractions: { enabled: false } },
    findAccount(_context, id) {
      const claims = accounts.get(id);
      return claims && { accountId: id, claims: () => ({ sub: id, ...claims }) };
    },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    jwks: { keys: [signingKey()] },
    // Nobody is asked whether Drawbridge may know their name.
    async loadExistingGrant({ oidc }) {
      const { clientId, accountId } = { ...oidc.client, ...oidc.session };
      const grant = new provider.Grant({ clientId, accountId });
      grant.addOIDCScope("openid email profile");
      await grant.save();
      return grant;
    },
    pkce: { required: () => true },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  });

  const started: IdentityProvider = {
    issuer,
    clientId,
    clientSecret,
    accounts,
    authorizations,
    broken: false,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const answer = provider.callback();
  server.on("request", (request, response) => {
    if (started.broken) return response.writeHead(503).end();
    const { pathname, searchParams } = new URL(request.url ?? "/", issuer);
    if (pathname === "/auth") authorizations.push(searchParams);
    const answered = pathname.startsWith("/interaction/")
      ? interaction(provider, accounts, request, response)
      : answer(request, response);
    answered.catch((error: unknown) => response.writeHead(500).end(String(error)));
  });

  return started;
}

async function interaction(
  provider: Provider,
  accounts: ReadonlyMap<string, Claims>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "POST") {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
    return;
  }
  const form = new URLSearchParams(await text(request));
  const accountId = form.get("account") ?? "";
  const result = accounts.has(accountId)
    ? { login: { accountId } }
    : { error: "access_denied", error_description: "The person went away" };
  await provider.interactionFinished(request, response, result);
}

const page = `<!doctype html>
<html lang="en">
  <title>The identity provider</title>
  <h1>The identity provider</h1>
  <form method="post">
    <label>Account <input name="account" autocomplete="off"></label>
    <button>Sign in</button>
  </form>
</html>`;

function signingKey(): object {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "test" };
}
