import type { ReactNode } from 'react';
import classes from './Card.module.css';

type CardProps = {
  title?: ReactNode;
  /** What it says or why it moved. */
  subtitle?: ReactNode;
  /** At the right of the title. */
  aside?: ReactNode;
  /** Without inner space: tables, lists. */
  bare?: boolean;
  children: ReactNode;
};

/** A white card on the page. */
export function Card({ title, subtitle, aside, bare, children }: CardProps) {
  return (
    <section className={classes.card} data-bare={bare || undefined}>
      {(title || aside) && (
        <div className={classes.head}>
          <div>
            {title && <h2>{title}</h2>}
            {subtitle && <p className={classes.subtitle}>{subtitle}</p>}
          </div>
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}
