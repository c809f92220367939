import type { NormalizedSchema } from "@smithy/core/schema";
import { membersOf, type Shape, writeScalar } from "./schema.ts";

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xD;",
  "\n": "&#xA;",
};

export function escapeXml(text: string): string {
  return text.replace(/[&<>"\r\n]/g, (character) => entities[character] ?? character);
}

/** The members of a structure as XML, in the schema's order. `skip` leaves out what goes into headers. */
export function writeMembers(
  schema: NormalizedSchema,
  value: Shape,
  skip: (member: NormalizedSchema) => boolean = () => false,
): string {
  return membersOf(schema)
    .filter(([name, member]) => value[name] !== undefined && value[name] !== null && !skip(member))
    .map(([name, member]) => writeElement(member.getMemberTraits().xmlName ?? name, member, value[name]))
    .join("");
}

/** One value under `tag`. A flattened list or map repeats the tag; the others nest `member` or `entry`. */
function writeElement(tag: string, schema: NormalizedSchema, value: unknown): string {
  const flat = Boolean(schema.getMergedTraits().xmlFlattened);
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const itemTag = flat ? tag : (item.getMergedTraits().xmlName ?? "member");
    const items = (Array.isArray(value) ? value : [])
      .map((entry) => writeElement(itemTag, item, entry))
      .join("");
    return flat ? items : `<${tag}>${items}</${tag}>`;
  }
  if (schema.isMapSchema()) {
    const key = schema.getKeySchema();
    const item = schema.getValueSchema();
    const entryTag = flat ? tag : "entry";
    const entries = Object.entries(shapeOf(value))
      .map(
        ([name, entry]) =>
          `<${entryTag}>${writeElement(key.getMergedTraits().xmlName ?? "key", key, name)}` +
          `${writeElement(item.getMergedTraits().xmlName ?? "value", item, entry)}</${entryTag}>`,
      )
      .join("");
    return flat ? entries : `<${tag}>${entries}</${tag}>`;
  }
  if (schema.isStructSchema()) return `<${tag}>${writeMembers(schema, shapeOf(value))}</${tag}>`;
  return `<${tag}>${escapeXml(writeScalar(schema, value))}</${tag}>`;
}

export function shapeOf(value: unknown): Shape {
  // Any object can be read by member name; what a member holds stays unknown.
  return typeof value === "object" && value !== null ? (value as Shape) : {};
}
