import { execFile } from "node:child_process";
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import { type PodReport, podCheckSchema, reportIsGood } from "#lib/model/pod-report.ts";
import { ControlClient } from "./control-client.ts";
import { type PodPlace, startPod } from "./kubelet.ts";
import { type PodManifest, parseManifest } from "./manifest.ts";

const run = promisify(execFile);
const attemptFile = fileURLToPath(new URL("./attempt.ts", import.meta.url));
const attemptTimeoutMs = 120_000;

const attemptSchema = z.strictObject({ identity: z.string().nullable(), checks: z.array(podCheckSchema) });
type Attempt = z.output<typeof attemptSchema>;
type Impostor = PodReport["impostors"][number];

export interface Played {
  report: PodReport;
  /** The workload was let in everywhere, and every impostor kept out. */
  ok: boolean;
  manifest: PodManifest;
}

/**
 * Plays the manifest's pod in the sandbox, with nothing but what the manifest says: first as the workload, which
 * must be let in, and then as three impostors with the same YAML and real tokens of their own, which must not.
 */
export async function playPod(manifestText: string, sandboxUrl: string): Promise<Played> {
  const manifest = parseManifest(manifestText);
  const control = new ControlClient(sandboxUrl);
  const { cluster, namespace, serviceAccount } = manifest;
  // The workload first and alone, so that its checks see only what it did itself.
  const workload = await attempt(manifest, { cluster, namespace, serviceAccount }, control);
  const places = await impostorPlaces(manifest, control);
  const impostors = await Promise.all(
    places.map(async ({ who, place }) => ({ who, ...verdict(await attempt(manifest, place, control)) })),
  );
  const report: PodReport = { source: "sandbox-pod", ...workload, impostors };
  return { report, ok: reportIsGood(report), manifest };
}

/** One deviation each. Where the sandbox has no other cluster, that impostor can't be played. */
async function impostorPlaces(
  { cluster, namespace, serviceAccount }: PodManifest,
  control: ControlClient,
): Promise<{ who: Impostor["who"]; place: PodPlace }[]> {
  const own = { cluster, namespace, serviceAccount };
  const others = (await control.clusters()).filter(
    (one) =>
      one.accountId !== cluster.accountId || one.region !== cluster.region || one.name !== cluster.name,
  );
  const other = others.find((one) => one.accountId === cluster.accountId) ?? others[0];
  return [
    { who: "other-service-account", place: { ...own, serviceAccount: "drawbridge-impostor" } },
    { who: "other-namespace", place: { ...own, namespace: "drawbridge-impostor" } },
    ...(other ? [{ who: "other-cluster" as const, place: { ...own, cluster: other } }] : []),
  ];
}

async function attempt(manifest: PodManifest, place: PodPlace, control: ControlClient): Promise<Attempt> {
  const pod = await startPod(manifest, place, control);
  try {
    const { stdout } = await run(process.execPath, [attemptFile], {
      // Next's types demand NODE_ENV; the SDK reads neither.
      env: { NODE_ENV: "production", ...compileCache(), ...pod.env },
      timeout: attemptTimeoutMs,
      maxBuffer: 4 * 1024 * 1024,
    });
    const lastLine = stdout.trim().split("\n").at(-1) ?? "";
    return attemptSchema.parse(JSON.parse(lastLine));
  } finally {
    await pod.remove();
  }
}

/** The player's own, if it has one: the four processes of a played pod load the same code. */
function compileCache(): Record<string, string> {
  const folder = getCompileCacheDir();
  return folder === undefined ? {} : { NODE_COMPILE_CACHE: dirname(folder) };
}

/** An impostor was let in if a single check let it in; it was kept out only if every one said no. */
function verdict({ checks }: Attempt): Pick<Impostor, "outcome" | "detail"> {
  const telling =
    checks.find((check) => check.outcome === "allowed") ??
    checks.find((check) => check.outcome === "error") ??
    checks[0];
  if (!telling) return { outcome: "error", detail: "There was nothing to try." };
  return { outcome: telling.outcome, detail: `${telling.operation}: ${telling.detail}`.slice(0, 2_000) };
}
