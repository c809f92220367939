export type LeftThing = { accountId: string; accountName: string; key: string; title: string };

/** What may be left in AWS of an access, account by account. */
export function LeftList({ left }: { left: readonly LeftThing[] }) {
  if (left.length === 0)
    return (
      <p className="text-sm text-ink-muted">
        The run never got so far as to say what it would remove: anything of the access may be left.
      </p>
    );
  const accounts = Map.groupBy(left, ({ accountId }) => accountId);
  return (
    <dl className="grid gap-2 rounded-lg border border-line bg-sunken px-3.5 py-3 text-sm">
      {[...accounts].map(([accountId, things]) => (
        <div key={accountId}>
          <dt className="text-ink-muted">
            May be left in {things[0]?.accountName} ({accountId})
          </dt>
          {things.map(({ key, title }) => (
            <dd key={key} className="mt-1 text-ink">
              <span className="wrap-anywhere">{title}</span>
              <span className="block wrap-anywhere font-mono text-xs text-ink-muted">{key}</span>
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}
