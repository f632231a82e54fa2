import {
  type Announcements,
  DndContext,
  DragOverlay,
  KeyboardSensor,
  PointerSensor,
  TouchSensor,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import { Button } from '@mantine/core';
import { IconCoins } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useMay } from '../../api/session';
import { language, useWords } from '../../i18n';
import { money, recent, shortMoney, whole } from '../../lib/format';
import { Chip } from '../../ui/Chip';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Deals.module.css';
import type { Deal, Pipeline, Stage } from './model';
import { totalsOf, useColumn, useMoveDeal } from './moves';

type BoardProps = { pipeline: Pipeline; whose?: string; open: (id: string) => void };

/** Stages side by side; a deal is dragged by mouse, finger or keyboard. */
export function Board({ pipeline, whose, open }: BoardProps) {
  const t = useWords('deals');
  const may = useMay('contacts_write');
  const move = useMoveDeal(pipeline, whose);
  const totals = useQuery(totalsOf(pipeline.key, whose));
  const [dragged, setDragged] = useState<Deal | null>(null);
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 200, tolerance: 8 } }),
    useSensor(KeyboardSensor),
  );
  const { stages } = pipeline.pipeline;
  const named = (key: unknown) => stages.find((one) => one.key === key)?.name[language()] ?? '';
  const titled = (of: { data: { current?: Record<string, unknown> } }) =>
    (of.data.current as { deal: Deal }).deal.title;
  const announcements: Announcements = {
    onDragStart: ({ active }) => t('dnd.pick', { title: titled(active) }),
    onDragOver: ({ over }) => (over ? t('dnd.over', { stage: named(over.id) }) : undefined),
    onDragEnd: ({ over }) => (over ? t('dnd.drop', { stage: named(over.id) }) : t('dnd.cancel')),
    onDragCancel: () => t('dnd.cancel'),
  };
  return (
    <DndContext
      sensors={sensors}
      accessibility={{ announcements, screenReaderInstructions: { draggable: t('dnd.hint') } }}
      onDragStart={({ active }) => setDragged(active.data.current?.deal as Deal)}
      onDragCancel={() => setDragged(null)}
      onDragEnd={({ over }) => {
        const to = stages.find((one) => one.key === over?.id);
        if (dragged && to) void move(dragged, to);
        setDragged(null);
      }}
    >
      <section className={classes.board} tabIndex={0} aria-label={pipeline.pipeline.name[language()]}>
        {stages.map((stage) => (
          <Column
            key={stage.key}
            pipeline={pipeline}
            stage={stage}
            whose={whose}
            open={open}
            may={may}
            total={totals.data?.find((one) => one.stage === stage.key)}
            counted={totals.data !== undefined}
          />
        ))}
      </section>
      <DragOverlay dropAnimation={null}>{dragged && <Tile deal={dragged} lifted />}</DragOverlay>
    </DndContext>
  );
}

type ColumnProps = BoardProps & {
  stage: Stage;
  may: boolean;
  total?: { deals: number; sum: number };
  counted: boolean;
};

function Column({ pipeline, stage, whose, open, may, total, counted }: ColumnProps) {
  const t = useWords('deals');
  const list = useColumn(pipeline.key, stage.key, whose);
  const { setNodeRef, isOver } = useDroppable({ id: stage.key });
  const deals = list.data?.pages.flatMap((page) => page.items) ?? [];
  const count = total?.deals ?? 0;
  return (
    <div className={classes.column} data-over={isOver || undefined} ref={setNodeRef}>
      <header className={classes.columnHead} data-kind={stage.kind}>
        <h2>{stage.name[language()]}</h2>
        {counted && (
          <span>
            {whole(count)}
            {total && total.sum > 0 ? ` · ${shortMoney(total.sum)}` : ''}
          </span>
        )}
      </header>
      <section className={classes.tiles} tabIndex={0} aria-label={stage.name[language()]}>
        {list.error && <ErrorNote problem={list.error} retry={() => void list.refetch()} />}
        {list.isPending && <RowsSkeleton rows={3} height={84} />}
        {list.data && deals.length === 0 && <p className={classes.here}>{t('here')}</p>}
        {deals.map((deal) =>
          may ? (
            <Draggable key={deal.id} deal={deal} open={() => open(deal.id)} />
          ) : (
            <Tile key={deal.id} deal={deal} open={() => open(deal.id)} />
          ),
        )}
        {list.hasNextPage && (
          <Button
            variant="subtle"
            size="xs"
            loading={list.isFetchingNextPage}
            onClick={() => void list.fetchNextPage()}
          >
            {t('do.showMore', { ns: 'common' })}
          </Button>
        )}
      </section>
    </div>
  );
}

function Draggable({ deal, open }: { deal: Deal; open: () => void }) {
  const { setNodeRef, attributes, listeners, isDragging } = useDraggable({ id: deal.id, data: { deal } });
  return (
    <div
      ref={setNodeRef}
      {...attributes}
      role="button"
      {...listeners}
      className={classes.grip}
      data-dragging={isDragging || undefined}
      onClick={open}
      onKeyUp={(event) => event.key === 'Enter' && open()}
    >
      <Tile deal={deal} />
    </div>
  );
}

/** A deal in a column. */
function Tile({ deal, open, lifted }: { deal: Deal; open?: () => void; lifted?: boolean }) {
  const t = useWords('deals');
  return (
    <article className={classes.tile} data-lifted={lifted || undefined} onClick={open} data-testid="deal">
      <strong>{deal.title}</strong>
      <span className={classes.guest}>{deal.contact_name || t('noName')}</span>
      <span className={classes.tileFoot}>
        {deal.sum !== undefined && deal.sum !== null && <b>{money(deal.sum)}</b>}
        {deal.points > 0 && (
          <Chip
            tone={deal.order?.state === 'open' ? 'warn' : 'plain'}
            icon={<IconCoins size={13} aria-hidden />}
          >
            {whole(deal.points)}
          </Chip>
        )}
        {deal.accrued > 0 && <Chip tone="ok">+{whole(deal.accrued)}</Chip>}
        <time dateTime={deal.changed_at}>{recent(deal.changed_at)}</time>
      </span>
    </article>
  );
}
