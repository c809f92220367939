import { Job } from "kubernetes-models/batch/v1/Job";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { PodSpec } from "kubernetes-models/v1/PodSpec";
import { ServiceAccount } from "kubernetes-models/v1/ServiceAccount";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import {
  away,
  bucketArn,
  estate,
  grant,
  home,
  homeBucketArn,
  identity,
  queueArn,
  workload,
} from "#lib/desired/testing/organisation.ts";
import { type WorkloadAccess, workloadAccess } from "#lib/desired/workload-access.ts";
import type { Grant } from "#lib/model/grant.ts";
import {
  configMap,
  podSnippet,
  podSnippetYaml,
  renderManifest,
  serviceAccount,
  toYaml,
  verificationJob,
} from "./kubernetes.ts";
import { configMapName } from "./pod.ts";
import { verificationScript } from "./verification-script.ts";

const id = "aaaaaaaaaaaa";
const podIdentity = workload({ cluster: "agents" });

function accessOf(...grants: Partial<Grant>[]): WorkloadAccess {
  return workloadAccess(
    grants.map((one) => grant(one)),
    estate(),
  );
}

const cases: Record<string, WorkloadAccess> = {
  irsa: accessOf({ pattern: "irsa", target: { arn: homeBucketArn, accountId: home } }),
  "OIDC federation": accessOf({ pattern: "oidc-federation" }),
  "resource policy": accessOf({
    pattern: "resource-policy",
    level: "read-write",
    target: { arn: queueArn, accountId: away },
  }),
  "chaining, default": accessOf({
    pattern: "role-chaining",
    level: "read-write",
    subResource: "exports/2026",
  }),
  "chaining, named": accessOf({ pattern: "role-chaining", identity: identity("home-role") }),
  "chaining from Pod Identity": accessOf({
    pattern: "role-chaining",
    workload: podIdentity,
    identity: identity("pod-identity"),
  }),
  "pod identity": accessOf({
    pattern: "pod-identity",
    workload: podIdentity,
    target: { arn: homeBucketArn, accountId: home },
  }),
  "pod identity with target": accessOf({
    pattern: "pod-identity",
    workload: podIdentity,
    identity: identity("pod-identity-target", away),
  }),
};

function documentsOf(yaml: string, version: "1.1" | "1.2"): unknown[] {
  return parseAllDocuments(yaml, { version }).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
}

describe.each(Object.entries(cases))("manifest: %s", (_, access) => {
  const options = { grantId: id, reportUrl: "https://drawbridge.example.com/api/reports/x?token=a.b-c_d%3D" };
  const objects = [serviceAccount(access), configMap(access), verificationJob(access, options)].filter(
    (one) => one !== null,
  );

  it.each(["1.1", "1.2"] as const)("parses back as YAML %s", (version) => {
    expect(documentsOf(renderManifest(access, options), version)).toEqual(objects);
  });

  it("has no anchors, aliases or tags", () => {
    const yaml = renderManifest(access, options);
    expect(yaml).not.toMatch(/[:-] [&*!]\w/);
  });

  it("fits the Kubernetes schemas", () => {
    new ServiceAccount(serviceAccount(access) as never).validate();
    const config = configMap(access);
    if (config) new ConfigMap(config as never).validate();
    new Job(verificationJob(access, options) as never).validate();
    const { spec } = parse(podSnippetYaml(access)).spec.template;
    // The reader's own containers take the place of an empty list.
    new PodSpec({ containers: [], ...spec }).validate();
  });

  it("names the role in an annotation only for web identities", () => {
    const { annotations } = serviceAccount(access).metadata as { annotations?: Record<string, string> };
    expect(annotations?.["eks.amazonaws.com/role-arn"]).toBe(
      access.source === "web-identity" ? access.roleArn : undefined,
    );
  });

  it("has a config map exactly when there are profiles, and mounts it", () => {
    const config = configMap(access);
    expect(config !== null).toBe(access.profiles.length > 0);
    const snippet = JSON.stringify(podSnippet(access));
    const job = JSON.stringify(verificationJob(access, options));
    for (const text of [snippet, job]) expect(text.includes("AWS_CONFIG_FILE")).toBe(config !== null);
  });

  it("runs the Job within the restricted Pod Security Standard", () => {
    const spec = parse(toYaml(verificationJob(access, options))).spec.template.spec;
    expect(spec).toMatchObject({
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      automountServiceAccountToken: false,
      restartPolicy: "Never",
    });
    for (const container of spec.containers)
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
  });
});

describe("Job", () => {
  it("checks with the profile of the grant, in the target's Region", () => {
    const job = parse(toYaml(verificationJob(cases["chaining, named"] ?? accessOf({}), { grantId: id })));
    const env = Object.fromEntries(
      job.spec.template.spec.containers[0].env.map((one: { name: string; value: string }) => [
        one.name,
        one.value,
      ]),
    );
    expect(env.DRAWBRIDGE_CLUSTER).toBe(`${home}/eu-west-1/prod`);
    expect(env).not.toHaveProperty("DRAWBRIDGE_REPORT_URL");
    expect(JSON.parse(env.DRAWBRIDGE_CHECKS)).toEqual([
      {
        operation: "s3:ListBucket",
        resource: `${bucketArn}/`,
        profile: `drawbridge-${away}`,
        region: "eu-west-1",
      },
    ]);
  });

  it.each([
    ["a grant of another workload", { grantId: "bbbbbbbbbbbb" }],
    [
      "a URL with a reference that Kubernetes expands",
      { grantId: id, reportUrl: "https://x.example/$(AWS_ROLE_ARN)" },
    ],
    ["a URL that is none", { grantId: id, reportUrl: "-o/etc/passwd" }],
    ["a URL with a line break", { grantId: id, reportUrl: "https://x.example/\n- name: x" }],
    ["an image with a space", { grantId: id, image: "x y" }],
  ])("refuses %s", (_, options) => {
    expect(() => verificationJob(accessOf({}), options)).toThrow(RangeError);
  });

  it("refuses a resource that the script could not take apart", () => {
    const access = accessOf({});
    for (const resource of [
      'arn:aws:s3:::b/"},{"operation":"x',
      "arn:aws:s3:::b/$(id)",
      "arn:aws:s3:::b/\\",
      "a b",
    ]) {
      const grants = access.grants.map((one) => ({
        ...one,
        checks: [{ operation: "s3:GetObject", resource }],
      }));
      expect(() => verificationJob({ ...access, grants }, { grantId: id })).toThrow(RangeError);
    }
  });

  it("has nothing in its script that Kubernetes would replace", () => {
    // `$$` becomes `$`, and `$(NAME)` the value of a variable (core/v1 Container, `command`).
    expect(verificationScript).not.toContain("$$");
    expect(verificationScript).not.toMatch(/\$\([A-Za-z_][A-Za-z0-9_.-]*\)/);
  });
});

describe("names", () => {
  const longest = "a".repeat(63) + ".".concat("b".repeat(62), ".", "c".repeat(63), ".", "d".repeat(61));

  it.each([
    "no",
    "on",
    "y",
    "null",
    "true",
    "1e3",
    "0x1f",
    "012",
    "1.5",
    "2026-01-01",
    "12.30",
    "0",
    "0o7",
    longest,
  ])("%s stays text", (name) => {
    const access = accessOf({ workload: workload({ serviceAccount: name, namespace: name.slice(0, 63) }) });
    for (const version of ["1.1", "1.2"] as const)
      for (const object of documentsOf(renderManifest(access, { grantId: id }), version))
        expect(object).toMatchObject({ metadata: { namespace: name.slice(0, 63) } });
  });

  it("fit into a config map's name, each its own", () => {
    const dotted = `${"a.".repeat(126)}a`;
    const names = [longest, dotted, `${dotted.slice(0, -1)}b`, "a"].map(configMapName);
    for (const name of names) {
      expect(name.length).toBeLessThanOrEqual(253);
      expect(name).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
    }
    expect(new Set(names).size).toBe(names.length);
  });
});
