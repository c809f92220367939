import { join } from "node:path";
import { testEnvironment } from "./environment.mjs";
import { ROOT } from "./paths.mjs";
import { freePort } from "./ports.mjs";
import { preparePython } from "./python.mjs";

/** moto, an AWS emulator by others, in a Python environment of its own; see docs/moto.md. */

const HERE = join(ROOT, "scripts/moto");

/** pip is spared compiling it all, so what is used must be kept when it is first compiled. */
const keepsBytecode = { PYTHONDONTWRITEBYTECODE: "" };

/** @returns as `preparePython` */
export function prepareMoto(processes) {
  return preparePython(processes, { name: "moto", requirements: join(HERE, "requirements.txt") });
}

/**
 * Starts a server on a free port.
 * @param name the service's and its log's
 * @returns its address
 */
export async function startMoto(processes, python, name) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await processes.service(name, {
    command: python,
    args: [join(HERE, "serve.py"), "--port", String(port)],
    env: testEnvironment(keepsBytecode),
    ready: { probe: async () => (await fetch(`${url}/moto-api/data.json`)).ok },
  });
  return url;
}
