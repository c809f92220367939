import { Timestamp } from "#components/ui/timestamp.tsx";

export type VersionItem = {
  number: number;
  author: { name: string };
  reason: string;
  digest: string;
  createdAt: string;
};

export type VersionListProps = {
  versions: readonly VersionItem[];
  /** The moment of rendering. */
  now: Date | string;
};

/** The versions before the current one: what was said then, and what was signed. */
export function VersionList({ versions, now }: VersionListProps) {
  return (
    <details className="group text-sm">
      <summary className="block w-fit rounded-sm text-ink-muted hover:text-ink">
        {versions.length === 1 ? "1 earlier version" : `${versions.length} earlier versions`}
      </summary>
      <ol className="mt-2 space-y-3 border-l border-line pl-3">
        {versions.map((version) => (
          <li key={version.number}>
            <p className="text-ink-muted">
              Version {version.number} by {version.author.name},{" "}
              <Timestamp value={version.createdAt} now={now} />
            </p>
            <p className="wrap-anywhere whitespace-pre-wrap text-ink">{version.reason}</p>
          </li>
        ))}
      </ol>
    </details>
  );
}
