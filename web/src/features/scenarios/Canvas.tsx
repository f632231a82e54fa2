import { IconMaximize, IconMinus, IconPlus } from '@tabler/icons-react';
import {
  applyNodeChanges,
  Background,
  BackgroundVariant,
  type Edge,
  MiniMap,
  type NodeChange,
  Panel,
  ReactFlow,
  useReactFlow,
} from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useEffect, useState } from 'react';
import { useWords } from '../../i18n';
import classes from './Canvas.module.css';
import { type Draft, wire } from './model';
import type { Fresh } from './Palette';
import { type DrawnNode, StepNode } from './StepNode';

const NODE_TYPES = { step: StepNode };

type Props = {
  nodes: DrawnNode[];
  edges: Edge[];
  chosen: string[];
  choose: (names: string[]) => void;
  change: (make: (draft: Draft) => Draft, tag?: string) => void;
  add: (fresh: Fresh, place?: [number, number]) => void;
  focus: { node: string; at: number } | null;
  /** Where the guest of the trial stands: kept in sight. */
  here?: string;
  may: boolean;
};

/** The draft as a drawing: what is moved, connected and taken away here is written into the draft. */
export function Canvas({ nodes, edges, chosen, choose, change, add, focus, here, may }: Props) {
  const t = useWords('scenarios');
  const flow = useReactFlow<DrawnNode>();
  const [drawn, setDrawn] = useState<DrawnNode[]>(nodes);
  useEffect(() => {
    const picked = new Set(chosen);
    // What is measured and dragged stays; what is said comes from the draft.
    setDrawn((before) => {
      const known = new Map(before.map((node) => [node.id, node]));
      return nodes.map((node) => ({
        ...known.get(node.id),
        ...node,
        position: known.get(node.id)?.dragging ? known.get(node.id)!.position : node.position,
        selected: picked.has(node.id),
      }));
    });
  }, [nodes, chosen]);
  useEffect(() => {
    if (!focus) return;
    void flow.fitView({ nodes: [{ id: focus.node }], duration: 200, maxZoom: 1, padding: 2 });
  }, [focus, flow]);
  useEffect(() => {
    const node = here ? flow.getNode(here) : undefined;
    if (!node) return;
    const zoom = flow.getZoom();
    void flow.setCenter(node.position.x + 98, node.position.y + 90, { zoom, duration: 200 });
  }, [here, flow]);
  const move = (changes: NodeChange<DrawnNode>[]) => {
    setDrawn((before) => applyNodeChanges(changes, before));
    const picked = changes.filter((one) => one.type === 'select');
    if (picked.length > 0) {
      const next = new Set(chosen);
      for (const one of picked) one.selected ? next.add(one.id) : next.delete(one.id);
      choose([...next]);
    }
    const ended = changes.filter((one) => one.type === 'position' && one.dragging === false && one.position);
    if (ended.length === 0 || !may) return;
    change((now) => {
      const steps = { ...now.layout?.steps };
      const triggers = { ...now.layout?.triggers };
      for (const one of ended) {
        if (one.type !== 'position' || !one.position) continue;
        const place: [number, number] = [Math.round(one.position.x), Math.round(one.position.y)];
        if (one.id.startsWith('trigger:')) triggers[one.id.slice(8)] = place;
        else steps[one.id] = place;
      }
      return { ...now, layout: { ...now.layout, steps, triggers } };
    }, 'move');
  };
  const connect = (source: string, port: string, target: string | null) =>
    change((now) => {
      if (!source.startsWith('trigger:')) return wire(now, source, port, target);
      if (!target) return now;
      const at = Number(source.slice(8));
      const triggers = (now.triggers ?? []).map((one, index) =>
        index === at ? { ...one, goto: target } : one,
      );
      return { ...now, triggers };
    });
  return (
    <div
      className={classes.canvas}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        const fresh = event.dataTransfer.getData('application/x-step');
        if (!fresh || !may) return;
        const { x, y } = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
        add(JSON.parse(fresh) as Fresh, [Math.round(x - 98), Math.round(y - 24)]);
      }}
    >
      <ReactFlow<DrawnNode>
        aria-label={t('canvas')}
        nodes={drawn}
        edges={edges}
        nodeTypes={NODE_TYPES}
        onNodesChange={move}
        onConnect={({ source, sourceHandle, target }) => connect(source, sourceHandle ?? 'next', target)}
        onEdgesDelete={(gone) => {
          for (const edge of gone) connect(edge.source, edge.sourceHandle ?? 'next', null);
        }}
        onPaneClick={() => choose([])}
        nodesDraggable={may}
        nodesConnectable={may}
        edgesReconnectable={false}
        deleteKeyCode={null}
        minZoom={0.2}
        maxZoom={1.6}
        defaultViewport={{ x: 40, y: 420, zoom: 1 }}
        onInit={(instance) => {
          const firsts = nodes.filter((node) => node.position.x < 720 && Math.abs(node.position.y) < 460);
          void instance.fitView({
            nodes: firsts.map(({ id }) => ({ id })),
            maxZoom: 1,
            minZoom: 0.6,
            padding: 0.06,
          });
        }}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} />
        <MiniMap
          className={classes.minimap}
          pannable
          zoomable
          bgColor="var(--sv-surface)"
          maskColor="color-mix(in srgb, var(--sv-bg) 70%, transparent)"
          nodeColor="var(--sv-border-2)"
          nodeBorderRadius={16}
          ariaLabel={t('canvas')}
        />
        <Panel position="bottom-left" className={classes.zoom}>
          <button type="button" aria-label={t('zoomIn')} onClick={() => void flow.zoomIn()}>
            <IconPlus size={17} />
          </button>
          <button type="button" aria-label={t('zoomOut')} onClick={() => void flow.zoomOut()}>
            <IconMinus size={17} />
          </button>
          <button type="button" aria-label={t('fit')} onClick={() => void flow.fitView({ duration: 200 })}>
            <IconMaximize size={17} />
          </button>
        </Panel>
      </ReactFlow>
    </div>
  );
}
