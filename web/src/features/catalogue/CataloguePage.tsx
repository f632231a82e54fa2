import './words';
import { ActionIcon, Button, SegmentedControl } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconGift, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { fetcher } from '../../api/client';
import { useMay } from '../../api/session';
import { language, type Say, useWords } from '../../i18n';
import { money, whole } from '../../lib/format';
import { pictureUrl } from '../../lib/loyalty';
import { tellProblem } from '../../lib/notify';
import { Chip } from '../../ui/Chip';
import { Page } from '../../ui/Page';
import { SideSheet } from '../../ui/SideSheet';
import { EmptyState, ErrorNote, NothingFound, RowsSkeleton } from '../../ui/States';
import classes from './Catalogue.module.css';
import { ItemForm } from './ItemForm';
import { asGiven, asItem, type Item } from './model';

const PAGE = 60;
const STEP = 10;

type Search = { item?: string; shown?: 'true' | 'false' };

export const tabs = (t: Say) => [
  { to: '/catalogue', label: t('tab.items') },
  { to: '/catalogue/texts', label: t('tab.texts') },
];

/** What guests can get for points. */
export default function CataloguePage() {
  const t = useWords('catalogue');
  const may = useMay('settings_manage');
  const client = useQueryClient();
  const go = useNavigate();
  const search = useSearch({ strict: false }) as Search;
  const at = (next: Search) => void go({ to: '/catalogue', search: next as never });
  const [moving, setMoving] = useState(false);
  const list = useInfiniteQuery({
    queryKey: ['get', '/api/v1/catalogue/items', search.shown],
    queryFn: async ({ pageParam, signal }) => {
      const active = search.shown === undefined ? undefined : search.shown === 'true';
      const query = { limit: PAGE, after: pageParam, active };
      return (await fetcher.GET('/api/v1/catalogue/items', { params: { query }, signal })).data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const items = list.data?.pages.flatMap((page) => page.items.map(asItem)) ?? [];
  const opened = items.find((one) => one.key === search.item);
  const close = () => at({ shown: search.shown });
  const move = async (from: number, to: number) => {
    const order = items.slice();
    order.splice(to, 0, ...order.splice(from, 1));
    setMoving(true);
    try {
      for (const [place, item] of order.entries()) {
        const position = (place + 1) * STEP;
        if (item.item.position === position) continue;
        await fetcher.PUT('/api/v1/catalogue/items/{key}', {
          params: { path: { key: item.key } },
          body: { revision: item.revision, item: asGiven({ ...item.item, position }) },
        });
      }
    } catch (problem) {
      tellProblem(problem);
    } finally {
      setMoving(false);
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/catalogue/items'] });
    }
  };
  const add = may && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => at({ ...search, item: 'new' })}>
      {t('add')}
    </Button>
  );
  const last = items.reduce((most, one) => Math.max(most, one.item.position), 0);
  return (
    <Page title={t('title')} tabs={tabs(t)} tab="/catalogue" actions={items.length > 0 && add}>
      {(items.length > 0 || search.shown) && (
        <div>
          <SegmentedControl
            value={search.shown ?? 'all'}
            onChange={(one) => at({ shown: one === 'all' ? undefined : (one as 'true' | 'false') })}
            aria-label={t('items')}
            data={['all', 'true', 'false'].map((value) => ({ value, label: t(`shown.${value}`) }))}
          />
        </div>
      )}
      {list.error && <ErrorNote problem={list.error} retry={() => void list.refetch()} />}
      {list.isPending && <RowsSkeleton height={120} rows={4} />}
      {list.data &&
        items.length === 0 &&
        (search.shown ? (
          <NothingFound reset={() => at({})} />
        ) : (
          <EmptyState
            festive
            icon={<IconGift size={24} />}
            title={t('empty')}
            hint={t('emptyHint')}
            action={add}
          />
        ))}
      {items.length > 0 && (
        <ul className={classes.items} aria-label={t('items')}>
          {items.map((one, index) => (
            <Tile
              key={one.key}
              item={one}
              open={() => at({ ...search, item: one.key })}
              moves={
                may && !search.shown
                  ? {
                      up: index > 0 && !moving ? () => void move(index, index - 1) : undefined,
                      down:
                        index < items.length - 1 && !moving ? () => void move(index, index + 1) : undefined,
                    }
                  : undefined
              }
            />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button variant="default" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('do.showMore', { ns: 'common' })}
        </Button>
      )}
      <SideSheet
        opened={search.item === 'new' || opened !== undefined}
        close={close}
        title={opened ? t('edit') : t('created')}
        width={560}
      >
        <ItemForm key={search.item} item={opened} position={last + STEP} close={close} />
      </SideSheet>
    </Page>
  );
}

function Tile({
  item,
  open,
  moves,
}: {
  item: Item;
  open: () => void;
  moves?: { up?: () => void; down?: () => void };
}) {
  const t = useWords('catalogue');
  const { item: fields, stock } = item;
  const name = fields.name[language()] || fields.name.ru;
  const picture = pictureUrl(fields.picture);
  const points = fields.points;
  return (
    <li className={classes.item} data-hidden={fields.active ? undefined : true}>
      <button type="button" className={classes.open} onClick={open}>
        <span className={classes.picture}>
          {picture ? (
            <img src={picture} alt="" loading="lazy" />
          ) : (
            <IconGift size={30} stroke={1.3} aria-hidden />
          )}
        </span>
        <span className={classes.body}>
          <strong>{name}</strong>
          <span className={classes.price}>
            {points ? t('points', { count: points, n: whole(points) }) : t('noPoints')}
          </span>
          <span className={classes.more}>
            {[
              fields.money !== undefined && money(fields.money),
              fields.weight > 0 &&
                t('earns', { points: t('points', { count: fields.weight, n: whole(fields.weight) }) }),
            ]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </span>
      </button>
      <div className={classes.foot}>
        {!fields.active && <Chip>{t('hidden')}</Chip>}
        {stock === 0 && <Chip tone="bad">{t('soldOut')}</Chip>}
        {stock !== undefined && stock !== null && stock > 0 && (
          <Chip tone={stock < 6 ? 'warn' : 'plain'}>{t('stock', { n: whole(stock) })}</Chip>
        )}
        {moves && (
          <span className={classes.moves}>
            <ActionIcon size="md" aria-label={`${t('up')}: ${name}`} disabled={!moves.up} onClick={moves.up}>
              <IconArrowUp size={16} />
            </ActionIcon>
            <ActionIcon
              size="md"
              aria-label={`${t('down')}: ${name}`}
              disabled={!moves.down}
              onClick={moves.down}
            >
              <IconArrowDown size={16} />
            </ActionIcon>
          </span>
        )}
      </div>
    </li>
  );
}
