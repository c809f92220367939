"use client";

import { useRef, useState, useTransition } from "react";
import { RefusalList } from "#components/refusals/refusal-list.tsx";
import type { ActionResult } from "#components/requests/request-data.ts";
import { Button } from "#components/ui/button.tsx";
import { Field } from "#components/ui/field.tsx";
import { Textarea } from "#components/ui/textarea.tsx";
import type { Refusal } from "#lib/model/refusal.ts";

/** A comment on a request. The text stays until it has been recorded. */
export function CommentBox({ onComment }: { onComment: (body: string) => Promise<ActionResult> }) {
  const [body, setBody] = useState("");
  const [refusals, setRefusals] = useState<readonly Refusal[]>([]);
  const [pending, startTransition] = useTransition();
  const form = useRef<HTMLFormElement>(null);

  function send() {
    if (pending) return;
    setRefusals([]);
    startTransition(async () => {
      const result = await onComment(body);
      if (result.ok) setBody("");
      else setRefusals(result.refusals);
    });
  }

  return (
    <form
      ref={form}
      className="space-y-3"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Field label="Comment" labelHidden>
        <Textarea
          value={body}
          placeholder="Ask, explain, or say what you checked"
          onChange={(event) => setBody(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) form.current?.requestSubmit();
          }}
        />
      </Field>
      <RefusalList title="The comment was not recorded" refusals={refusals} />
      <div className="flex items-center justify-between gap-3">
        <p className="text-xs text-ink-faint">Everyone who sees this request can read it.</p>
        <Button type="submit" pending={pending} disabled={body.trim() === ""}>
          Comment
        </Button>
      </div>
    </form>
  );
}
