import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

// tailwind-merge takes an unknown `text-*` for a colour: our own font size has to be named.
const merge = extendTailwindMerge({ extend: { theme: { text: ["2xs"] } } });

/** Joins class names; of two that set the same property the later one wins. */
export function cn(...classes: ClassValue[]): string {
  return merge(clsx(classes));
}
