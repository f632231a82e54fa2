import { ActionIcon, Button, Menu, Popover, Tooltip, UnstyledButton } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconDots,
  IconDownload,
  IconHierarchy2,
  IconHistory,
  IconPlayerPlay,
  IconRocket,
  IconSettings,
} from '@tabler/icons-react';
import { ReactFlowProvider } from '@xyflow/react';
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from 'react';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { language, useWords } from '../../i18n';
import { clock } from '../../lib/format';
import { tell } from '../../lib/notify';
import { Chip } from '../../ui/Chip';
import { RowsSkeleton } from '../../ui/States';
import classes from './Builder.module.css';
import { Canvas } from './Canvas';
import { edgesOf, nodesOf, problemWords } from './draw';
import {
  type Catalogue,
  type Draft,
  type Fact,
  freshName,
  placeOf,
  removeStep,
  type Step,
  setStep,
  stepsOf,
  type Trigger,
  wire,
} from './model';
import { type Fresh, Palette } from './Palette';
import { Preview } from './Preview';
import { ProblemList } from './ProblemList';
import { arrange, free, placed, WIDTH } from './place';
import { useDraft } from './useDraft';

// The canvas is there at once; what stands beside it and over it comes behind.
const Inspector = lazy(() => import('./Inspector').then(({ Inspector }) => ({ default: Inspector })));
const ScenarioForm = lazy(() =>
  import('./Inspector').then(({ ScenarioForm }) => ({ default: ScenarioForm })),
);
const Publish = lazy(() => import('./Publish').then(({ Publish }) => ({ default: Publish })));
const Simulator = lazy(() => import('./Simulator').then(({ Simulator }) => ({ default: Simulator })));
const Versions = lazy(() => import('./Versions').then(({ Versions }) => ({ default: Versions })));

type Props = {
  scenario: components['schemas']['DraftedScenario'];
  catalogue: Catalogue;
  facts: Map<string, Fact>;
  times: components['schemas']['StepTimes'][];
};
const COPIED = 'samovar.copied-steps';

/** The builder: palette, canvas, inspector or trial chat. */
export function Builder({ scenario, catalogue, facts, times }: Props) {
  const t = useWords('scenarios');
  const lang = language();
  const may = useMay('scenarios_write');
  const first = useMemo(() => placed(scenario.draft as unknown as Draft), [scenario.draft]);
  const work = useDraft(scenario.key, first, scenario.revision, scenario.problems);
  const { draft, change, undo, redo, problems, saving } = work;
  const [chosen, setChosen] = useState<string[]>([]);
  const [side, setSide] = useState<'inspector' | 'sim' | 'settings'>('inspector');
  const [here, setHere] = useState<string | undefined>();
  const [focus, setFocus] = useState<{ node: string; at: number } | null>(null);
  const [sheet, setSheet] = useState<'versions' | 'publish' | null>(null);
  const product = t('common:product');
  useEffect(() => {
    document.title = `${scenario.name} · ${product}`;
  }, [scenario.name, product]);
  const scene = useMemo(
    () => ({ draft, catalogue, facts, problems, times, lang, here }),
    [draft, catalogue, facts, problems, times, lang, here],
  );
  const nodes = useMemo(() => nodesOf(scene, t), [scene, t]);
  const edges = useMemo(() => edgesOf(scene), [scene]);
  const one = chosen.length === 1 ? chosen[0] : undefined;
  const exists = (name: string) =>
    name.startsWith('trigger:')
      ? (draft.triggers?.length ?? 0) > Number(name.slice(8))
      : name in stepsOf(draft);

  const add = useCallback(
    (fresh: Fresh, place?: [number, number]) => {
      change((now) => {
        if (fresh.kind === 'trigger') {
          const goto = Object.keys(stepsOf(now))[0] ?? '';
          const triggers = [...(now.triggers ?? []), { ...fresh.fields, goto } as Trigger];
          const layout = { ...now.layout, triggers: { ...now.layout?.triggers } };
          if (place) layout.triggers[triggers.length - 1] = place;
          setChosen([`trigger:${triggers.length - 1}`]);
          return { ...now, triggers, layout };
        }
        const kind = fresh.kind === 'media' ? 'say' : fresh.kind;
        const stem = fresh.word?.split('.')[1] ?? kind;
        const name = freshName(now, stem.replaceAll(/[^a-z0-9_]/g, '_'));
        const from = one && !one.startsWith('trigger:') ? now.layout?.steps?.[one] : undefined;
        const wish: [number, number] = from ? [from[0] + WIDTH + 66, from[1] + 30] : [WIDTH + 66, 0];
        const at = place ?? free(now, wish);
        const step = { kind, ...fresh.fields } as Step;
        const next = setStep(now, name, step);
        setChosen([name]);
        const title = t(`kind.${fresh.kind}`);
        const layout = {
          ...next.layout,
          steps: { ...next.layout?.steps, [name]: at },
          titles: fresh.word ? next.layout?.titles : { ...next.layout?.titles, [name]: title },
        };
        return { ...next, layout };
      });
      setSide('inspector');
    },
    [change, one, t],
  );
  const remove = useCallback(
    (names: string[]) => {
      if (names.length === 0) return;
      change((now) => {
        const gone = new Set(
          names.filter((name) => name.startsWith('trigger:')).map((name) => Number(name.slice(8))),
        );
        const triggers = (now.triggers ?? []).filter((_, at) => !gone.has(at));
        const kept = gone.size > 0 ? { ...now, triggers } : now;
        return names.filter((name) => !name.startsWith('trigger:')).reduce(removeStep, kept);
      });
      setChosen([]);
    },
    [change],
  );
  const copy = () => {
    const steps = Object.fromEntries(
      chosen.filter((name) => name in stepsOf(draft)).map((name) => [name, stepsOf(draft)[name]]),
    );
    if (Object.keys(steps).length === 0) return;
    const places = Object.fromEntries(Object.keys(steps).map((name) => [name, draft.layout?.steps?.[name]]));
    const titles = Object.fromEntries(Object.keys(steps).map((name) => [name, draft.layout?.titles?.[name]]));
    const inside = Object.entries(draft.edges ?? {}).filter(
      ([from, to]) => from.split('.')[0]! in steps && to in steps,
    );
    localStorage.setItem(COPIED, JSON.stringify({ steps, places, titles, edges: inside }));
  };
  const paste = () => {
    const found = JSON.parse(localStorage.getItem(COPIED) ?? 'null');
    if (!found) return;
    change((now) => {
      let next = now;
      const names = new Map<string, string>();
      for (const [name, step] of Object.entries(found.steps as Record<string, Step>)) {
        const fresh = freshName(next, name.replace(/_\d+$/, ''));
        names.set(name, fresh);
        const [x, y] = (found.places[name] as [number, number] | undefined) ?? [0, 0];
        const { silence: _, ...rest } = step;
        next = setStep(next, fresh, rest as Step);
        const title = found.titles[name] as string | undefined;
        next = {
          ...next,
          layout: {
            ...next.layout,
            steps: { ...next.layout?.steps, [fresh]: [x + 40, y + 40] },
            titles: title ? { ...next.layout?.titles, [fresh]: title } : next.layout?.titles,
          },
        };
      }
      for (const [from, to] of found.edges as [string, string][]) {
        const [name, port] = from.split('.');
        next = wire(next, names.get(name!)!, port ?? 'next', names.get(to)!);
      }
      setChosen([...names.values()]);
      return next;
    });
    tell(t('pasted', { count: Object.keys(found.steps).length }));
  };
  const show = (node: string) => {
    setSide('inspector');
    setChosen([node]);
    setFocus({ node, at: Date.now() });
  };
  useHotkeys(
    may
      ? [
          ['mod+Z', () => undo()],
          ['mod+Y', () => redo()],
          ['mod+shift+Z', () => redo()],
          ['mod+C', () => copy(), { preventDefault: false }],
          ['mod+V', () => paste(), { preventDefault: false }],
          ['Delete', () => remove(chosen)],
          ['Backspace', () => remove(chosen)],
        ]
      : [],
    ['INPUT', 'TEXTAREA', 'SELECT'],
  );
  const status =
    saving.state === 'saving'
      ? t('saving')
      : saving.state === 'saved'
        ? t('saved', { time: clock(saving.at) })
        : t('failed');
  return (
    <main className={classes.page} id="main">
      <header className={classes.top}>
        <div className={classes.name}>
          <h1>{draft.name || scenario.name}</h1>
          <p role="status">{status}</p>
        </div>
        {scenario.published ? (
          <Chip tone="ok">{t('published', { version: scenario.published })}</Chip>
        ) : (
          <Chip>{t('never')}</Chip>
        )}
        <div className={classes.does}>
          {may && (
            <>
              <Tooltip label={t('undo')}>
                <ActionIcon
                  className={classes.back}
                  aria-label={t('undo')}
                  disabled={!work.canUndo}
                  onClick={undo}
                >
                  <IconArrowBackUp size={19} />
                </ActionIcon>
              </Tooltip>
              <Tooltip label={t('redo')}>
                <ActionIcon
                  className={classes.back}
                  aria-label={t('redo')}
                  disabled={!work.canRedo}
                  onClick={redo}
                >
                  <IconArrowForwardUp size={19} />
                </ActionIcon>
              </Tooltip>
            </>
          )}
          <Popover width={400} position="bottom-end" shadow="md" radius={12}>
            <Popover.Target>
              <Button
                variant="subtle"
                color={problems.length > 0 ? 'honey' : 'gray'}
                leftSection={<IconAlertTriangle size={17} />}
              >
                {problems.length > 0 ? t('problems', { count: problems.length }) : t('clean')}
              </Button>
            </Popover.Target>
            <Popover.Dropdown>
              {problems.length > 0 ? (
                <ProblemList problems={problems} draft={draft} show={show} />
              ) : (
                t('clean')
              )}
            </Popover.Dropdown>
          </Popover>
          {may && (
            <Button
              variant="default"
              leftSection={<IconPlayerPlay size={17} />}
              onClick={() => setSide(side === 'sim' ? 'inspector' : 'sim')}
            >
              {t('try')}
            </Button>
          )}
          {may && (
            <Button leftSection={<IconRocket size={17} />} onClick={() => setSheet('publish')}>
              {t('publish')}
            </Button>
          )}
          <Menu>
            <Menu.Target>
              <ActionIcon aria-label={t('common:do.more')}>
                <IconDots size={19} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => setSheet('versions')}>
                {t('menu.versions')}
              </Menu.Item>
              <Menu.Item
                leftSection={<IconDownload size={16} />}
                component="a"
                href={`/api/v1/scenarios/${scenario.key}/export`}
                download={`${scenario.key}.toml`}
              >
                {t('menu.export')}
              </Menu.Item>
              {may && (
                <>
                  <Menu.Item
                    leftSection={<IconHierarchy2 size={16} />}
                    onClick={() => change((now) => ({ ...now, layout: { ...now.layout, ...arrange(now) } }))}
                  >
                    {t('menu.arrange')}
                  </Menu.Item>
                  <Menu.Item leftSection={<IconSettings size={16} />} onClick={() => setSide('settings')}>
                    {t('menu.settings')}
                  </Menu.Item>
                </>
              )}
            </Menu.Dropdown>
          </Menu>
        </div>
      </header>
      {saving.state === 'conflict' && (
        <div className={classes.conflict} role="alert">
          {t('conflict')}
          <Button size="compact-sm" variant="default" onClick={() => void work.save(true)}>
            {t('conflictMine')}
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => void work.takeTheirs()}>
            {t('conflictTheirs')}
          </Button>
        </div>
      )}
      <div className={classes.work}>
        <Palette catalogue={catalogue} lang={lang} add={add} />
        <ReactFlowProvider>
          <Canvas
            nodes={nodes}
            edges={edges}
            chosen={chosen}
            choose={(names) => {
              setChosen(names);
              if (names.length > 0 && side === 'settings') setSide('inspector');
            }}
            change={change}
            add={add}
            focus={focus}
            here={here}
            may={may}
          />
        </ReactFlowProvider>
        <aside className={classes.side} aria-label={t('kind.act')}>
          <Suspense fallback={<RowsSkeleton />}>
            {side === 'sim' ? (
              <Simulator draft={draft} close={() => setSide('inspector')} stand={setHere} />
            ) : side === 'settings' ? (
              <ScenarioForm tools={{ draft, change, catalogue, facts, lang, remarks: [] }} />
            ) : one && exists(one) ? (
              <Inspector
                key={one}
                chosen={one}
                drop={() => setChosen([])}
                tools={{
                  draft,
                  change,
                  catalogue,
                  facts,
                  lang,
                  remarks: problems
                    .filter((problem) => placeOf(problem.path).node === one)
                    .map((problem) => ({ ...problem, text: problemWords(problem, draft, t) })),
                }}
                below={<Preview draft={draft} step={one} />}
              />
            ) : (
              <div className={classes.none}>
                <h2>{t('inspector.nothing')}</h2>
                <p>{t('inspector.nothingHint')}</p>
                <UnstyledButton className="link-button" mt={10} onClick={() => setSide('settings')}>
                  {t('menu.settings')}
                </UnstyledButton>
              </div>
            )}
          </Suspense>
        </aside>
      </div>
      <Suspense>
        <Versions
          opened={sheet === 'versions'}
          close={() => setSheet(null)}
          scenario={scenario.key}
          published={scenario.published}
          draft={draft}
          take={(taken) => change(() => placed({ ...taken, key: scenario.key }))}
        />
        <Publish
          opened={sheet === 'publish'}
          close={() => setSheet(null)}
          scenario={scenario.key}
          draft={draft}
          problems={problems}
          save={() => work.save()}
          show={show}
        />
      </Suspense>
    </main>
  );
}
