import { s3 } from "./s3.ts";
import type { TargetService } from "./service.ts";
import { sqs } from "./sqs.ts";

/** Every service that a grant can target, by the service part of its ARNs. */
export const services: Record<string, TargetService> = { s3, sqs };
