import { parseArgs } from "node:util";
import { type Played, playPod } from "./play.ts";

/**
 * `--url <signed manifest url> --sandbox <sandbox url>`: fetches the YAML that the portal hands out, plays its pod,
 * sends the report where the Job would, and says what happened. Exits with 1 when anything was not as it must be.
 */
const { values } = parseArgs({ options: { url: { type: "string" }, sandbox: { type: "string" } } });

if (!values.url || !values.sandbox) {
  console.error("Usage: --url <address of the manifest> --sandbox <address of the sandbox>");
  process.exit(2);
}
try {
  const played = await playPod(await fetchText(values.url), values.sandbox);
  print(played);
  const reported = await send(played);
  process.exit(played.ok && reported ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function fetchText(url: string): Promise<string> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The portal answered ${response.status} for the manifest.`);
  return response.text();
}

async function send({ report, manifest }: Played): Promise<boolean> {
  const url = manifest.env.DRAWBRIDGE_REPORT_URL;
  if (url === undefined) return true;
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(report),
  });
  console.log(response.ok ? "The report was sent." : `The portal refused the report: ${response.status}.`);
  return response.ok;
}

function print({ report, manifest, ok }: Played): void {
  const { cluster, namespace, serviceAccount } = manifest;
  console.log(`${namespace}/${serviceAccount} on ${cluster.name} is ${report.identity ?? "nobody"}\n`);
  const rows = [
    ...report.checks.map((check) => [
      `${check.operation} ${check.resource}`,
      check.outcome,
      "allowed",
      check.detail,
    ]),
    ...report.impostors.map((one) => [one.who, one.outcome, "denied", one.detail]),
  ];
  for (const [what = "", outcome, expected, detail] of rows) {
    const good = outcome === expected;
    console.log(
      `${good ? "✓" : "✗"} ${what.padEnd(64)} ${outcome}${good ? "" : `, expected ${expected}: ${detail}`}`,
    );
  }
  console.log(ok ? "\nEverything is as it must be." : "\nSomething is not as it must be.");
}
