/** A node of a directed acyclic graph. */
export interface Node {
  id: string;
  dependsOn: string[];
  done: boolean;
}

/**
 * Runs every node after all that it depends on, independent ones at the same time. What depends on a node that
 * failed is left out; everything else goes on. When a node throws, no more are begun, and the error is thrown once
 * those on their way have ended.
 *
 * @param mayBegin asked before each node
 * @returns whether all nodes are done
 */
export async function runGraph<N extends Node>(
  nodes: readonly N[],
  limit: number,
  mayBegin: () => boolean,
  run: (node: N) => Promise<"done" | "failed">,
): Promise<boolean> {
  const done = new Set(nodes.filter((node) => node.done).map((node) => node.id));
  const waiting = new Set(nodes.filter((node) => !node.done));
  const running = new Map<string, Promise<void>>();
  let thrown: { error: unknown } | undefined;

  const begin = (node: N) => {
    waiting.delete(node);
    const work = run(node)
      .then((end) => {
        if (end === "done") done.add(node.id);
      })
      .catch((error: unknown) => {
        thrown ??= { error };
      })
      .finally(() => running.delete(node.id));
    running.set(node.id, work);
  };

  for (;;) {
    for (const node of waiting) {
      if (thrown || running.size >= limit || !mayBegin()) break;
      if (node.dependsOn.every((id) => done.has(id))) begin(node);
    }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  if (thrown) throw thrown.error;
  return done.size === nodes.length;
}
