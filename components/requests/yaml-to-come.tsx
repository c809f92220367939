import { CodeBlock } from "#components/ui/code-block.tsx";
import type { WorkloadAccess } from "#lib/desired/workload-access.ts";
import { configMap, podSnippetYaml, serviceAccount } from "#lib/render/kubernetes.ts";
import { joinYaml, toYaml } from "#lib/render/yaml.ts";

/** What the cluster gets once the access is active: the same rendering as on the page of the grant. */
export function YamlToCome({ access }: { access: WorkloadAccess }) {
  const config = configMap(access);
  const manifest = joinYaml([toYaml(serviceAccount(access)), ...(config ? [toYaml(config)] : [])]);
  return (
    <div className="space-y-4">
      <CodeBlock
        language="yaml"
        title={`${access.workload.serviceAccount}.yaml`}
        code={manifest}
        maxHeight="sm"
      />
      <CodeBlock language="yaml" title="In the Deployment" code={podSnippetYaml(access)} maxHeight="sm" />
    </div>
  );
}
