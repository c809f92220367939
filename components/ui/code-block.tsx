import { CodeFrame, type CodeFrameProps } from "#components/ui/code-frame.tsx";
import type { CodeLanguage } from "#components/ui/code-lines.ts";
import { highlight } from "#components/ui/highlight.ts";

export type CodeBlockProps = Omit<CodeFrameProps, "lines"> & { language: CodeLanguage };

/** Highlighted on the server: no highlighter reaches the browser. In client components use CodePreview. */
export async function CodeBlock({ language, code, ...frame }: CodeBlockProps) {
  const trimmed = code.replace(/\n+$/, "");
  return <CodeFrame {...frame} code={code} lines={await highlight(trimmed, language)} />;
}
