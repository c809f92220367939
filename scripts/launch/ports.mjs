import { createServer } from "node:net";
import { LaunchError } from "./steps.mjs";

/** Whether a port of the loopback address can be listened on now. */
export async function isFree(port) {
  // A server on all addresses, of either family, would take the browser's connections as well.
  return (await canListen(port, "127.0.0.1")) && (await canListen(port, "::1"));
}

/** The wanted port when it is free, else any. */
export async function freePort(wanted = 0) {
  if (wanted && (await isFree(wanted))) return wanted;
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The port that PORT names, or the usual one; refuses one that is taken. */
export async function webPort(value, usual) {
  const port = value ? Number(value) : usual;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new LaunchError(`PORT is ${JSON.stringify(value)}, which is not a port.`, {
      next: "choose a number from 1 to 65535, for example PORT=3100 npm run demo",
    });
  }
  if (await isFree(port)) return port;
  throw new LaunchError(`Port ${port} is taken by another program.`, {
    why: "the web application would listen on it.",
    next: `end that program, or choose another port: PORT=${port === 3100 ? 3200 : 3100} npm run demo`,
  });
}

function canListen(port, host) {
  return new Promise((resolve) => {
    const server = createServer()
      // Without the family (no IPv6 in many containers) nobody else can use the port on it either.
      .once("error", (error) => resolve(error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT"))
      .listen(port, host, () => server.close(() => resolve(true)));
  });
}
