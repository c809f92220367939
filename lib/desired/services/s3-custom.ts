import { customActions } from "#lib/model/custom-permissions.ts";
import { circumvented, customStatements, listing, type Place, unlisted } from "./custom-statements.ts";
import { s3Actions } from "./s3-actions.ts";
import type { AccessCheck, AccessStatement, BeyondRequest, TargetScope } from "./service.ts";

/** All objects that the scope is about. */
export function objectArn({ arnText, subResource }: TargetScope): string {
  return subResource === null ? `${arnText}/*` : `${arnText}/${subResource}/*`;
}

function placeOf(scope: TargetScope, on: string): Place {
  const { arnText, subResource } = scope;
  if (on === "object") return { Resource: objectArn(scope) };
  return {
    Resource: arnText,
    ...(subResource === null ? {} : { Condition: { StringLike: { "s3:prefix": `${subResource}/*` } } }),
  };
}

export function customStatementsOf(scope: TargetScope): AccessStatement[] {
  return customStatements(scope, s3Actions, (on) => placeOf(scope, on));
}

/** What changes permissions or ends the bucket, which no access may. */
const neverOnObjects = ["s3:PutObjectAcl", "s3:BypassGovernanceRetention"];
const neverOnBuckets = ["s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucket"];

export function customBeyond(scope: TargetScope): BeyondRequest[] {
  const { arnText: bucket, subResource, custom } = scope;
  const under = subResource === null ? "" : `${subResource}/`;
  const object = `${bucket}/${under}example`;
  const example = (on: string) => (on === "object" ? object : bucket);
  const ours = (on: string): Record<string, string> =>
    on === "object" || subResource === null ? {} : { "s3:prefix": `${subResource}/example` };
  const listed = new Set(customActions(custom));
  const outside = s3Actions.filter(({ action }) => subResource !== null && listed.has(action));
  return [
    ...unlisted(scope, s3Actions, example),
    ...circumvented(scope, s3Actions, example, ours),
    ...outside.map(({ action, on }) =>
      on === "object"
        ? { action, resource: `${bucket}/another-prefix/example`, label: `${action} outside ${under}` }
        : { action, resource: bucket, context: { "s3:prefix": "" }, label: `${action} of the whole bucket` },
    ),
    ...neverOnObjects.map((action) => ({ action, resource: object })),
    ...neverOnBuckets.map((action) => ({ action, resource: bucket })),
    { action: "s3:ListAllMyBuckets", resource: "*" },
  ];
}

/** Listing alone can be tried safely: of a key that may not be there a refusal says nothing, and writes leave traces. */
export function customChecks(scope: TargetScope): AccessCheck[] {
  const under = scope.subResource === null ? "" : `${scope.subResource}/`;
  for (const { conditions } of listing(scope, "s3:ListBucket")) {
    const prefix = conditions.find(({ key }) => key === "s3:prefix");
    const [asked = ""] = prefix?.values ?? [under];
    const start = prefix?.operator === "StringLike" ? asked.replace(/[*?].*$/, "") : asked;
    // What comes after a wildcard can't be chosen safely; a trailing one fits the empty rest.
    const usable = prefix?.operator !== "StringLike" || /^[^*?]*\**$/.test(asked);
    if (usable && /^[A-Za-z0-9:/._=+@-]*$/.test(start))
      return [{ operation: "s3:ListBucket", resource: `${scope.arnText}/${start}` }];
  }
  return [];
}
