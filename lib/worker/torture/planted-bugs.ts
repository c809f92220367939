// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are texts of sources

/** One guard taken out of the sources, and what must notice it. */
export interface PlantedBug {
  what: string;
  file: string;
  /** Exactly as it stands in the file, once. */
  text: string;
  becomes: string;
  caughtBy: Check;
}

/** A scenario of the torture, or one test of the everyday suite. */
export type Check =
  | { scenario: string; count: number }
  | { project: "unit" | "integration"; file: string; test: string };

const crash: Check = { scenario: "crash", count: 12 };
const foreign: Check = { scenario: "foreign", count: 12 };
const audit: Check = { scenario: "audit", count: 10 };
const frozen: Check = { scenario: "frozen", count: 12 };

const worker = (file: string, test: string): Check => ({
  project: "integration",
  file: `lib/worker/${file}.integration.test.ts`,
  test,
});

export const plantedBugs: PlantedBug[] = [
  {
    what: "no look at the lease before a call",
    file: "lib/worker/clients.ts",
    text: "        guard.check();\n        return next(args);",
    becomes: "        return next(args);",
    caughtBy: frozen,
  },
  {
    what: "no look at the lease before a commit",
    file: "lib/worker/lease.ts",
    text: "      check();\n      return prisma.$transaction",
    becomes: "      return prisma.$transaction",
    caughtBy: frozen,
  },
  {
    what: "a commit is not fenced",
    file: "lib/worker/lease.ts",
    text: 'if (!held) throw lose("another worker has it");\n        return work(tx, held.now);',
    becomes: "return work(tx, held?.now ?? new Date());",
    caughtBy: worker("crash", "is refused at the commit when another has taken the run over"),
  },
  {
    what: "a run with a lease is taken all the same",
    file: "lib/worker/lease.ts",
    text: `        WHERE r."id" = \${runId}::uuid
          AND (r."state" = 'queued'
            OR (r."state" = 'running' AND (r."leaseUntil" IS NULL OR r."leaseUntil" < clock_timestamp())))`,
    becomes: `        WHERE r."id" = \${runId}::uuid
          AND (r."state" = 'queued'
            OR r."state" = 'running')`,
    caughtBy: worker("crash", "is replaced when its lease runs out, and not before"),
  },
  {
    what: "no question for the approval before a widening call",
    file: "lib/worker/approval.ts",
    text: "      await authorise(deps.prisma, deps, lease.run, picture);\n",
    becomes: "",
    caughtBy: worker("guards", "that is withdrawn between two steps stops the run"),
  },
  {
    what: "an approval that was found once holds, whatever has changed since",
    file: "lib/worker/approval.ts",
    text: "approval?.standing === standing && approval.surroundings === surroundings ? approval : undefined",
    becomes: "standing && surroundings ? approval : undefined",
    caughtBy: worker("guards", "that is withdrawn between two steps stops the run"),
  },
  {
    what: "a call that has waited is made on the approval as it was before",
    file: "lib/worker/clients.ts",
    text: "        if (!reads.test(commandName)) await guard.confirm?.();\n",
    becomes: "",
    caughtBy: worker("waiting", "is withdrawn while a call waits"),
  },
  {
    what: "the digest is not compared",
    file: "lib/worker/authorise.ts",
    text: "if (version.digest !== authorisation.digest || digest !== version.digest || wider)",
    becomes: "if (version.digest !== authorisation.digest)",
    caughtBy: worker("guards", "that is of another plan by now before the run begins"),
  },
  {
    what: "an approval holds beyond the end date",
    file: "lib/worker/refuse.ts",
    text: "expiresAt !== null && new Date(expiresAt) <= now",
    becomes: "expiresAt !== null && new Date(expiresAt) > now && false",
    caughtBy: worker("guards", "is of no use after the grant's end date"),
  },
  {
    what: "an approval of an older version holds",
    file: "lib/worker/authorise.ts",
    text: "if (request.currentVersion !== version.number)",
    becomes: "if (request.currentVersion < version.number)",
    caughtBy: worker("guards", "that is of a version that is no longer.*before the run begins"),
  },
  {
    what: "no intention on record before the call",
    file: "lib/worker/step.ts",
    text: "      await intend(ctx, step, attempt, standing);\n",
    becomes: "",
    caughtBy: crash,
  },
  {
    what: "a role is ours by its name alone",
    file: "lib/aws/controllers/role.ts",
    text: "const ours = body.path === rolePath(installation) && isOurs(body.tags, installation);",
    becomes: "const ours = rolePath(installation) !== body.name;",
    caughtBy: {
      project: "integration",
      file: "lib/aws/controllers/role.integration.test.ts",
      test: "writes nothing on a role of the same name that is not ours",
    },
  },
  {
    what: "a role without the boundary",
    file: "lib/aws/controllers/role.ts",
    text: "    PermissionsBoundary: body.boundaryArn,\n    Tags: toIamTags(body.tags),",
    becomes: "    Tags: toIamTags(body.tags),",
    caughtBy: crash,
  },
  {
    what: "statements of others are dropped in a merge",
    file: "lib/policy/merge.ts",
    text: "    if (mine === undefined) {\n      merged.push(statement);\n    }",
    becomes: "    if (mine === undefined) {\n      void statement;\n    }",
    caughtBy: foreign,
  },
  {
    what: "statements of others change their order",
    file: "lib/policy/merge.ts",
    text: "for (const statement of statementsOf(existing)) {",
    becomes: "for (const statement of statementsOf(existing).toReversed()) {",
    caughtBy: foreign,
  },
  {
    what: "a merge that starts over starts from what was read before, not from what is there",
    file: "lib/aws/controllers/resource-policy-statements.ts",
    text: `  for (let round = 0; round < mergeRounds; round += 1) {
    // A principal made a moment ago may not be known yet: each attempt starts from a fresh read.
    const write = await ctx.wait.untilVisible(async () => {
      const before = await store.read();
`,
    becomes: `  const before = await store.read();
  for (let round = 0; round < mergeRounds; round += 1) {
    const write = await ctx.wait.untilVisible(async () => {
`,
    caughtBy: {
      project: "integration",
      file: "lib/aws/controllers/resource-policy-statements.integration.test.ts",
      test: "are merged again when another writer comes directly after and drops them",
    },
  },
  {
    what: "a trust without the audience",
    file: "lib/desired/trust.ts",
    text: "        [`${issuer}:aud`]: stsAudience,\n",
    becomes: "",
    caughtBy: crash,
  },
  {
    what: "a trust without the service account",
    file: "lib/desired/trust.ts",
    text: "        [`${issuer}:sub`]: workloadSubject(context.workload),\n",
    becomes: "",
    caughtBy: crash,
  },
  {
    what: "StringLike instead of StringEquals",
    file: "lib/desired/trust.ts",
    text: "      StringEquals: {\n        [`${issuer}:aud`]",
    becomes: "      StringLike: {\n        [`${issuer}:aud`]",
    caughtBy: crash,
  },
  {
    what: "a chained role without an ExternalId",
    file: "lib/desired/trust.ts",
    text: '    Condition: { StringEquals: { "sts:ExternalId": externalId } },\n',
    becomes: "",
    caughtBy: crash,
  },
  {
    what: "an association's role without the tags of its workload",
    file: "lib/desired/trust.ts",
    text: '    Principal: { Service: "pods.eks.amazonaws.com" },\n    Action: ["sts:AssumeRole", "sts:TagSession"],\n    Condition: { StringEquals: workloadRequestTags(context) },',
    becomes:
      '    Principal: { Service: "pods.eks.amazonaws.com" },\n    Action: ["sts:AssumeRole", "sts:TagSession"],',
    caughtBy: crash,
  },
  {
    what: "no end date in the statements",
    file: "lib/desired/statements.ts",
    text: "  if (!expiresAt) return statement;",
    becomes: "  if (expiresAt !== undefined) return statement;",
    caughtBy: crash,
  },
  {
    what: "no lock on a shared document",
    file: "lib/worker/locks.ts",
    text: 'await client.query("SELECT pg_advisory_lock(hashtextextended($1, 0))", [resource]);',
    becomes: 'await client.query("SELECT hashtextextended($1, 0)", [resource]);',
    caughtBy: worker("locks", "let one work on a resource at a time"),
  },
  {
    what: "a provider goes though a role trusts it",
    file: "lib/aws/controllers/oidc-provider.ts",
    text: "if (users.length > 0) {",
    becomes: "if (users.length < 0) {",
    caughtBy: {
      project: "integration",
      file: "lib/aws/controllers/oidc-provider.integration.test.ts",
      test: "stays as long as any role of the account trusts it",
    },
  },
  {
    what: "what another grant needs by now is deleted",
    file: "lib/worker/step.ts",
    text: "if (!removes(picture, step) || !cluster) return false;",
    becomes: "if (removes(picture, step) || !cluster) return false;",
    caughtBy: worker("sharing", "keeps what a grant approved meanwhile needs"),
  },
  {
    what: "what is wanted is found once, whatever is approved since",
    file: "lib/worker/step.ts",
    text: "  if (known.wanted?.surroundings !== surroundings)\n",
    becomes: "  if (!known.wanted && surroundings)\n",
    caughtBy: worker("sharing", "keeps what a grant approved meanwhile needs"),
  },
  {
    what: "a write to a shared policy is not read back",
    file: "lib/aws/controllers/resource-policy-statements.ts",
    text: "if (await inForce(ctx, store, write.before, write.after, next)) return",
    becomes: "if (write || (await inForce(ctx, store, undefined, undefined, next))) return",
    caughtBy: {
      project: "integration",
      file: "lib/aws/controllers/resource-policy-statements.integration.test.ts",
      test: "are merged again when another writer comes directly after",
    },
  },
  {
    what: "every bucket that refuses counts as somebody else's, its statements as gone",
    file: "lib/aws/policies/s3.ts",
    text: "  if ((await isListed(clients, name)) !== false) return error;\n",
    becomes: "",
    caughtBy: worker("drift", "is not taken for gone when it is the account's own"),
  },
  {
    what: "a list of buckets that can't be read counts as one without the bucket",
    file: "lib/aws/policies/s3.ts",
    text: "    return undefined;\n  }\n}",
    becomes: "    return false;\n  }\n}",
    caughtBy: worker("drift", "is not told from the account's own, since its buckets can't be listed"),
  },
  {
    what: "the requester counts toward the quorum",
    file: "lib/model/approvals.ts",
    text: " && vote.personId !== requesterId)\n    .flatMap",
    becomes: ")\n    .flatMap",
    caughtBy: { project: "unit", file: "lib/model/approvals.test.ts", test: "" },
  },
  {
    what: "a quota is tried again",
    file: "lib/aws/errors.ts",
    text: "  quota: false,",
    becomes: "  quota: true,",
    caughtBy: {
      project: "unit",
      file: "lib/aws/errors.test.ts",
      test: "retries what passes by itself, and neither quotas nor refusals",
    },
  },
  {
    what: "a key that leaves nothing to IAM is no obstacle",
    file: "lib/aws/preflight/keys.ts",
    text: '    ...found(of("implicit-deny"), (all) => notDelegated(context, target, key, all)),\n',
    becomes: "",
    caughtBy: worker("keys", "is said before approval.*leaves nothing to IAM"),
  },
  {
    what: "a key that is disabled is used all the same",
    file: "lib/policy/path.ts",
    text: "  if (on.unusable !== undefined) return",
    becomes: "  if (on.unusable === null) return",
    caughtBy: worker("keys", "that is shut or disabled later shows in the next look"),
  },
  {
    what: "a key whose policy nobody has read lets in whom IAM lets in",
    file: "lib/desired/proof/key-use.ts",
    text: '{ unread: [{ kind: "resource" as const, name }] }',
    becomes: "{ name }",
    caughtBy: worker("keys", "leaves the answer open before and after"),
  },
  {
    what: "ours that is too wide is excused where others are as generous",
    file: "lib/desired/proof/prove-access.ts",
    text: ' && outcome(ours[at], attempts()) === "refused"',
    becomes: "",
    caughtBy: {
      project: "unit",
      file: "lib/desired/proof/by-others.test.ts",
      test: "stays ours: as others'",
    },
  },
  {
    what: "a statement of ours counts as one of others",
    file: "lib/desired/proof/prove-access.ts",
    text: "(Sid?.startsWith(sidMarker) ?? false)",
    becomes: "(Sid?.startsWith(`${sidMarker}?`) ?? false)",
    caughtBy: {
      project: "unit",
      file: "lib/desired/proof/by-others.test.ts",
      test: "stays ours: in a grant of another cluster",
    },
  },
  {
    what: "a step's session is not narrowed",
    file: "lib/worker/step-act.ts",
    text: "    policy: (awsNow: Date) => {\n",
    becomes: "    otherwise: (awsNow: Date) => {\n",
    caughtBy: crash,
  },
  {
    what: "an identity's roles are cut off one after the other, each with its deletion",
    file: "lib/worker/work.ts",
    text: "  if (going.length < 2) return whole;\n",
    becomes: "  if (going.length >= 0) return whole;\n",
    caughtBy: worker("retire-identity", "has cut off the role at home"),
  },
  {
    what: "what was made a moment ago is not waited for",
    file: "lib/aws/wait.ts",
    text: "if (!notYet.includes(last.kind)) throw error;",
    becomes: "if (notYet !== undefined) throw error;",
    caughtBy: {
      project: "integration",
      file: "lib/aws/controllers/role.integration.test.ts",
      test: "waits for a role that another account's trust names",
    },
  },
  {
    what: "a seal leaves out a column of the event",
    file: "lib/model/audit-chain.ts",
    text: "    accountIds: event.accountIds,\n",
    becomes: "",
    caughtBy: audit,
  },
  {
    what: "a seal does not follow from the one before it",
    file: "lib/model/audit-chain.ts",
    text: "sha256Hex(`${previous}\\n${canonicalJson(form)}`)",
    becomes: "sha256Hex(`${previous.length}\\n${canonicalJson(form)}`)",
    caughtBy: audit,
  },
  {
    what: "the heads that were written down are not compared",
    file: "lib/model/audit-chain.ts",
    text: "if (sorted[next]?.hash !== link.hash)",
    becomes: "if (sorted[next]?.hash.length !== link.hash.length)",
    caughtBy: audit,
  },
  {
    what: "a chain may end before a head that was written down",
    file: "lib/model/audit-chain.ts",
    text: "if (end && end.position > head.position)",
    becomes: "if (end && end.position < 0)",
    caughtBy: audit,
  },
  {
    what: "an event that no seal covers is nothing",
    file: "lib/db/audit-chain.ts",
    text: "const late = id !== null && at !== null &&",
    becomes: "const late = id === null && at !== null &&",
    caughtBy: audit,
  },
  {
    what: "history can be changed in a session that plays a replica",
    file: "prisma/migrations/20261122200000_audit_chain/migration.sql",
    text: 'ALTER TABLE "AuditEvent" ENABLE ALWAYS TRIGGER "AuditEvent_append_only";\n',
    becomes: "",
    caughtBy: {
      project: "integration",
      file: "lib/db/audit-chain.integration.test.ts",
      test: "refuses it to a session that plays a replica",
    },
  },
  {
    what: "history does not say that a grant is tried again",
    file: "lib/usecases/retry-run.ts",
    text: "    if (moved !== 1) continue;\n",
    becomes: "    if (moved !== 0) continue;\n",
    caughtBy: worker("history-replay", "tells of runs that fail and are tried again"),
  },
  {
    what: "the role of the web may change history",
    file: "deploy/database/roles.sql",
    text: 'GRANT INSERT ON "AuditEvent" TO',
    becomes: 'GRANT INSERT, UPDATE, DELETE ON "AuditEvent" TO',
    caughtBy: { project: "integration", file: "lib/db/roles.integration.test.ts", test: "refuse web" },
  },
  {
    what: "a connection that breaks without a code ends the run as failed",
    file: "lib/db/trouble.ts",
    text: "    brokenConnection.test(error.message)",
    becomes: "    false",
    caughtBy: {
      project: "integration",
      file: "lib/db/trouble.integration.test.ts",
      test: "is a connection that breaks while an answer is on its way",
    },
  },
  {
    what: "a key's own policy excuses whatever our permissions allow on it",
    file: "lib/desired/proof/prove-access.ts",
    text: '(one) => one && outcomeOf(bestWay(party, party.attempts(ground), one, ground.now)) === "refused"',
    becomes: "(one) => one !== null",
    caughtBy: {
      project: "unit",
      file: "lib/desired/proof/key-use.test.ts",
      test: "is ours all the same where the key's own policy is as generous as our permissions",
    },
  },
  {
    what: "what our permissions allow on a key is judged in the key's account alone",
    file: "lib/desired/proof/questions.ts",
    text: "new Set([call.on.accountId, workload.cluster.accountId, target.accountId])",
    becomes: "new Set([call.on.accountId])",
    caughtBy: {
      project: "unit",
      file: "lib/desired/proof/key-use.test.ts",
      test: "is ours when our own permissions would allow it without the service: from the cluster's account",
    },
  },
  {
    what: "of several accesses whose roles were deleted, one's dead statement keeps another from being repaired",
    file: "lib/worker/step.ts",
    text: "  attempt.deadGrants = await deadGrantsIn(ctx, resource, observed);\n",
    becomes: "",
    caughtBy: worker("repair", "mends accesses on one policy one by one"),
  },
  {
    what: "what looks dead goes though it was written a moment ago",
    file: "lib/worker/dead-grants.ts",
    text: "if (!written) return known;",
    becomes: "if (written !== undefined) return known;",
    caughtBy: worker(
      "repair",
      "takes a dead statement of ours away.*may have been written by a step that be",
    ),
  },
  {
    what: "a dead statement of whomever goes",
    file: "lib/aws/controllers/resource-policy-statements.ts",
    text: ".filter(({ grantId }) => deadGrants.has(grantId))",
    becomes: ".filter(() => deadGrants.size > 0)",
    caughtBy: {
      project: "integration",
      file: "lib/aws/controllers/resource-policy-statements.integration.test.ts",
      test: "take out what another grant has there whose role was deleted",
    },
  },
  {
    what: "an approval does not bind which cluster of that name it is about",
    file: "lib/plan/digest.ts",
    text: "...(input.issuer === null ? {} : { issuer: input.issuer }),",
    becomes: "",
    caughtBy: worker(
      "drift-check",
      "is not bound to by Pod Identity without an approval.*has the new issuer",
    ),
  },
  {
    what: "a run does not look whether the cluster is the one that was approved",
    file: "lib/worker/beforehand.ts",
    text: "if (now === approved) return;",
    becomes: "if (now !== undefined) return;",
    caughtBy: worker(
      "drift-check",
      "is not bound to by Pod Identity without an approval.*inventory has seen it",
    ),
  },
  {
    what: "a role is given permissions though its trust was opened to others meanwhile",
    file: "lib/aws/controllers/role-policy.ts",
    text: "if (ctx.trust && !sameDocument(",
    becomes: "if (ctx.trust?.Version === undefined && ctx.trust && !sameDocument(",
    caughtBy: worker("beforehand", "keeps permissions from a role that somebody has opened to others"),
  },
  {
    what: "a role that was deleted between look and write is blamed on the policy's owner",
    file: "lib/worker/step.ts",
    text: "    await refuseToBlameOthers(ctx, error);\n",
    becomes: "",
    caughtBy: worker("repair", "finds a role that was deleted between its look and its write"),
  },
  {
    what: "a step goes on with a session that is about to end",
    file: "lib/worker/step-act.ts",
    text: "deps.timing.now() - opened > sessionLastsMs",
    becomes: "deps.timing.now() < opened",
    caughtBy: worker("guards", "may hold a call back past its session's end"),
  },
  {
    what: "access that was approved for an earlier cluster comes alive for its successor",
    file: "lib/worker/authorise.ts",
    text: "  await refuseEarlierCluster(db, picture);\n",
    becomes: "",
    caughtBy: worker("beforehand", "is not opened to the new one by an approval of something else"),
  },
  {
    what: "a session that was asked for beside another is made of a wrong time",
    file: "lib/aws/sessions.ts",
    text: "agree(clock.aheadMs, aheadMs)",
    becomes: "agree(clock.aheadMs, clock.aheadMs)",
    caughtBy: {
      project: "integration",
      file: "lib/aws/sessions.integration.test.ts",
      test: "that are asked for side by side after our clock was set",
    },
  },
  {
    what: "the boundary that somebody took off a role keeps its policies on it",
    file: "lib/aws/controllers/role-policy.ts",
    text: "const restored = await restoreBoundary(ctx, role);",
    becomes: "const restored = false;",
    caughtBy: worker("retire", "when the boundary was taken off"),
  },
  {
    what: "what may not be written under another boundary is not tried under the role's own",
    file: "lib/aws/controllers/role.ts",
    text: '    if (!isKind(error, "access-denied")) throw error;\n    return false;',
    becomes: "    throw error;",
    caughtBy: worker("retire", "when the boundary is that of before, as"),
  },
  {
    what: "a policy that can't be taken off a role keeps its sessions alive",
    file: "lib/aws/controllers/retire-role.ts",
    text: "    await deny(iam, RoleName);\n    throw error;",
    becomes: "    throw error;",
    caughtBy: worker("retire", "can't be taken off"),
  },
  {
    what: "what can't be read keeps a revocation from beginning",
    file: "lib/worker/beforehand.ts",
    text: "if (!(error instanceof AwsFailure)) throw error;",
    becomes: "throw error;",
    caughtBy: worker("beforehand", "keeps no revocation from ending access elsewhere"),
  },
  {
    what: "a revocation waits for all that it can't read",
    file: "lib/worker/beforehand.ts",
    text: "const timer = setTimeout(() => over.abort(), readSoonMs);",
    becomes: "const timer = setTimeout(() => {}, readSoonMs);",
    caughtBy: worker("beforehand", "is waited for by its own step"),
  },
  {
    what: "a revocation waits for the read-back of what it takes back",
    file: "lib/worker/approval.ts",
    text: "if (error instanceof RunRefused || error instanceof StandingChanged) over.abort(error);",
    becomes: "void error;",
    caughtBy: worker("waiting", "ends in its read-back once that is taken back"),
  },
  {
    what: "a revocation waits for a step that AWS keeps waiting",
    file: "lib/worker/step.ts",
    text: '        if (lease.run.kind !== "revoke") await approvalOf(ctx);\n',
    becomes: "",
    caughtBy: worker("waiting", "ends in the midst of its steps once its grant is taken back"),
  },
  {
    what: "a live grant whose change failed is not looked at",
    file: "lib/worker/drift.ts",
    text: 'NOT: { changeRun: { state: { in: ["queued", "running"] } } },',
    becomes: "changeRunId: null,",
    caughtBy: worker("drift-change", "hides nothing that is in neither form"),
  },
  {
    what: "after a failed change the form of before is drift",
    file: "lib/worker/drift-look.ts",
    text: "const earlier = await earlierOf(look, ids, { wanted, estate });",
    becomes: "const earlier: EarlierForm[] = [];",
    caughtBy: worker("drift-change", "leaves live access that is compared as any other"),
  },
  {
    what: "what a failed change has left belongs to somebody else",
    file: "lib/worker/owned.ts",
    text: "    ...possible(forms),\n",
    becomes: "",
    caughtBy: worker("change", "has nothing of somebody else on its role"),
  },
  {
    what: "a repair gives access under a boundary that somebody has opened",
    file: "lib/worker/beforehand.ts",
    text: "    preflightNow(ctx, picture, look),\n",
    becomes: '    ctx.lease.run.kind === "provision" ? preflightNow(ctx, picture, look) : [],\n',
    caughtBy: worker("repair", "stops before its first change, like a run that gives access"),
  },
  {
    what: "a look for drift sees no boundary that somebody has opened",
    file: "lib/worker/drift-look.ts",
    text: "...explained, ...around, ",
    becomes: "...explained, ",
    caughtBy: worker("drift-check", "is found when somebody has opened it"),
  },
  {
    what: "a role of ours that IAM lists late keeps its provider for ever",
    file: "lib/aws/controllers/oidc-provider.ts",
    text: "if (users.length === 0 || !isOurs || round === looksAgain)",
    becomes: "if (users.length === 0 || !isOurs || round <= looksAgain)",
    caughtBy: {
      project: "integration",
      file: "lib/aws/controllers/oidc-provider.integration.test.ts",
      test: "goes once IAM lists our last role no more",
    },
  },
  {
    what: "what a lost worker may have called counts as refused",
    file: "lib/worker/written-lately.ts",
    text: `(s."state" = 'failed' OR (s."state" = 'succeeded' AND s."outcome" = 'kept')) AND s."attempts" = 1`,
    becomes: `s."state" IN ('pending', 'failed')`,
    caughtBy: worker("late-removal", "goes when it is revoked after its worker was lost"),
  },
  {
    what: "what an outage may have carried out counts as refused",
    file: "lib/worker/written-lately.ts",
    text: `c."attempts" > 1 OR `,
    becomes: "",
    caughtBy: worker("late-removal", "what an outage may have carried out goes"),
  },
  {
    what: "what a step had set out to do is forgotten with the next plan",
    file: "lib/worker/plan-run.ts",
    text: "const verb = tried && !mutatingVerbs.includes(step.verb) ? row.verb : step.verb;",
    becomes: "const { verb } = step;",
    caughtBy: worker("late-removal", "goes when it was found as it should be before"),
  },
  {
    what: "a deletion that AWS refused counts as made where nothing is seen after it",
    file: "lib/worker/step.ts",
    text: "{ ...lately, wrote: attempt.wrote }",
    becomes: "{ ...lately, wrote: true }",
    caughtBy: worker("late-removal", "a deletion that AWS refused has removed nothing"),
  },
  {
    what: "a policy of an access that was revoked a moment ago is somebody else's",
    file: "lib/worker/owned.ts",
    text: ", { revokedAt: { gt: settled } }",
    becomes: "",
    caughtBy: worker("late-removal", "a policy of an access that was revoked a moment ago"),
  },
  {
    what: "an access on its way that has ended holds up the others of its approval",
    file: "lib/worker/expire.ts",
    text: "'provisioning', 'active', 'failed'",
    becomes: "'active', 'failed'",
    caughtBy: worker("duties", "of an access on its way holds up none of the others"),
  },
  {
    what: "revocations that are tried again by themselves come before new runs",
    file: "lib/worker/lease.ts",
    text: `r."state" = 'queued' AND r."finishedAt" IS NOT NULL, r."createdAt"`,
    becomes: `r."createdAt"`,
    caughtBy: worker("duties", "keeps no new run waiting"),
  },
  {
    what: "a call that was signed by a wrong clock is not made again",
    file: "lib/aws/retry.ts",
    text: " || isClockCorrected(info.error)",
    becomes: "",
    caughtBy: {
      project: "integration",
      file: "lib/aws/clock.integration.test.ts",
      test: "calls AWS all the same",
    },
  },
  {
    what: "what is not seen yet counts as gone",
    file: "lib/worker/written-lately.ts",
    text: "if (idle && !isSettled(observed, lately))",
    becomes: "if (idle && !lately)",
    caughtBy: worker("late-removal", "goes when it is revoked right after CreateRole"),
  },
  {
    what: "what somebody gives a role while it is being made is not read back",
    file: "lib/worker/verify.ts",
    text: "if (!first || strangersTo(own).length === 0) return new Map();",
    becomes: "if (own) return new Map();",
    caughtBy: worker("beforehand", "keeps the grant from becoming active where somebody gave its role more"),
  },
  {
    what: "a role's permissions wait for the trust of another role",
    file: "lib/worker/step.ts",
    text: "one.accountId === accountId && one.body.name === body.roleName)",
    becomes: "resource.dependsOn.includes(one.key))",
    caughtBy: worker("places", "target.s account comes first.*chaining is made"),
  },
  {
    what: "the provider of a cluster that was made anew stays when its last grant goes",
    file: "lib/worker/picture.ts",
    text: "...forms, left]),",
    becomes: "...forms, left.slice(0, 0)]),",
    caughtBy: worker("beforehand", "goes with the last grant that was approved for it"),
  },
  {
    what: "a policy is merged into as it was before another worker's write",
    file: "lib/aws/controllers/resource-policy-statements.ts",
    text: "if (late || done) return late;",
    becomes: "if (done) return undefined;",
    caughtBy: worker("unseen", "late where it writes"),
  },
  {
    what: "what is to be taken out counts as gone where the policy is shown as it was before",
    file: "lib/worker/step.ts",
    text: "  refuseUnsettled(resource, observed, lately, !isMutating(attempt.verb));\n",
    becomes: "",
    caughtBy: worker("unseen", "late where it looks"),
  },
  {
    what: "another key behind live access is hidden by what its approved version kept",
    file: "lib/model/version-grants.ts",
    text: "forms.get(grant.id) === canonicalJson(grant)",
    becomes: "forms.size < 0",
    caughtBy: worker("gone-siblings", "is not what was approved when its own bucket gets another key"),
  },
];
