import type { Severity } from "#lib/policy/findings/finding.ts";

/** What the editor's own lint calls a severity: its underline and its dot have the colour that the severity has. */
export const lintSeverity = {
  error: "error",
  "security-warning": "error",
  warning: "warning",
  suggestion: "info",
} as const satisfies Record<Severity, string>;
