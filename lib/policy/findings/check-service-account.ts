import { isMap, isScalar, LineCounter, type Pair, parseAllDocuments, type YAMLMap } from "yaml";
import { entryOf, type FindingId } from "./catalogue.ts";
import { type Finding, type Path, pointerOf, severities, type TextRange } from "./finding.ts";
import { MAX_POLICY_LENGTH } from "./json-source.ts";
import { annotationPrefix, checkAnnotation, knownAnnotations, roleAnnotation } from "./rules/annotations.ts";

/**
 * What is wrong with a ServiceAccount manifest as it concerns IRSA: the first service account of the text, or what there
 * is instead of one. A text that is not YAML, such as one that a web page has flattened, is searched for the annotation
 * all the same. Worst first; nothing throws.
 *
 * Source: EKS User Guide, "Assign IAM roles to Kubernetes service accounts"; amazon-eks-pod-identity-webhook's README.
 */
export function checkServiceAccount(yaml: string): Finding[] {
  if (yaml.length > MAX_POLICY_LENGTH) {
    const start = { offset: 0, line: 1, column: 1 };
    const detail = `The text is longer than ${MAX_POLICY_LENGTH} characters.`;
    return [
      { id: "service-account.yaml", severity: "error", path: "", range: { start, end: start }, detail },
    ];
  }
  const check = new ManifestCheck(yaml);
  check.run();
  const rank = ({ severity }: Finding) => severities.indexOf(severity);
  const offset = ({ range }: Finding) => range?.start.offset ?? 0;
  return check.findings.sort((a, b) => rank(a) - rank(b) || offset(a) - offset(b));
}

class ManifestCheck {
  readonly findings: Finding[] = [];
  readonly #text: string;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    this.#text = text;
    this.#lines.addNewLine(0);
    for (const { index } of text.matchAll(/\n/g)) this.#lines.addNewLine(index + 1);
  }

  run(): void {
    const map = this.#read();
    if (map === null) {
      this.#searchText();
      return;
    }
    const kind = textAt(map, "kind");
    if (kind !== "ServiceAccount" || textAt(map, "apiVersion") !== "v1") {
      const at = pairOf(map, kind === "ServiceAccount" ? "apiVersion" : "kind");
      this.#report("service-account.other-kind", [], `The kind is ${kind ?? "not said"}.`, spanOf(at));
    }
    const metadata = pairOf(map, "metadata")?.value;
    if (!isMap(metadata)) {
      this.#report(
        "service-account.no-metadata",
        [],
        "There is nothing under metadata.",
        spanOf(pairOf(map, "metadata")),
      );
      this.#searchText();
      return;
    }
    this.#names(metadata);
    this.#annotations(metadata);
  }

  /** The first service account, or the first object, of the text; null when it is not YAML. */
  #read(): YAMLMap | null {
    if (nested.test(this.#text)) {
      this.#report("service-account.yaml", [], "The text is nested deeper than any manifest.");
      return null;
    }
    try {
      const documents = parseAllDocuments(this.#text, { prettyErrors: false });
      const list = Array.isArray(documents) ? documents : [];
      const error = list.flatMap(({ errors }) => errors)[0];
      if (error !== undefined) {
        this.#report("service-account.yaml", [], `${error.message}.`, error.pos);
        return null;
      }
      const maps = list.map(({ contents }) => contents).filter((contents) => isMap(contents));
      const found = maps.find((map) => textAt(map, "kind") === "ServiceAccount") ?? maps[0];
      if (found === undefined) this.#report("service-account.other-kind", [], "The text holds no object.");
      return found ?? null;
    } catch {
      // Nested in some other way, so deeply that the parser runs out of stack.
      this.#report("service-account.yaml", [], "The text can't be read as YAML.");
      return null;
    }
  }

  #names(metadata: YAMLMap): void {
    const name = textAt(metadata, "name");
    const namespace = textAt(metadata, "namespace");
    const report = (key: string, id: FindingId, detail: string) =>
      this.#report(id, ["metadata", key], detail, spanOf(pairOf(metadata, key)));
    if (name !== undefined && !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) {
      report("name", "service-account.name", `${JSON.stringify(name)} is not a service account's name.`);
    }
    if (namespace === undefined) {
      this.#report("service-account.no-namespace", ["metadata"], "No namespace is named.");
    } else if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) {
      report("namespace", "service-account.name", `${JSON.stringify(namespace)} is not a namespace's name.`);
    }
  }

  #annotations(metadata: YAMLMap): void {
    const pair = pairOf(metadata, "annotations");
    const path = ["metadata", "annotations"];
    const none = pair === undefined || (isScalar(pair.value) && pair.value.value === null);
    if (!none && !isMap(pair.value)) {
      this.#report("service-account.annotations", path, "Annotations are keys with texts.", spanOf(pair));
      this.#searchText();
      return;
    }
    const entries = !none && isMap(pair.value) ? pair.value.items : [];
    for (const entry of entries) this.#annotation(entry, path);
    if (!entries.some((entry) => keyOf(entry) === roleAnnotation)) {
      this.#report("service-account.no-role", path, `There is no ${roleAnnotation}.`, spanOf(pair));
    }
  }

  #annotation(entry: Pair, parent: Path): void {
    const key = keyOf(entry);
    if (!key.toLowerCase().startsWith(annotationPrefix)) return;
    const path = [...parent, key];
    if (!knownAnnotations.has(key)) {
      this.#report("service-account.unknown-annotation", path, `${key} is ignored.`, spanOf(entry, "key"));
      return;
    }
    const value = isScalar(entry.value) ? entry.value.value : undefined;
    const text = isScalar(entry.value) ? (entry.value.source ?? String(value)) : "";
    if (typeof value !== "string") {
      this.#report("service-account.annotation-type", path, `${key} is not a text.`, spanOf(entry));
    }
    checkAnnotation(key, text, (id, detail) => this.#report(id, path, detail, spanOf(entry)));
  }

  /** What looks like the annotation in a text whose structure is lost. */
  #searchText(): void {
    const written = /(eks\.amazonaws\.com\/[A-Za-z-]+)["']?\s*:\s*["']?([^\s"',}]+)/g;
    for (const { 1: key = "", 2: value = "", index, 0: all } of this.#text.matchAll(written)) {
      const span: Span = [index + all.lastIndexOf(value), index + all.lastIndexOf(value) + value.length];
      checkAnnotation(key, value, (id, detail) => this.#report(id, [], detail, span));
    }
    const bare = /\bannotations\s*:\s*["']?(arn:[^\s"',}]+)/.exec(this.#text);
    if (bare?.[1] === undefined) return;
    const start = bare.index + bare[0].lastIndexOf(bare[1]);
    const span: Span = [start, start + bare[1].length];
    if (!this.findings.some(({ id }) => id === "service-account.annotations")) {
      this.#report("service-account.annotations", [], "The role's ARN stands there without its key.", span);
    }
    checkAnnotation(roleAnnotation, bare[1], (id, detail) => this.#report(id, [], detail, span));
  }

  #report(id: FindingId, path: Path, detail: string, [from, to]: Span = [0, this.#text.length]): void {
    const { severity } = entryOf(id);
    this.findings.push({ id, severity, path: pointerOf(path), range: this.#range(from, to), detail });
  }

  #range(from: number, to: number): TextRange {
    const position = (offset: number) => {
      const { line, col } = this.#lines.linePos(offset);
      return { offset, line, column: col };
    };
    return { start: position(from), end: position(to) };
  }
}

/** Thirty levels begun on the spot, which a parser would follow one by one. */
const nested = /(?:[[{]\s*){30}|(?:[-?]\s+){30}/;

type Span = [from: number, to: number];

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : "";
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => keyOf(pair) === key);
}

function textAt(map: YAMLMap, key: string): string | undefined {
  const value = pairOf(map, key)?.value;
  return isScalar(value) && value.value !== null ? String(value.value) : undefined;
}

/** Where the pair's value stands, or its key. */
function spanOf(pair: Pair | undefined, which: "key" | "value" = "value"): Span | undefined {
  const range = (part: unknown) => (isScalar(part) || isMap(part) ? part.range : undefined);
  const found = (which === "value" ? range(pair?.value) : undefined) ?? range(pair?.key);
  return found ? [found[0], found[1]] : undefined;
}
