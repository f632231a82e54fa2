import { useMediaQuery } from '@mantine/hooks';
import { Link, lazyRouteComponent, useParams } from '@tanstack/react-router';
import { Suspense, useMemo } from 'react';
import { api } from '../../api/client';
import { language, useWords } from '../../i18n';
import { percent, whole } from '../../lib/format';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { Page } from '../../ui/Page';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Builder.module.css';
import { nodesOf } from './draw';
import { KindIcon } from './kinds';
import type { Catalogue, Draft, Fact } from './model';
import './words';

const PHONE = '(max-width: 860px)';

// A phone draws no canvas and does without it; elsewhere it comes together with the scenario.
const Builder = lazyRouteComponent(() => import('./Builder'), 'Builder');
if (!window.matchMedia(PHONE).matches) void Builder.preload?.();

/** One scenario: the builder; on a phone how it works. */
export default function BuilderPage() {
  const t = useWords('scenarios');
  const { key = '' } = useParams({ strict: false });
  const phone = useMediaQuery(PHONE, window.innerWidth <= 860);
  const path = { key };
  const scenario = api.useQuery(
    'get',
    '/api/v1/scenarios/{key}',
    { params: { path } },
    { staleTime: Number.POSITIVE_INFINITY, refetchOnWindowFocus: false },
  );
  const catalogue = api.useQuery('get', '/api/v1/catalogue', {}, { staleTime: Number.POSITIVE_INFINITY });
  const times = api.useQuery('get', '/api/v1/scenarios/{key}/statistics', { params: { path } });
  const words = catalogue.data as unknown as Catalogue | undefined;
  const facts = useMemo(() => factsOf(words), [words]);
  const failed = scenario.error ?? catalogue.error;
  if (failed) {
    const retry = () => void Promise.all([scenario.refetch(), catalogue.refetch()]);
    return (
      <Page title={t('title')} crumb={{ to: '/scenarios', label: t('title') }}>
        <ErrorNote problem={failed} retry={retry} />
      </Page>
    );
  }
  if (!scenario.data || !words) return <RowsSkeleton rows={10} />;
  const known = scenario.data;
  if (!phone) {
    return (
      <Suspense fallback={<RowsSkeleton rows={10} />}>
        <Builder
          key={known.key}
          scenario={known}
          catalogue={words}
          facts={facts}
          times={times.data?.steps ?? []}
        />
      </Suspense>
    );
  }
  const scene = {
    draft: known.draft as unknown as Draft,
    catalogue: words,
    facts,
    problems: known.problems,
    times: times.data?.steps ?? [],
    lang: language(),
  };
  const nodes = nodesOf(scene, t);
  return (
    <Page
      title={known.name}
      crumb={{ to: '/scenarios', label: t('title') }}
      state={
        known.published ? (
          <Chip tone="ok">{t('published', { version: known.published })}</Chip>
        ) : (
          <Chip>{t('never')}</Chip>
        )
      }
    >
      <p className={classes.quiet}>{t('phone.hint')}</p>
      <Card title={t('node.passed')} subtitle={t('statsHint')}>
        <ul className={classes.steps}>
          {nodes.map(({ id, data }) => (
            <li key={id}>
              <KindIcon kind={data.kind} word={data.word} large />
              <div>
                <p>{data.title}</p>
                <p className={classes.quiet}>{data.subtitle}</p>
              </div>
              <div className={classes.number}>
                <b>{whole(data.times)}</b>
                <span className={classes.quiet}>
                  {data.begun > 0 ? percent(data.times / data.begun) : '—'}
                </span>
              </div>
            </li>
          ))}
        </ul>
      </Card>
      <Link to="/scenarios">{t('title')}</Link>
    </Page>
  );
}

/** Every variable by its path: facts, and what events and outcomes bring. */
function factsOf(catalogue: Catalogue | undefined): Map<string, Fact> {
  const found = new Map<string, Fact>();
  if (!catalogue) return found;
  for (const fact of catalogue.facts) found.set(fact.path, fact);
  const under = (space: string, values: Fact[] | undefined) => {
    for (const value of values ?? []) {
      const path = `${space}.${value.path}`;
      if (!found.has(path)) found.set(path, { ...value, path });
    }
  };
  for (const event of catalogue.events) under('event', event.values);
  for (const action of catalogue.actions) for (const one of action.outcomes) under('outcome', one.values);
  return found;
}
