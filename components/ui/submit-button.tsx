"use client";

import { useFormStatus } from "react-dom";
import { Button, type ButtonProps } from "#components/ui/button.tsx";

/** Submits the form it stands in and shows that the server action is running. */
export function SubmitButton({ pending, variant = "primary", ...props }: Omit<ButtonProps, "type">) {
  const status = useFormStatus();
  return <Button {...props} type="submit" variant={variant} pending={pending ?? status.pending} />;
}
