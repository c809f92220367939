import * as sqs from "@aws-sdk/client-sqs";
import type { Operation } from "../operation.ts";
import { eksOperations } from "./eks.ts";
import { iamOperations } from "./iam.ts";
import { kmsOperations } from "./kms.ts";
import { s3Operations } from "./s3.ts";
import { sqsOperations } from "./sqs.ts";
import { stsOperations } from "./sts.ts";

type Protocol = "query" | "json" | "rest-json" | "rest-xml";

/** `[code, HTTP status]`, as the service's own wire format says it. */
type Code = readonly [string, number];

/** A service's words for what can go wrong before any handler runs. */
export interface ErrorCodes {
  accessDenied: Code;
  unknownKey: Code;
  badToken: Code;
  expired: Code;
  badSignature: Code;
  missingCredentials: Code;
  throttle: Code;
  internal: Code;
  validation: Code;
  unknownOperation: Code;
}

export interface Service {
  /** As in the signature's scope. */
  name: string;
  protocol: Protocol;
  /** XML namespace of the answers, or the namespace of error types in JSON. */
  namespace: string;
  /** Of the JSON RPC protocols: the version in the content type, and whether errors carry older codes beside. */
  json?: { version: "1.0" | "1.1"; queryCodes?: true };
  operations: Map<string, Operation>;
  codes: ErrorCodes;
}

const queryCodes: ErrorCodes = {
  accessDenied: ["AccessDenied", 403],
  unknownKey: ["InvalidClientTokenId", 403],
  badToken: ["InvalidClientTokenId", 403],
  expired: ["ExpiredToken", 403],
  badSignature: ["SignatureDoesNotMatch", 403],
  missingCredentials: ["MissingAuthenticationToken", 403],
  throttle: ["Throttling", 400],
  internal: ["ServiceFailure", 500],
  validation: ["ValidationError", 400],
  unknownOperation: ["InvalidAction", 400],
};

function table(operations: Operation[]): Map<string, Operation> {
  return new Map(operations.map((operation) => [operation.schema[2], operation]));
}

export const services: ReadonlyMap<string, Service> = new Map(
  (
    [
      {
        name: "iam",
        protocol: "query",
        namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
        operations: table(iamOperations),
        codes: queryCodes,
      },
      {
        name: "sts",
        protocol: "query",
        namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
        operations: table(stsOperations),
        codes: { ...queryCodes, internal: ["InternalFailure", 500] },
      },
      {
        name: "eks",
        protocol: "rest-json",
        namespace: "com.amazonaws.eks",
        operations: table(eksOperations),
        codes: {
          accessDenied: ["AccessDeniedException", 403],
          unknownKey: ["UnrecognizedClientException", 403],
          badToken: ["UnrecognizedClientException", 403],
          expired: ["ExpiredTokenException", 403],
          badSignature: ["InvalidSignatureException", 403],
          missingCredentials: ["MissingAuthenticationTokenException", 403],
          throttle: ["ThrottlingException", 429],
          internal: ["ServerException", 500],
          validation: ["InvalidParameterException", 400],
          unknownOperation: ["UnknownOperationException", 404],
        },
      },
      {
        name: "s3",
        protocol: "rest-xml",
        namespace: "http://s3.amazonaws.com/doc/2006-03-01/",
        operations: table(s3Operations),
        codes: {
          accessDenied: ["AccessDenied", 403],
          unknownKey: ["InvalidAccessKeyId", 403],
          badToken: ["InvalidToken", 400],
          expired: ["ExpiredToken", 400],
          badSignature: ["SignatureDoesNotMatch", 403],
          missingCredentials: ["AccessDenied", 403],
          throttle: ["SlowDown", 503],
          internal: ["InternalError", 500],
          validation: ["InvalidRequest", 400],
          unknownOperation: ["NotImplemented", 501],
        },
      },
      {
        name: "sqs",
        protocol: "json",
        json: { version: "1.0", queryCodes: true },
        namespace: "com.amazonaws.sqs",
        operations: table(sqsOperations),
        codes: {
          accessDenied: ["AccessDenied", 403],
          unknownKey: ["InvalidClientTokenId", 403],
          badToken: ["InvalidClientTokenId", 403],
          expired: ["ExpiredToken", 403],
          badSignature: ["SignatureDoesNotMatch", 403],
          missingCredentials: ["MissingAuthenticationToken", 403],
          throttle: ["RequestThrottled", 403],
          internal: ["InternalFailure", 500],
          validation: ["MissingParameter", 400],
          unknownOperation: ["UnknownOperationException", 404],
        },
      },
      {
        name: "kms",
        protocol: "json",
        json: { version: "1.1" },
        namespace: "com.amazonaws.kms",
        operations: table(kmsOperations),
        // KMS answers 400 to all that the caller may mend (KMS API Reference, "Common error types").
        codes: {
          accessDenied: ["AccessDeniedException", 400],
          unknownKey: ["UnrecognizedClientException", 400],
          badToken: ["UnrecognizedClientException", 400],
          expired: ["ExpiredTokenException", 400],
          badSignature: ["InvalidSignatureException", 400],
          missingCredentials: ["MissingAuthenticationTokenException", 400],
          throttle: ["ThrottlingException", 400],
          internal: ["KMSInternalException", 500],
          validation: ["ValidationException", 400],
          unknownOperation: ["UnknownOperationException", 400],
        },
      },
    ] satisfies Service[]
  ).map((service) => [service.name, service]),
);

/** SQS's errors keep the codes of its older query protocol beside their shape names. */
const sqsQueryCodes: ReadonlyMap<string, string> = new Map(
  Object.values(sqs).flatMap((exported: unknown) => {
    if (!Array.isArray(exported) || exported[0] !== -3) return [];
    const [, , name, traits]: unknown[] = exported;
    const code =
      typeof traits === "object" && traits !== null && "awsQueryError" in traits
        ? traits.awsQueryError
        : undefined;
    return typeof name === "string" && Array.isArray(code) ? [[name, String(code[0])] as const] : [];
  }),
);

export function sqsQueryCode(code: string): string {
  return sqsQueryCodes.get(code) ?? code;
}
