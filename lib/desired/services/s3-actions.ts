import { actionTable } from "./custom-actions.ts";

/**
 * What custom access to a bucket may list. Deliberately not here, beside what changes permissions: `*Acl` (ACLs are
 * permissions), annotations, Object Lock's writes (nobody can undo a retention), UpdateObjectEncryption, torrents.
 *
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3".
 */
export const s3Actions = actionTable("s3", [
  ["ListBucket", "list", "bucket", "List the objects of the bucket, or look whether it is there"],
  ["ListBucketVersions", "list", "bucket", "List all versions of the objects"],
  ["ListBucketMultipartUploads", "list", "bucket", "List multipart uploads in progress", "whole only"],
  ["ListMultipartUploadParts", "list", "object", "List the parts of a multipart upload"],
  ["GetObject", "read", "object", "Retrieve objects"],
  ["GetObjectVersion", "read", "object", "Retrieve a specific version of an object"],
  ["GetObjectAttributes", "read", "object", "Retrieve size, parts and checksums of an object"],
  ["GetObjectVersionAttributes", "read", "object", "Retrieve the attributes of a version"],
  ["GetObjectTagging", "read", "object", "Read an object's tags"],
  ["GetObjectVersionTagging", "read", "object", "Read the tags of a version"],
  ["GetObjectRetention", "read", "object", "Read an object's retention settings"],
  ["GetObjectLegalHold", "read", "object", "Read whether an object is under legal hold"],
  ["GetBucketLocation", "read", "bucket", "Read which Region the bucket is in", "whole only"],
  ["GetBucketVersioning", "read", "bucket", "Read the bucket's versioning state", "whole only"],
  ["GetBucketTagging", "read", "bucket", "Read the bucket's tags", "whole only"],
  ["GetBucketNotification", "read", "bucket", "Read the bucket's notifications", "whole only"],
  ["GetEncryptionConfiguration", "read", "bucket", "Read the default encryption", "whole only"],
  ["GetLifecycleConfiguration", "read", "bucket", "Read the lifecycle rules", "whole only"],
  ["PutObject", "write", "object", "Add objects"],
  ["DeleteObject", "write", "object", "Remove objects, leaving a delete marker where there are versions"],
  ["DeleteObjectVersion", "write", "object", "Remove a specific version for good"],
  ["AbortMultipartUpload", "write", "object", "Abort a multipart upload"],
  ["RestoreObject", "write", "object", "Restore an archived copy"],
  ["PutObjectTagging", "tagging", "object", "Set an object's tags"],
  ["PutObjectVersionTagging", "tagging", "object", "Set the tags of a version"],
  ["DeleteObjectTagging", "tagging", "object", "Remove an object's tags"],
  ["DeleteObjectVersionTagging", "tagging", "object", "Remove the tags of a version"],
]);
