import { type PlaygroundState, playgroundSchema } from "./state.ts";

/**
 * A playground as the part of an address after `#`, which browsers send to no server: deflated JSON in base64url. What
 * comes out of a link was written by anybody, so its size is capped while it is inflated and its shape checked.
 */

const prefix = "p=";
/** Some browsers and most chats cut addresses that are longer. */
const longest = 32_000;
const mostBytes = 1024 * 1024;

/** @returns null when it is too long for an address */
export async function toHash(state: PlaygroundState): Promise<string | null> {
  const bytes = await through(
    new TextEncoder().encode(JSON.stringify(state)),
    new CompressionStream("deflate-raw"),
  );
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const hash = `${prefix}${text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
  return hash.length > longest ? null : hash;
}

/** @returns undefined when there is none, null when it can't be read */
export async function fromHash(hash: string): Promise<PlaygroundState | null | undefined> {
  const text = hash.replace(/^#/, "");
  if (!text.startsWith(prefix)) return undefined;
  try {
    const binary = atob(text.slice(prefix.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const json = await through(bytes, new DecompressionStream("deflate-raw"));
    return playgroundSchema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json)));
  } catch {
    return null;
  }
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  transform: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.length;
    if (length > mostBytes) {
      await reader.cancel();
      throw new RangeError("longer than any playground");
    }
    parts.push(next.value);
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
