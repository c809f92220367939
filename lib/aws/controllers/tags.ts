import type { Tags } from "#lib/model/cloud-resource.ts";
import { ourTags } from "#lib/model/tags.ts";

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

/**
 * What to set and what to remove: of the tags that are not wanted only our own go. An organisation's tooling may tag
 * what we made, and lib/plan/same.ts does not count that as a difference.
 */
export function tagChanges(wanted: Tags, found: Tags): { set: Tags; remove: string[] } {
  return {
    set: Object.fromEntries(Object.entries(wanted).filter(([key, value]) => found[key] !== value)),
    remove: Object.keys(found).filter((key) => !(key in wanted) && key.startsWith(ourTags)),
  };
}
