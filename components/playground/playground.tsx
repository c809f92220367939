"use client";

import { Eraser, Link2 } from "lucide-react";
import { type ReactNode, useDeferredValue, useMemo, useRef, useState } from "react";
import type { PolicyEditorHandle } from "#components/policy-editor/policy-editor.tsx";
import type { StatementMark } from "#components/policy-editor/statement-marks.ts";
import { Button } from "#components/ui/button.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { Section } from "#components/ui/card.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { useToast } from "#components/ui/toast.tsx";
import { decidingStatements } from "#lib/policy/deciding.ts";
import { statementRanges } from "#lib/policy/editing/statement-ranges.ts";
import type { VocabularySource } from "#lib/policy/editing/vocabulary.ts";
import { answer as decide, type PlaygroundAnswer } from "#lib/policy/playground/answer.ts";
import type { PlaygroundExample } from "#lib/policy/playground/example.ts";
import { documentNames, mayAdd, type PlaygroundKind } from "#lib/policy/playground/state.ts";
import { DecisionBar } from "./decision-bar.tsx";
import { AddMenu, Documents } from "./documents.tsx";
import { ExampleBoard, ExampleMenu } from "./example-menu.tsx";
import { QuestionForm } from "./question-form.tsx";
import { type CheckPolicy, useChecks } from "./use-checks.ts";
import { type OpenDocument, usePlayground } from "./use-playground.ts";
import { Why } from "./why.tsx";
import { documentKinds } from "./words.ts";

export type PlaygroundProps = {
  examples: readonly PlaygroundExample[];
  check: CheckPolicy;
  vocabulary: VocabularySource;
};

/** Policies and a request beside each other; the decision and why as one types. Nothing is kept but in the address. */
export function Playground({ examples, check, vocabulary }: PlaygroundProps) {
  const toast = useToast();
  const playground = usePlayground();
  const { ready, documents, question, linkProblem, load, clear, ask, add, edit, change, remove } = playground;
  const [now] = useState(() => new Date().toISOString());
  const [shown, setShown] = useState<string>();
  const checks = useChecks(documents, question, check);
  const editors = useRef(new Map<string, PolicyEditorHandle>());
  const names = useMemo(() => documentNames(documents), [documents]);
  // Of less urgency than the next key.
  const [asked, about] = [useDeferredValue(question), useDeferredValue(documents)];
  const answer = useMemo(() => decide(about, asked, now), [about, asked, now]);
  const marks = useMemo(() => marksOf(about, answer), [about, answer]);
  const current = documents.some(({ id }) => id === shown) ? shown : documents[0]?.id;

  function begin(kind: PlaygroundKind) {
    setShown(add(kind));
  }

  function select(id: string, from: number, to: number) {
    setShown(id);
    // A hidden editor can't take the focus: it is shown first.
    requestAnimationFrame(() => editors.current.get(id)?.select(from, to));
  }

  function startAnew() {
    const before = { documents: documents.map(({ kind, text }) => ({ kind, text })), question };
    clear();
    toast.success({
      title: "The playground is empty",
      action: { label: "Undo", onSelect: () => load(before) },
    });
  }

  async function copyLink() {
    try {
      await navigator.clipboard.writeText(window.location.href);
      toast.success("The link is copied");
    } catch {
      toast.error({ title: "The link could not be copied", body: "It is the address of this page." });
    }
  }

  const started = documents.length > 0 || question.action !== "" || question.caller.name !== "";
  const problem = linkProblem && (
    <Callout tone="warn" title={linkProblems[linkProblem].title} className="mb-4">
      {linkProblems[linkProblem].body}
    </Callout>
  );
  if (!started)
    return (
      <>
        <Header />
        {problem}
        <div className="mb-6 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-surface px-4 py-4 shadow-sm sm:px-5">
          <p className="min-w-0 flex-1 basis-64 text-sm text-ink-muted">
            Begin with a policy of your own, or with one of the examples. Nothing is stored: the address holds
            it all.
          </p>
          <AddMenu documents={documents} onAdd={begin} />
        </div>
        {ready && <ExampleBoard examples={examples} onLoad={({ state }) => load(state)} />}
      </>
    );
  return (
    <>
      <Header
        actions={
          <>
            <ExampleMenu examples={examples} onLoad={({ state }) => load(state)} />
            <Button icon={<Link2 aria-hidden="true" />} disabled={linkProblem !== null} onClick={copyLink}>
              Copy link
            </Button>
            <Button variant="ghost" icon={<Eraser aria-hidden="true" />} onClick={startAnew}>
              Clear
            </Button>
          </>
        }
      />
      {problem}
      <div className="grid gap-4 lg:gap-5 lg:**:scroll-mt-28">
        <div className="z-20 bg-canvas lg:sticky lg:top-(--sticky-top) lg:-mt-2 lg:pt-2">
          <DecisionBar
            answer={answer}
            mayAdd={(kind) => mayAdd(kind, documents)}
            onAdd={begin}
            onAddKey={(key) => ask({ context: [...question.context, { key, state: "is", value: "" }] })}
          />
        </div>
        <div className="grid items-start gap-4 lg:gap-5 xl:grid-cols-[minmax(0,7fr)_minmax(0,5fr)]">
          <Documents
            documents={documents}
            names={names}
            checks={checks}
            shown={current}
            onShown={setShown}
            onAdd={begin}
            panel={({ id }) => ({
              marks: marks.get(id) ?? noMarks,
              vocabulary,
              // With a decision, its reasons have the sentences.
              sentences: !answer.ok,
              kinds: otherKinds(id, documents),
              onEdit: edit,
              onChange: change,
              onRemove: remove,
              onShowFinding: ({ range }) => range && select(id, range.start.offset, range.end.offset),
              handle: (handle) => {
                if (!handle) return;
                editors.current.set(id, handle);
                return () => {
                  editors.current.delete(id);
                };
              },
            })}
          />
          <Section title="Request">
            <QuestionForm
              question={question}
              onChange={ask}
              problems={answer.ok ? {} : answer.problems}
              trust={documents.some(({ kind }) => kind === "trust")}
              vocabulary={vocabulary}
              filled={answer.ok ? filledKeys(answer, question.context) : []}
            />
          </Section>
        </div>
        {answer.ok && documents.length > 0 && (
          <Why
            answer={answer}
            documents={documents}
            names={names}
            checks={checks}
            onShow={({ id, text }, { index }) => {
              const range = statementRanges(text)[index];
              if (range) select(id, range.start.offset, range.end.offset);
            }}
          />
        )}
      </div>
    </>
  );
}

function Header({ actions }: { actions?: ReactNode }) {
  return (
    <PageHeader
      title="Playground"
      description="Paste policies and a request: what AWS would decide, why, and what is wrong with each policy."
      actions={actions}
    />
  );
}

/** What the document may be instead, beside the others. */
function otherKinds(id: string, documents: readonly OpenDocument[]): PlaygroundKind[] {
  const others = documents.filter((one) => one.id !== id);
  const { kind: own } = documents.find((one) => one.id === id) ?? {};
  return documentKinds.map(({ kind }) => kind).filter((kind) => kind !== own && mayAdd(kind, others));
}

const noMarks: readonly StatementMark[] = [];

const linkProblems = {
  unreadable: {
    title: "This link holds no playground that can be read",
    body: "It was cut short or made by something else. Ask for it again, or start anew.",
  },
  "too-long": {
    title: "This is too long for a link",
    body: "It works as before; the address just can't hold it. Copy the policies to share them.",
  },
} as const;

/** The statements that decide, where they are in the texts. */
function marksOf(
  documents: readonly OpenDocument[],
  answer: PlaygroundAnswer,
): ReadonlyMap<string, readonly StatementMark[]> {
  const marks = new Map<string, StatementMark[]>();
  if (!answer.ok) return marks;
  const deciding = decidingStatements(answer.decision);
  documentNames(documents).forEach((name, at) => {
    const document = documents[at];
    const own = deciding.filter(({ statement }) => statement.policy === name);
    if (!document || own.length === 0) return;
    const ranges = statementRanges(document.text);
    const list = own.flatMap(({ statement, bearing }) => {
      const range = ranges[statement.index];
      return range ? [{ from: range.start.offset, to: range.end.offset, bearing }] : [];
    });
    marks.set(document.id, list);
  });
  return marks;
}

/** The keys that nobody typed. */
function filledKeys(
  { request }: Extract<PlaygroundAnswer, { ok: true }>,
  rows: readonly { key: string }[],
): [string, string][] {
  const typed = new Set(rows.map(({ key }) => key.trim().toLowerCase()));
  return Object.entries(request.context)
    .filter(([key]) => !typed.has(key.toLowerCase()))
    .map(([key, value]) => [key, String(value)]);
}
