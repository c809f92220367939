import { accepted, type Outcome, refusal, refused } from "#lib/model/refusal.ts";
import { readUpTo } from "../../read-up-to.ts";

/** Far more than any report of ours has; what is longer is not even read to its end. */
const maxBytes = 64 * 1024;

/** The body as JSON. */
export async function readJson(request: Request): Promise<Outcome<unknown>> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") return refused(wrongType);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return refused(tooLong);
  const bytes = await readUpTo(request.body, maxBytes);
  if (bytes === undefined) return refused(tooLong);
  try {
    return accepted(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    return refused(notJson);
  }
}

const wrongType = refusal(
  "body.type",
  "",
  "The report is not sent as application/json.",
  "Set the header Content-Type: application/json.",
);
const tooLong = refusal("body.too-long", "", "The report is longer than 64 kB.", "Send a shorter one.");
const notJson = refusal("body.not-json", "", "The report is not JSON.", "Send one JSON object.");

/** Code of a refusal → HTTP status; 422 for what the report itself has wrong. */
export const statuses: Record<string, number> = {
  "body.type": 415,
  "body.too-long": 413,
  "body.not-json": 400,
  "rate-limit": 429,
  "token.invalid": 404,
  "token.expired": 410,
  "grant.not-active": 409,
};
