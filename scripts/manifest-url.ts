import { parseArgs } from "node:util";
import { issueToken } from "#lib/auth/signed-url.ts";
import { webEnv } from "#lib/env.ts";

/**
 * Prints the signed address of one grant's manifest, as its page in the portal does. For who holds the signing key:
 * whoever may run this on the portal's machine.
 */
const { values } = parseArgs({ options: { grant: { type: "string" } } });
const env = webEnv();
const expiresAt = new Date(Date.now() + 10 * 60_000);
const token = issueToken(env.SIGNING_KEY, { purpose: "manifest", grantId: values.grant ?? "", expiresAt });
process.stdout.write(`${env.APP_URL}/k8s/${token}\n`);
