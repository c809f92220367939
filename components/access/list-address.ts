/** What Next hands a page of its address's query. */
export type SearchParams = Record<string, string | string[] | undefined>;

/** One value of the query; of several with the same name the first. Empty ones count as absent. */
export function param(params: SearchParams, name: string): string | undefined {
  const value = params[name];
  const text = (Array.isArray(value) ? value[0] : value)?.trim();
  return text === "" ? undefined : text;
}

/** The path with those of the values that are set. */
export function address(path: string, values: Record<string, string | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) query.set(name, value);
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

/** The first page has no position of its own; in a trail it is written like this. */
const first = "-";

/** Deeper than anyone leafs; a longer trail only makes the address long. */
const longestTrail = 30;

/**
 * Addresses of the pages before and after a keyset page. Positions only lead onwards, so the address carries the
 * trail of those that led here.
 *
 * @param filter the rest of the query, which both addresses keep
 */
export function pageLinks(
  path: string,
  filter: Record<string, string | undefined>,
  at: { after: string | undefined; trail: string | undefined },
  next: string | null,
): { newerHref?: string | undefined; olderHref?: string | undefined } {
  const trail = at.trail?.split(".") ?? [];
  const previous = trail.at(-1);
  const back = trail.slice(0, -1).join(".") || undefined;
  return {
    newerHref: at.after
      ? address(path, { ...filter, after: previous === first ? undefined : previous, trail: back })
      : undefined,
    olderHref: next
      ? address(path, {
          ...filter,
          after: next,
          trail: [...trail, at.after ?? first].slice(-longestTrail).join("."),
        })
      : undefined,
  };
}
