import { Button } from '@mantine/core';
import {
  IconArrowBackUp,
  IconCoins,
  IconFileCheck,
  IconFlag,
  IconLayoutKanban,
  IconMessage,
  IconPencil,
  IconRobot,
  IconShoppingBag,
  IconTag,
} from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { api, fetcher } from '../../api/client';
import { useWords } from '../../i18n';
import { clock, day, money, signed, whole } from '../../lib/format';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import type { Entry } from './model';
import classes from './Sheet.module.css';

/** Titles of the company's own fields, by their short names. */
type Titles = Map<string, string>;
type Say = (key: string, values?: Record<string, unknown>) => string;

/** What happened with a customer, and why each of it happened. */
export function Story({ id }: { id: string }) {
  const t = useWords('contacts');
  const story = useInfiniteQuery({
    queryKey: ['timeline', id],
    queryFn: async ({ pageParam }) =>
      (
        await fetcher.GET('/api/v1/contacts/{id}/timeline', {
          params: { path: { id }, query: { limit: 50, after: pageParam } },
        })
      ).data!,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const known = api.useQuery('get', '/api/v1/contacts/fields');
  const titles: Titles = new Map(known.data?.fields.map((one) => [one.key, one.title]));
  if (story.error && !story.data)
    return <ErrorNote problem={story.error} retry={() => void story.refetch()} />;
  if (!story.data) return <RowsSkeleton rows={5} />;
  const all = story.data.pages.flatMap((page) => page.items);
  if (all.length === 0) return <EmptyState title={t('story.empty')} />;
  return (
    <>
      <ol className={classes.story}>
        {all.map((entry, at) => {
          const date = day(entry.at);
          const fresh = at === 0 || day(all[at - 1]!.at) !== date;
          return <Line key={entry.id} entry={entry} date={fresh ? date : undefined} titles={titles} />;
        })}
      </ol>
      {story.hasNextPage && (
        <Button
          variant="default"
          fullWidth
          loading={story.isFetchingNextPage}
          onClick={() => void story.fetchNextPage()}
        >
          {t('story.more')}
        </Button>
      )}
    </>
  );
}

function Line({ entry, date, titles }: { entry: Entry; date?: string; titles: Titles }) {
  const t = useWords('contacts') as Say;
  const { icon, tone } = markOf(entry);
  const said = entry.kind === 'points' || entry.kind === 'deal' ? entry.note : entry.text;
  const state = entry.state && t(`story.state.${entry.state}`);
  return (
    <li>
      {date && <p className={classes.dayLine}>{date}</p>}
      <div className={classes.entry}>
        <span className={classes.mark} data-tone={tone} aria-hidden>
          {icon}
        </span>
        <div>
          <p className={classes.what}>
            <span>
              {whatOf(entry, t, titles)}
              {state && ` · ${state}`}
            </span>
            <time className={classes.at} dateTime={entry.at}>
              {clock(entry.at)}
            </time>
          </p>
          {said && <p className={classes.said}>{said}</p>}
          <p className={classes.why}>{t('story.why', { why: whyOf(entry, t) })}</p>
        </div>
      </div>
    </li>
  );
}

function markOf(entry: Entry): { icon: ReactNode; tone?: string } {
  switch (entry.kind) {
    case 'wrote':
      return { icon: <IconMessage size={17} />, tone: 'accent' };
    case 'told':
      return { icon: <IconRobot size={17} />, tone: entry.state === 'failed' ? 'bad' : 'info' };
    case 'points':
      return { icon: <IconCoins size={17} />, tone: (entry.points ?? 0) > 0 ? 'ok' : undefined };
    case 'purchase':
      return { icon: <IconShoppingBag size={17} />, tone: 'ok' };
    case 'refund':
      return { icon: <IconArrowBackUp size={17} /> };
    case 'tagged':
      return { icon: <IconTag size={17} /> };
    case 'consent':
      return { icon: <IconFileCheck size={17} /> };
    case 'deal':
      return { icon: <IconLayoutKanban size={17} /> };
    case 'changed':
      return { icon: <IconPencil size={17} /> };
    default:
      return { icon: <IconFlag size={17} /> };
  }
}

/** A word of ours for a word of the program; the word itself where there is none. */
const worded = (t: Say, key: string, otherwise: string): string => {
  const said = t(key);
  return said === key || said.endsWith(key) ? otherwise : said;
};

function whatOf(entry: Entry, t: Say, titles: Titles): string {
  switch (entry.kind) {
    case 'wrote': {
      const form = t(`story.wrote.${entry.form ?? 'text'}`);
      return entry.form === 'press' && entry.text ? `${form}` : form;
    }
    case 'told':
      return entry.media ? `${t('story.told')}, ${t('story.picture')}` : t('story.told');
    case 'points': {
      const what = t('story.points', {
        points: signed(entry.points ?? 0),
        balance: whole(entry.balance ?? 0),
      });
      const operation = entry.operation ?? '';
      return `${what} · ${worded(t, `story.operation.${operation}`, operation)}`;
    }
    case 'tagged':
      return t('story.tagged', { tag: entry.tag });
    case 'consent':
      return t(entry.given ? 'story.consentGiven' : 'story.consentEnded', {
        purpose: t(`purposes.${entry.purpose}`, { defaultValue: entry.purpose }),
      });
    case 'deal':
      return entry.was
        ? t('story.dealMoved', { title: entry.title, was: entry.was, stage: entry.stage })
        : t('story.dealMade', { title: entry.title, stage: entry.stage });
    case 'purchase':
      return t('story.purchase', { sum: money(entry.sum_minor ?? 0) });
    case 'refund':
      return t('story.refund', { sum: money(entry.sum_minor ?? 0) });
    case 'changed': {
      const data = (entry.data ?? {}) as { fields?: string[]; tag?: string };
      const fields = (data.fields ?? [])
        .map((name) => titles.get(name.replace(/^fields\./, '')) ?? worded(t, `data.${name}`, name))
        .join(', ')
        .toLowerCase();
      const key = `story.action.${entry.action}`;
      const said = t(key, { fields, tag: data.tag ?? '' });
      return said.endsWith(entry.action ?? '') ? t('story.changed', { action: entry.action }) : said;
    }
    default:
      return t(`story.${entry.kind}`);
  }
}

function whyOf(entry: Entry, t: Say): string {
  const { by, name, scenario } = entry.why;
  const said = t(`story.by.${by}`);
  const who = !name ? said : by === 'person' ? `${said} ${name}` : `${said} «${name}»`;
  if (!scenario) return who;
  return `${who}; ${t('story.scenario', scenario)}`;
}
