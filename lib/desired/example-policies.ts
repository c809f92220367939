import type { Estate } from "#lib/model/estate.ts";
import type { Grant, Target } from "#lib/model/grant.ts";
import type { PolicyDocument } from "#lib/model/policy-document.ts";
import type { Workload } from "#lib/model/workload.ts";
import { desiredResources } from "./desired-resources.ts";
import { patternOptions, patternSubject } from "./options.ts";
import { patterns } from "./patterns/catalogue.ts";

/** The documents of one access pattern, as the product would write them, in a made-up organisation. */
export interface PatternExample {
  pattern: string;
  title: string;
  summary: string;
  /** The roles from the pod to the target, each with the trust and the permissions that it has. */
  roles: { arn: string; trust: PolicyDocument; policies: PolicyDocument[] }[];
  /** The statements that the target's own policy gets; null: none. */
  targetPolicy: PolicyDocument | null;
  target: Target;
}

const home = "111122223333";
const away = "444455556666";
const region = "eu-west-1";

const estate: Estate = {
  installation: "example",
  accounts: [home, away].map((id) => ({
    id,
    name: id === home ? "platform" : "data",
    partition: "aws",
    environment: "production",
    ownerGroup: "owners",
    regions: [region],
    provisionerRoleArn: `arn:aws:iam::${id}:role/drawbridge-provisioner`,
    externalId: "example",
    boundaryArn: `arn:aws:iam::${id}:policy/drawbridge-boundary`,
  })),
  clusters: [false, true].map((podIdentityAgent) => ({
    accountId: home,
    region,
    name: podIdentityAgent ? "blue" : "green",
    issuer: `oidc.eks.${region}.amazonaws.com/id/${podIdentityAgent ? "B" : "A"}1B2C3D4E5F60718293A4B5C6D7E8F90`,
    podIdentityAgent,
  })),
  inventory: [],
  tags: {},
};

const awayTarget: Target = { arn: "arn:aws:s3:::reports-archive", accountId: away };
const homeTarget: Target = { arn: "arn:aws:s3:::reports-inbox", accountId: home };

/** One example of each pattern, in another account where the pattern can, and else in the cluster's own. */
export function patternExamples(): PatternExample[] {
  return Object.values(patterns).flatMap(({ id, title, summary }) => {
    const asked = candidates(id)[0];
    return asked === undefined ? [] : [{ pattern: id, title, summary, ...documentsOf(asked) }];
  });
}

function candidates(pattern: string): Grant[] {
  return [awayTarget, homeTarget].flatMap((target) =>
    ["green", "blue"].flatMap((cluster) => {
      const workload: Workload = {
        cluster: { accountId: home, region, name: cluster },
        namespace: "payments",
        serviceAccount: "reports",
      };
      const subject = patternSubject(workload, target, estate);
      const option = subject && patternOptions(subject, []).find(({ id }) => id === pattern);
      if (!option?.identity || option.objections.length > 0) return [];
      return [
        {
          id: "example00000",
          workload,
          target,
          level: "read",
          subResource: null,
          pattern,
          identity: option.identity,
          expiresAt: null,
        } satisfies Grant,
      ];
    }),
  );
}

function documentsOf(grant: Grant): Omit<PatternExample, "pattern" | "title" | "summary"> {
  const resources = desiredResources([grant], estate);
  const policies = resources.flatMap(({ kind, body, accountId }) =>
    kind === "role-policy" ? [{ role: `${accountId} ${body.roleName}`, document: body.document }] : [],
  );
  const roles = resources.flatMap(({ kind, key, body, accountId }) =>
    kind === "role"
      ? [
          {
            arn: key,
            accountId,
            trust: body.trust,
            policies: policies
              .filter(({ role }) => role === `${accountId} ${body.name}`)
              .map(({ document }) => document),
          },
        ]
      : [],
  );
  // The pod becomes the cluster's own role first, where there is one.
  roles.sort((a, b) => Number(b.accountId === home) - Number(a.accountId === home));
  const statements = resources.flatMap(({ kind, body }) =>
    kind === "resource-policy-statements" ? body.statements : [],
  );
  return {
    roles: roles.map(({ accountId: _, ...role }) => role),
    targetPolicy: statements.length > 0 ? { Version: "2012-10-17", Statement: statements } : null,
    target: grant.target,
  };
}
