import { CodeFrame } from "#components/ui/code-frame.tsx";
import { plainLines } from "#components/ui/code-lines.ts";

export type HowToVerifyProps = {
  grantId: string;
  namespace: string;
  /** The cluster is played: a local command stands in for the pod. */
  sandbox: boolean;
};

/** The commands that make a pod try the access. */
export function HowToVerify({ grantId, namespace, sandbox }: HowToVerifyProps) {
  const job = `drawbridge-check-${grantId}`;
  const inCluster = [
    `kubectl -n ${namespace} delete job ${job} --ignore-not-found`,
    `kubectl apply -f ${job}.yaml`,
    `kubectl -n ${namespace} logs -f job/${job}`,
  ].join("\n");
  const inSandbox = `npm run pod -- --grant ${grantId}`;
  return (
    <div className="space-y-3">
      <p className="text-sm text-ink-muted">
        {sandbox
          ? "In the sandbox this command plays the pod: it reads the manifest, becomes the service account, tries the access, and lets impostors try it too."
          : "Download the verification Job above and apply it. It runs as your service account for a few seconds and removes itself after an hour."}
      </p>
      {sandbox ? (
        <CodeFrame title="terminal" code={inSandbox} lines={plainLines(inSandbox)} wrap />
      ) : (
        <CodeFrame title="kubectl" code={inCluster} lines={plainLines(inCluster)} wrap />
      )}
    </div>
  );
}
