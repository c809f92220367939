"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { fromHash, toHash } from "#lib/policy/playground/link.ts";
import {
  emptyPlayground,
  looksLikeServiceAccount,
  type PlaygroundDocument,
  type PlaygroundKind,
  type PlaygroundQuestion,
  type PlaygroundState,
} from "#lib/policy/playground/state.ts";

/** A document with an identity of its own, for as long as the page is open. */
export interface OpenDocument extends PlaygroundDocument {
  id: string;
}

export interface Playground {
  /** False until the address was read. */
  ready: boolean;
  documents: readonly OpenDocument[];
  question: PlaygroundQuestion;
  /** The address holds a playground that can't be read, or this one is too long for an address. */
  linkProblem: "unreadable" | "too-long" | null;
  load: (state: PlaygroundState) => void;
  clear: () => void;
  ask: (change: Partial<PlaygroundQuestion>) => void;
  /** @returns the new document's id */
  add: (kind: PlaygroundKind) => string;
  edit: (id: string, text: string) => void;
  /** Takes the document for one of another kind. */
  change: (id: string, kind: PlaygroundKind) => void;
  remove: (id: string) => void;
}

const restMs = 400;

/** Neither a playground nor a place on the page, such as the skip link's. */
function leadsNowhere(hash: string): boolean {
  return hash.length > 1 && document.getElementById(hash.slice(1)) === null;
}

/** What is in the playground. The address follows it, so that a copy of it is a link to what is seen. */
export function usePlayground(): Playground {
  const [ready, setReady] = useState(false);
  const [documents, setDocuments] = useState<readonly OpenDocument[]>([]);
  const [question, setQuestion] = useState(emptyPlayground.question);
  const [linkProblem, setLinkProblem] = useState<Playground["linkProblem"]>(null);
  const count = useRef(0);
  /** The address that this page wrote itself, or has read. */
  const written = useRef("");

  const nextId = useCallback(() => {
    count.current += 1;
    return `document-${count.current}`;
  }, []);

  const load = useCallback(
    (state: PlaygroundState) => {
      setDocuments(state.documents.map((document) => ({ ...document, id: nextId() })));
      setQuestion(state.question);
      setLinkProblem(null);
    },
    [nextId],
  );

  useEffect(() => {
    let current = true;
    async function read() {
      if (window.location.hash === written.current && written.current !== "") return;
      const state = await fromHash(window.location.hash);
      if (!current) return;
      if (state) {
        load(state);
        written.current = window.location.hash;
      }
      if (state === null || (state === undefined && leadsNowhere(window.location.hash)))
        setLinkProblem("unreadable");
      setReady(true);
    }
    void read();
    window.addEventListener("hashchange", read);
    return () => {
      current = false;
      window.removeEventListener("hashchange", read);
    };
  }, [load]);

  useEffect(() => {
    if (!ready) return;
    const timer = setTimeout(async () => {
      const state = { documents: documents.map(({ kind, text }) => ({ kind, text })), question };
      const empty = JSON.stringify(state) === JSON.stringify(emptyPlayground);
      const hash = empty ? "" : await toHash(state);
      if (hash === null) setLinkProblem("too-long");
      else setLinkProblem((before) => (before === "too-long" ? null : before));
      // An address that could not be read stays until there is something else to say.
      if (empty && window.location.hash !== "" && written.current === "") return;
      written.current = hash ? `#${hash}` : "";
      const { pathname, search, hash: shown } = window.location;
      // Next gives up a navigation on its way when the address is written, be it the same.
      if (shown !== written.current)
        window.history.replaceState(null, "", `${pathname}${search}${written.current}`);
    }, restMs);
    return () => clearTimeout(timer);
  }, [ready, documents, question]);

  const add = useCallback(
    (kind: PlaygroundKind) => {
      const id = nextId();
      setDocuments((before) => [...before, { id, kind, text: "" }]);
      return id;
    },
    [nextId],
  );

  return {
    ready,
    documents,
    question,
    linkProblem,
    load,
    clear: useCallback(() => load(emptyPlayground), [load]),
    ask: useCallback((change) => setQuestion((before) => ({ ...before, ...change })), []),
    add,
    edit: useCallback(
      (id, text) =>
        setDocuments((before) =>
          before.map((one) => {
            if (one.id !== id) return one;
            // What is pasted into an empty document says by itself what it is.
            const kind =
              one.text.trim() === "" && looksLikeServiceAccount(text) ? "service-account" : one.kind;
            return { ...one, kind, text };
          }),
        ),
      [],
    ),
    change: useCallback(
      (id, kind) => setDocuments((before) => before.map((one) => (one.id === id ? { ...one, kind } : one))),
      [],
    ),
    remove: useCallback((id) => setDocuments((before) => before.filter((one) => one.id !== id)), []),
  };
}
