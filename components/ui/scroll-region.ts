/**
 * For a box that scrolls by itself: focusable, so that the keyboard can scroll it, and a group with a name rather
 * than a landmark, so that a page with ten code blocks does not have ten more landmarks. Give it `aria-labelledby`.
 */
export const scrollRegion = { role: "group", tabIndex: 0 } as const;
