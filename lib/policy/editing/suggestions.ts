import { fits, foldCase, globPattern } from "../glob.ts";
import type { ConditionKeyMetadata } from "../metadata/metadata.ts";
import { operatorNames } from "../operators.ts";
import type { Wanted } from "./place.ts";
import type { ServiceVocabulary, VocabularySource } from "./vocabulary.ts";

/** One thing that could be typed. */
export interface Suggestion {
  text: string;
  /** In short: an access level, the type of a key. */
  detail?: string;
  /** What is worth knowing of it. */
  info?: string;
  /** `key`: a colon follows; `prefix`: more of it follows at once. */
  kind: "key" | "value" | "prefix";
  /** The text with `${…}` for what has to be filled in. */
  fields?: string;
}

export interface Suggestions {
  suggestions: Suggestion[];
  /** While what is typed fits this, the same suggestions serve. */
  validFor: RegExp;
}

const elements: Record<"document-element" | "statement-element", [name: string, info: string][]> = {
  "document-element": [
    ["Version", "The version of the policy language: 2012-10-17."],
    ["Id", "A name for the document; it decides nothing."],
    ["Statement", "A list of statements."],
  ],
  "statement-element": [
    ["Sid", "A name for the statement; it decides nothing."],
    ["Effect", "Allow or Deny."],
    ["Principal", "Who: in trust and resource policies only."],
    ["NotPrincipal", "Everyone but: with Deny in resource policies only."],
    ["Action", "What may be done, e.g. s3:GetObject."],
    ["NotAction", "Everything but."],
    ["Resource", "On what: ARNs. Not in trust policies."],
    ["NotResource", "On everything but."],
    ["Condition", "When: operator, condition key, values."],
  ],
};

const words: Record<"effect" | "version" | "principal-type", Suggestion[]> = {
  effect: [value("Allow"), value("Deny")],
  version: [value("2012-10-17", "current"), value("2008-10-17", "no policy variables")],
  "principal-type": [
    { text: "AWS", info: "Accounts, roles, role sessions and users.", kind: "key" },
    { text: "Service", info: "An AWS service, e.g. pods.eks.amazonaws.com.", kind: "key" },
    { text: "Federated", info: "An identity provider's ARN.", kind: "key" },
    { text: "CanonicalUser", info: "An account by its canonical id, in bucket policies.", kind: "key" },
  ],
};

const name = /^[\w./:${}-]*$/;

/**
 * What could be typed where `wanted` is.
 *
 * @param typed the text up to the cursor
 */
export async function suggestionsFor(
  wanted: Wanted,
  typed: string,
  source: VocabularySource,
): Promise<Suggestions | null> {
  switch (wanted.what) {
    case "document-element":
    case "statement-element": {
      const present = new Set(wanted.present);
      const only =
        wanted.what === "document-element" ? source.only?.documentElements : source.only?.statementElements;
      const open = elements[wanted.what].filter(
        ([text]) => (!present.has(text) || text === typed) && (only?.includes(text) ?? true),
      );
      return { suggestions: open.map(([text, info]) => ({ text, info, kind: "key" })), validFor: /^\w*$/ };
    }
    case "effect":
    case "version":
    case "principal-type":
      return { suggestions: words[wanted.what], validFor: /^[\w-]*$/ };
    case "operator":
      return {
        suggestions: (source.only?.operators ?? operatorNames).map((text) => ({ text, kind: "key" })),
        validFor: /^[\w:]*$/,
      };
    case "action":
      return actionSuggestions(typed, source);
    case "resource":
      return { suggestions: await resourceSuggestions(wanted.actions, source), validFor: /^[^"]*$/ };
    case "condition-key":
      return { suggestions: await keySuggestions(wanted.actions, source), validFor: name };
  }
}

function value(text: string, detail?: string): Suggestion {
  return { text, ...(detail ? { detail } : {}), kind: "value" };
}

/** Services up to the colon, then the service's actions. */
export async function actionSuggestions(typed: string, source: VocabularySource): Promise<Suggestions> {
  const colon = typed.indexOf(":");
  if (colon < 0) {
    const { services } = await source.all();
    const suggestions = services.map(
      ({ prefix, name }): Suggestion => ({ text: `${prefix}:`, detail: name, kind: "prefix" }),
    );
    return { suggestions, validFor: /^[\w-]*$/ };
  }
  const service = await source.service(foldCase(typed.slice(0, colon)));
  const suggestions = (service?.actions ?? []).map(
    (action): Suggestion => ({
      text: `${service?.prefix}:${action.name}`,
      detail: action.level,
      info:
        action.resourceTypes.length === 0
          ? "Takes no resource: Resource has to be *."
          : `On: ${action.resourceTypes.join(", ")}.`,
      kind: "value",
    }),
  );
  return { suggestions, validFor: new RegExp(`^${typed.slice(0, colon).replace(/[^\w-]/g, "")}:\\w*$`) };
}

/** The ARNs that the actions take; what is open in them is to be filled in. */
async function resourceSuggestions(
  actions: readonly string[],
  source: VocabularySource,
): Promise<Suggestion[]> {
  const found = await servicesOf(actions, source);
  const suggestions = found.flatMap(({ service, actions: covered }) => {
    const taken = new Set(covered.flatMap(({ resourceTypes }) => resourceTypes));
    return service.resourceTypes
      .filter((type) => taken.has(type.name))
      .map((type): Suggestion => {
        const fields = type.arn.replace(/\$\{Partition\}/, "aws");
        const text = fields.replace(/\$\{(\w+)\}/g, "$1");
        return { text, detail: type.name, kind: "value", fields };
      });
  });
  return [...suggestions, value("*", "everything")];
}

/** The actions' own keys, then those of all services. */
export async function keySuggestions(
  actions: readonly string[],
  source: VocabularySource,
): Promise<Suggestion[]> {
  const [{ globalKeys }, found] = await Promise.all([source.all(), servicesOf(actions, source)]);
  const own = found.flatMap(({ service, actions: covered }) => {
    const carried = new Set(covered.flatMap(({ keys }) => keys));
    return service.keys.filter(({ key }) => carried.has(key));
  });
  return [...own, ...globalKeys].map(keySuggestion);
}

function keySuggestion({ key, type, many }: ConditionKeyMetadata): Suggestion {
  const fields = /\$\{/.test(key) ? { fields: key } : {};
  return {
    text: key.replace(/\$\{(\w+)\}/g, "$1"),
    detail: many ? `${type}, several` : type,
    kind: "key",
    ...fields,
  };
}

/** The services of the actions, each with those of its actions that the patterns cover. */
async function servicesOf(actions: readonly string[], source: VocabularySource) {
  const patterns = actions.map(foldCase).filter((action) => action.includes(":"));
  const prefixes = [...new Set(patterns.map((action) => action.slice(0, action.indexOf(":"))))];
  const services = await Promise.all(prefixes.map((prefix) => source.service(prefix)));
  return services
    .filter((service): service is ServiceVocabulary => service !== null)
    .map((service) => ({
      service,
      actions: service.actions.filter(({ name }) =>
        patterns.some((pattern) => fits(globPattern(pattern), foldCase(`${service.prefix}:${name}`))),
      ),
    }));
}
