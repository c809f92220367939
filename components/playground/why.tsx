import { Section } from "#components/ui/card.tsx";
import { decidingStatements } from "#lib/policy/deciding.ts";
import type { StatementTrace } from "#lib/policy/evaluate.ts";
import type { PlaygroundAnswer } from "#lib/policy/playground/answer.ts";
import { StatementRow } from "./statement-row.tsx";
import type { Check } from "./use-checks.ts";
import type { OpenDocument } from "./use-playground.ts";
import { labelOf } from "./words.ts";

export type WhyProps = {
  answer: Extract<PlaygroundAnswer, { ok: true }>;
  documents: readonly OpenDocument[];
  /** Of the documents, in their order. */
  names: readonly string[];
  checks: ReadonlyMap<string, Check>;
  onShow: (document: OpenDocument, statement: StatementTrace) => void;
};

/** The decision as data: every statement of every document, those that decide opened. */
export function Why({ answer, documents, names, checks, onShow }: WhyProps) {
  const { decision, unreadable } = answer;
  const deciding = decidingStatements(decision);
  return (
    <Section title="Why" description="Every statement that was looked at. Those that decide are open." flush>
      <ul className="divide-y divide-line">
        {documents.map((document, at) => {
          const name = names[at] ?? "";
          const statements = decision.trace.filter(({ policy }) => policy === name);
          const check = checks.get(document.id);
          return (
            <li key={document.id}>
              <h3 className="bg-sunken px-3 py-1.5 text-xs font-medium text-ink-muted sm:px-4">
                {labelOf(name)}
              </h3>
              {statements.length === 0 && (
                <p className="px-3 py-2.5 text-sm text-ink-muted sm:px-4">
                  {unreadable.includes(name)
                    ? "It can't be read: see its findings. The decision is made without it and says what hangs on it."
                    : document.text.trim() === ""
                      ? "It is empty and takes no part."
                      : "It has no statement."}
                </p>
              )}
              <ol className="divide-y divide-line">
                {statements.map((statement) => (
                  <StatementRow
                    key={statement.index}
                    statement={statement}
                    sentence={
                      check?.text === document.text ? check.told.sentences[statement.index] : undefined
                    }
                    bearing={deciding.find((one) => one.statement === statement)?.bearing ?? null}
                    onShow={() => onShow(document, statement)}
                  />
                ))}
              </ol>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
