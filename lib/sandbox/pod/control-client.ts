import { z } from "zod";
import { type ClusterRef, clusterRefSchema } from "#lib/model/workload.ts";
import type { PodPlace } from "./kubelet.ts";

const associations = z.array(z.looseObject({ namespace: z.string(), serviceAccount: z.string() }));

/** What the player asks the sandbox for in the cluster's place. */
export class ControlClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url.replace(/\/$/, "");
  }

  /** As kubelet does with the TokenRequest API. */
  async token(place: PodPlace, audience: string): Promise<string> {
    const { namespace, serviceAccount } = place;
    const answer = await this.#ask(`${clusterPath(place.cluster)}/tokens`, {
      namespace,
      serviceAccount,
      audience,
    });
    return z.object({ token: z.string() }).parse(answer).token;
  }

  /** As the Pod Identity webhook asks EKS. */
  async hasAssociation({ cluster, namespace, serviceAccount }: PodPlace): Promise<boolean> {
    const held = associations.parse(await this.#ask(`${clusterPath(cluster)}/associations`));
    return held.some((one) => one.namespace === namespace && one.serviceAccount === serviceAccount);
  }

  async clusters(): Promise<ClusterRef[]> {
    return z.array(clusterRefSchema).parse(await this.#ask("clusters"));
  }

  async #ask(path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.url}/_sandbox/${path}`, {
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`The sandbox refused ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }
}

function clusterPath({ accountId, region, name }: ClusterRef): string {
  return ["clusters", accountId, region, name].map(encodeURIComponent).join("/");
}
