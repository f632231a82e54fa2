import type { Edge } from '@xyflow/react';
import type { components } from '../../api/schema';
import type { Say } from '../../i18n';
import classes from './Edges.module.css';
import {
  type Case,
  type Catalogue,
  type Condition,
  capital,
  type Draft,
  type Fact,
  leadsTo,
  list,
  placeOf,
  plain,
  portsOf,
  type Step,
  spanWords,
  stepsOf,
  type Trigger,
  text,
  titleOf,
  wiredPorts,
} from './model';
import { arrange } from './place';
import type { DrawnNode } from './StepNode';

type Times = components['schemas']['StepTimes'];
type Problem = components['schemas']['DraftProblem'];

/** What the canvas is drawn from. */
export type Scene = {
  draft: Draft;
  catalogue: Catalogue;
  facts: Map<string, Fact>;
  problems: Problem[];
  times: Times[];
  lang: 'ru' | 'en';
  here?: string;
};

/** How often people passed: by step and port. */
export function counted(times: Times[]): (step: string, port: string) => number {
  const known = new Map(times.map((one) => [`${one.step}\n${one.port}`, one.times]));
  return (step, port) => known.get(`${step}\n${port}`) ?? 0;
}

/** «Баланс не меньше 100». */
export function conditionWords(
  condition: Condition,
  facts: Map<string, Fact>,
  t: Say,
  lang: 'ru' | 'en',
): string {
  if ('all' in condition) return condition.all.map((one) => conditionWords(one, facts, t, lang)).join(', ');
  if ('any' in condition) {
    const or = lang === 'ru' ? ' или ' : ' or ';
    return condition.any.map((one) => conditionWords(one, facts, t, lang)).join(or);
  }
  if ('not' in condition) return `${t('condition.not')}: ${conditionWords(condition.not, facts, t, lang)}`;
  const fact = facts.get(condition.field);
  const title = fact?.title[lang] ?? condition.field;
  if (fact?.kind === 'flag' && condition.op === 'set') return capital(title);
  if (fact?.kind === 'flag' && condition.op === 'unset') return capital(`${t('condition.not')} ${title}`);
  const name = capital(title);
  const value =
    condition.value === undefined || condition.value === null ? '' : ` ${String(condition.value)}`;
  return `${name} ${t(`op.${condition.op}`)}${value}`;
}

function subtitle(step: Step, scene: Scene, t: Say): string {
  const { catalogue, lang, facts } = scene;
  if (step.kind === 'ask') {
    return `${t('kind.ask')} · ${t(`expects.${text(step.expects) || 'text'}`)}`;
  }
  if (step.kind === 'act' || step.kind === 'show') {
    const word = text(step.kind === 'act' ? step.action : step.screen);
    const all = step.kind === 'act' ? catalogue.actions : catalogue.screens;
    return capital(all.find((one) => one.name === word)?.title[lang] ?? t(`kind.${step.kind}`));
  }
  if (step.kind === 'branch') {
    const first = list<Case>(step.cases)[0]?.when;
    const field = first && 'field' in first ? facts.get(first.field)?.title[lang] : undefined;
    return field ? `${t('kind.branch')} · ${field}` : t('kind.branch');
  }
  if (step.kind === 'say' && step.media) return t('kind.media');
  return t(`kind.${step.kind}`);
}

function line(step: Step, scene: Scene, t: Say): string | undefined {
  const { draft, lang, facts } = scene;
  const named = (path: string) => facts.get(path)?.title[lang] ?? path;
  switch (step.kind) {
    case 'wait':
      return step.for
        ? t('node.wait', { time: spanWords(step.for, lang) })
        : t('node.until', { time: text(step.until) });
    case 'set': {
      const add = list<string>(step.add_tags).join(', ');
      const gone = list<string>(step.remove_tags).join(', ');
      const sets = Object.keys((step.values as object) ?? {})
        .map(named)
        .join(', ');
      return (
        [
          add && t('node.tags', { names: add }),
          gone && t('node.untag', { names: gone }),
          sets && t('node.sets', { names: sets }),
        ]
          .filter(Boolean)
          .join(' · ') || t('node.empty')
      );
    }
    case 'hand_off':
      return text(step.reason) || t('node.person');
    case 'goto':
      return step.step
        ? t('node.gotoStep', { name: titleOf(draft, text(step.step)) })
        : t('node.goto', { name: text(step.scenario) || '…' });
    case 'end':
      return t('node.end');
    case 'ask':
      return step.into ? t('node.into', { name: named(text(step.into)) }) : undefined;
    default:
      return undefined;
  }
}

/** What a trigger is called and says. */
export function triggerWords(trigger: Trigger, scene: Scene, t: Say): { title: string; line?: string } {
  const { catalogue, lang, facts } = scene;
  switch (trigger.on) {
    case 'link': {
      const payload = text(trigger.payload);
      return {
        title: t('on.link'),
        line: payload ? t('node.link', { name: payload }) : t('node.prefix', { name: text(trigger.prefix) }),
      };
    }
    case 'phrase': {
      const phrases = list<string>(trigger.phrases).filter((one) => !one.startsWith('/'));
      return {
        title: `«${capital(phrases[0] ?? list<string>(trigger.phrases)[0] ?? '…')}»`,
        line: phrases.slice(1, 4).join(', '),
      };
    }
    case 'button':
      return { title: text(trigger.label) || t('on.button') };
    case 'silence':
      return { title: t('on.silence'), line: t('node.silent', { time: spanWords(trigger.after, lang) }) };
    case 'event': {
      const spec = catalogue.events.find((one) => one.name === trigger.event);
      const values = Object.values((trigger.values as object) ?? {}).join(', ');
      return { title: capital(spec?.title[lang] ?? text(trigger.event)), line: values || undefined };
    }
    case 'date': {
      const days = Number(trigger.days_before ?? 0);
      return {
        title: capital(facts.get(text(trigger.field))?.title[lang] ?? text(trigger.field)),
        line: days ? t('node.before', { count: days }) : t('node.every'),
      };
    }
    default:
      return { title: t('on.start') };
  }
}

/** What is wrong, with steps and ways out called as the canvas calls them. */
export function problemWords(problem: Problem, draft: Draft, t: Say): string {
  const { node } = placeOf(problem.path);
  const step = node ? stepsOf(draft)[node] : undefined;
  if (!node || !step) return problem.text;
  const named = problem.text.replace(`«${node}»`, `«${titleOf(draft, node)}»`);
  if (problem.code !== 'unwired') return named;
  const choice = list<{ key: string; label?: string }>(step.choices).find(
    (one) => one.key === problem.detail,
  );
  const at = list<Case>(step.cases).findIndex((one) => one.port === problem.detail);
  const port =
    choice?.label ||
    (at >= 0
      ? `${t('kind.branch')} ${at + 1}`
      : t(`port.${problem.detail}`, { defaultValue: problem.detail }));
  return named.replace(`«${problem.detail}»`, `«${port}»`);
}

/** The nodes of a draft. */
export function nodesOf(scene: Scene, t: Say): DrawnNode[] {
  const { draft, catalogue, facts, lang } = scene;
  const times = counted(scene.times);
  const free = arrange(draft);
  const begun = scene.times.filter((one) => one.step === '').reduce((sum, one) => sum + one.times, 0);
  const remarks = new Map<string, 'error' | 'warning'>();
  for (const problem of scene.problems) {
    const { node } = placeOf(problem.path);
    if (node && remarks.get(node) !== 'error') remarks.set(node, problem.severity as 'error' | 'warning');
  }
  const at = (place: [number, number] | undefined) => ({ x: place?.[0] ?? 0, y: place?.[1] ?? 0 });
  const steps = Object.entries(stepsOf(draft)).map(([name, step]): DrawnNode => {
    const cases = new Map(list<Case>(step.cases).map((one) => [one.port, one.when]));
    const ports = portsOf(step, catalogue, t, lang, wiredPorts(draft, name)).map((port) => {
      const when = cases.get(port.key);
      return {
        ...port,
        label: when ? conditionWords(when, facts, t, lang) : plain(port.label ?? '', facts, lang),
        times: times(name, port.key),
      };
    });
    const words = plain(text(step.text), facts, lang);
    return {
      id: name,
      type: 'step',
      position: at(draft.layout?.steps?.[name] ?? free.steps[name]),
      data: {
        kind: step.kind === 'say' && step.media ? 'media' : step.kind,
        word: text(step.action ?? step.screen),
        title: titleOf(draft, name),
        subtitle: subtitle(step, scene, t),
        words: words || undefined,
        line: line(step, scene, t),
        ports,
        times: times(name, ''),
        begun,
        remark: remarks.get(name),
        here: scene.here === name,
      },
    };
  });
  const triggers = (draft.triggers ?? []).map((trigger, index): DrawnNode => {
    const words = triggerWords(trigger, scene, t);
    return {
      id: `trigger:${index}`,
      type: 'step',
      position: at(draft.layout?.triggers?.[index] ?? free.triggers[index]),
      data: {
        kind: 'trigger',
        title: words.title,
        subtitle: `${t('kind.trigger')} · ${t(`on.${trigger.on}`)}`,
        line: words.line || undefined,
        ports: [{ key: 'next' }],
        times: times('', String(index)),
        begun,
        remark: remarks.get(`trigger:${index}`),
        entry: true,
      },
    };
  });
  return [...triggers, ...steps];
}

/** The way that most people go, from the first start on. */
function mainPath(scene: Scene): Set<string> {
  const { draft, catalogue, lang } = scene;
  const times = counted(scene.times);
  const path = new Set<string>();
  const all = draft.triggers ?? [];
  const first = Math.max(
    0,
    all.findIndex((one) => one.on === 'start' || one.on === 'link'),
  );
  let name = all[first]?.goto;
  if (name) path.add(`trigger:${first}\nnext`);
  const seen = new Set<string>();
  while (name && !seen.has(name)) {
    seen.add(name);
    const step: Step | undefined = stepsOf(draft)[name];
    if (!step) break;
    const from = name;
    const ways = portsOf(step, catalogue, String, lang, wiredPorts(draft, from))
      .map((port) => ({ port: port.key, to: leadsTo(draft, from, port.key), times: times(from, port.key) }))
      .filter((way) => way.to);
    const best = ways.reduce<(typeof ways)[number] | undefined>(
      (found, way) => (found && found.times >= way.times ? found : way),
      undefined,
    );
    if (!best) break;
    path.add(`${from}\n${best.port}`);
    name = best.to;
  }
  return path;
}

/** The edges of a draft; the main path is copper and dashed. */
export function edgesOf(scene: Scene): Edge[] {
  const { draft, catalogue, lang } = scene;
  const path = mainPath(scene);
  const edge = (from: string, port: string, to: string): Edge => {
    const main = path.has(`${from}\n${port}`);
    return {
      id: `${from}|${port}`,
      source: from,
      sourceHandle: port,
      target: to,
      className: main ? classes.main : classes.edge,
      zIndex: main ? 1 : 0,
    };
  };
  const found: Edge[] = (draft.triggers ?? [])
    .map((trigger, index) => edge(`trigger:${index}`, 'next', trigger.goto))
    .filter((one) => stepsOf(draft)[one.target]);
  for (const [name, step] of Object.entries(stepsOf(draft))) {
    for (const port of portsOf(step, catalogue, String, lang, wiredPorts(draft, name))) {
      const to = leadsTo(draft, name, port.key);
      if (to && stepsOf(draft)[to]) found.push(edge(name, port.key, to));
    }
  }
  return found;
}
