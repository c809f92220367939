"use client";

import { PageError, type PageErrorProps } from "#components/errors/page-error.tsx";
import { Card } from "#components/ui/card.tsx";

export default function PortalError(props: PageErrorProps) {
  return (
    <Card padded={false}>
      <PageError {...props} />
    </Card>
  );
}
