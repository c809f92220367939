import { LevelField, SubResourceField } from "./level-field.tsx";
import { UntilField } from "./until-field.tsx";

/** What of live access may become another: of a renewal the end date alone. */
export function ChangedFields({ renewal }: { renewal: boolean }) {
  return (
    <div className="grid grid-cols-1 gap-4">
      {!renewal && (
        <>
          <LevelField index={0} />
          <SubResourceField index={0} />
        </>
      )}
      <UntilField index={0} />
    </div>
  );
}
