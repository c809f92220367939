import { s3ConditionKeys } from "./condition-keys.ts";
import { keyActionsOf } from "./custom-statements.ts";
import { s3Actions } from "./s3-actions.ts";
import { customBeyond, customChecks, customStatementsOf, objectArn } from "./s3-custom.ts";
import { reads, type TargetService, viaService, writes } from "./service.ts";

/** General purpose bucket names (S3 User Guide, "General purpose bucket naming rules"). */
const bucketName = /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Wildcards and policy variables (`*`, `?`, `${`) would widen the grant, so a prefix may not hold them. */
const prefixPattern = /^[A-Za-z0-9._=+@-]+(\/[A-Za-z0-9._=+@-]+)*$/;

const readActions = ["s3:GetObject"];
const writeActions = [
  "s3:PutObject",
  "s3:DeleteObject",
  // A failed multipart upload must be abortable by who began it, or its parts are billed for ever.
  "s3:AbortMultipartUpload",
  "s3:ListMultipartUploadParts",
];

// S3 User Guide, "Using server-side encryption with AWS KMS keys", required permissions.
function keyActions(action: string): string[] {
  if (action === "s3:GetObject" || action === "s3:GetObjectVersion") return ["kms:Decrypt"];
  return action === "s3:PutObject" ? ["kms:GenerateDataKey", "kms:Decrypt"] : [];
}

export const s3: TargetService = {
  id: "s3",
  name: "Amazon S3",
  noun: "bucket",
  exampleArn: "arn:aws:s3:::reports-archive",
  objection(arn) {
    if (arn.account || arn.region)
      return {
        reason: "Access points and directory buckets are not supported.",
        nextStep: "Name the bucket itself, for example arn:aws:s3:::reports-archive.",
      };
    if (arn.resource.includes("/"))
      return {
        reason: "This names objects, not the bucket.",
        nextStep: `Use arn:${arn.partition}:s3:::${arn.resource.split("/")[0]} and put the rest in the prefix field.`,
      };
    if (!bucketName.test(arn.resource))
      return {
        reason: `"${arn.resource}" is not a valid bucket name.`,
        nextStep: "Bucket names have 3 to 63 lower-case letters, digits, dots and hyphens, no wildcards.",
      };
    return undefined;
  },
  shortName: (arn) => arn.resource,
  subResource: {
    label: "Prefix",
    hint: "Limits access to keys under this prefix, for example exports/2026. Leave empty for the whole bucket.",
    objection(value) {
      if (value.startsWith("/") || value.endsWith("/"))
        return "Write the prefix without a slash at either end.";
      if (value.split("/").some((part) => part === "." || part === ".."))
        return "A prefix can't have . or .. as a part.";
      return prefixPattern.test(value)
        ? undefined
        : "A prefix has letters, digits and . _ = + @ - between slashes; wildcards and variables are not allowed.";
    },
  },
  levels: {
    read: "List and download objects",
    write: "Upload and delete objects",
    "read-write": "List, download, upload and delete objects",
  },
  actions: s3Actions,
  conditionKeys: s3ConditionKeys,
  statements(scope) {
    if (scope.level === "custom") return customStatementsOf(scope);
    const objects = [
      ...(reads(scope.level) ? readActions : []),
      ...(writes(scope.level) ? writeActions : []),
    ];
    const list = {
      Action: "s3:ListBucket",
      Resource: scope.arnText,
      ...(scope.subResource === null
        ? {}
        : { Condition: { StringLike: { "s3:prefix": `${scope.subResource}/*` } } }),
    };
    return [{ Action: objects, Resource: objectArn(scope) }, ...(reads(scope.level) ? [list] : [])];
  },
  resourcePolicy: { maxBytes: 20_480 },
  keyStatements(scope, region, keyArn) {
    const actions =
      scope.level === "custom"
        ? keyActionsOf(scope, keyActions)
        : // Multipart uploads decrypt the parts they have written, so write needs Decrypt too (S3 User Guide,
          // "Uploading and copying objects using multipart upload", required permissions).
          ["kms:Decrypt", ...(writes(scope.level) ? ["kms:GenerateDataKey"] : [])];
    if (actions.length === 0) return [];
    return [
      {
        Action: actions,
        Resource: keyArn,
        Condition: {
          StringEquals: { "kms:ViaService": viaService("s3", region, scope.arn.partition) },
          // The bucket's ARN with S3 Bucket Keys, else the object's.
          StringLike: { "kms:EncryptionContext:aws:s3:arn": [scope.arnText, objectArn(scope)] },
        },
      },
    ];
  },
  beyond(scope) {
    if (scope.level === "custom") return customBeyond(scope);
    const under = scope.subResource === null ? "" : `${scope.subResource}/`;
    const object = `${scope.arnText}/${under}example`;
    const bucket = scope.arnText;
    return [
      ...(reads(scope.level) ? [] : [...readActions.map((action) => ({ action, resource: object }))]),
      ...(reads(scope.level) ? [] : [{ action: "s3:ListBucket", resource: bucket }]),
      ...(writes(scope.level)
        ? []
        : writeActions.slice(0, 2).map((action) => ({ action, resource: object }))),
      ...(scope.subResource === null
        ? []
        : [
            ...["s3:GetObject", "s3:PutObject"].map((action) => ({
              action,
              resource: `${bucket}/another-prefix/example`,
              label: `${action} outside ${scope.subResource}/`,
            })),
            {
              action: "s3:ListBucket",
              resource: bucket,
              context: { "s3:prefix": "" },
              label: "s3:ListBucket of the whole bucket",
            },
          ]),
      { action: "s3:PutObjectAcl", resource: object },
      { action: "s3:DeleteObjectVersion", resource: object },
      { action: "s3:GetBucketPolicy", resource: bucket },
      { action: "s3:PutBucketPolicy", resource: bucket },
      { action: "s3:DeleteBucket", resource: bucket },
      { action: "s3:ListAllMyBuckets", resource: "*" },
    ];
  },
  keyActions,
  // "If you use S3 Bucket Keys, the encryption context is the ARN of the bucket", else the object's; an object keeps
  // what it was stored with (S3 User Guide, "Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys").
  encryptionContext: (targetArn, resource) => ({ "aws:s3:arn": [...new Set([targetArn, resource])] }),
  checks(scope) {
    if (scope.level === "custom") return customChecks(scope);
    const under = scope.subResource === null ? "" : `${scope.subResource}/`;
    const list = { operation: "s3:ListBucket", resource: `${scope.arnText}/${under}` };
    const probe = `${scope.arnText}/${under}drawbridge-check`;
    return [
      ...(reads(scope.level) ? [list] : []),
      ...(writes(scope.level) ? [{ operation: "s3:PutObject", resource: probe }] : []),
      ...(scope.level === "read-write" ? [{ operation: "s3:GetObject", resource: probe }] : []),
      ...(writes(scope.level) ? [{ operation: "s3:DeleteObject", resource: probe }] : []),
    ];
  },
};
