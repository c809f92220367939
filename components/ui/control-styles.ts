import { cva } from "class-variance-authority";

/** The box of a text field, a select trigger or a combobox: one height, one border, one focus ring for all. */
export const controlBox = [
  "w-full min-w-0 rounded-md border border-line-control bg-surface text-base text-ink",
  "transition-[border-color,box-shadow] hover:border-ink-faint",
  "focus-visible:outline-2 focus-visible:-outline-offset-1 focus-visible:outline-focus",
  "data-invalid:border-danger-solid data-invalid:focus-visible:outline-danger-solid",
  "disabled:border-line-strong disabled:bg-sunken disabled:text-ink-faint data-disabled:border-line-strong data-disabled:bg-sunken data-disabled:text-ink-faint",
  // iOS zooms into fields whose text is smaller than 16 px.
  "any-pointer-coarse:text-[1rem]",
].join(" ");

export const controlHeight = "h-8 any-pointer-coarse:h-10";

/** Buttons and links that look like buttons. */
export const buttonStyles = cva(
  [
    "relative inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none",
    "transition-[background-color,border-color,color] [&_svg]:size-4 [&_svg]:shrink-0",
    "disabled:pointer-events-none data-disabled:cursor-not-allowed",
  ],
  {
    variants: {
      variant: {
        primary:
          "border-transparent bg-accent text-on-accent shadow-sm hover:bg-accent-hover not-aria-busy:data-disabled:bg-neutral-soft not-aria-busy:data-disabled:text-ink-faint not-aria-busy:data-disabled:shadow-none not-aria-busy:data-disabled:border-line",
        secondary:
          "border-line-strong bg-surface text-ink shadow-sm hover:bg-sunken active:bg-pressed not-aria-busy:data-disabled:bg-sunken not-aria-busy:data-disabled:text-ink-faint not-aria-busy:data-disabled:shadow-none dark:bg-raised dark:hover:bg-line dark:data-disabled:bg-surface",
        ghost:
          "border-transparent bg-transparent text-ink-muted hover:bg-hover hover:text-ink active:bg-pressed not-aria-busy:data-disabled:text-ink-faint not-aria-busy:data-disabled:hover:bg-transparent",
        danger:
          "border-transparent bg-danger-solid text-on-danger shadow-sm hover:bg-danger-solid-hover not-aria-busy:data-disabled:bg-neutral-soft not-aria-busy:data-disabled:text-ink-faint not-aria-busy:data-disabled:shadow-none not-aria-busy:data-disabled:border-line",
        "danger-outline":
          "border-danger-line bg-surface text-danger-ink shadow-sm hover:bg-danger-soft not-aria-busy:data-disabled:border-line not-aria-busy:data-disabled:text-ink-faint not-aria-busy:data-disabled:hover:bg-surface",
      },
      size: {
        sm: "h-7 px-2.5 text-sm any-pointer-coarse:h-9",
        md: "h-8 px-3 text-base any-pointer-coarse:h-10",
        lg: "h-10 px-4 text-base",
      },
      shape: {
        text: "",
        icon: "px-0",
      },
    },
    compoundVariants: [
      { shape: "icon", size: "sm", class: "w-7 any-pointer-coarse:w-9" },
      { shape: "icon", size: "md", class: "w-8 any-pointer-coarse:w-10" },
      { shape: "icon", size: "lg", class: "w-10" },
    ],
    defaultVariants: { variant: "secondary", size: "md", shape: "text" },
  },
);

export type ButtonVariant = "primary" | "secondary" | "ghost" | "danger" | "danger-outline";
export type ButtonSize = "sm" | "md" | "lg";

/** Floating surfaces: menus, selects, popovers. */
export const popupSurface = [
  "z-50 rounded-lg border border-line-strong bg-raised text-ink shadow-md outline-none",
  "origin-(--transform-origin) transition-[opacity,scale] duration-100 ease-out",
  "data-starting-style:scale-[0.98] data-starting-style:opacity-0 data-ending-style:scale-[0.98] data-ending-style:opacity-0 data-instant:transition-none",
].join(" ");

/** One row of a menu, a select or a combobox list. */
export const popupItem = [
  "flex min-h-8 cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-base text-ink outline-none select-none any-pointer-coarse:min-h-10",
  "data-highlighted:bg-hover data-disabled:pointer-events-none data-disabled:text-ink-faint [&_svg]:size-4 [&_svg]:shrink-0",
].join(" ");
