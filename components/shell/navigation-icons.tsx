import {
  Boxes,
  Building2,
  FlaskConical,
  History,
  House,
  Inbox,
  KeyRound,
  type LucideIcon,
  Map as MapIcon,
  Plus,
  Settings,
  ShieldQuestionMark,
  Users,
} from "lucide-react";
import type { NavigationIcon } from "#components/shell/navigation.ts";

const icons: Record<NavigationIcon, LucideIcon> = {
  home: House,
  new: Plus,
  requests: Inbox,
  access: KeyRound,
  history: History,
  playground: FlaskConical,
  accounts: Building2,
  clusters: Boxes,
  people: Users,
  settings: Settings,
  findings: ShieldQuestionMark,
  map: MapIcon,
};

export function NavigationGlyph({ icon }: { icon: NavigationIcon }) {
  const Icon = icons[icon];
  return <Icon aria-hidden="true" />;
}
