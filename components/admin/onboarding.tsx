"use client";

import { useMemo, useState } from "react";
import { CodeFrame } from "#components/ui/code-frame.tsx";
import { plainLines } from "#components/ui/code-lines.ts";
import { CodePreview } from "#components/ui/code-preview.tsx";
import { Field } from "#components/ui/field.tsx";
import { Input } from "#components/ui/input.tsx";
import { Tabs } from "#components/ui/tabs.tsx";
import {
  type OnboardingAccount,
  onboardingDocuments,
  onboardingTemplate,
} from "#lib/render/onboarding/template.ts";

export type OnboardingProps = {
  account: OnboardingAccount;
  installation: string;
  issuerRegions: readonly string[];
};

const arnPattern = /^arn:[a-z-]+:iam::\d{12}:(role|user)\/.+$/;

/** What the account's owner puts in place, with exactly this account's values. */
export function Onboarding({ account, installation, issuerRegions }: OnboardingProps) {
  const [worker, setWorker] = useState("");
  const typed = worker.trim();
  const placeholder = `arn:${account.partition}:iam::TOOLS-ACCOUNT:role/drawbridge-worker`;
  const files = useMemo(() => {
    const options = { account, installation, issuerRegions, workerArn: typed || placeholder };
    const { trust, policy, boundary } = onboardingDocuments(options);
    return [
      {
        value: "template",
        label: "CloudFormation",
        name: `drawbridge-${account.id}.json`,
        about: "Makes all of it. With credentials of the account:",
        command: [
          "aws cloudformation deploy --stack-name drawbridge \\",
          `  --template-file drawbridge-${account.id}.json --capabilities CAPABILITY_NAMED_IAM`,
        ].join("\n"),
        document: onboardingTemplate(options),
      },
      {
        value: "trust",
        label: "Role trust",
        name: "provisioner-trust.json",
        about: `Who may become ${account.provisionerRoleArn}: the worker alone, and only with this account's ExternalId.`,
        command: null,
        document: trust,
      },
      {
        value: "policy",
        label: "Role policy",
        name: "provisioner-policy.json",
        about:
          "What the provisioner may do: write roles under Drawbridge's own path that carry the boundary, and policies of targets. Never itself, never the boundary.",
        command: null,
        document: policy,
      },
      {
        value: "boundary",
        label: "Boundary",
        name: "boundary.json",
        about: `${account.boundaryArn}: the most that any role made by Drawbridge may do, whatever its policy says.`,
        command: null,
        document: boundary,
      },
    ];
  }, [account, installation, issuerRegions, typed, placeholder]);

  return (
    <div className="space-y-5">
      <Field
        label="ARN that the worker runs as"
        hint="The role or user of Drawbridge's worker, in your tools account. It goes into the trust."
        error={
          typed !== "" && !arnPattern.test(typed) ? "This must be the ARN of an IAM role or user." : undefined
        }
        className="max-w-2xl"
      >
        <Input
          mono
          autoComplete="off"
          spellCheck={false}
          value={worker}
          placeholder={placeholder}
          onChange={(event) => setWorker(event.currentTarget.value)}
        />
      </Field>
      <Tabs
        label="Onboarding documents"
        items={files.map(({ value, label, name, about, command, document }) => ({
          value,
          label,
          content: (
            <>
              <p className="mb-3 text-sm wrap-anywhere text-ink-muted">{about}</p>
              {command && (
                <CodeFrame title="terminal" code={command} lines={plainLines(command)} className="mb-3" />
              )}
              <CodePreview
                title={name}
                filename={name}
                language="json"
                code={JSON.stringify(document, null, 2)}
              />
            </>
          ),
        }))}
      />
    </div>
  );
}
