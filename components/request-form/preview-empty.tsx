import { ClipboardCheck, FileCode2, type LucideIcon, Route, UsersRound } from "lucide-react";
import { Skeleton, SkeletonGroup } from "#components/ui/skeleton.tsx";

const promises: { icon: LucideIcon; title: string; body: string }[] = [
  {
    icon: Route,
    title: "The path",
    body: "From your pod to the resource, hop by hop, through each account.",
  },
  {
    icon: ClipboardCheck,
    title: "The changes",
    body: "Every role and policy statement that is made, changed or left alone, in full.",
  },
  { icon: UsersRound, title: "The approvals", body: "Who has to agree, and why." },
  { icon: FileCode2, title: "The YAML", body: "What you apply to the cluster once it is approved." },
];

/** Before anything is chosen. */
export function PreviewEmpty() {
  return (
    <div className="px-4 py-5 sm:px-5">
      <p className="max-w-prose text-base text-ink-muted">
        Choose a cluster, a target and what it may do there, and see here what the request would do. Nothing
        is changed and no one is asked until you submit.
      </p>
      <ul className="mt-5 grid gap-4 sm:grid-cols-2">
        {promises.map(({ icon: Icon, title, body }) => (
          <li key={title} className="flex gap-3">
            <span
              aria-hidden="true"
              className="grid size-8 shrink-0 place-items-center rounded-md border border-line bg-sunken text-ink-faint"
            >
              <Icon className="size-4" />
            </span>
            <div className="min-w-0">
              <p className="text-sm font-medium text-ink">{title}</p>
              <p className="text-sm text-ink-muted">{body}</p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** While the first answer is on its way. */
export function PreviewSkeleton() {
  return (
    <SkeletonGroup label="Working out the preview" className="grid gap-6 px-4 py-5 sm:px-5">
      <div className="grid gap-3 sm:grid-cols-2">
        <Skeleton className="h-36 rounded-lg" />
        <Skeleton className="h-36 rounded-lg" />
      </div>
      <div className="grid gap-2.5">
        <Skeleton className="w-2/5" />
        <Skeleton className="w-4/5" />
        <Skeleton className="w-3/5" />
      </div>
      <div className="grid gap-2">
        <Skeleton className="h-9 rounded-md" />
        <Skeleton className="h-9 rounded-md" />
        <Skeleton className="h-9 rounded-md" />
      </div>
    </SkeletonGroup>
  );
}
