"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useTheme } from "next-themes";
import { useSyncExternalStore } from "react";
import { MenuRadios } from "#components/ui/menu.tsx";
import { Segmented } from "#components/ui/segmented.tsx";

const options = [
  { value: "system", label: "System", icon: <Monitor aria-hidden="true" /> },
  { value: "light", label: "Light", icon: <Sun aria-hidden="true" /> },
  { value: "dark", label: "Dark", icon: <Moon aria-hidden="true" /> },
];

const never = () => () => {};

/** The server does not know the stored theme: until hydration "System" is shown. */
function useStoredTheme() {
  const { theme, setTheme } = useTheme();
  const mounted = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return { theme: (mounted && theme) || "system", setTheme };
}

/** A row of three buttons: settings, the sign-in page. */
export function ThemeSwitch() {
  const { theme, setTheme } = useStoredTheme();
  return <Segmented label="Theme" options={options} value={theme} onValueChange={setTheme} />;
}

/** The same inside a Menu. */
export function ThemeMenuItems() {
  const { theme, setTheme } = useStoredTheme();
  return <MenuRadios label="Theme" options={options} value={theme} onValueChange={setTheme} />;
}
