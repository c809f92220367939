"use client";

import { Download } from "lucide-react";
import { Button } from "#components/ui/button.tsx";
import type { ButtonSize, ButtonVariant } from "#components/ui/control-styles.ts";

export type DownloadButtonProps = {
  text: string;
  filename: string;
  variant?: ButtonVariant | undefined;
  size?: ButtonSize | undefined;
};

/** Saves text that is already on the page as a file. */
export function DownloadButton({ text, filename, variant = "ghost", size = "sm" }: DownloadButtonProps) {
  function save() {
    const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    const link = document.createElement("a");
    link.href = url;
    link.download = filename;
    link.click();
    URL.revokeObjectURL(url);
  }
  return (
    <Button
      variant={variant}
      size={size}
      icon={<Download aria-hidden="true" />}
      onClick={save}
      aria-label={`Download ${filename}`}
    >
      <span className="hidden @sm:inline">Download</span>
    </Button>
  );
}
