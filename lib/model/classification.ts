/** What a tag of a target says about its data, from what anybody may read to what few may. */
export const classifications = ["public", "internal", "confidential", "restricted"] as const;
export type Classification = (typeof classifications)[number];

/**
 * What the tags of a target say. Keys and values are compared without regard to case, as people write them; of several
 * such keys, which AWS tells apart, the strictest word counts.
 *
 * @param key the organisation's tag for it, e.g. `data-classification`
 * @returns null without such a tag; a word that is not among ours counts as confidential: somebody cared to mark it
 */
export function classificationOf(
  tags: readonly { key: string; value: string }[],
  key: string,
): Classification | null {
  const words = tags
    .filter((tag) => tag.key.toLowerCase() === key.toLowerCase())
    .map(({ value }) => value.trim().toLowerCase())
    .filter((value) => value !== "")
    .map((value) => classifications.find((one) => one === value) ?? "confidential");
  return classifications.findLast((one) => words.includes(one)) ?? null;
}
