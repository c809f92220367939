/** "420 ms", "3.2 s", "1 min 20 s", "2 h 5 min". */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, Math.round(milliseconds));
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** From one moment to another, or to `now` while the second has not come. Null before it began. */
export function durationBetween(from: string | null, to: string | null, now: string): number | null {
  return from === null ? null : Math.max(0, Date.parse(to ?? now) - Date.parse(from));
}
