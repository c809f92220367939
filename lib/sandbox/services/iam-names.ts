import type { Tag } from "@aws-sdk/client-iam";
import type { Tags } from "#lib/model/cloud-resource.ts";
import { type Access, type RequestContext, requestTagContext, tagContext } from "../authorise.ts";
import type { Call } from "../operation.ts";
import { limits } from "../quotas.ts";
import type { AccountState, Role } from "../state.ts";
import { AwsError } from "../wire/error.ts";

/** Rules for IAM's names, and the look-ups that all IAM handlers share. Source: IAM API Reference. */

export function accountOf(call: Call): AccountState {
  const account = call.sandbox.account(call.accountId);
  if (!account) throw new AwsError("ServiceFailure", "The caller has no account", 500);
  return account;
}

function validationError(message: string): AwsError {
  return new AwsError("ValidationError", message);
}

function constraint(field: string, value: string, rule: string): AwsError {
  return validationError(
    `1 validation error detected: Value '${value}' at '${field}' failed to satisfy constraint: ${rule}`,
  );
}

export function checkName(field: string, value: string, maximum: number): string {
  if (!/^[\w+=,.@-]+$/.test(value)) {
    throw constraint(field, value, "Member must satisfy regular expression pattern: [\\w+=,.@-]+");
  }
  if (value.length > maximum) {
    throw constraint(field, value, `Member must have length less than or equal to ${maximum}`);
  }
  return value;
}

export function checkPath(value = "/"): string {
  if (value.length > 512 || !/^(\/|\/[\x21-\x7e]+\/)$/.test(value)) {
    throw constraint(
      "path",
      value,
      "Member must satisfy regular expression pattern: (\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)",
    );
  }
  return value;
}

export function checkDescription(value = ""): string {
  if (value.length > 1000)
    throw constraint("description", value, "Member must have length less than or equal to 1000");
  if (!/^[\t\n\r\x20-\x7e\xa1-\xff]*$/.test(value)) {
    throw constraint(
      "description",
      value,
      "Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*",
    );
  }
  return value;
}

export function checkMaxSession(value = 3600): number {
  if (value < 3600 || value > 43_200) {
    throw constraint("maxSessionDuration", String(value), "Member must have value between 3600 and 43200");
  }
  return value;
}

/**
 * What one call may carry: 50 tags, whose keys differ in more than case. AWS is so strict with the keys of roles and
 * users, and laxer with those of other resources (IAM User Guide, "Tags for IAM resources", Case sensitivity).
 */
function checkGiven(tags: Tag[]): void {
  if (tags.length > limits.roleTags) {
    throw constraint(
      "tags",
      `${tags.length} tags`,
      `Member must have length less than or equal to ${limits.roleTags}`,
    );
  }
  const keys = tags.map(({ Key = "" }) => Key.toLowerCase());
  if (new Set(keys).size < keys.length) {
    throw new AwsError(
      "InvalidInput",
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
  }
}

/** Tags as a map. Keys of one resource are unique whatever their case. */
export function readTags(tags: Tag[] = [], existing: Tags = {}): Tags {
  checkGiven(tags);
  const merged = { ...existing };
  for (const { Key: key = "", Value: value = "" } of tags) {
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(key) || key.toLowerCase().startsWith("aws:")) {
      throw new AwsError("InvalidInput", `The tag key ${key} is not valid`);
    }
    if (!/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u.test(value)) {
      throw new AwsError("InvalidInput", `The tag value of ${key} is not valid`);
    }
    for (const known of Object.keys(merged)) {
      if (known !== key && known.toLowerCase() === key.toLowerCase()) delete merged[known];
    }
    merged[key] = value;
  }
  if (Object.keys(merged).length > limits.roleTags) {
    throw new AwsError(
      "LimitExceeded",
      `The number of tags has reached the maximum of ${limits.roleTags}.`,
      409,
    );
  }
  return merged;
}

/** The context of a call that gives tags: `aws:RequestTag/…` and `aws:TagKeys`. */
export function requestTags(tags: Tag[] = []): RequestContext {
  checkGiven(tags);
  return requestTagContext(Object.fromEntries(tags.map((tag) => [tag.Key ?? "", tag.Value ?? ""])));
}

export function tagList(tags: Tags): Tag[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function findRole(call: Call, name: string | undefined): Role | undefined {
  return accountOf(call).roles[(name ?? "").toLowerCase()];
}

export function noSuchRole(name: string | undefined): AwsError {
  return new AwsError("NoSuchEntity", `The role with name ${name} cannot be found.`, 404);
}

/** The role, for writes and reads of its parts. */
export function roleOrThrow(call: Call, name: string | undefined): Role {
  const role = findRole(call, name);
  if (!role) throw noSuchRole(name);
  return role;
}

/** What an action on a role needs; a role that is not there is asked for by its bare name. */
export function roleAccess(
  call: Call,
  action: string,
  name: string | undefined,
  context: RequestContext = {},
): Access[] {
  const role = findRole(call, name);
  const account = accountOf(call);
  return [
    {
      action: `iam:${action}`,
      resource: role?.arn ?? `arn:${account.partition}:iam::${account.id}:role/${name}`,
      resourceAccount: account.id,
      context: {
        ...tagContext("aws:ResourceTag", role?.tags ?? {}),
        ...tagContext("iam:ResourceTag", role?.tags ?? {}),
        ...context,
      },
    },
  ];
}

/** `iam:PermissionsBoundary`: of the role as it is, for the actions that change what it may do. */
export function boundaryContext(call: Call, name: string | undefined): RequestContext {
  const boundary = findRole(call, name)?.boundaryArn;
  return boundary ? { "iam:PermissionsBoundary": boundary } : {};
}

/** A page of a list; the marker is the number of items already given. */
export function page<T>(items: T[], marker: string | undefined, maximum: number | undefined) {
  const start = Number(marker ?? 0) || 0;
  const end = start + (maximum ?? 100);
  return {
    items: items.slice(start, end),
    IsTruncated: end < items.length,
    ...(end < items.length && { Marker: String(end) }),
  };
}
