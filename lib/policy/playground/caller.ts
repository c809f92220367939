import { roleSession } from "../intended.ts";
import type { CallerPrincipal } from "../principals.ts";
import type { PlaygroundQuestion } from "./state.ts";

/** A caller, or what is wrong with the name that was typed; an empty text: nothing was typed yet. */
export type ReadCaller = { ok: true; caller: CallerPrincipal } | { ok: false; problem: string };

const roleArn = /^arn:aws[\w-]*:iam::\d{12}:role\/\S+$/;
const sessionArn = /^arn:(aws[\w-]*):sts::(\d{12}):assumed-role\/([^/\s]+)\/(\S+)$/;
const userArn = /^arn:aws[\w-]*:iam::(\d{12}):user\/\S+$/;
const rootArn = /^(?:arn:(aws[\w-]*):iam::)?(\d{12})(?::root)?$/;
const providerArn = /^arn:aws[\w-]*:iam::\d{12}:(?:oidc|saml)-provider\/\S+$/;
const serviceName = /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/;

/** Reads who calls. Unique ids are not asked for: of policies that name one (`AROA…`) nobody knows whether it is this one. */
export function readCaller({ kind, name: typed, session }: PlaygroundQuestion["caller"]): ReadCaller {
  const name = typed.trim();
  if (kind === "anonymous") return { ok: true, caller: { kind: "anonymous" } };
  if (name === "") return { ok: false, problem: "" };
  const refuse = (wanted: string): ReadCaller => ({ ok: false, problem: `This is not ${wanted}.` });
  switch (kind) {
    case "role": {
      const assumed = sessionArn.exec(name);
      if (assumed !== null) {
        const [, partition = "", account = "", role = "", own = ""] = assumed;
        return { ok: true, caller: roleSession(`arn:${partition}:iam::${account}:role/${role}`, own) };
      }
      if (!roleArn.test(name)) return refuse("a role's ARN, such as arn:aws:iam::111122223333:role/reports");
      return { ok: true, caller: roleSession(name, session.trim() || "session") };
    }
    case "user": {
      const accountId = userArn.exec(name)?.[1];
      if (accountId === undefined) {
        return refuse("a user's ARN, such as arn:aws:iam::111122223333:user/alex");
      }
      return { ok: true, caller: { kind: "user", arn: name, userId: null, accountId } };
    }
    case "root": {
      const [, partition = "aws", accountId] = rootArn.exec(name) ?? [];
      if (accountId === undefined) return refuse("an account id or arn:aws:iam::111122223333:root");
      return {
        ok: true,
        caller: { kind: "root", accountId, arn: `arn:${partition}:iam::${accountId}:root` },
      };
    }
    case "web-identity":
      return providerArn.test(name)
        ? { ok: true, caller: { kind: "federated", provider: name } }
        : refuse("an identity provider's ARN, such as arn:aws:iam::111122223333:oidc-provider/issuer");
    case "service":
      return serviceName.test(name)
        ? { ok: true, caller: { kind: "service", service: name } }
        : refuse("a service's name, such as pods.eks.amazonaws.com");
  }
}
