import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { z } from "zod";
import { checkSchema, tryCheck } from "./check.ts";
import { credentialsFor } from "./credentials.ts";

/**
 * The played pod's process. Its environment is the pod's: kubelet, webhooks and the manifest made it, and nothing
 * else is in it (kubelet.ts). Prints one line of JSON: who it is, and what became of each check.
 */
const checks = z.array(checkSchema).parse(JSON.parse(process.env.DRAWBRIDGE_CHECKS ?? "[]"));

async function identity(): Promise<string | null> {
  const [first] = checks;
  if (!first) return null;
  try {
    const { region } = first;
    const credentials = await credentialsFor({ region, profile: null });
    const { Arn } = await new STSClient({ region, credentials }).send(new GetCallerIdentityCommand({}));
    return Arn ?? null;
  } catch {
    return null;
  }
}

const who = await identity();
const results = [];
// In order: a check may need what the one before it has written.
for (const check of checks) results.push(await tryCheck(check));
console.log(JSON.stringify({ identity: who, checks: results }));
