import { type Draft, list, stepsOf, text } from './model';

/** The width of a node and the gaps between them. */
export const WIDTH = 196;
const GAP_X = 66;
const GAP_Y = 34;

/** About how high a node is drawn; it only has to keep them apart. */
function heightOf(draft: Draft, name: string): number {
  const step = stepsOf(draft)[name];
  if (!step) return 92;
  const words = text(step.text);
  const lines = words ? Math.min(4, Math.ceil(words.length / 30)) : 0;
  const rows =
    list(step.choices).length +
    (step.kind === 'branch' ? list(step.cases).length + 1 : 0) +
    (step.kind === 'act' ? 2 : 0) +
    (step.silence ? 1 : 0);
  return 84 + (lines ? lines * 15 + 18 : 12) + rows * 30;
}

/**
 * Layers from left to right: a step stands one column after the first step that leads to it; within a column in the
 * order of those. Gives back where every trigger and step goes.
 */
export function arrange(draft: Draft): {
  steps: Record<string, [number, number]>;
  triggers: Record<string, [number, number]>;
} {
  const steps = Object.keys(stepsOf(draft));
  const after = new Map<string, string[]>();
  const lead = (from: string, to: string) => {
    if (stepsOf(draft)[to]) after.set(from, [...(after.get(from) ?? []), to]);
  };
  for (const [edge, to] of Object.entries(draft.edges ?? {})) lead(edge.split('.')[0]!, to);
  for (const name of steps) {
    const step = stepsOf(draft)[name]!;
    const silence = step.silence as { goto?: string } | undefined;
    if (silence?.goto) lead(name, silence.goto);
    if (step.kind === 'goto' && text(step.step)) lead(name, text(step.step));
  }
  const layers: string[][] = [];
  const seen = new Set<string>();
  let now: string[] = [];
  for (const trigger of draft.triggers ?? []) {
    if (!seen.has(trigger.goto) && stepsOf(draft)[trigger.goto] && now.length === 0) {
      now.push(trigger.goto);
      seen.add(trigger.goto);
    }
  }
  const walk = () => {
    while (now.length > 0) {
      layers.push(now);
      const next: string[] = [];
      for (const name of now) {
        for (const to of after.get(name) ?? []) {
          if (!seen.has(to)) {
            seen.add(to);
            next.push(to);
          }
        }
      }
      now = next;
    }
  };
  walk();
  const extra = (draft.triggers ?? []).map((one) => one.goto);
  const rest = [...extra, ...steps].filter((name) => stepsOf(draft)[name] && !seen.has(name));
  for (const name of rest) {
    if (seen.has(name)) continue;
    seen.add(name);
    const tail: string[][] = [[name]];
    let wave = [name];
    while (wave.length > 0) {
      const next = wave
        .flatMap((one) => after.get(one) ?? [])
        .filter((one) => {
          if (seen.has(one)) return false;
          seen.add(one);
          return true;
        });
      if (next.length > 0) tail.push(next);
      wave = next;
    }
    tail.forEach((layer, at) => {
      layers[at] = [...(layers[at] ?? []), ...layer];
    });
  }
  const placed: Record<string, [number, number]> = {};
  layers.forEach((layer, column) => {
    const total = layer.reduce((sum, name) => sum + heightOf(draft, name) + GAP_Y, -GAP_Y);
    let y = -Math.min(total / 2, 360);
    for (const name of layer) {
      placed[name] = [Math.round((column + 1) * (WIDTH + GAP_X)), Math.round(y)];
      y += heightOf(draft, name) + GAP_Y;
    }
  });
  const triggers: Record<string, [number, number]> = {};
  const all = draft.triggers ?? [];
  const heights = all.map((one) => (['phrase', 'link', 'date', 'silence'].includes(one.on) ? 132 : 100));
  let y = -Math.min(heights.reduce((sum, height) => sum + height, 0) / 2, 360);
  all.forEach((_, index) => {
    triggers[index] = [0, Math.round(y)];
    y += heights[index]!;
  });
  return { steps: placed, triggers };
}

/** The nearest place below `wish` on which no step stands. */
export function free(draft: Draft, wish: [number, number]): [number, number] {
  const taken = Object.entries(draft.layout?.steps ?? {}).filter(([name]) => name in stepsOf(draft));
  const x = wish[0];
  let y = wish[1];
  for (let tries = 0; tries < 200; tries += 1) {
    const over = taken.find(([name, [left, top]]) => {
      const [mine, theirs] = [150, heightOf(draft, name)];
      return Math.abs(left - x) < WIDTH + 16 && y < top + theirs && top < y + mine;
    });
    if (!over) break;
    y = over[1][1] + heightOf(draft, over[0]) + GAP_Y;
  }
  return [Math.round(x), Math.round(y)];
}

/** The draft with every step in its place; those that have one keep it. */
export function placed(draft: Draft): Draft {
  const { steps, triggers } = arrange(draft);
  return {
    ...draft,
    layout: {
      ...draft.layout,
      steps: { ...steps, ...draft.layout?.steps },
      triggers: { ...triggers, ...draft.layout?.triggers },
    },
  };
}
