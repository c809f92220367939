import { TextLink } from "#components/ui/text-link.tsx";
import type { Refusal } from "#lib/model/refusal.ts";

/** Leads to where a refusal's next step is taken, if that is a page. */
export function RefusalLink({ link }: { link: Refusal["link"] | undefined }) {
  return link ? <TextLink href={link.href}>{link.label}</TextLink> : null;
}
