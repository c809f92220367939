import { describe, expect, it } from "vitest";
import { type Node, runGraph } from "./graph.ts";

function node(id: string, dependsOn: string[] = [], done = false): Node {
  return { id, dependsOn, done };
}

/** Runs the nodes and notes when each begins and ends. */
async function trace(
  nodes: Node[],
  options: { limit?: number; fail?: string[]; throws?: string; stopAfter?: string } = {},
) {
  const events: string[] = [];
  let stopped = false;
  const all = await runGraph(
    nodes,
    options.limit ?? 10,
    () => !stopped,
    async ({ id }) => {
      events.push(`+${id}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      events.push(`-${id}`);
      if (id === options.stopAfter) stopped = true;
      if (id === options.throws) throw new Error(id);
      return options.fail?.includes(id) ? "failed" : "done";
    },
  );
  return { all, events };
}

describe("runGraph", () => {
  it("runs what is independent at the same time, and the rest in order", async () => {
    const { all, events } = await trace([node("c", ["a", "b"]), node("a"), node("b")]);
    expect(all).toBe(true);
    expect(events).toEqual(["+a", "+b", "-a", "-b", "+c", "-c"]);
  });

  it("leaves out what depends on a failure, and finishes the rest", async () => {
    const { all, events } = await trace([node("a"), node("b", ["a"]), node("c", ["b"]), node("d")], {
      fail: ["a"],
    });
    expect(all).toBe(false);
    expect(events.filter((event) => event.startsWith("+"))).toEqual(["+a", "+d"]);
  });

  it("keeps to its limit", async () => {
    const { events } = await trace([node("a"), node("b")], { limit: 1 });
    expect(events).toEqual(["+a", "-a", "+b", "-b"]);
  });

  it("does not run what is done", async () => {
    const { all, events } = await trace([node("a", [], true), node("b", ["a"])]);
    expect(all).toBe(true);
    expect(events).toEqual(["+b", "-b"]);
  });

  it("begins nothing more once it may not, or once something was thrown", async () => {
    const chain = [node("a"), node("b", ["a"])];
    expect(await trace(chain, { stopAfter: "a" })).toEqual({ all: false, events: ["+a", "-a"] });
    await expect(trace(chain, { throws: "a" })).rejects.toThrow("a");
  });
});
