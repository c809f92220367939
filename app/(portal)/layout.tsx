import type { ReactNode } from "react";
import { AppShell } from "#components/shell/app-shell.tsx";
import { mainNavigation } from "#components/shell/navigation.ts";
import { currentActor } from "#lib/auth/actor.ts";
import { webEnv } from "#lib/env.ts";
import { seesEverything } from "#lib/model/person.ts";
import { waiting } from "./home.ts";
import { searchAction } from "./search.ts";
import { signOutAction } from "./sign-out.ts";

export const dynamic = "force-dynamic";

const roleNames = { developer: "Developer", approver: "Approver", admin: "Admin", auditor: "Auditor" };

/**
 * The frame around every page of the portal. It decides nothing about who may see a page: each page asks for its
 * actor itself and, without one, leads to the sign-in page with the way back, which a layout does not know.
 */
export default async function PortalLayout({ children }: { children: ReactNode }) {
  const actor = await currentActor();
  if (!actor) return children;
  const { awaitingMe, attention } = await waiting(actor);
  return (
    <AppShell
      navigation={mainNavigation({
        admin: seesEverything(actor),
        requestsWaiting: awaitingMe.length,
        accessNeedsAttention: attention,
      })}
      user={{ name: actor.name, email: actor.email, roles: actor.roles.map((role) => roleNames[role]) }}
      signOutAction={signOutAction}
      searchAction={searchAction}
      banner={webEnv().DRAWBRIDGE_AWS === "sandbox" ? "Sandbox: no real AWS account is touched" : undefined}
    >
      {children}
    </AppShell>
  );
}
