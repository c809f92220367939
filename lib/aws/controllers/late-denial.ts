import { classify, entryDenied } from "../errors.ts";
import type { Wait } from "../wait.ts";

/** With the pauses of `Wait` about 38 seconds in all: reports of IAM's delay reach 40. */
export const looksAgain = 11;

/**
 * Looks at what hangs on a role, and again when that is denied. IAM authorises a role that it does not see by its bare
 * name, outside our path, and so denies it; and it shows a role that was just made or deleted to some calls later than
 * to others (IAM User Guide, "Changes that I make are not always immediately visible"). So a denial beside a role that
 * is there may pass by itself, and one that stays is thrown.
 *
 * So may a denied deletion: what is shown once more after it has gone has no tags any more, by which alone we may
 * delete it (lib/render/onboarding.ts). The next look says that it has gone.
 *
 * That nobody may enter the account says nothing about the role, and nothing of ours changes it.
 */
export async function pastLateDenials<T>(wait: Wait, look: () => Promise<T>): Promise<T> {
  for (let round = 0; ; round += 1) {
    try {
      return await look();
    } catch (error) {
      if (!mayPass(error) || round === looksAgain) throw error;
      await wait.pause(round);
    }
  }
}

function mayPass(error: unknown): boolean {
  const { kind, message } = classify(error);
  return kind === "access-denied" && !entryDenied.test(message);
}
