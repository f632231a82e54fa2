import { Checkbox } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from 'react';
import { useWords } from '../i18n';
import { useRowKeys } from '../lib/hotkeys';
import classes from './DataTable.module.css';
import { RowsSkeleton } from './States';

/** A column of a `DataTable`. */
export type Column<Row> = {
  key: string;
  title: ReactNode;
  /** A width for CSS grid: `120px`, `minmax(160px, 2fr)`. */
  width?: string;
  /** Numbers stand right. */
  right?: boolean;
  /** Hidden on a phone. */
  wide?: boolean;
  sort?: boolean;
  cell: (row: Row) => ReactNode;
};

/** Which rows are chosen: some by id, or everything that the filter finds. */
export type Selection = { ids: ReadonlySet<string>; all: boolean };

/** Nothing is chosen. */
export const NOTHING: Selection = { ids: new Set(), all: false };

type DataTableProps<Row> = {
  label: string;
  rows: Row[];
  columns: Column<Row>[];
  id: (row: Row) => string;
  loading?: boolean;
  /** Stands when there are no rows. */
  empty?: ReactNode;
  open?: (row: Row) => void;
  /** The id of the row shown in a drawer. */
  opened?: string;
  selection?: Selection;
  select?: (selection: Selection) => void;
  /** `name` or `-name`. */
  sorted?: string;
  sort?: (by: string) => void;
  /** Reads the next page; called when its end comes near. */
  more?: () => void;
  hasMore?: boolean;
  compact?: boolean;
};

/** Rows of any number: only what is seen is drawn. Scrolls inside; give it a place with a height. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, columns, id, selection, select, open, more, hasMore, compact } = props;
  const t = useWords();
  const scroll = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(-1);
  const height = compact ? 36 : 44;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    overscan: 12,
  });
  const seen = virtual.getVirtualItems();
  const last = seen.at(-1)?.index ?? -1;
  useEffect(() => {
    if (hasMore && last >= rows.length - 20) more?.();
  }, [hasMore, last, rows.length, more]);
  const go = (index: number) => {
    setAt(index);
    virtual.scrollToIndex(index);
  };
  useRowKeys(rows.length, at, go, (index) => open?.(rows[index]!));
  const phone = useMediaQuery('(max-width: 860px)') ?? false;
  const shown = phone ? columns.filter((column) => !column.wide) : columns;
  const template = [select && '40px', ...shown.map((column) => column.width ?? 'minmax(0, 1fr)')]
    .filter(Boolean)
    .join(' ');
  const toggle = (key: string) => {
    if (!select || !selection) return;
    const ids = new Set(selection.all ? rows.map(id) : selection.ids);
    if (!ids.delete(key)) ids.add(key);
    select({ ids, all: false });
  };
  if (props.loading && rows.length === 0) return <RowsSkeleton height={height} />;
  if (rows.length === 0) return props.empty;
  const style = { '--columns': template, '--row': `${height}px` } as CSSProperties;
  return (
    <div
      className={classes.scroll}
      ref={scroll}
      style={style}
      tabIndex={0}
      role="table"
      aria-label={props.label}
      aria-rowcount={hasMore ? -1 : rows.length + 1}
    >
      <div className={classes.head} role="row">
        {select && selection && (
          <span className={classes.check} role="columnheader">
            <Checkbox
              aria-label={t('do.selectAll')}
              checked={selection.all}
              indeterminate={!selection.all && selection.ids.size > 0}
              onChange={() => select(selection.all ? NOTHING : { ids: new Set(), all: true })}
              size="xs"
            />
          </span>
        )}
        {shown.map((column) => (
          <Head key={column.key} column={column} sorted={props.sorted} sort={props.sort} />
        ))}
      </div>
      <div className={classes.rows} style={{ height: virtual.getTotalSize() }} role="rowgroup">
        {seen.map((item) => {
          const row = rows[item.index]!;
          const key = id(row);
          const chosen = selection?.all || selection?.ids.has(key);
          return (
            <div
              key={key}
              role="row"
              tabIndex={-1}
              aria-rowindex={item.index + 2}
              className={classes.row}
              data-opened={key === props.opened || undefined}
              data-at={item.index === at || undefined}
              data-open={open ? true : undefined}
              style={{ transform: `translateY(${item.start}px)` }}
              onClick={() => open?.(row)}
            >
              {select && (
                <span className={classes.check} role="cell" onClick={(event) => event.stopPropagation()}>
                  <Checkbox
                    aria-label={t('do.select')}
                    checked={chosen ?? false}
                    onChange={() => toggle(key)}
                    size="xs"
                  />
                </span>
              )}
              {shown.map((column) => (
                <span
                  key={column.key}
                  role="cell"
                  className={classes.cell}
                  data-right={column.right || undefined}
                >
                  {column.cell(row)}
                </span>
              ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Head<Row>({
  column,
  sorted,
  sort,
}: {
  column: Column<Row>;
  sorted?: string;
  sort?: (by: string) => void;
}) {
  const mine = sorted?.replace(/^-/, '') === column.key;
  const down = mine && sorted!.startsWith('-');
  const order = mine ? (down ? 'descending' : 'ascending') : undefined;
  return (
    <span
      role="columnheader"
      aria-sort={order}
      className={classes.cell}
      data-right={column.right || undefined}
    >
      {column.sort && sort ? (
        <button
          type="button"
          className={classes.sort}
          onClick={() => sort(mine && !down ? `-${column.key}` : column.key)}
        >
          {column.title}
          <span aria-hidden>{mine ? (down ? '↓' : '↑') : ''}</span>
        </button>
      ) : (
        column.title
      )}
    </span>
  );
}
