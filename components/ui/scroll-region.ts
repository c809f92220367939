/**
 * For a box that scrolls by itself: focusable, so that the keyboard can scroll it, and a named group rather than a
 * landmark, so that a page with ten code blocks does not have ten more landmarks.
 */
export function scrollRegion(labelledBy: string) {
  return { role: "group", tabIndex: 0, "aria-labelledby": labelledBy } as const;
}
