import { fromNodeProviderChain } from "@aws-sdk/credential-providers";

type Credentials = Awaited<ReturnType<ReturnType<typeof fromNodeProviderChain>>>;
const resolved = new Map<string, Promise<Credentials>>();

/**
 * The pod's credentials by the SDK's own default chain, or by a profile of its AWS config. Asked for once each: a
 * pod that gets none would otherwise wait for every retry of the chain at every check.
 */
export function credentialsFor(wanted: { region: string; profile: string | null }): Promise<Credentials> {
  const key = wanted.profile ?? "";
  const known = resolved.get(key);
  if (known) return known;
  const chain = fromNodeProviderChain({
    clientConfig: { region: wanted.region },
    // The agent's refusal is an answer; the chain would ask for it three times more, a second apart.
    maxRetries: 0,
    ...(wanted.profile === null ? {} : { profile: wanted.profile }),
  });
  const asked = chain();
  resolved.set(key, asked);
  return asked;
}
