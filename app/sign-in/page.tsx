import { LogIn } from "lucide-react";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { PersonaCard } from "#components/sign-in/persona-card.tsx";
import { Callout } from "#components/ui/callout.tsx";
import { LogoMark } from "#components/ui/logo.tsx";
import { SubmitButton } from "#components/ui/submit-button.tsx";
import { currentActor } from "#lib/auth/actor.ts";
import { signInOptions } from "#lib/auth/config.ts";
import { safeReturnPath } from "#lib/auth/return-path.ts";
import { webEnv } from "#lib/env.ts";
import { personas } from "#prisma/seed/organisation.ts";
import { signInAsPersona, signInWithProvider } from "./actions.ts";
import { signInProblem } from "./problems.ts";

export const metadata: Metadata = { title: "Sign in" };
export const dynamic = "force-dynamic";

type Search = { next?: string | string[]; error?: string | string[] };

const roleNames = { developer: "Developer", approver: "Approver", admin: "Admin", auditor: "Auditor" };

export default async function SignInPage({ searchParams }: { searchParams: Promise<Search> }) {
  const { next: wanted, error } = await searchParams;
  const next = safeReturnPath(wanted);
  if (await currentActor()) redirect(next);
  const ways = signInOptions(webEnv());
  const problem = signInProblem(error);
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center gap-6 px-4 py-10">
      <header className="text-center">
        <LogoMark className="mx-auto size-10 text-ink" />
        <h1 className="mt-4 text-2xl font-semibold tracking-[-0.018em] text-ink">Sign in to Drawbridge</h1>
        <p className="mt-1 text-base text-balance text-ink-muted">
          Access to AWS for workloads on Kubernetes, agreed by the owners of both accounts.
        </p>
      </header>

      {problem && (
        <Callout tone="danger" role="alert" title={problem.title}>
          {problem.nextStep}
        </Callout>
      )}

      {ways.oidc && (
        <form action={signInWithProvider.bind(null, next)}>
          <SubmitButton size="lg" className="w-full" icon={<LogIn aria-hidden="true" />}>
            Continue with single sign-on
          </SubmitButton>
        </form>
      )}

      {ways.persona && (
        <section aria-labelledby="personas">
          <h2 id="personas" className="text-base font-medium text-ink">
            Try it as
          </h2>
          <p className="mb-3 text-sm text-ink-muted">
            People of a made-up company. No password: this runs against a sandbox on this machine.
          </p>
          <ul className="space-y-2">
            {personas.map(({ subject, name, description, roles }) => (
              <li key={subject}>
                <form action={signInAsPersona.bind(null, next, subject)}>
                  <PersonaCard
                    name={name}
                    description={description}
                    roles={roles
                      .filter((role) => roles.length === 1 || role !== "developer")
                      .map((role) => roleNames[role])}
                  />
                </form>
              </li>
            ))}
          </ul>
        </section>
      )}

      {!ways.oidc && !ways.persona && (
        <Callout tone="warn" title="No way to sign in is set up">
          Whoever runs this installation can connect an identity provider: set AUTH_OIDC_ISSUER,
          AUTH_OIDC_CLIENT_ID and AUTH_OIDC_CLIENT_SECRET for the web process and start it again.
        </Callout>
      )}
    </main>
  );
}
