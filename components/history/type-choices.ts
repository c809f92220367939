import type { SelectItem } from "#components/ui/select.tsx";

/** What history can be filtered by: the first part of an event's type stands for all of its kind. */
export const typeChoices: SelectItem[] = [
  { value: "", label: "All events" },
  { value: "request", label: "Requests", description: "Asked, reviewed, decided" },
  { value: "preflight", label: "Live checks", description: "Before approval" },
  { value: "grant", label: "Access", description: "Made, verified, revoked" },
  { value: "run", label: "Runs", description: "Queued, started, finished" },
  { value: "step", label: "Steps in AWS", description: "Every single change" },
  { value: "manifest", label: "Manifest addresses" },
  { value: "account", label: "Accounts" },
  { value: "cluster", label: "Clusters" },
  { value: "person", label: "Sign-ins" },
  { value: "history", label: "Checks of history" },
];
