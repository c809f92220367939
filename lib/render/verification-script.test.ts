import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { podReportSchema, reportIsGood } from "#lib/model/pod-report.ts";
import type { JobCheck } from "./verification-job.ts";
import { verificationScript } from "./verification-script.ts";

/** The script runs in a real shell, with an `aws` and a `curl` that write down how they were called. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "drawbridge-check-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, body: string): void {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nprintf '%s\\n' "$*" >>"$CALLS"\n${body}\n`);
  chmodSync(path, 0o755);
}

interface Played {
  status: number | null;
  log: string;
  calls: string[];
}

function play(checks: JobCheck[], aws: string, env: Record<string, string> = {}): Played {
  program("aws", aws);
  program("curl", 'cp report.json "$POSTED"');
  const calls = join(folder, "calls");
  const run = spawnSync("/bin/sh", ["-c", verificationScript], {
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: `${folder}:${process.env.PATH}`,
      TMPDIR: folder,
      CALLS: calls,
      POSTED: join(folder, "posted"),
      DRAWBRIDGE_CHECKS: JSON.stringify(checks),
      ...env,
    },
  });
  return {
    status: run.status,
    log: run.stdout,
    calls: existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [],
  };
}

function check(operation: string, resource: string, profile: string | null = null): JobCheck {
  return { operation, resource, profile, region: "eu-west-1" };
}

const allow = `case "$*" in
  *get-caller-identity*) echo arn:aws:sts::111122223333:assumed-role/r/pod ;;
  *get-queue-url*) echo https://sqs.eu-west-1.amazonaws.com/444455556666/orders ;;
esac`;

const timeouts = "--cli-connect-timeout=10 --cli-read-timeout=20";

describe("verification script", () => {
  it("is valid shell", () => {
    execFileSync("/bin/sh", ["-n", "-c", verificationScript]);
  });

  it("tries what it was told to, with profile and Region, and reports it", () => {
    const bucket = "arn:aws:s3:::reports/exports/2026/";
    const { status, calls } = play(
      [
        check("s3:ListBucket", bucket, "drawbridge-444455556666"),
        check("s3:PutObject", `${bucket}drawbridge-check`),
        check("s3:GetObject", `${bucket}drawbridge-check`),
        check("s3:DeleteObject", `${bucket}drawbridge-check`),
      ],
      allow,
      { DRAWBRIDGE_REPORT_URL: "https://drawbridge.example.com/r?t=1" },
    );
    expect(calls).toEqual([
      `sts get-caller-identity --query=Arn --output=text ${timeouts}`,
      `s3api list-objects-v2 --bucket=reports --prefix=exports/2026/ --max-keys=1 --no-paginate --profile=drawbridge-444455556666 --region=eu-west-1 ${timeouts}`,
      `s3api put-object --bucket=reports --key=exports/2026/drawbridge-check --body=body --region=eu-west-1 ${timeouts}`,
      `s3api get-object --bucket=reports --key=exports/2026/drawbridge-check object --region=eu-west-1 ${timeouts}`,
      `s3api delete-object --bucket=reports --key=exports/2026/drawbridge-check --region=eu-west-1 ${timeouts}`,
      "-fsS --max-time 20 --retry 3 --retry-connrefused -H Content-Type: application/json --data-binary @report.json -o /dev/null https://drawbridge.example.com/r?t=1",
    ]);
    const report = podReportSchema.parse(JSON.parse(readFileSync(join(folder, "posted"), "utf8")));
    expect(report.identity).toBe("arn:aws:sts::111122223333:assumed-role/r/pod");
    expect(report.checks.map(({ operation, resource, outcome }) => [operation, resource, outcome])).toEqual([
      ["s3:ListBucket", bucket, "allowed"],
      ["s3:PutObject", `${bucket}drawbridge-check`, "allowed"],
      ["s3:GetObject", `${bucket}drawbridge-check`, "allowed"],
      ["s3:DeleteObject", `${bucket}drawbridge-check`, "allowed"],
    ]);
    expect(reportIsGood(report)).toBe(true);
    expect(status).toBe(0);
  });

  it("lists a whole bucket with an empty prefix", () => {
    const { calls } = play([check("s3:ListBucket", "arn:aws:s3:::reports/")], allow);
    expect(calls[1]).toContain("list-objects-v2 --bucket=reports --prefix= --max-keys=1");
  });

  it("hides no message and groups those of FIFO queues", () => {
    const queue = "arn:aws:sqs:eu-west-1:444455556666:orders.fifo";
    const { calls } = play(
      ["sqs:GetQueueAttributes", "sqs:SendMessage", "sqs:ReceiveMessage"].map((one) => check(one, queue)),
      allow,
    );
    const url = "--queue-url=https://sqs.eu-west-1.amazonaws.com/444455556666/orders";
    expect(calls.filter((_, index) => index % 2 === 0).slice(1)).toEqual([
      expect.stringContaining(`sqs get-queue-attributes ${url}`),
      expect.stringMatching(
        /--message-group-id=drawbridge-check --message-deduplication-id=drawbridge-check-\d+/,
      ),
      expect.stringContaining("--visibility-timeout=0"),
    ]);
    expect(calls[1]).toContain(
      "get-queue-url --queue-name=orders.fifo --queue-owner-aws-account-id=444455556666",
    );
  });

  it.each([
    ["An error occurred (AccessDenied) when calling the PutObject operation: Access Denied", "denied"],
    ["An error occurred (403) when calling the HeadObject operation: Forbidden", "denied"],
    ["User: x is not authorized to perform: sqs:sendmessage", "denied"],
    [
      "An error occurred (AWS.SimpleQueueService.NonExistentQueue): The specified queue does not exist or you do not have access to it.",
      "denied",
    ],
    ["An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation", "error"],
    ["Could not connect to the endpoint URL", "error"],
  ])("%s: %s", (message, outcome) => {
    const { status, log } = play(
      [check("s3:PutObject", "arn:aws:s3:::b/k")],
      `echo '${message}' >&2; exit 254`,
    );
    const report = podReportSchema.parse(JSON.parse(log));
    expect(report).toMatchObject({ identity: null, checks: [{ outcome, detail: message }] });
    expect(status).toBe(1);
  });

  it("stays JSON whatever AWS answers", () => {
    const { log } = play(
      [check("s3:PutObject", "arn:aws:s3:::b/k")],
      `printf 'quote " backslash \\\\ tab \\t bell \\007 umlaut \\303\\244\\nsecond line' >&2
       head -c 5000 /dev/zero | tr '\\0' '"' >&2; exit 1`,
    );
    const [first] = podReportSchema.parse(JSON.parse(log)).checks;
    expect(first?.detail).toMatch(/^quote " backslash \\ tab {2}bell {2}umlaut {2}second line"+$/);
    expect(first?.detail.length).toBe(500);
  });

  it("reports an operation that it does not know, and posts nothing without a URL", () => {
    const { log, calls, status } = play([check("kms:Decrypt", "arn:aws:kms:x")], allow);
    expect(JSON.parse(log).checks[0]).toMatchObject({
      outcome: "error",
      detail: expect.stringContaining("kms:Decrypt"),
    });
    expect(calls.some((call) => call.includes("data-binary"))).toBe(false);
    expect(status).toBe(1);
  });
});
