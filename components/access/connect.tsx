import { Info, RotateCw, TriangleAlert } from "lucide-react";
import { CodeBlock } from "#components/ui/code-block.tsx";
import type { CodeLanguage } from "#components/ui/code-lines.ts";
import { Tabs } from "#components/ui/tabs.tsx";
import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import {
  canBeTried,
  configMap,
  podSnippetYaml,
  renderManifest,
  serviceAccount,
  toYaml,
  verificationJob,
} from "#lib/render/kubernetes.ts";
import { type Note, notesFor } from "#lib/render/notes.ts";

export type ConnectProps = {
  access: WorkloadAccess;
  grantId: string;
  expiresAt: string | null;
  /** Where the verification Job posts its report; without it the report is in its log only. */
  reportUrl: string | undefined;
};

type File = {
  value: string;
  label: string;
  name: string;
  about: string;
  code: string;
  language: CodeLanguage;
};

function filesOf({ access, grantId, expiresAt, reportUrl }: ConnectProps): File[] {
  const { serviceAccount: name, namespace } = access.workload;
  const config = configMap(access);
  const job = { grantId, ...(reportUrl ? { reportUrl } : {}) };
  const language = "yaml";
  return [
    {
      value: "service-account",
      label: "ServiceAccount",
      name: `${name}-service-account.yaml`,
      about: "Who the pods are. Apply it, or bring your own service account to the same shape.",
      code: toYaml(serviceAccount(access)),
      language,
    },
    ...(config
      ? [
          {
            value: "config-map",
            label: "ConfigMap",
            name: `${name}-aws-config.yaml`,
            about:
              "The AWS config file: how the SDKs get from the pod's role to the roles in other accounts.",
            code: toYaml(config),
            language,
          } as const,
        ]
      : []),
    {
      value: "pod",
      label: "Pod snippet",
      name: `${name}-patch.yaml`,
      about: `For your Deployment, also as a patch: kubectl -n ${namespace} patch deployment NAME --patch-file ${name}-patch.yaml`,
      code: podSnippetYaml(access),
      language,
    },
    ...(canBeTried(access, grantId)
      ? [
          {
            value: "job",
            label: "Verification Job",
            name: `drawbridge-check-${grantId}.yaml`,
            about: reportUrl
              ? "Tries the access as your service account and reports here what happened."
              : "Tries the access as your service account and writes to its log what happened.",
            code: toYaml(verificationJob(access, job)),
            language,
          } as const,
        ]
      : []),
    {
      value: "all",
      label: "All",
      name: `${name}.yaml`,
      about: "Everything that goes to the cluster, in one file.",
      code: renderManifest(access, { ...job, ...(expiresAt ? { expires: expiresAt } : {}) }),
      language,
    },
  ];
}

/** The YAML that connects a workload, a tab for each piece. */
export function ConnectTabs(props: ConnectProps) {
  return (
    <Tabs
      label="Manifests"
      items={filesOf(props).map(({ value, label, name, about, code, language }) => ({
        value,
        label,
        content: (
          <>
            <p className="mb-3 text-sm wrap-anywhere text-ink-muted">{about}</p>
            <CodeBlock title={name} filename={name} code={code} language={language} />
          </>
        ),
      }))}
    />
  );
}

const noteIcons = {
  action: <RotateCw aria-hidden="true" className="text-accent-ink" />,
  caution: <TriangleAlert aria-hidden="true" className="text-warn-ink" />,
  info: <Info aria-hidden="true" className="text-ink-faint" />,
} satisfies Record<Note["tone"], React.ReactNode>;

/** What to know and to do when connecting it. */
export function ConnectNotes({ access, grantId }: { access: WorkloadAccess; grantId: string }) {
  // What only concerns the workload's other targets stands on their pages.
  const own = { ...access, grants: access.grants.filter(({ grant }) => grant.id === grantId) };
  return (
    <ul className="grid gap-x-8 gap-y-3 lg:grid-cols-2" aria-label="Good to know">
      {notesFor(own).map((note) => (
        <li
          key={note.id}
          className="flex min-w-0 gap-2.5 text-sm [&_svg]:mt-[3px] [&_svg]:size-3.5 [&_svg]:shrink-0"
        >
          {noteIcons[note.tone]}
          <p className="min-w-0 wrap-anywhere text-ink-muted">
            <span className="font-medium text-ink">{note.title}.</span> {note.detail}
          </p>
        </li>
      ))}
    </ul>
  );
}
