"use client";

import { Check, PencilLine, X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { refusalText } from "#components/refusals/refusal-list.tsx";
import type { ActionResult, Decision } from "#components/requests/request-data.ts";
import { type Approvable, WhatChanges } from "#components/requests/what-changes.tsx";
import { riskWords } from "#components/risk/risk-words.ts";
import { useShortcut } from "#components/shell/shortcuts.tsx";
import { ConfirmDialog, type ConfirmDialogProps } from "#components/ui/alert-dialog.tsx";
import { Button } from "#components/ui/button.tsx";
import { cn } from "#components/ui/cn.ts";
import type { ButtonVariant } from "#components/ui/control-styles.ts";
import { Kbd } from "#components/ui/kbd.tsx";
import { useToast } from "#components/ui/toast.tsx";
import type { Refusal } from "#lib/model/refusal.ts";

export type ReviewBoxProps = {
  version: number;
  digest: string;
  may: {
    approve: Refusal | null;
    /** The accounts that an approval has to name, as it is typed; null: it need not. */
    confirmation: string | null;
    requestChanges: Refusal | null;
    reject: Refusal | null;
  };
  /** What an approval is for. */
  subject: Approvable;
  /** The groups that the reader's approval speaks for. */
  speaksFor: readonly string[];
  /** Approvals that would still be missing after the reader's. */
  missingAfter: number;
  onReview: (review: {
    version: number;
    digest: string;
    decision: Decision;
    comment: string;
    confirmation: string;
  }) => Promise<ActionResult>;
};

type Choice = {
  decision: Decision;
  key: string;
  label: string;
  icon: ReactNode;
  variant: ButtonVariant;
  refusal: Refusal | null;
  done: string;
  dialog: Pick<
    ConfirmDialogProps,
    "title" | "description" | "confirmLabel" | "tone" | "reason" | "typed" | "initialFocus"
  >;
};

/** Approve, ask for changes or reject: buttons, keys and one dialog. What is refused says why. */
export function ReviewBox(props: ReviewBoxProps) {
  const [chosen, setChosen] = useState<Decision | null>(null);
  // The version before the reader when they chose: the page renews itself, and an open dialog must not follow it.
  const [chosenFrom, setChosenFrom] = useState(props);
  const seen =
    chosenFrom.digest === props.digest && chosenFrom.version === props.version ? props : chosenFrom;
  function choose(decision: Decision | null) {
    if (decision) setChosenFrom(props);
    setChosen(decision);
  }
  const toast = useToast();
  const reviewed = useRef(false);
  const decided = choicesOf(props).every((choice) => choice.refusal !== null);
  // The buttons go with the decision, and with them the focus: it goes on at the page's title.
  useEffect(() => {
    const goOn = () => {
      if (reviewed.current) focusTitle();
      reviewed.current = false;
    };
    if (decided) goOn();
    return goOn;
  }, [decided]);
  const choices = choicesOf(props);
  const allowed = choices.filter((choice) => choice.refusal === null);
  // The same reason against everything needs no buttons at all.
  if (allowed.length === 0) {
    const [first] = choices;
    return first?.refusal ? <Reason refusal={first.refusal} /> : null;
  }
  return (
    <div className="space-y-3">
      <div className="flex flex-col gap-2">
        {choices.map((choice) => (
          <ChoiceButton key={choice.decision} choice={choice} onChoose={() => choose(choice.decision)} />
        ))}
      </div>
      {props.may.approve ? (
        <Reason refusal={props.may.approve} />
      ) : (
        props.may.confirmation !== null && (
          <p className="text-sm text-ink-muted">
            {riskWords[props.subject.risk].label}: approving asks you to type the name of every account that
            it opens.
          </p>
        )
      )}
      {choicesOf(seen).map((choice) => (
        <ConfirmDialog
          key={choice.decision}
          open={chosen === choice.decision}
          onOpenChange={(open) => choose(open ? choice.decision : null)}
          {...choice.dialog}
          onConfirm={async (comment, confirmation) => {
            const { version, digest } = seen;
            const result = await props.onReview({
              version,
              digest,
              decision: choice.decision,
              comment,
              confirmation,
            });
            if (!result.ok) return { ok: false, message: refusalText(result.refusals) };
            reviewed.current = true;
            toast.success(choice.done);
            return { ok: true };
          }}
        >
          {choice.decision === "approve" && <WhatChanges {...seen.subject} />}
        </ConfirmDialog>
      ))}
    </div>
  );
}

/** Unless the focus is somewhere already. */
function focusTitle(): void {
  requestAnimationFrame(() => {
    if (document.activeElement !== document.body) return;
    document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
  });
}

function ChoiceButton({ choice, onChoose }: { choice: Choice; onChoose: () => void }) {
  const { key, label, icon, variant, refusal } = choice;
  const button = useRef<HTMLButtonElement>(null);
  // A dialog gives the focus back to where it was: by the key too, that is the button.
  const onPress = () => {
    button.current?.focus();
    onChoose();
  };
  useShortcut({ keys: key, label, group: "Review", onPress }, refusal === null);
  return (
    <Button
      ref={button}
      variant={variant}
      icon={icon}
      disabled={refusal !== null}
      onClick={onChoose}
      className="w-full justify-start [&>span:last-child]:flex-1"
    >
      {label}
      <Kbd keys={key} className={cn("ml-auto max-lg:hidden", refusal && "invisible")} />
    </Button>
  );
}

function Reason({ refusal }: { refusal: Refusal }) {
  return (
    <p className="text-sm text-ink-muted">
      <span className="text-ink">{refusal.reason}</span> {refusal.nextStep}
    </p>
  );
}

function choicesOf({ version, may, subject, speaksFor, missingAfter }: ReviewBoxProps): Choice[] {
  const groups = new Intl.ListFormat("en").format(speaksFor);
  const follows =
    missingAfter === 0
      ? "It is the last one that is missing: provisioning starts at once."
      : `${missingAfter} more ${missingAfter === 1 ? "approval is" : "approvals are"} needed after yours.`;
  return [
    {
      decision: "approve",
      key: "a",
      label: "Approve",
      icon: <Check aria-hidden="true" />,
      variant: "primary",
      refusal: may.approve,
      done: missingAfter === 0 ? "Approved. Provisioning has started." : "Your approval is recorded.",
      dialog: {
        title: `Approve version ${version}?`,
        description: `You approve for ${groups}. ${follows}`,
        confirmLabel: "Approve",
        // Where nothing is to be typed, Enter is enough.
        initialFocus: may.confirmation === null ? "confirm" : "first",
        reason: { label: "Comment", placeholder: "What you checked" },
        typed:
          may.confirmation === null
            ? undefined
            : {
                name: may.confirmation,
                why: `${riskWords[subject.risk].label}: every account that this opens.`,
              },
      },
    },
    {
      decision: "request_changes",
      key: "c",
      label: "Request changes",
      icon: <PencilLine aria-hidden="true" />,
      variant: "secondary",
      refusal: may.requestChanges,
      done: "The requester will see what to change.",
      dialog: {
        title: "Request changes?",
        description: "The requester can send a new version. Approvals of this one no longer count then.",
        confirmLabel: "Request changes",
        reason: {
          label: "What should change",
          required: true,
          requiredMessage: "Say what should change: the requester acts on it.",
          hint: "Ctrl Enter sends it.",
        },
      },
    },
    {
      decision: "reject",
      key: "x",
      label: "Reject",
      icon: <X aria-hidden="true" />,
      variant: "danger-outline",
      refusal: may.reject,
      done: "The request is rejected.",
      dialog: {
        title: "Reject this request?",
        description: "It is closed for good. To ask again, the requester files a new one.",
        confirmLabel: "Reject request",
        tone: "danger",
        reason: {
          label: "Why",
          required: true,
          requiredMessage: "Say why: the requester acts on it.",
          hint: "Ctrl Enter sends it.",
        },
      },
    },
  ];
}
