import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { RegisterAccount } from "#components/admin/register-account.tsx";
import { Card } from "#components/ui/card.tsx";
import { PageHeader } from "#components/ui/page-header.tsx";
import { webDeps } from "#lib/usecases/web-deps.ts";
import { groupNames } from "../../groups.ts";
import { requireAdminReader } from "../../reader.ts";
import { registerAccountAction } from "../actions.ts";

export const metadata: Metadata = { title: "Register an account" };

const steps = [
  "Register it here. An ExternalId of its own is made for it.",
  "Deploy the template that the next page shows, in the account.",
  "Drawbridge reads the account and says whether anything is missing.",
];

export default async function NewAccountPage() {
  const { admin } = await requireAdminReader("/admin/accounts/new");
  if (!admin) notFound();
  const groups = await groupNames(webDeps());
  return (
    <>
      <PageHeader
        title="Register an account"
        breadcrumbs={[{ label: "Accounts", href: "/admin/accounts" }]}
        description="Nothing changes in it until its owners approve a request."
      />
      <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_17rem]">
        <Card>
          <RegisterAccount groups={groups} save={registerAccountAction} />
        </Card>
        <ol aria-label="How it goes on" className="space-y-4 lg:pt-5">
          {steps.map((step, index) => (
            <li key={step} className="flex gap-3 text-sm text-ink-muted">
              <span
                aria-hidden="true"
                className="grid size-5 shrink-0 place-items-center rounded-full border border-line-strong bg-surface text-2xs font-medium text-ink tabular-nums"
              >
                {index + 1}
              </span>
              {step}
            </li>
          ))}
        </ol>
      </div>
    </>
  );
}
