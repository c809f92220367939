import { patterns } from "#lib/desired/patterns/catalogue.ts";
import { services } from "#lib/desired/services/catalogue.ts";
import { customMeans } from "#lib/model/access-words.ts";
import { parseArn } from "#lib/model/arn.ts";
import type { Grant } from "#lib/model/grant.ts";

import type { TargetView } from "./views/common.ts";

/** @param accountName the name of a registered account; undefined when it is not registered any more */
export function targetView(grant: Grant, accountName: (id: string) => string | undefined): TargetView {
  const arn = parseArn(grant.target.arn);
  const service = arn && services[arn.service];
  return {
    grantId: grant.id,
    arn: grant.target.arn,
    accountId: grant.target.accountId,
    accountName: accountName(grant.target.accountId) ?? grant.target.accountId,
    service: arn?.service ?? "",
    noun: service?.noun ?? "resource",
    name: (arn && service?.shortName(arn)) ?? grant.target.arn,
    level: grant.level,
    ...(grant.custom ? { custom: grant.custom } : {}),
    levelMeans:
      grant.level === "custom" ? customMeans(grant.custom) : (service?.levels[grant.level] ?? grant.level),
    subResource: grant.subResource,
    pattern: grant.pattern,
    patternTitle: patterns[grant.pattern]?.title ?? grant.pattern,
    expiresAt: grant.expiresAt,
  };
}
