import type { IncomingMessage } from "node:http";

/** A request, read to its end. Header names are lower-case; repeated headers are joined by a comma. */
export interface WireRequest {
  method: string;
  /** Percent-encoded path, as it was on the wire. */
  path: string;
  query: URLSearchParams;
  /** The query string as it was on the wire: signatures are computed over it. */
  rawQuery: string;
  headers: Record<string, string>;
  body: Buffer;
  /** The body before `aws-chunked` framing was taken off. */
  rawBody: Buffer;
}

export interface WireResponse {
  status: number;
  headers: Record<string, string>;
  body: Buffer | string;
}

/** 6 MB: above any policy or any object of a demo, below what would hurt. */
const bodyLimit = 6 * 1024 * 1024;

export async function readRequest(message: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > bodyLimit) throw new RangeError("The sandbox takes bodies of 6 MB at most");
    chunks.push(bytes);
  }
  const [path = "/", rawQuery = ""] = splitOnce(message.url ?? "/", "?");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  const rawBody = Buffer.concat(chunks);
  return {
    method: message.method ?? "GET",
    path,
    query: new URLSearchParams(rawQuery),
    rawQuery,
    headers,
    body: decodeBody(rawBody, headers),
    rawBody,
  };
}

function splitOnce(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/**
 * S3's `aws-chunked` framing: `SIZE_HEX[;chunk-signature=…]\r\n BYTES \r\n … 0\r\n trailers`. The SDK uses it for
 * streams and for checksums in trailers. Source: S3 API Reference, "Signature calculations: transferring payload
 * in multiple chunks".
 */
function decodeBody(body: Buffer, headers: Record<string, string>): Buffer {
  const chunked =
    headers["content-encoding"]?.includes("aws-chunked") ||
    headers["x-amz-content-sha256"]?.startsWith("STREAMING-");
  if (!chunked) return body;
  const parts: Buffer[] = [];
  let at = 0;
  while (at < body.length) {
    const lineEnd = body.indexOf("\r\n", at);
    if (lineEnd < 0) break;
    const size = Number.parseInt(body.toString("latin1", at, lineEnd), 16);
    if (!size) break;
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
