import { type Partition, parseArn } from "#lib/model/arn.ts";
import type { CloudResource } from "#lib/model/cloud-resource.ts";
import { clusterArn } from "#lib/model/cluster.ts";
import type { Statement } from "#lib/model/policy-document.ts";
import type { Workload } from "#lib/model/workload.ts";
import type { CallerPrincipal } from "#lib/policy/evaluate.ts";
import { example, takenValues } from "#lib/policy/intended.ts";
import { podTags } from "./callers.ts";
import type { Candidate, Own } from "./candidates.ts";

export const podsService = "pods.eks.amazonaws.com";

/** A service: what it does, whoever may use it has it do. Of EKS, pods with the tags that the statement takes. */
export function serviceOf(
  role: CloudResource<"role">,
  statement: Statement,
  service: string,
  { grant }: Own,
): Candidate[] {
  const principal: CallerPrincipal = { kind: "service", service };
  const opener = "agent" as const;
  if (service !== podsService)
    return [{ name: service, principal, opener, calls: [{ action: "sts:AssumeRole" }] }];
  return otherPods(role, statement, grant.workload).map(({ name, tags }) => ({
    name,
    principal,
    opener,
    calls: [{ action: "sts:AssumeRole" as const, tags, transitiveTagKeys: Object.keys(tags) }],
  }));
}

/** What names a pod to the agent. */
interface Named {
  cluster: string;
  namespace: string;
  serviceAccount: string;
}

/**
 * Pods that differ from the workload's in one of what names them, and have of the rest what the statement takes: if it
 * takes any pod but the workload's, it takes one of these.
 */
function otherPods(role: CloudResource<"role">, statement: Statement, workload: Workload) {
  const { partition = "aws" } = parseArn(role.key) ?? {};
  const { namespace, serviceAccount } = workload;
  const arnOf = (pod: Workload) => clusterArn(pod.cluster, partition as Partition);
  const itself: Named = { cluster: arnOf(workload), namespace, serviceAccount };
  // The agent passes roles of its own account only.
  const there = arnOf({ ...workload, cluster: { ...workload.cluster, accountId: role.accountId } });
  const tagged = (tag: string) => takenValues(statement, `aws:RequestTag/${tag}`);
  const clusters = tagged("eks-cluster-name").map((name) => there.replace(/cluster\/.*$/, `cluster/${name}`));
  const arns = tagged("eks-cluster-arn");
  const taken: Record<keyof Named, string[]> = {
    cluster: (arns.length > 0 ? arns : clusters).map(example),
    namespace: tagged("kubernetes-namespace").map(example),
    serviceAccount: tagged("kubernetes-service-account").map(example),
  };
  const own: Named = { ...itself, cluster: there };
  const names = Object.keys(taken) as (keyof Named)[];
  const fitting = { ...own };
  for (const name of names)
    if (taken[name].length > 0 && !taken[name].includes(own[name])) fitting[name] = taken[name][0] ?? "";
  const isAny = names.every((name) => taken[name].length === 0);
  return names
    .flatMap((name) => {
      const others = taken[name].map((value) => ({ value, shown: value }));
      const all = others.length > 0 ? others : [{ value: `${own[name]}-other`, shown: "*" }];
      return all.map(({ value, shown }) => ({
        pod: { ...fitting, [name]: value },
        name: isAny ? `any pod of account ${role.accountId}` : podName({ ...fitting, [name]: shown }),
      }));
    })
    .filter(({ pod }) => names.some((name) => pod[name] !== itself[name]))
    .map(({ pod, name }) => ({ name, tags: tagsOf(pod, workload, partition as Partition) }));
}

function nameOfCluster(arn: string): string {
  return arn.split("cluster/")[1] ?? arn;
}

function podName({ cluster, namespace, serviceAccount }: Named): string {
  return `${namespace}/${serviceAccount} on ${nameOfCluster(cluster)}`;
}

function tagsOf({ cluster, ...names }: Named, workload: Workload, partition: Partition) {
  const pod = { cluster: { ...workload.cluster, name: nameOfCluster(cluster) }, ...names };
  return { ...podTags(pod, partition), "eks-cluster-arn": cluster };
}
