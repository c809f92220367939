"use client";

import { useEffect, useMemo, useState } from "react";
import { CodeFrame, type CodeFrameProps } from "#components/ui/code-frame.tsx";
import { type CodeLanguage, type CodeLine, plainLines } from "#components/ui/code-lines.ts";

export type CodePreviewProps = Omit<CodeFrameProps, "lines"> & { language: CodeLanguage };

/**
 * Code that changes as one types. The text is shown at once, in one colour; the highlighter is loaded when the first
 * preview appears and colours the text once it rests. The colours move nothing.
 */
export function CodePreview({ language, code, ...frame }: CodePreviewProps) {
  const trimmed = code.replace(/\n+$/, "");
  const plain = useMemo(() => plainLines(trimmed), [trimmed]);
  const [coloured, setColoured] = useState<{ code: string; lines: CodeLine[] } | null>(null);

  useEffect(() => {
    let current = true;
    const timer = setTimeout(async () => {
      const { highlight } = await import("#components/ui/highlight.ts");
      const lines = await highlight(trimmed, language);
      if (current) setColoured({ code: trimmed, lines });
    }, 80);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [trimmed, language]);

  return <CodeFrame {...frame} code={code} lines={coloured?.code === trimmed ? coloured.lines : plain} />;
}
