import { z } from "zod";

/** The partitions of AWS; access across them is impossible. */
export const partitions = ["aws", "aws-cn", "aws-us-gov"] as const;
export type Partition = (typeof partitions)[number];

export const partitionSchema = z.enum(partitions);

export const accountIdSchema = z
  .string()
  .regex(/^\d{12}$/, "An AWS account id is exactly 12 digits, for example 111122223333.");

export type AccountId = string;

export const regionSchema = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "An AWS Region looks like eu-west-1.");

export interface Arn {
  partition: string;
  service: string;
  region: string;
  account: string;
  /** Everything after the fifth colon, e.g. `role/drawbridge/x`. */
  resource: string;
}

/** Splits an ARN; `undefined` when it is not one. S3 ARNs have an empty region and account. */
export function parseArn(text: string): Arn | undefined {
  const match = /^arn:([a-z-]+):([a-z0-9-]+):([a-z0-9-]*):(\d{12})?:(.+)$/s.exec(text);
  if (!match) return undefined;
  const [, partition = "", service = "", region = "", account = "", resource = ""] = match;
  return { partition, service, region, account, resource };
}

export function formatArn(arn: Arn): string {
  return `arn:${arn.partition}:${arn.service}:${arn.region}:${arn.account}:${arn.resource}`;
}

export function isPartition(text: string): text is Partition {
  return (partitions as readonly string[]).includes(text);
}
