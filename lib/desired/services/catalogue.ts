import { s3 } from "./s3.ts";
import type { TargetService } from "./service.ts";
import { sqs } from "./sqs.ts";

/** Every service that a grant can target, by the service part of its ARNs. */
export const services: Record<string, TargetService> = { s3, sqs };

/** The service of an ARN. The name comes from what a person typed, so inherited ones (`constructor`) don't count. */
export function serviceOf(name: string): TargetService | undefined {
  return Object.hasOwn(services, name) ? services[name] : undefined;
}
