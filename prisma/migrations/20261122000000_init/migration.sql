-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "Person" (
    "id" UUID NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "roles" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastSignInAt" TIMESTAMPTZ(3),

    CONSTRAINT "Person_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Session" (
    "id" UUID NOT NULL,
    "personId" UUID NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Group" (
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',

    CONSTRAINT "Group_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "Membership" (
    "personId" UUID NOT NULL,
    "groupName" TEXT NOT NULL,

    CONSTRAINT "Membership_pkey" PRIMARY KEY ("personId","groupName")
);

-- CreateTable
CREATE TABLE "Account" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "partition" TEXT NOT NULL,
    "environment" TEXT NOT NULL,
    "ownerGroup" TEXT NOT NULL,
    "regions" TEXT[],
    "provisionerRoleArn" TEXT NOT NULL,
    "externalId" TEXT NOT NULL,
    "boundaryArn" TEXT NOT NULL,
    "registeredAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "syncedAt" TIMESTAMPTZ(3),
    "syncErrors" JSONB NOT NULL DEFAULT '[]',
    "syncRequestedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Cluster" (
    "accountId" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "issuer" TEXT,
    "status" TEXT NOT NULL DEFAULT 'UNKNOWN',
    "podIdentityAgent" BOOLEAN NOT NULL DEFAULT false,
    "registeredAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seenAt" TIMESTAMPTZ(3),

    CONSTRAINT "Cluster_pkey" PRIMARY KEY ("accountId","region","name")
);

-- CreateTable
CREATE TABLE "NamespaceOwner" (
    "accountId" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "clusterName" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "groupName" TEXT NOT NULL,

    CONSTRAINT "NamespaceOwner_pkey" PRIMARY KEY ("accountId","region","clusterName","namespace")
);

-- CreateTable
CREATE TABLE "InventoryItem" (
    "arn" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "encryption" TEXT,
    "seenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "InventoryItem_pkey" PRIMARY KEY ("arn")
);

-- CreateTable
CREATE TABLE "ObservedResource" (
    "key" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "observed" JSONB NOT NULL,
    "seenAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ObservedResource_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "Request" (
    "id" UUID NOT NULL,
    "number" SERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'in_review',
    "requesterId" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "clusterAccountId" TEXT NOT NULL,
    "clusterRegion" TEXT NOT NULL,
    "clusterName" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "serviceAccount" TEXT NOT NULL,
    "accountIds" TEXT[],
    "currentVersion" INTEGER NOT NULL DEFAULT 1,
    "idempotencyKey" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decidedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Request_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RequestVersion" (
    "requestId" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "authorId" UUID NOT NULL,
    "reason" TEXT NOT NULL,
    "grants" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "approvals" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "preflightState" TEXT NOT NULL DEFAULT 'queued',
    "preflightFindings" JSONB NOT NULL DEFAULT '[]',
    "preflightFinishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "RequestVersion_pkey" PRIMARY KEY ("requestId","number")
);

-- CreateTable
CREATE TABLE "Review" (
    "id" UUID NOT NULL,
    "requestId" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "digest" TEXT NOT NULL,
    "personId" UUID NOT NULL,
    "decision" TEXT NOT NULL,
    "comment" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Review_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Comment" (
    "id" UUID NOT NULL,
    "requestId" UUID NOT NULL,
    "personId" UUID NOT NULL,
    "body" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Comment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Grant" (
    "id" TEXT NOT NULL,
    "requestId" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "wanted" BOOLEAN NOT NULL DEFAULT true,
    "spec" JSONB NOT NULL,
    "ownerId" UUID NOT NULL,
    "clusterAccountId" TEXT NOT NULL,
    "clusterRegion" TEXT NOT NULL,
    "clusterName" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "serviceAccount" TEXT NOT NULL,
    "targetArn" TEXT NOT NULL,
    "targetAccountId" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "pattern" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "activatedAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),
    "revokeReason" TEXT,

    CONSTRAINT "Grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Run" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "requestId" UUID,
    "grantIds" TEXT[],
    "authorisation" JSONB NOT NULL,
    "requestedById" UUID,
    "leaseOwner" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),
    "fence" INTEGER NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),
    "error" JSONB,

    CONSTRAINT "Run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Step" (
    "id" UUID NOT NULL,
    "runId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "verb" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "dependsOn" TEXT[],
    "resource" JSONB NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),
    "outcome" TEXT,
    "detail" TEXT,
    "error" JSONB,

    CONSTRAINT "Step_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AwsCall" (
    "id" UUID NOT NULL,
    "stepId" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "service" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "requestId" TEXT,
    "httpStatus" INTEGER,
    "attempts" INTEGER NOT NULL DEFAULT 1,
    "durationMs" INTEGER NOT NULL,
    "errorName" TEXT,

    CONSTRAINT "AwsCall_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Verification" (
    "id" UUID NOT NULL,
    "grantId" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "ok" BOOLEAN NOT NULL,
    "report" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEvent" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "type" TEXT NOT NULL,
    "actorId" UUID,
    "actorName" TEXT NOT NULL,
    "requestId" UUID,
    "grantId" TEXT,
    "runId" UUID,
    "accountIds" TEXT[],
    "correlationId" TEXT NOT NULL,
    "data" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "AuditEvent_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Person_issuer_subject_key" ON "Person"("issuer", "subject");

-- CreateIndex
CREATE INDEX "Session_personId_idx" ON "Session"("personId");

-- CreateIndex
CREATE INDEX "Membership_groupName_idx" ON "Membership"("groupName");

-- CreateIndex
CREATE INDEX "InventoryItem_accountId_idx" ON "InventoryItem"("accountId");

-- CreateIndex
CREATE INDEX "ObservedResource_accountId_idx" ON "ObservedResource"("accountId");

-- CreateIndex
CREATE UNIQUE INDEX "Request_number_key" ON "Request"("number");

-- CreateIndex
CREATE UNIQUE INDEX "Request_idempotencyKey_key" ON "Request"("idempotencyKey");

-- CreateIndex
CREATE INDEX "Request_state_createdAt_idx" ON "Request"("state", "createdAt" DESC);

-- CreateIndex
CREATE INDEX "Request_requesterId_createdAt_idx" ON "Request"("requesterId", "createdAt" DESC);

-- CreateIndex
CREATE INDEX "Request_clusterAccountId_clusterRegion_clusterName_namespac_idx" ON "Request"("clusterAccountId", "clusterRegion", "clusterName", "namespace");

-- CreateIndex
CREATE INDEX "Request_accountIds_idx" ON "Request" USING GIN ("accountIds");

-- CreateIndex
CREATE UNIQUE INDEX "Review_requestId_version_personId_key" ON "Review"("requestId", "version", "personId");

-- CreateIndex
CREATE INDEX "Comment_requestId_createdAt_idx" ON "Comment"("requestId", "createdAt");

-- CreateIndex
CREATE INDEX "Grant_clusterAccountId_clusterRegion_clusterName_namespace__idx" ON "Grant"("clusterAccountId", "clusterRegion", "clusterName", "namespace", "serviceAccount");

-- CreateIndex
CREATE INDEX "Grant_targetAccountId_idx" ON "Grant"("targetAccountId");

-- CreateIndex
CREATE INDEX "Grant_state_expiresAt_idx" ON "Grant"("state", "expiresAt");

-- CreateIndex
CREATE INDEX "Run_state_leaseUntil_idx" ON "Run"("state", "leaseUntil");

-- CreateIndex
CREATE INDEX "Run_requestId_idx" ON "Run"("requestId");

-- CreateIndex
CREATE INDEX "Run_grantIds_idx" ON "Run" USING GIN ("grantIds");

-- CreateIndex
CREATE UNIQUE INDEX "Step_runId_key_key" ON "Step"("runId", "key");

-- CreateIndex
CREATE INDEX "AwsCall_stepId_idx" ON "AwsCall"("stepId");

-- CreateIndex
CREATE INDEX "Verification_grantId_at_idx" ON "Verification"("grantId", "at" DESC);

-- CreateIndex
CREATE INDEX "AuditEvent_at_id_idx" ON "AuditEvent"("at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "AuditEvent_requestId_idx" ON "AuditEvent"("requestId");

-- CreateIndex
CREATE INDEX "AuditEvent_grantId_idx" ON "AuditEvent"("grantId");

-- CreateIndex
CREATE INDEX "AuditEvent_accountIds_idx" ON "AuditEvent" USING GIN ("accountIds");

-- AddForeignKey
ALTER TABLE "Session" ADD CONSTRAINT "Session_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_groupName_fkey" FOREIGN KEY ("groupName") REFERENCES "Group"("name") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Account" ADD CONSTRAINT "Account_ownerGroup_fkey" FOREIGN KEY ("ownerGroup") REFERENCES "Group"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Cluster" ADD CONSTRAINT "Cluster_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "NamespaceOwner" ADD CONSTRAINT "NamespaceOwner_accountId_region_clusterName_fkey" FOREIGN KEY ("accountId", "region", "clusterName") REFERENCES "Cluster"("accountId", "region", "name") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "NamespaceOwner" ADD CONSTRAINT "NamespaceOwner_groupName_fkey" FOREIGN KEY ("groupName") REFERENCES "Group"("name") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "InventoryItem" ADD CONSTRAINT "InventoryItem_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ObservedResource" ADD CONSTRAINT "ObservedResource_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Request" ADD CONSTRAINT "Request_requesterId_fkey" FOREIGN KEY ("requesterId") REFERENCES "Person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RequestVersion" ADD CONSTRAINT "RequestVersion_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RequestVersion" ADD CONSTRAINT "RequestVersion_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "Person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Review" ADD CONSTRAINT "Review_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Review" ADD CONSTRAINT "Review_requestId_version_fkey" FOREIGN KEY ("requestId", "version") REFERENCES "RequestVersion"("requestId", "number") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Review" ADD CONSTRAINT "Review_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Comment" ADD CONSTRAINT "Comment_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Comment" ADD CONSTRAINT "Comment_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Run" ADD CONSTRAINT "Run_requestId_fkey" FOREIGN KEY ("requestId") REFERENCES "Request"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Step" ADD CONSTRAINT "Step_runId_fkey" FOREIGN KEY ("runId") REFERENCES "Run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AwsCall" ADD CONSTRAINT "AwsCall_stepId_fkey" FOREIGN KEY ("stepId") REFERENCES "Step"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Verification" ADD CONSTRAINT "Verification_grantId_fkey" FOREIGN KEY ("grantId") REFERENCES "Grant"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- What Prisma's schema can't say.

-- The states of lib/model/states.ts; a test compares them.
ALTER TABLE "Request" ADD CONSTRAINT "Request_state_check" CHECK ("state" IN ('in_review', 'approved', 'changes_requested', 'rejected', 'withdrawn', 'lapsed'));
ALTER TABLE "Grant" ADD CONSTRAINT "Grant_state_check" CHECK ("state" IN ('pending', 'provisioning', 'active', 'revoking', 'revoked', 'failed'));
ALTER TABLE "Run" ADD CONSTRAINT "Run_state_check" CHECK ("state" IN ('queued', 'running', 'succeeded', 'failed', 'cancelled'));
ALTER TABLE "Step" ADD CONSTRAINT "Step_state_check" CHECK ("state" IN ('pending', 'running', 'succeeded', 'failed', 'skipped'));
ALTER TABLE "Review" ADD CONSTRAINT "Review_decision_check" CHECK ("decision" IN ('approve', 'request_changes', 'reject'));
ALTER TABLE "Account" ADD CONSTRAINT "Account_id_check" CHECK ("id" ~ '^[0-9]{12}$');

-- One live grant for the same access of a service account: the last guard against two simultaneous submissions.
CREATE UNIQUE INDEX "Grant_live_key" ON "Grant" (
  "clusterAccountId", "clusterRegion", "clusterName", "namespace", "serviceAccount",
  "targetArn", "level", (coalesce("spec"->>'subResource', ''))
) WHERE "state" <> 'revoked';

-- History is append-only.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are never changed or deleted', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER "AuditEvent_append_only" BEFORE UPDATE OR DELETE ON "AuditEvent" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER "AuditEvent_no_truncate" BEFORE TRUNCATE ON "AuditEvent" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE FUNCTION refuse_version_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW."grants", NEW."digest", NEW."reason", NEW."approvals", NEW."authorId") IS DISTINCT FROM
     (OLD."grants", OLD."digest", OLD."reason", OLD."approvals", OLD."authorId") THEN
    RAISE EXCEPTION 'A request version is immutable' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "RequestVersion_immutable" BEFORE UPDATE ON "RequestVersion" FOR EACH ROW EXECUTE FUNCTION refuse_version_change();
