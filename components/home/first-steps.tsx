import { LinkButton } from "#components/ui/link-button.tsx";

const steps = [
  {
    title: "Say what needs access to what",
    body: "A service account on a cluster, and a bucket or a queue in any registered account.",
  },
  {
    title: "The owners of both accounts agree",
    body: "They see every document that would change, and who could then reach what.",
  },
  {
    title: "Apply the YAML",
    body: "Drawbridge provisions both accounts, and proves from inside your pod that it works.",
  },
];

/** For those who have nothing here yet: how it goes, and where to start. */
export function FirstSteps() {
  return (
    <div className="px-4 py-6 sm:px-5">
      <p className="text-lg font-semibold text-ink">Give a workload access to AWS</p>
      <ol className="mt-4 grid gap-x-8 gap-y-5 md:grid-cols-3">
        {steps.map((step, index) => (
          <li key={step.title} className="flex gap-3 md:block">
            <span
              aria-hidden="true"
              className="grid size-6 shrink-0 place-items-center rounded-full border border-accent-line bg-accent-soft text-xs font-semibold text-accent-ink tabular-nums md:mb-2.5"
            >
              {index + 1}
            </span>
            <span className="min-w-0">
              <span className="block text-base font-medium text-ink">{step.title}</span>
              <span className="mt-0.5 block text-sm text-ink-muted">{step.body}</span>
            </span>
          </li>
        ))}
      </ol>
      <LinkButton href="/requests/new" variant="primary" className="mt-6">
        New request
      </LinkButton>
    </div>
  );
}
