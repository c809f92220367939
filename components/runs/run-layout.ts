import dagre from "@dagrejs/dagre";
import type { RunStepData } from "#components/runs/run-data.ts";

/** Pixels at full size; the picture shrinks to fit. */
const nodeHeight = 78;
const nodeWidth = { least: 212, most: 320 };
const gap = { column: 52, row: 14 };
const lane = { padding: 16, head: 34, gap: 16 };
/** What a page has room for: few columns make wider nodes, which cut fewer names. */
const roomy = 1090;

export type PlacedStep = { step: RunStepData; x: number; y: number };
export type PlacedLane = { accountId: string; name: string; y: number; height: number };

export type RunLayout = {
  width: number;
  height: number;
  node: { width: number; height: number };
  lanes: PlacedLane[];
  steps: PlacedStep[];
  edges: { from: RunStepData; to: RunStepData }[];
};

/**
 * A lane for each account, and within the lanes a column for each rank: what depends on nothing stands at the left,
 * what depends on it further right. dagre ranks and orders, so that few edges cross; the lanes fix the height.
 */
export function layoutRun(steps: readonly RunStepData[]): RunLayout {
  const edges = edgesOf(steps);
  const places = rank(steps, edges);
  const columns = [...new Set([...places.values()].map((place) => place.x))].sort((a, b) => a - b);
  const node = { width: widthOfNodes(columns.length), height: nodeHeight };
  const accounts = [...new Set(steps.map((step) => step.accountId))];
  const lanes: PlacedLane[] = [];
  const placed: PlacedStep[] = [];
  let y = 0;

  for (const accountId of accounts) {
    const own = steps.filter((step) => step.accountId === accountId);
    let rows = 1;
    for (const [column, x] of columns.entries()) {
      const stack = own
        .filter((step) => places.get(step.key)?.x === x)
        .sort((a, b) => (places.get(a.key)?.y ?? 0) - (places.get(b.key)?.y ?? 0));
      rows = Math.max(rows, stack.length);
      for (const [row, step] of stack.entries())
        placed.push({
          step,
          x: lane.padding + column * (node.width + gap.column),
          y: y + lane.head + row * (node.height + gap.row),
        });
    }
    const height = lane.head + rows * node.height + (rows - 1) * gap.row + lane.padding;
    lanes.push({ accountId, name: own[0]?.accountName ?? accountId, y, height });
    y += height + lane.gap;
  }

  const width = 2 * lane.padding + columns.length * (node.width + gap.column) - gap.column;
  return { width, height: Math.max(0, y - lane.gap), node, lanes, steps: placed, edges };
}

function widthOfNodes(columns: number): number {
  const room = (roomy - 2 * lane.padding - (columns - 1) * gap.column) / Math.max(1, columns);
  return Math.floor(Math.min(nodeWidth.most, Math.max(nodeWidth.least, room)));
}

function edgesOf(steps: readonly RunStepData[]): RunLayout["edges"] {
  const byKey = new Map(steps.map((step) => [step.key, step]));
  return steps.flatMap((to) =>
    to.dependsOn.flatMap((key) => {
      const from = byKey.get(key);
      return from ? [{ from, to }] : [];
    }),
  );
}

function rank(
  steps: readonly RunStepData[],
  edges: RunLayout["edges"],
): Map<string, { x: number; y: number }> {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: gap.row, ranksep: gap.column });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const step of steps) graph.setNode(step.key, { width: nodeWidth.least, height: nodeHeight });
  for (const { from, to } of edges) graph.setEdge(from.key, to.key);
  dagre.layout(graph);
  return new Map(
    steps.map((step) => {
      const { x = 0, y = 0 } = graph.node(step.key);
      return [step.key, { x, y }];
    }),
  );
}
