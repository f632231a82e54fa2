import { IconInfoCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { fetcher } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { whole } from '../../lib/format';
import type { Programme } from '../../lib/loyalty';
import classes from './Programme.module.css';

const PARTS: [name: string, of: (programme: Programme) => unknown][] = [
  ['welcome', (one) => one.welcome_points],
  ['units', (one) => one.units],
  ['earning', (one) => [one.earning, one.point_minor]],
  ['spending', (one) => [one.spending, one.point_minor]],
  ['expiry', (one) => [one.expiry_days, one.expiry]],
  ['warnings', (one) => one.warnings],
  ['birthday', (one) => one.birthday],
  ['refunds', (one) => one.refunds],
  ['notices', (one) => one.notices],
  ['screens', (one) => one.screens],
];

/** What changes for whom, before it is saved. */
export function Effects({ before, after }: { before: Programme; after: Programme }) {
  const t = useWords('programme');
  const may = useMay('contacts_read');
  const people = useQuery({
    queryKey: ['loyalty-people'],
    queryFn: async () =>
      (await fetcher.POST('/api/v1/audiences/count', { body: { audience: { to: 'all' } as never } })).data,
    enabled: may,
    staleTime: 60_000,
  });
  const touched = PARTS.filter(([, of]) => JSON.stringify(of(before)) !== JSON.stringify(of(after)));
  const count = people.data?.contacts;
  return (
    <section className={classes.effects} aria-live="polite">
      <IconInfoCircle size={20} aria-hidden />
      <div>
        <h2>{t('effect.title')}</h2>
        <ul>
          {touched.map(([name]) => (
            <li key={name}>{t(`effect.${name}`)}</li>
          ))}
        </ul>
        {count !== undefined && <p>{t('effect.people', { count, n: whole(count) })}</p>}
      </div>
    </section>
  );
}
