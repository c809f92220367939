import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { WireRequest } from "./http.ts";

/** `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, SignedHeaders=…, Signature=…`. */
export interface Signed {
  accessKeyId: string;
  date: string;
  region: string;
  service: string;
  signedHeaders: string[];
  signature: string;
}

export function readAuthorization(header: string | undefined): Signed | undefined {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      header ?? "",
    );
  if (!match) return undefined;
  const [, accessKeyId = "", date = "", region = "", service = "", headers = "", signature = ""] = match;
  return { accessKeyId, date, region, service, signedHeaders: headers.split(";"), signature };
}

/**
 * Whether the request was signed with this secret. Source: IAM User Guide, "Create a signed AWS API request".
 * S3 signs the path as sent; the other services encode it once more.
 */
export function isSignatureValid(request: WireRequest, signed: Signed, secretAccessKey: string): boolean {
  const path = signed.service === "s3" ? request.path : request.path.split("/").map(encode).join("/");
  const payloadHash = request.headers["x-amz-content-sha256"] ?? sha256(request.rawBody);
  if (/^[0-9a-f]{64}$/.test(payloadHash) && payloadHash !== sha256(request.rawBody)) return false;
  const canonical = [
    request.method,
    path,
    canonicalQuery(request.query),
    ...signed.signedHeaders.map(
      (name) => `${name}:${(request.headers[name] ?? "").trim().replace(/ +/g, " ")}`,
    ),
    "",
    signed.signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
  const scope = `${signed.date}/${signed.region}/${signed.service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"] ?? "", scope, sha256(canonical)].join(
    "\n",
  );
  const key = [signed.date, signed.region, signed.service, "aws4_request"].reduce<Buffer | string>(
    (derived, part) => createHmac("sha256", derived).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const expected = createHmac("sha256", key).update(toSign).digest();
  return timingSafeEqual(expected, Buffer.from(signed.signature, "hex"));
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
