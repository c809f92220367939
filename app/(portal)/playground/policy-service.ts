import type { CheckPolicy } from "#components/playground/use-checks.ts";
import { type Refusal, refusal } from "#lib/model/refusal.ts";
import type { ToldDocument } from "#lib/policy/editing/told-document.ts";
import type { ServiceVocabulary, Vocabulary, VocabularySource } from "#lib/policy/editing/vocabulary.ts";

/** The portal's policy routes, from the browser. */

export const checkPolicyText: CheckPolicy = async (document, signal) => {
  const response = await fetch("/api/policies/check", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(document),
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return null;
  });
  if (response?.ok) return { ok: true, told: (await response.json()) as ToldDocument };
  const answer = (await response?.json().catch(() => null)) as { refusals?: Refusal[] } | null | undefined;
  return { ok: false, problem: answer?.refusals?.[0] ?? unreachable };
};

const unreachable = refusal(
  "unreachable",
  "",
  "The findings could not be fetched: the portal did not answer.",
  "It is tried again with the next change. What you typed is safe.",
);

/** Each service is asked for once a page; a question that failed is asked again. */
const kept = new Map<string, Promise<unknown>>();

async function get<T>(path: string): Promise<T | null> {
  const before = kept.get(path);
  if (before) return before as Promise<T | null>;
  const asked = fetch(`/api/policies/${path}`).then(async (response) => {
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return (await response.json()) as T;
  });
  kept.set(path, asked);
  asked.catch(() => kept.delete(path));
  return asked;
}

export const vocabulary: VocabularySource = {
  all: async () => (await get<Vocabulary>("services")) ?? { services: [], globalKeys: [] },
  service: async (prefix) =>
    /^[a-z0-9-]{1,64}$/.test(prefix) ? get<ServiceVocabulary>(`services/${prefix}`) : null,
};
