"use client";

import "@xyflow/react/dist/base.css";
import {
  BaseEdge,
  type Edge,
  type EdgeProps,
  getSmoothStepPath,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import { shownVerb } from "#components/plan/plan-data.ts";
import { type RunStepData, stepAnchor } from "#components/runs/run-data.ts";
import type { PlacedLane, RunLayout } from "#components/runs/run-layout.ts";
import { StepIcon } from "#components/runs/step-icon.tsx";
import { stepStates } from "#components/states/state-words.ts";
import { verbWords } from "#components/states/verbs.ts";
import { cn } from "#components/ui/cn.ts";
import type { StepState } from "#lib/model/states.ts";

type StepNode = Node<{ step: RunStepData; room: number }, "step">;
type LaneNode = Node<{ lane: PlacedLane }, "lane">;
type StepEdge = Edge<{ state: StepState }, "step">;

const nodeTypes = { step: StepBox, lane: LaneBox };
const edgeTypes = { step: StepArrow };

/** Draws the layout; it can't be moved or edited, and each step leads to its place in the list. */
export function RunCanvas({ layout }: { layout: RunLayout }) {
  return (
    <ReactFlow<StepNode | LaneNode, StepEdge>
      aria-label="Graph of the steps; the list below has the same in words"
      nodes={nodesOf(layout)}
      edges={edgesOf(layout)}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      fitView
      fitViewOptions={{ padding: 0, maxZoom: 1 }}
      minZoom={0.2}
      maxZoom={1}
      nodesDraggable={false}
      nodesConnectable={false}
      nodesFocusable={false}
      edgesFocusable={false}
      elementsSelectable={false}
      panOnDrag={false}
      panOnScroll={false}
      zoomOnScroll={false}
      zoomOnPinch={false}
      zoomOnDoubleClick={false}
      preventScrolling={false}
      disableKeyboardA11y
      deleteKeyCode={null}
      selectionKeyCode={null}
      multiSelectionKeyCode={null}
      zoomActivationKeyCode={null}
      panActivationKeyCode={null}
      attributionPosition="top-right"
      className="[&_[data-message]]:mt-2! [&_[data-message]]:mr-3! [&_[data-message]]:bg-transparent! [&_[data-message]_a]:text-ink-muted!"
    />
  );
}

function nodesOf(layout: RunLayout): (StepNode | LaneNode)[] {
  const lanes = layout.lanes.map(
    (lane): LaneNode => ({
      id: `lane ${lane.accountId}`,
      type: "lane",
      position: { x: 0, y: lane.y },
      width: layout.width,
      height: lane.height,
      zIndex: -1,
      data: { lane },
    }),
  );
  const room = roomIn(layout.node.width);
  const steps = layout.steps.map(
    ({ step, x, y }): StepNode => ({
      id: step.key,
      type: "step",
      position: { x, y },
      ...layout.node,
      data: { step, room },
    }),
  );
  return [...lanes, ...steps];
}

function edgesOf(layout: RunLayout): StepEdge[] {
  return layout.edges.map(({ from, to }) => ({
    id: `${from.key} ${to.key}`,
    type: "step",
    source: from.key,
    target: to.key,
    data: { state: from.state === "succeeded" ? to.state : "pending" },
  }));
}

function LaneBox({ data: { lane } }: NodeProps<LaneNode>) {
  return (
    <div className="size-full rounded-lg border border-dashed border-line-control bg-sunken px-4 py-2">
      <p className="flex items-baseline gap-2 text-xs">
        <span className="font-medium text-ink-muted">{lane.name}</span>
        <span className="font-mono text-2xs text-ink-faint">{lane.accountId}</span>
      </p>
    </div>
  );
}

/** Names of roles end in what tells them from each other. */
const keptAtEnd = 16;

/** Characters that two lines of a box have room for, beside its padding and icon; few break where the line ends. */
function roomIn(width: number): number {
  return 2 * Math.floor((width - 52) / 7.2) - 2;
}

/**
 * ARNs lose what the lane says already, "arn:aws:s3:::archive" → "archive", and issuers of EKS what all of them have.
 * What is still too long loses its middle.
 */
function shortTitle(title: string, room: number): string {
  const short = title.replace(/arn:[\w-]+:[\w-]+:[\w-]*:\d*:(?=\S)|oidc\.eks\.\S+\/id\//g, "");
  if (short.length <= room) return short;
  return `${short.slice(0, room - keptAtEnd - 1)}…${short.slice(-keptAtEnd)}`;
}

const borders: Record<StepState, string> = {
  pending: "border-line-strong",
  running: "border-info-solid ring-3 ring-info-line/50",
  succeeded: "border-line-strong",
  failed: "border-danger-solid",
  skipped: "border-line-strong border-dashed",
};

function StepBox({ data: { step, room } }: NodeProps<StepNode>) {
  return (
    <>
      <Handle type="target" position={Position.Left} className="invisible" />
      <a
        href={`#${stepAnchor(step.id)}`}
        className={cn(
          "pointer-events-auto flex size-full items-center gap-2.5 rounded-md border bg-surface px-3 shadow-sm hover:bg-sunken dark:bg-raised",
          borders[step.state],
        )}
      >
        <StepIcon state={step.state} labelled={false} />
        <span className="min-w-0">
          <span
            className="line-clamp-2 text-sm leading-4.5 font-medium wrap-anywhere text-ink"
            title={step.title}
          >
            {shortTitle(step.title, room)}
          </span>
          <span className="block text-xs text-ink-muted">
            {verbWords(shownVerb(step)).label}
            <span aria-hidden="true"> · </span>
            {stepStates[step.state].label}
          </span>
        </span>
      </a>
      <Handle type="source" position={Position.Right} className="invisible" />
    </>
  );
}

const strokes: Record<StepState, string> = {
  pending: "var(--line-control)",
  running: "var(--info-solid)",
  succeeded: "var(--success-solid)",
  failed: "var(--danger-solid)",
  skipped: "var(--line-control)",
};

function StepArrow({
  id,
  sourceX,
  sourceY,
  targetX,
  targetY,
  sourcePosition,
  targetPosition,
  data,
}: EdgeProps<StepEdge>) {
  const [path] = getSmoothStepPath({
    sourceX,
    sourceY,
    targetX,
    targetY,
    sourcePosition,
    targetPosition,
    borderRadius: 8,
  });
  // The library's own stylesheet outranks utility classes.
  return (
    <BaseEdge id={id} path={path} style={{ stroke: strokes[data?.state ?? "pending"], strokeWidth: 1.5 }} />
  );
}
