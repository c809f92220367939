import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { parse, parseAllDocuments } from "yaml";
import { estate, grant, workload } from "#lib/desired/testing/organisation.ts";
import { workloadAccess } from "#lib/desired/workload-access.ts";
import { workloadSchema } from "#lib/model/workload.ts";
import { writeIni } from "../aws-config.ts";
import { configMap, renderManifest, serviceAccount } from "../kubernetes.ts";
import { type JsonObject, toYaml } from "../yaml.ts";

/** Names made of what breaks out of templates: YAML, INI, shell and policy metacharacters beside plain ones. */
const hostile = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.string({
      unit: fc.constantFrom(..."a1-.:#&*!|>%@`{}[],?\n\r\t '\"\\$()=~/;\u0000\u2028\u202e"),
      maxLength: 20,
    }),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...["---", "no", "on", "~", "&a", "*a", "!!js", "a: b", "a #b", "\n- x", "{{x}}", "$(id)", "<<"],
    ),
  },
  { weight: 2, arbitrary: fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/) },
);

/** Names that Kubernetes takes and a YAML reader might not. */
const admitted = fc.oneof(
  fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/),
  fc.constantFrom("no", "on", "null", "true", "1e3", "0x1f", "1-1", "2026-01-01", "0", "08", "y"),
);

/** A hostile name is refused by the model. A broken promise of these properties is an AssertionError. */
export const refusedNames = fc.property(hostile, admitted, (name, other) => {
  const plain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(name);
  for (const names of [
    { namespace: name, serviceAccount: other },
    { namespace: other, serviceAccount: name },
  ]) {
    const { success } = workloadSchema.safeParse(workload(names));
    // Dots may part what is plain in a service account's name.
    const mayPass = plain || (names.serviceAccount === name && /^[a-z0-9.-]+$/.test(name));
    ok(mayPass || !success, `${JSON.stringify(names)} passed`);
  }
});

/** The manifests of a workload are its objects, whatever it is called, read as Kubernetes reads (YAML 1.1). */
export const manifestsReadBack = fc.property(admitted, admitted, (namespace, name) => {
  const pod = workload({ namespace, serviceAccount: name });
  const access = workloadAccess([grant({ workload: pod, pattern: "role-chaining" })], estate());
  const text = renderManifest(access, { grantId: "aaaaaaaaaaaa" });
  const [account, config, job, ...rest] = parseAllDocuments(text, { version: "1.1" }).map((one) =>
    one.toJS(),
  );
  deepStrictEqual(rest, []);
  deepStrictEqual(account, serviceAccount(access));
  deepStrictEqual(config, configMap(access));
  strictEqual(job.metadata.namespace, namespace);
  strictEqual(job.spec.template.spec.serviceAccountName, name);
});

/** Any data comes back from the serialiser as it was, in both versions of YAML. */
export const yamlReadsBack = fc.property(
  fc.dictionary(fc.string({ minLength: 1 }), hostile, { noNullPrototype: true }),
  (data) => {
    const object: JsonObject = { data: { ...data } };
    for (const version of ["1.1", "1.2"] as const)
      deepStrictEqual(parse(toYaml(object), { version, merge: false }), object);
  },
);

/** The INI reader of the SDKs, as far as it matters here. */
function readIni(text: string): Record<string, Record<string, string>> {
  const sections = new Map<string, [string, string][]>();
  let current: [string, string][] = [];
  for (const line of text.split("\n")) {
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    const [key, ...value] = line.split(" = ");
    if (header !== undefined) {
      current = [];
      sections.set(header, current);
    } else if (key) current.push([key, value.join(" = ")]);
  }
  return Object.fromEntries([...sections].map(([header, values]) => [header, Object.fromEntries(values)]));
}

const plainValue = fc.stringMatching(/^[A-Za-z0-9_+=,.@:/-]{1,30}$/);

/** Sections come back as they were written. */
export const iniReadsBack = fc.property(
  fc.uniqueArray(plainValue, { minLength: 1, maxLength: 4 }),
  plainValue,
  plainValue,
  (headers, key, value) => {
    const sections = headers.map((header) => ({ header: `profile ${header}`, values: { [key]: value } }));
    const written = Object.fromEntries(sections.map((section) => [section.header, section.values]));
    deepStrictEqual(readIni(writeIni(sections)), written);
  },
);

/** What is outside the allow-list is refused, and what is written is one value. */
export const iniKeepsToItsList = fc.property(hostile, (value) => {
  let text: string;
  try {
    text = writeIni([{ header: "default", values: { region: value } }]);
  } catch (error) {
    ok(error instanceof RangeError);
    return;
  }
  strictEqual(text, `[default]\nregion = ${value}\n`);
  deepStrictEqual(readIni(text), { default: { region: value } });
});
