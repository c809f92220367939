import NextAuth, { type NextAuthResult } from "next-auth";
import { webEnv } from "#lib/env.ts";
import { authConfig, sessionDeps } from "./settings.ts";

/** Made when first used: the environment is there when the server runs, not when it is built. */
const nextAuth: NextAuthResult = NextAuth(() => authConfig(webEnv(), sessionDeps()));

/** The routes under /api/auth, and what the sign-in page and the menu call on the server. */
export const { handlers, signIn, signOut } = nextAuth;

export { oidcProvider, personaProvider, signInOptions } from "./settings.ts";
