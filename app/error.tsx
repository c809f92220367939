"use client";

import { PageError, type PageErrorProps } from "#components/errors/page-error.tsx";

export default function RootError(props: PageErrorProps) {
  return (
    <main className="grid min-h-dvh place-items-center px-4">
      <PageError {...props} />
    </main>
  );
}
