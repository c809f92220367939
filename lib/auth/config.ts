import NextAuth, { type NextAuthResult } from "next-auth";
import { webEnv } from "#lib/env.ts";
import { authConfig, sessionDeps } from "./settings.ts";

/** Made when first used: the environment is there when the server runs, not when it is built. */
const nextAuth: NextAuthResult = NextAuth(() => {
  const env = webEnv();
  // next-auth takes its own address from here alone. Otherwise it believes headers, or sends the provider and the
  // person to the address that the server listens at, which in a container is 0.0.0.0.
  process.env.AUTH_URL = new URL(env.APP_URL).origin;
  return authConfig(env, sessionDeps());
});

/** The routes under /api/auth, and what the sign-in page and the menu call on the server. */
export const { handlers, signIn, signOut } = nextAuth;

export { oidcProvider, personaProvider, signInOptions } from "./settings.ts";
