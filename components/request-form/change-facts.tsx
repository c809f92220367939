import { KeyValueList } from "#components/ui/key-value.tsx";
import { TextLink } from "#components/ui/text-link.tsx";

/** The live access that the form is another form of. */
export interface ChangedAccess {
  grantId: string;
  /** Only the end date is asked for. */
  renewal: boolean;
  /** `payments/ledger on prod-eu` */
  workload: string;
  target: string;
  patternTitle: string;
}

/** What of live access stays as it is, whatever is asked for. */
export function ChangeFacts({ access }: { access: ChangedAccess }) {
  const { grantId, workload, target, patternTitle } = access;
  return (
    <>
      <KeyValueList
        items={[
          {
            label: "Access",
            value: <TextLink href={`/access/${grantId}`}>{grantId}</TextLink>,
          },
          { label: "Service account", value: workload },
          { label: "Target", value: target },
          { label: "Pattern", value: patternTitle },
        ]}
      />
      <p className="mt-3 text-xs text-ink-muted">
        These stay as they are: another service account, target or pattern is a new request.
      </p>
    </>
  );
}
