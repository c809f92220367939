import type { FindingId } from "./catalogue.ts";
import { MAX_POLICY_DEPTH, MAX_POLICY_LENGTH } from "./json-source.ts";
import type { CheckKind } from "./kinds.ts";

const role = "arn:aws:iam::111122223333:role/drawbridge/src";
const trusting = { Effect: "Allow", Principal: { AWS: role }, Action: "sts:AssumeRole" };
const sending = {
  Effect: "Allow",
  Principal: { AWS: role },
  Action: "sqs:SendMessage",
  Resource: "arn:aws:sqs:eu-west-1:444455556666:orders",
};

/** Statements that differ, `count` of them. */
function many(statement: object, count: number): object[] {
  return Array.from({ length: count }, (_, at) => ({ Sid: `Number${at}`, ...statement }));
}

/** A statement whose document has about this many characters. */
function long(statement: object, characters: number): object {
  return { Sid: "x".repeat(characters - JSON.stringify(statement).length - 60), ...statement };
}

const reading = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::reports/*" };
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const queueActions = ["Send", "Receive", "Delete"].map((verb) => `sqs:${verb}Message`);
const eight = [
  ...queueActions,
  ...["ChangeMessageVisibility", "GetQueueAttributes", "GetQueueUrl", "ListQueueTags", "PurgeQueue"].map(
    (name) => `sqs:${name}`,
  ),
];

/** Cases whose documents are too long to be written out. */
export const sizeCases: {
  finding: FindingId;
  kind: CheckKind;
  service?: string;
  hit: unknown;
  near: unknown;
}[] = [
  {
    finding: "json.too-long",
    kind: "identity",
    hit: " ".repeat(MAX_POLICY_LENGTH + 1),
    near: " ".repeat(MAX_POLICY_LENGTH),
  },
  {
    finding: "json.too-deep",
    kind: "identity",
    hit: nested(MAX_POLICY_DEPTH + 1),
    near: nested(MAX_POLICY_DEPTH),
  },
  { finding: "size.trust", kind: "trust", hit: long(trusting, 2_100), near: long(trusting, 2_000) },
  { finding: "size.identity", kind: "identity", hit: long(reading, 6_200), near: long(reading, 6_100) },
  { finding: "size.session", kind: "session", hit: long(reading, 2_100), near: long(reading, 2_000) },
  { finding: "size.organization", kind: "scp", hit: long(reading, 10_300), near: long(reading, 10_200) },
  {
    finding: "size.resource",
    kind: "resource",
    service: "sqs",
    hit: long(sending, 8_300),
    near: long(sending, 8_100),
  },
  {
    finding: "size.statements",
    kind: "resource",
    service: "sqs",
    hit: many(sending, 21),
    near: many(sending, 20),
  },
  {
    finding: "size.statement-actions",
    kind: "resource",
    service: "sqs",
    hit: { ...sending, Action: eight },
    near: { ...sending, Action: eight.slice(1) },
  },
];
