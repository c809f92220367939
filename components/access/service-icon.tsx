import { Archive, Box, Cpu, type LucideIcon, MessagesSquare, ShieldCheck, UserCog } from "lucide-react";
import type { Hop } from "#lib/desired/patterns/pattern.ts";

/** By key of the service catalogue. */
const icons: Record<string, LucideIcon> = { s3: Archive, sqs: MessagesSquare };

/** The mark of a target's service; decorative, since the noun or the ARN always stands beside it. */
export function ServiceIcon({ service, className }: { service: string; className?: string }) {
  const Icon = icons[service] ?? Box;
  return <Icon aria-hidden="true" className={className} />;
}

const hopIcons: Record<Exclude<Hop["icon"], "resource">, LucideIcon> = {
  pod: Box,
  role: UserCog,
  provider: ShieldCheck,
  agent: Cpu,
};

/** The mark of one stop on the way from pod to target. */
export function HopIcon({ hop, service }: { hop: Hop; service: string }) {
  if (hop.icon === "resource") return <ServiceIcon service={service} />;
  const Icon = hopIcons[hop.icon];
  return <Icon aria-hidden="true" />;
}
