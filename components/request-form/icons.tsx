import { Bot, Box, Boxes, Database, Fingerprint, KeyRound, ListOrdered, type LucideIcon } from "lucide-react";
import type { Hop } from "#lib/desired/patterns/pattern.ts";

const services: Record<string, LucideIcon> = { s3: Database, sqs: ListOrdered };

export function ServiceIcon({ service, className }: { service: string; className?: string }) {
  const Icon = services[service] ?? Box;
  return <Icon aria-hidden="true" className={className} />;
}

const hops: Record<Exclude<Hop["icon"], "resource">, LucideIcon> = {
  pod: Boxes,
  role: KeyRound,
  provider: Fingerprint,
  agent: Bot,
};

export function HopIcon({ icon, service }: { icon: Hop["icon"]; service: string }) {
  if (icon === "resource") return <ServiceIcon service={service} />;
  const Icon = hops[icon];
  return <Icon aria-hidden="true" />;
}
