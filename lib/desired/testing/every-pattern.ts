import type { Grant } from "#lib/model/grant.ts";
import { patternOptions, patternSubject } from "../options.ts";
import { patterns } from "../patterns/catalogue.ts";
import { away, bucketArn, estate, grant, home, homeBucketArn, queueArn, workload } from "./organisation.ts";

/** Every pattern on both clusters, to a bucket at home, one away and a queue away, where the estate allows it. */
export const everyPattern = Object.keys(patterns).flatMap((pattern) =>
  ["prod", "agents"].flatMap((cluster) =>
    [
      { arn: homeBucketArn, accountId: home },
      { arn: bucketArn, accountId: away },
      { arn: queueArn, accountId: away },
    ].flatMap((target): { name: string; asked: Grant }[] => {
      const pod = workload({ cluster });
      const subject = patternSubject(pod, target, estate());
      const option = subject && patternOptions(subject, [], undefined).find(({ id }) => id === pattern);
      if (!option?.identity || option.objections.length > 0) return [];
      const wanted = grant({ pattern, workload: pod, target, identity: option.identity });
      return [{ name: `${pattern} from ${cluster} to ${target.arn}`, asked: wanted }];
    }),
  ),
);
