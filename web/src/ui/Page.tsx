import { Tabs } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { type CSSProperties, type ReactNode, useEffect, useRef } from 'react';
import { useWords } from '../i18n';
import classes from './Page.module.css';

type PageProps = {
  title: ReactNode;
  /** What the browser's tab says; the title when it is a text. */
  name?: string;
  crumb?: { to: string; label: string };
  /** A chip beside the title. */
  state?: ReactNode;
  /** One filled button at most. */
  actions?: ReactNode;
  tabs?: { to: string; label: ReactNode }[];
  tab?: string;
  /** Fills the height and scrolls inside (tables, boards). */
  full?: boolean;
  children: ReactNode;
};

/** A page of the console: sticky head and a 12-column grid. */
export function Page({ title, name, crumb, state, actions, tabs, tab, full, children }: PageProps) {
  const t = useWords();
  const go = useNavigate();
  const product = t('product');
  const called = name ?? (typeof title === 'string' ? title : undefined);
  useEffect(() => {
    document.title = called ? `${called} · ${product}` : product;
  }, [called, product]);
  const bar = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tab at hand may be beyond the edge of a phone
  useEffect(() => {
    bar.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [tab]);
  return (
    <main className={classes.page} data-full={full || undefined} id="main">
      <header className={classes.head} data-tabs={tabs ? true : undefined}>
        <div className={classes.line}>
          <div className={classes.title}>
            {crumb && (
              <Link to={crumb.to} className={classes.crumb}>
                {crumb.label}
              </Link>
            )}
            <div className={classes.name}>
              <h1>{title}</h1>
              {state}
            </div>
          </div>
          {actions && <div className={classes.actions}>{actions}</div>}
        </div>
        {tabs && (
          <Tabs value={tab} onChange={(to) => to && void go({ to })} className={classes.tabs}>
            <Tabs.List ref={bar}>
              {tabs.map((one) => (
                <Tabs.Tab key={one.to} value={one.to}>
                  {one.label}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          </Tabs>
        )}
      </header>
      <div className={classes.body}>{children}</div>
    </main>
  );
}

/** A part of the page's grid: `span` of 12 columns, all of them on a phone. */
export function Cell({
  span = 12,
  children,
}: {
  span?: 3 | 4 | 5 | 6 | 7 | 8 | 9 | 12;
  children: ReactNode;
}) {
  return (
    <div className={classes.cell} style={{ '--span': span } as CSSProperties}>
      {children}
    </div>
  );
}
