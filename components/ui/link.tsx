"use client";

import NextLink from "next/link";
import { type ComponentProps, useState } from "react";

export type LinkProps = Omit<ComponentProps<typeof NextLink>, "prefetch">;

/**
 * A link whose page is fetched ahead once somebody is about to follow it (the pointer or the focus is on it), and not
 * as soon as it comes into view: a list of fifty would ask the server for fifty pages, and most are never opened.
 */
export function Link({ onPointerEnter, onFocus, ...props }: LinkProps) {
  const [near, setNear] = useState(false);
  return (
    <NextLink
      {...props}
      prefetch={near ? "auto" : false}
      onPointerEnter={(event) => {
        setNear(true);
        onPointerEnter?.(event);
      }}
      onFocus={(event) => {
        setNear(true);
        onFocus?.(event);
      }}
    />
  );
}
