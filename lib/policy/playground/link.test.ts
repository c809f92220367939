import { deflateRawSync } from "node:zlib";
import { expect, it } from "vitest";
import { fromHash, toHash } from "./link.ts";
import { emptyPlayground, type PlaygroundState } from "./state.ts";

const state: PlaygroundState = {
  documents: [{ kind: "trust", text: '{"Version":"2012-10-17"} – ünïcode 🔑' }],
  question: {
    ...emptyPlayground.question,
    context: [{ key: "aws:SourceIp", state: "is", value: "10.0.0.1" }],
  },
};

const linkOf = (json: string) => `#p=${deflateRawSync(json).toString("base64url")}`;

it("a playground comes out of its link as it went in", async () => {
  const hash = await toHash(state);
  expect(hash).toMatch(/^p=[\w-]+$/);
  expect(await fromHash(`#${hash}`)).toEqual(state);
});

it("an address without one has none", async () => {
  expect(await fromHash("")).toBeUndefined();
  expect(await fromHash("#content")).toBeUndefined();
});

it("what was cut short, has another shape or inflates without end is refused", async () => {
  const hash = await toHash(state);
  expect(await fromHash(`#${hash?.slice(0, -9)}`)).toBeNull();
  expect(await fromHash("#p=%%%")).toBeNull();
  expect(await fromHash(linkOf('{"documents":[]}'))).toBeNull();
  expect(await fromHash(linkOf(JSON.stringify({ ...state, admin: true })))).toBeNull();
  expect(await fromHash(linkOf(`"${"a".repeat(8_000_000)}"`))).toBeNull();
});

it("what no address could hold gives no link", async () => {
  const noise = Array.from({ length: 60_000 }, (_, at) => ((at * 7919) ^ (at << 3)).toString(36)).join("");
  const documents = [{ kind: "identity" as const, text: noise.slice(0, 65_000) }];
  expect(await toHash({ ...state, documents })).toBeNull();
});
