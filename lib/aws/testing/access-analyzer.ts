import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

/** A question as it came over the wire. */
export interface Asked {
  operation: "ValidatePolicy" | "CheckNoNewAccess";
  /** From the signature's scope. */
  region: string;
  body: Record<string, string>;
  /** Of the next page. */
  nextToken?: string;
}

/** An answer in AWS's form (restJson1); null: none ever comes. */
export type Answer = { status?: number; error?: string; body: object } | null;

const operations: Record<string, Asked["operation"]> = {
  "/policy/validation": "ValidatePolicy",
  "/policy/check-no-new-access": "CheckNoNewAccess",
};

/**
 * Access Analyzer with answers of the test's own, in front of an AWS that has none: every other call goes through.
 *
 * Source: IAM Access Analyzer API reference, ValidatePolicy and CheckNoNewAccess ("Request Syntax").
 *
 * @param behind address of the sandbox
 */
export async function startAccessAnalyzer(behind: string, answer: (asked: Asked) => Answer) {
  const asked: Asked[] = [];
  const server = createServer(async (message, response) => {
    const { pathname, searchParams } = new URL(message.url ?? "/", behind);
    const operation = operations[pathname];
    if (!operation) return passOn(behind, message, response);
    const [, region = ""] =
      /Credential=[^/]+\/\d+\/([^/]+)\//.exec(message.headers.authorization ?? "") ?? [];
    const nextToken = searchParams.get("nextToken");
    const body = JSON.parse(await textOf(message));
    const question = { operation, region, body, ...(nextToken ? { nextToken } : {}) };
    asked.push(question);
    write(response, answer(question));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    close: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function write(response: ServerResponse, answer: Answer): void {
  if (answer === null) return;
  const { status = 200, error, body } = answer;
  response.writeHead(status, {
    "content-type": "application/json",
    "x-amzn-requestid": "11111111-2222-3333-4444-555555555555",
    ...(error ? { "x-amzn-errortype": error } : {}),
  });
  response.end(JSON.stringify(body));
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** Unchanged, `Host` included: it is signed. */
function passOn(behind: string, message: IncomingMessage, response: ServerResponse): void {
  const { hostname, port } = new URL(behind);
  const { method = "GET", url: path = "/", headers } = message;
  const onward = request({ hostname, port, method, path, headers }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers);
    answered.pipe(response);
  });
  onward.on("error", () => response.destroy());
  message.pipe(onward);
}
