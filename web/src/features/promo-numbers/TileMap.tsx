import type { CSSProperties } from 'react';
import { language, useWords } from '../../i18n';
import { money, whole } from '../../lib/format';
import { ChartCard } from '../../ui/ChartCard';
import { EmptyState } from '../../ui/States';
import { heat, isHot } from './HeatMap';
import classes from './Numbers.module.css';
import { COLUMNS, TILES } from './tiles';

type Region = { code: string; name_ru: string; name_en: string; receipts: number; sum: number };

const LISTED = 8;

/** Receipts by region: tiles of one size, about where the regions lie. */
export function TileMap({ regions }: { regions: Region[] }) {
  const t = useWords('promoNumbers');
  const russian = language() === 'ru';
  const named = (one: Region) =>
    (russian ? one.name_ru : one.name_en) ||
    (one.code ? t('regions.numbered', { code: one.code }) : t('regions.unknown'));
  const known = regions.filter((one) => one.code);
  const most = Math.max(1, ...known.map((one) => one.receipts));
  const byCode = new Map(known.map((one) => [one.code, one]));
  const text = known[0]
    ? t('regions.text', { region: named(known[0]), n: whole(known[0].receipts) })
    : t('regions.empty');
  return (
    <ChartCard
      title={t('regions.title')}
      subtitle={t('regions.subtitle')}
      text={text}
      height={520}
      table={{
        columns: [t('regions.name'), t('regions.receipts'), t('regions.sum')],
        rows: regions.map((one) => [named(one), whole(one.receipts), money(one.sum)]),
      }}
    >
      {known.length === 0 ? (
        <EmptyState title={t('regions.empty')} />
      ) : (
        <div className={classes.map}>
          <div className={classes.tiles} style={{ '--columns': COLUMNS } as CSSProperties}>
            {TILES.map((tile) => {
              const region = byCode.get(tile.code);
              const share = region ? Math.sqrt(region.receipts / most) : 0;
              return (
                <span
                  key={tile.code}
                  data-hot={isHot(share) || undefined}
                  data-some={region ? true : undefined}
                  style={{
                    gridColumn: tile.at[0] + 1,
                    gridRow: tile.at[1] + 1,
                    background: heat(share),
                  }}
                  title={region ? `${named(region)}: ${whole(region.receipts)}` : undefined}
                >
                  {russian ? tile.ru : tile.en}
                </span>
              );
            })}
          </div>
          <ol className={classes.top}>
            {regions.slice(0, LISTED).map((one) => (
              <li key={one.code}>
                <span>{named(one)}</span>
                <b>{whole(one.receipts)}</b>
              </li>
            ))}
          </ol>
        </div>
      )}
    </ChartCard>
  );
}
