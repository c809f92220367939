import { z } from "zod";
import { issueToken } from "#lib/auth/signed-url.ts";
import { manifestRefusal } from "#lib/db/permissions.ts";
import { grantStanding } from "#lib/db/queries/loaded-grant.ts";
import { notFound } from "#lib/db/refusals.ts";
import { maxManifestMinutes } from "#lib/db/rules.ts";
import { grantsVisible } from "#lib/db/visibility.ts";
import { grantIdSchema } from "#lib/model/grant.ts";
import type { Actor } from "#lib/model/person.ts";
import { accepted, type Outcome, refused } from "#lib/model/refusal.ts";
import type { SigningDeps } from "./deps.ts";
import { mutate } from "./mutation.ts";

export const issueManifestUrlSchema = z.strictObject({
  grantId: grantIdSchema,
  minutes: z.int().min(1).max(maxManifestMinutes, `At most ${maxManifestMinutes} minutes.`).default(15),
});

/** A token for the address that `kubectl apply -f` reads without signing in: one grant's manifest, for minutes. */
export function issueManifestUrl(
  deps: SigningDeps,
  actor: Actor,
  input: unknown,
): Promise<Outcome<{ token: string; expiresAt: string }>> {
  return mutate(
    deps,
    actor,
    { schema: issueManifestUrlSchema, input },
    async (mutation, { grantId, minutes }) => {
      const { tx, scope, at, record } = mutation;
      const grant = await tx.grant.findFirst({ where: { AND: [{ id: grantId }, grantsVisible(scope)] } });
      if (!grant) return refused(notFound("access"));
      const objection = manifestRefusal(grantStanding(grant), scope);
      if (objection) return refused(objection);
      const end = new Date(at.getTime() + minutes * 60_000);
      const expiresAt = end.toISOString();
      await record(
        { type: "manifest.url-issued", data: { expiresAt } },
        {
          requestId: grant.requestId,
          grantId,
          accountIds: [grant.clusterAccountId, grant.targetAccountId],
        },
      );
      return accepted({
        token: issueToken(deps.signingKey, { purpose: "manifest", grantId, expiresAt: end }),
        expiresAt,
      });
    },
  );
}
