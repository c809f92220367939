import { createServer, type Server, type ServerResponse } from "node:http";
import { answerControl, controlPrefix } from "./control.ts";
import { dispatch } from "./dispatch.ts";
import { FaultInjector, type FaultsInput, faultsSchema } from "./faults.ts";
import { agentPath, answerAgent } from "./pod-identity-agent.ts";
import { type Clock, Sandbox } from "./sandbox.ts";
import { applySeed } from "./seed.ts";
import { type SeedInput, seedSchema } from "./seed-schema.ts";
import type { SandboxState } from "./state.ts";
import { readRequest, type WireRequest, type WireResponse } from "./wire/http.ts";

export interface SandboxOptions {
  /** 0, the default, picks a free one. */
  port?: number;
  seed?: SeedInput;
  faults?: FaultsInput;
  clock?: Clock;
  /** What an earlier sandbox left. */
  state?: SandboxState;
  /** Called after each change with what there is now. */
  onChange?: (state: SandboxState) => void;
}

export interface RunningSandbox {
  /** `http://127.0.0.1:PORT`: the endpoint of every SDK client, and the base of the control API. */
  url: string;
  port: number;
  /** Everything, as it is now. */
  state(): SandboxState;
  close(): Promise<void>;
}

/** Starts a sandbox in this process, on the loopback only. */
export async function startSandbox(options: SandboxOptions = {}): Promise<RunningSandbox> {
  const sandbox = new Sandbox(options.clock, new FaultInjector(faultsSchema.parse(options.faults ?? {})));
  if (options.state) sandbox.state = options.state;
  if (options.seed) await applySeed(sandbox, seedSchema.parse(options.seed));
  sandbox.onChange = () => options.onChange?.(sandbox.state);

  const server = createServer(async (message, response) => {
    try {
      const request = await readRequest(message);
      const answer = await respond(sandbox, request);
      // A lost answer: the call took effect, and the client sees its connection break.
      if (answer === null) response.destroy();
      else write(response, answer);
    } catch (error) {
      if (!(error instanceof RangeError)) console.error(error);
      if (!response.headersSent) response.writeHead(error instanceof RangeError ? 413 : 500);
      response.end();
    }
  });
  const port = await listen(server, options.port ?? 0);
  sandbox.url = `http://127.0.0.1:${port}`;
  return {
    url: sandbox.url,
    port,
    state: () => sandbox.state,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function respond(sandbox: Sandbox, request: WireRequest): Promise<WireResponse | null> {
  if (request.path.startsWith(controlPrefix)) return answerControl(sandbox, request);
  if (request.path === agentPath && request.method === "GET") return answerAgent(sandbox, request);
  return dispatch(sandbox, request);
}

function write(response: ServerResponse, answer: WireResponse): void {
  const length = Buffer.byteLength(answer.body);
  response.writeHead(answer.status, { "content-length": length, ...answer.headers });
  response.end(answer.body);
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}
