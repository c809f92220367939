-- Roles for web and worker, each with what it needs and no more: history and its seals can be read and added to, never
-- changed, and neither role may change the schema or switch a trigger off. Run by the owner of the tables after every
-- `npm run migrate`; it may be run again at any time:
--
--     psql "$OWNER_URL" --single-transaction -v ON_ERROR_STOP=1 -f deploy/database/roles.sql
--
-- Then make a login for each process, and give the processes these and not the owner's:
--
--     CREATE ROLE drawbridge_web_login LOGIN PASSWORD '...' IN ROLE drawbridge_web;
--     CREATE ROLE drawbridge_worker_login LOGIN PASSWORD '...' IN ROLE drawbridge_worker;

DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'drawbridge_web') THEN
    CREATE ROLE drawbridge_web NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'drawbridge_worker') THEN
    CREATE ROLE drawbridge_worker NOLOGIN;
  END IF;
END $$;

-- From nothing, so that what an earlier release needed does not stay.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM drawbridge_web, drawbridge_worker;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM drawbridge_web, drawbridge_worker;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public, graphile_worker TO drawbridge_web, drawbridge_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO drawbridge_web, drawbridge_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO drawbridge_web, drawbridge_worker;

-- History: both add to it, the worker alone seals and checks it.
GRANT INSERT ON "AuditEvent" TO drawbridge_web, drawbridge_worker;
GRANT INSERT ON "AuditSeal", "AuditCheck" TO drawbridge_worker;

-- What people do.
GRANT INSERT, UPDATE ON
  "Person", "Session", "Group", "Account", "Cluster", "Request", "Grant", "Run"
TO drawbridge_web;
GRANT INSERT, UPDATE, DELETE ON "Membership", "NamespaceOwner", "rate_limit" TO drawbridge_web;
-- A cluster that is unregistered; the owners of its namespaces go with it.
GRANT DELETE ON "Cluster" TO drawbridge_web;
GRANT INSERT ON "RequestVersion", "ApprovedPicture", "Review", "Comment", "Verification" TO drawbridge_web;
-- A run that is tried again.
GRANT UPDATE ON "Step" TO drawbridge_web;

-- What the worker does.
GRANT INSERT, UPDATE ON "Run", "Step", "AwsCall", "Verification" TO drawbridge_worker;
GRANT INSERT, UPDATE, DELETE ON "InventoryItem", "ObservedResource" TO drawbridge_worker;
GRANT UPDATE ON "Account", "Cluster", "Request", "RequestVersion", "Grant" TO drawbridge_worker;

-- The queue: its functions run with the caller's rights.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA graphile_worker TO drawbridge_web, drawbridge_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA graphile_worker TO drawbridge_web, drawbridge_worker;
-- It shuts its tables to all but their owner by row-level security as well.
DO $$
DECLARE
  guarded regclass;
BEGIN
  FOR guarded IN
    SELECT oid FROM pg_class WHERE relnamespace = 'graphile_worker'::regnamespace AND relrowsecurity
  LOOP
    EXECUTE format('DROP POLICY IF EXISTS drawbridge_queue ON %s', guarded);
    EXECUTE format('CREATE POLICY drawbridge_queue ON %s TO drawbridge_web, drawbridge_worker USING (true)', guarded);
  END LOOP;
END $$;
