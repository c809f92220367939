/** Something asked for once, when it is first needed or ahead of that. */
export type Lazy<T> = () => Promise<T>;

/**
 * @param ahead ask at once: the answer is awaited later, or never, and a failure is told only to who awaits it
 */
export function lazy<T>(ask: () => Promise<T>, ahead: boolean): Lazy<T> {
  let asked: Promise<T> | undefined;
  const get = () => {
    asked ??= ask();
    return asked;
  };
  if (ahead) get().catch(() => {});
  return get;
}
