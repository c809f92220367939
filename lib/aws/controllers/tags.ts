import type { Tags } from "#lib/model/cloud-resource.ts";

/** IAM's list form of tags. */
export interface IamTag {
  Key: string | undefined;
  Value: string | undefined;
}

export function toIamTags(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

export function fromIamTags(list: IamTag[] | undefined): Tags {
  return Object.fromEntries(
    (list ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value ?? ""]])),
  );
}

/** What to set and what to remove. Keys of the `aws:` namespace are AWS's own and stay. */
export function tagChanges(wanted: Tags, found: Tags): { set: Tags; remove: string[] } {
  return {
    set: Object.fromEntries(Object.entries(wanted).filter(([key, value]) => found[key] !== value)),
    remove: Object.keys(found).filter((key) => !(key in wanted) && !key.startsWith("aws:")),
  };
}
