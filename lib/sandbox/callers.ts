import type { CallerPrincipal } from "#lib/policy/evaluate.ts";
import type { Sandbox } from "./sandbox.ts";
import type { Role, Session, User } from "./state.ts";

/** Who calls, with what the sandbox knows of it. */
export type Caller =
  | { kind: "user"; principal: CallerPrincipal; accountId: string; arn: string; user: User }
  | {
      kind: "session";
      principal: CallerPrincipal;
      accountId: string;
      /** `arn:aws:sts::…:assumed-role/NAME/SESSION`. */
      arn: string;
      session: Session;
      /** Undefined once the role was deleted. */
      role: Role | undefined;
    }
  /** Callers that belong to no account: services, identity providers and unsigned requests. */
  | { kind: "outside"; principal: CallerPrincipal; accountId: null; arn: string | null };

export const anonymous: Caller = {
  kind: "outside",
  principal: { kind: "anonymous" },
  accountId: null,
  arn: null,
};

export function serviceCaller(service: string): Caller {
  return { kind: "outside", principal: { kind: "service", service }, accountId: null, arn: service };
}

export function federatedCaller(provider: string): Caller {
  return { kind: "outside", principal: { kind: "federated", provider }, accountId: null, arn: provider };
}

export type Credentials = { accessKeyId: string; sessionToken: string | undefined };
export type Identification =
  | { ok: true; caller: Caller; secretAccessKey: string }
  | { ok: false; why: "unknown-key" | "bad-token" | "expired" };

/** Access key id to caller. A long-term key belongs to a user, a temporary one (`ASIA…`) to a session. */
export function identify(sandbox: Sandbox, { accessKeyId, sessionToken }: Credentials): Identification {
  const session = sandbox.state.sessions[accessKeyId];
  if (session) {
    if (session.sessionToken !== sessionToken) return { ok: false, why: "bad-token" };
    if (sandbox.now() >= session.expiresAt) return { ok: false, why: "expired" };
    const caller = sessionCaller(sandbox, session);
    // A session ends with its role; a new role of the same name is somebody else.
    if (!caller.role) return { ok: false, why: "bad-token" };
    return { ok: true, caller, secretAccessKey: session.secretAccessKey };
  }
  for (const account of Object.values(sandbox.state.accounts)) {
    for (const user of Object.values(account.users)) {
      const secretAccessKey = user.accessKeys[accessKeyId];
      if (secretAccessKey === undefined) continue;
      const { arn, id: userId } = user;
      const principal = { kind: "user", arn, userId, accountId: account.id } as const;
      return {
        ok: true,
        caller: { kind: "user", principal, accountId: account.id, arn, user },
        secretAccessKey,
      };
    }
  }
  return { ok: false, why: "unknown-key" };
}

export function sessionArnOf(session: Pick<Session, "roleArn" | "sessionName">): string {
  const [, partition, , , account] = session.roleArn.split(":");
  const role = session.roleArn.split("/").at(-1);
  return `arn:${partition}:sts::${account}:assumed-role/${role}/${session.sessionName}`;
}

export function sessionCaller(sandbox: Sandbox, session: Session): Caller & { kind: "session" } {
  const arn = sessionArnOf(session);
  const { accountId, roleArn, roleId } = session;
  const role = sandbox.roleByArn(roleArn);
  return {
    kind: "session",
    principal: { kind: "role-session", roleArn, roleId, sessionArn: arn, accountId },
    accountId,
    arn,
    session,
    role: role?.id === roleId ? role : undefined,
  };
}
