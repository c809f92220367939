import { stepCounts } from "#components/plan/plan-data.ts";
import type { Approvable } from "#components/requests/what-changes.tsx";
import type { RequestView } from "#lib/db/queries/views/request.ts";
import { type Refusal, refusal } from "#lib/model/refusal.ts";
import { isMutating } from "#lib/plan/plan.ts";

/** Whether carrying it out today would not do what the version under review says. */
export function isStale(request: Pick<RequestView, "state" | "digestNow" | "version">): boolean {
  return request.state === "in_review" && request.digestNow !== request.version.digest;
}

/** The permission to approve, and beside it what the page itself knows to stand against it. */
export function approveRefusal(request: RequestView): Refusal | null {
  if (request.may.approve || !isStale(request)) return request.may.approve;
  return refusal(
    "digest.stale",
    "",
    "What this would do has changed since it was sent.",
    "Request changes: a new version starts from how things are today.",
  );
}

/** What the reader's approval would mean. */
export function approvalMeaning(request: Pick<RequestView, "approvals" | "may">) {
  const open = request.approvals.filter((approval) => approval.approvedBy === null);
  const own = open.filter((approval) => request.may.satisfies.includes(approval.id));
  return {
    speaksFor: own.map(({ group, adminDecides, admin }) => {
      if (admin) return "the admins";
      return adminDecides ? `${group || "its owners"} as an admin` : group;
    }),
    missingAfter: open.length - own.length,
  };
}

/** What the dialog of an approval shows of it. */
export function approvable(
  { workload, version, plan, risk, findings }: RequestView,
  now: string,
): Approvable {
  const accounts = (plan?.accounts ?? []).map(({ accountId, name, steps }) => ({
    accountId,
    name,
    changes: stepCounts(steps.filter(({ verb }) => isMutating(verb) || verb === "conflict")).join(", "),
  }));
  return {
    workload,
    targets: version.targets,
    accounts: accounts.map((one) => ({ ...one, changes: one.changes || "nothing changes" })),
    risk: risk.level,
    findings: findings.items.map(({ key, severity, title }) => ({ key, severity, title })),
    now,
  };
}
