import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { requireActor } from "#lib/auth/actor.ts";
import { grantsVisible, scopeOf } from "#lib/db/visibility.ts";
import { webDeps } from "#lib/usecases/web-deps.ts";

/**
 * Answers 404 for what does not exist or may not be seen. The page asks again; but once its skeleton has been sent
 * the status can't be changed any more, so it is decided here, before.
 */
export default async function GrantLayout({
  children,
  params,
}: {
  children: ReactNode;
  params: Promise<{ id: string }>;
}) {
  const { id } = await params;
  const actor = await requireActor(`/access/${id}`);
  const { prisma } = webDeps();
  const visible = grantsVisible(await scopeOf(prisma, actor));
  if ((await prisma.grant.count({ where: { AND: [{ id }, visible] } })) === 0) notFound();
  return children;
}
