import { setTimeout as sleep } from "node:timers/promises";
import { decide, denialMessage } from "./authorise.ts";
import { anonymous, type Caller, identify } from "./callers.ts";
import type { Fault } from "./faults.ts";
import { requestId as newRequestId } from "./identifiers.ts";
import type { Call, Operation } from "./operation.ts";
import type { Sandbox } from "./sandbox.ts";
import { type ErrorCodes, type Service, services, sqsQueryCode } from "./services/registry.ts";
import { AwsError } from "./wire/error.ts";
import type { WireRequest, WireResponse } from "./wire/http.ts";
import { readJsonMembers, writeJsonRpc, writeJsonRpcError } from "./wire/json.ts";
import { readQuery, writeQuery, writeQueryError } from "./wire/query.ts";
import { parseJsonBody, readRest, route, writeRest, writeRestError } from "./wire/rest.ts";
import { checkRequired, inputOf, membersOf, operationName, type Shape } from "./wire/schema.ts";
import { isSignatureValid, readAuthorization, type Signed } from "./wire/sigv4.ts";

/** What the operations of a service may be called without a signature. */
const unsignedOperations = new Set(["AssumeRoleWithWebIdentity"]);

/** Answers one AWS request, or null when the answer was lost on the way (an injected fault). */
export async function dispatch(sandbox: Sandbox, request: WireRequest): Promise<WireResponse | null> {
  const requestId = newRequestId();
  const signed = readAuthorization(request.headers.authorization);
  const service = serviceOf(request, signed);
  if (!service) {
    return {
      status: 400,
      headers: { "x-amzn-requestid": requestId },
      body: "No AWS service speaks like this",
    };
  }
  const log = { operation: "?", caller: anonymous as Caller, fault: null as Fault | null };
  const finish = (response: WireResponse, errorCode: string | null): WireResponse => {
    sandbox.calls.add({
      time: new Date(sandbox.now()).toISOString(),
      accountId: log.caller.accountId,
      service: service.name,
      operation: log.operation,
      callerArn: log.caller.arn,
      status: response.status,
      errorCode,
      requestId,
      ...(log.fault ? { fault: log.fault } : {}),
    });
    return response;
  };
  try {
    const { operation, read } = find(service, request);
    log.operation = operationName(operation.schema);
    log.caller = authenticate(sandbox, service, request, signed, log.operation);
    await sleep(sandbox.faults.latencyOf(service.name, log.operation));
    const fault = sandbox.faults.draw(service.name, log.operation);
    log.fault = fault;
    if (fault === "throttle") throw coded(service.codes.throttle, "Rate exceeded");
    if (fault === "error") throw coded(service.codes.internal, "An internal error has occurred");
    const input = read();
    checkRequired(operation.schema, input, service.codes.validation[0]);
    const output = await perform(sandbox, service, operation, input, {
      caller: log.caller,
      region: signed?.region ?? "us-east-1",
      userAgent: request.headers["user-agent"] ?? "",
    });
    const response = finish(writeOutput(service, operation, output, requestId), null);
    return fault === "lost-answer" ? null : response;
  } catch (error) {
    const known = error instanceof AwsError ? error : internal(service.codes, error);
    return finish(writeError(service, known, request, requestId), known.code);
  }
}

function internal(codes: ErrorCodes, error: unknown): AwsError {
  console.error(error);
  return coded(codes.internal, "An internal error has occurred");
}

async function perform(
  sandbox: Sandbox,
  service: Service,
  operation: Operation,
  input: Shape,
  from: { caller: Caller; region: string; userAgent: string },
): Promise<Shape> {
  const { caller, region, userAgent } = from;
  const facts = { region, userAgent };
  const call: Call = {
    sandbox,
    caller,
    accountId: caller.accountId ?? "",
    region,
    facts,
    now: sandbox.now(),
  };
  for (const access of operation.access(call, input)) {
    const decision = decide(sandbox, caller, access, facts);
    if (decision.effect !== "allow") {
      throw coded(service.codes.accessDenied, denialMessage(caller, access, decision));
    }
  }
  const output = await operation.handle(call, input);
  if (operation.writes) sandbox.onChange();
  return output;
}

function coded([code, status]: readonly [string, number], message: string): AwsError {
  return new AwsError(code, message, status);
}

/** By the signature's scope; unsigned calls by what they look like. */
function serviceOf(request: WireRequest, signed: Signed | undefined): Service | undefined {
  if (signed) return services.get(signed.service);
  const form = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  return services.get(form && request.method === "POST" ? "sts" : "s3");
}

interface Found {
  operation: Operation;
  read: () => Shape;
}

function find(service: Service, request: WireRequest): Found {
  const operations = [...service.operations.values()];
  const known = (name: string): Operation => {
    const operation = service.operations.get(name);
    if (!operation) throw coded(service.codes.unknownOperation, `Could not find operation ${name}`);
    return operation;
  };
  if (service.protocol === "query") {
    const form = new URLSearchParams(request.body.toString("utf8"));
    const operation = known(form.get("Action") ?? "");
    return { operation, read: () => readQuery(operation.schema, form) };
  }
  if (service.protocol === "json") {
    const operation = known((request.headers["x-amz-target"] ?? "").split(".").at(-1) ?? "");
    const members = membersOf(inputOf(operation.schema));
    return { operation, read: () => readJsonMembers(members, parseJsonBody(request.body)) };
  }
  const { bucket, path } =
    service.name === "s3" ? splitBucket(request.path) : { bucket: undefined, path: request.path };
  const candidates = operations.map((operation) => operation.schema);
  const usable =
    service.name === "s3"
      ? candidates.filter(
          (schema) => membersOf(inputOf(schema)).some(([name]) => name === "Bucket") === Boolean(bucket),
        )
      : candidates;
  const found = route(usable, request, path);
  if (!found)
    throw coded(
      service.codes.unknownOperation,
      "A header or query you provided implies functionality that is not implemented",
    );
  const labels = { ...found.labels, ...(bucket && { Bucket: bucket }) };
  const format = service.protocol === "rest-json" ? "json" : "xml";
  return {
    operation: known(operationName(found.schema)),
    read: () => readRest(found.schema, request, labels, format),
  };
}

/** Path style: `/BUCKET/KEY`. */
function splitBucket(path: string): { bucket: string | undefined; path: string } {
  const [, bucket, rest] = /^\/([^/]*)(\/.*)?$/.exec(path) ?? [];
  return { bucket: bucket ? decodeURIComponent(bucket) : undefined, path: rest ?? "/" };
}

function authenticate(
  sandbox: Sandbox,
  service: Service,
  request: WireRequest,
  signed: Signed | undefined,
  operation: string,
): Caller {
  const { codes } = service;
  if (!signed) {
    if (service.name === "s3" || unsignedOperations.has(operation)) return anonymous;
    throw coded(codes.missingCredentials, "Request is missing Authentication Token");
  }
  const { accessKeyId } = signed;
  const found = identify(sandbox, { accessKeyId, sessionToken: request.headers["x-amz-security-token"] });
  if (!found.ok) {
    if (found.why === "expired")
      throw coded(codes.expired, "The security token included in the request is expired");
    const code = found.why === "unknown-key" ? codes.unknownKey : codes.badToken;
    throw coded(code, "The security token included in the request is invalid.");
  }
  if (!isSignatureValid(request, signed, found.secretAccessKey)) {
    throw coded(
      codes.badSignature,
      "The request signature we calculated does not match the signature you provided.",
    );
  }
  return found.caller;
}

function writeOutput(
  service: Service,
  { schema }: Operation,
  output: Shape,
  requestId: string,
): WireResponse {
  switch (service.protocol) {
    case "query":
      return writeQuery(schema, output, service.namespace, requestId);
    case "json":
      return writeJsonRpc(schema, output, requestId, service.json?.version);
    case "rest-json":
      return writeRest(schema, output, "json", requestId);
    case "rest-xml":
      return writeRest(schema, output, "xml", requestId);
  }
}

function writeError(
  service: Service,
  error: AwsError,
  request: WireRequest,
  requestId: string,
): WireResponse {
  switch (service.protocol) {
    case "query":
      return writeQueryError(error, service.namespace, requestId);
    case "json":
      return writeJsonRpcError(
        error,
        service.namespace,
        service.json?.queryCodes ? sqsQueryCode(error.code) : null,
        requestId,
        service.json?.version,
      );
    case "rest-json":
      return writeRestError(error, "json", requestId, false);
    case "rest-xml":
      return writeRestError(error, "xml", requestId, request.method === "HEAD");
  }
}
