import { riskLevels } from "#lib/model/risk.ts";
import { riskRules } from "../risk.ts";
import { catalogue, type FindingId, findingIds } from "./catalogue.ts";
import { type Group, groups } from "./entry.ts";

const words = {
  error: "error",
  "security-warning": "security warning",
  warning: "warning",
  suggestion: "suggestion",
} as const;

/** docs/findings.md: the whole catalogue and the table of risks, for people. Written by scripts/findings-page.ts. */
export function findingsPage(): string {
  return [
    "# Findings",
    "",
    "<!-- Written by scripts/findings-page.ts from lib/policy/findings and lib/policy/risk.ts: change those. -->",
    "",
    "What the checks of policies, of service accounts and of AWS itself can find, why it matters and how to mend it. The grades are those of IAM Access Analyzer: an *error* is a part that does not work or that AWS would refuse, a *security warning* is access that is wider than it should be, a *warning* is what is probably not meant, a *suggestion* changes no access.",
    "",
    ...Object.entries(groups).flatMap(([group, title]) => [
      `## ${title}`,
      "",
      ...findingIds.filter((id) => catalogue[id].group === (group as Group)).flatMap(section),
    ]),
    "## Risk of a request",
    "",
    `A request has the highest level of the rows that apply to it (${riskLevels.join(", ")}); it is low when none does.`,
    "",
    "| | level | because |",
    "|---|---|---|",
    ...riskRules.map(({ id, level, reason }) => `| \`${id}\` | ${level} | ${reason} |`),
    "",
  ].join("\n");
}

function section(id: FindingId): string[] {
  const { title, severity, why, mend, reference } = catalogue[id];
  return [
    `### ${escaped(title)}`,
    "",
    `\`${id}\` · ${words[severity]} · [reference](${reference})`,
    "",
    `${escaped(why)} **Mend:** ${escaped(mend)}`,
    "",
  ];
}

/** Wildcards, placeholders and underscores stay what they are. */
function escaped(text: string): string {
  return text.replace(/[*_<>|[\]`]/g, "\\$&");
}
