import type { Metadata } from "next";
import { FindingsCatalogue } from "#components/findings/findings-catalogue.tsx";
import { riskWords } from "#components/risk/risk-words.ts";
import { Badge } from "#components/ui/badge.tsx";
import { Section } from "#components/ui/card.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { requireActor } from "#lib/auth/actor.ts";
import { riskLevels } from "#lib/model/risk.ts";
import { catalogue, findingIds } from "#lib/policy/findings/catalogue.ts";
import { groups } from "#lib/policy/findings/entry.ts";
import { riskRules } from "#lib/policy/risk.ts";

export const metadata: Metadata = { title: "Findings" };

/** What the checks can find, and the table of risks: both are code, so that the page is never behind. */
export default async function FindingsPage() {
  await requireActor("/findings");
  return (
    <>
      <PageHeader
        title="Findings"
        description="What the checks of policies, of service accounts and of AWS itself can find, why it matters and how to mend it."
      />
      <div className="grid gap-6">
        <FindingsCatalogue
          groups={groups}
          entries={findingIds.map((id) => {
            const { severity, group, title, why, mend, reference } = catalogue[id];
            return { id, severity, group, title, why, mend, reference };
          })}
        />
        <Section
          id="risk"
          className="scroll-mt-[calc(var(--sticky-top,0px)+1rem)]"
          title="Risk of a request"
          description="A request has the highest level of the rows that apply to it; it is low when none does"
        >
          <div className="grid gap-5 text-sm">
            <dl className="grid gap-2">
              {riskLevels.toReversed().map((level) => (
                <div key={level} className="grid gap-x-3 gap-y-0.5 sm:grid-cols-[7.5rem_minmax(0,1fr)]">
                  <dt>
                    <Badge tone={riskWords[level].tone}>{riskWords[level].label}</Badge>
                  </dt>
                  <dd className="text-ink">{riskWords[level].asks}</dd>
                </div>
              ))}
            </dl>
            <ul className="divide-y divide-line border-t border-line">
              {riskRules.map(({ id, level, reason }) => (
                <li key={id} className="grid gap-x-3 gap-y-1 py-2 sm:grid-cols-[7.5rem_minmax(0,1fr)]">
                  <span>
                    <Badge tone={riskWords[level].tone}>{riskWords[level].label}</Badge>
                  </span>
                  <span className="text-ink">{reason}</span>
                </li>
              ))}
            </ul>
          </div>
        </Section>
      </div>
    </>
  );
}
