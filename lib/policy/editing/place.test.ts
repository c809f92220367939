import { describe, expect, it } from "vitest";
import { placeAt } from "./place.ts";

/** `|` is the cursor. */
function at(marked: string) {
  const offset = marked.indexOf("|");
  const text = marked.replace("|", "");
  const place = placeAt(text, offset);
  return place && { ...place.wanted, now: text.slice(place.from, place.to), quoted: place.quoted };
}

describe("what can be typed at a place of a policy", () => {
  it("is an element of the document in its braces", () => {
    expect(at('{"Version":"2012-10-17", "|"}')).toEqual({
      what: "document-element",
      present: ["Version"],
      now: "",
      quoted: true,
    });
    expect(at("{|}")).toMatchObject({ what: "document-element", quoted: false });
  });

  it("is an element of the statement, in a list or alone", () => {
    expect(at('{"Statement":[{"Effect":"Allow","Ac|"}]}')).toMatchObject({
      what: "statement-element",
      now: "Ac",
    });
    expect(at('{"Statement":{"|"}}')).toMatchObject({ what: "statement-element" });
  });

  it("is an action in Action and NotAction, as text or in a list", () => {
    expect(at('{"Statement":[{"Action":"s3:Ge|"}]}')).toEqual({ what: "action", now: "s3:Ge", quoted: true });
    expect(at('{"Statement":[{"NotAction":["s3:PutObject","s3:|"]}]}')).toMatchObject({
      what: "action",
      now: "s3:",
    });
    expect(at('{"Statement":[{"Action":|}]}')).toMatchObject({ what: "action", quoted: false });
  });

  it("knows the statement's actions for its resources and condition keys", () => {
    expect(at('{"Statement":[{"Action":["s3:GetObject"],"Resource":"|"}]}')).toMatchObject({
      what: "resource",
      actions: ["s3:GetObject"],
    });
    expect(
      at('{"Statement":[{"Action":"s3:ListBucket","Condition":{"StringEquals":{"s3:p|":""}}}]}'),
    ).toMatchObject({ what: "condition-key", actions: ["s3:ListBucket"], now: "s3:p" });
  });

  it("is an operator in Condition, a type in Principal, and fixed words in Effect and Version", () => {
    expect(at('{"Statement":[{"Condition":{"Str|"}}]}')).toMatchObject({ what: "operator", now: "Str" });
    expect(at('{"Statement":[{"Principal":{"|"}}]}')).toMatchObject({ what: "principal-type" });
    expect(at('{"Statement":[{"Effect":"|"}]}')).toMatchObject({ what: "effect" });
    expect(at('{"Version":"|"')).toMatchObject({ what: "version" });
  });

  it("is nothing where only the author knows: a Sid, a principal, a condition's value", () => {
    expect(at('{"Statement":[{"Sid":"|"}]}')).toBeNull();
    expect(at('{"Statement":[{"Principal":{"AWS":"|"}}]}')).toBeNull();
    expect(at('{"Statement":[{"Condition":{"StringEquals":{"aws:SourceIp":"|"}}}]}')).toBeNull();
  });

  it("takes the unfinished string alone when its quote is still missing", () => {
    expect(at('{"Statement":[{"Action":"s3:Ge|\n}]}')).toMatchObject({ what: "action", now: "s3:Ge" });
  });

  it("is nothing in text that is nested deeper than any policy", () => {
    expect(at(`${"[".repeat(10_000)}|`)).toBeNull();
  });
});
