import './words';
import { Button, NumberInput, Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { api, fetcher } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay, useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { day, money, whole } from '../../lib/format';
import { tell } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { FormTrouble } from '../../ui/FormTrouble';
import { KpiStrip } from '../../ui/KpiStrip';
import { Cell, Page } from '../../ui/Page';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { WordingField } from '../../ui/WordingField';
import classes from './Draws.module.css';
import { rate, useAgain } from './parts';

type Rules = components['schemas']['PrizeRules'];

const YEARS = 4;
const PAGE = 100;
const TEXTS = ['won', 'take', 'refuse', 'taken', 'refused', 'late', 'sent'] as const;
const NAMES = ['name', 'prize', 'draw', 'promotion', 'ticket', 'until', 'business', 'note'] as const;

/** Prizes that were handed over with the tax on them, and the company's rules of prizes. */
export default function PrizesPage() {
  const t = useWords('draws');
  const go = useNavigate();
  const zone = useMe().zone;
  const now = Number(new Intl.DateTimeFormat('en', { year: 'numeric', timeZone: zone }).format(new Date()));
  const year = Number((useSearch({ strict: false }) as { year?: number }).year) || now;
  const rules = api.useQuery('get', '/api/v1/prize-rules');
  const choose = (
    <Select
      aria-label={t('prizes.year')}
      value={String(year)}
      allowDeselect={false}
      onChange={(value) =>
        void go({ to: '/prizes', search: { year: Number(value) } as never, replace: true })
      }
      data={Array.from({ length: YEARS }, (_, back) => String(now - back))}
      w={110}
    />
  );
  return (
    <Page title={t('prizes.title')} crumb={{ to: '/promotions', label: t('prizes.crumb') }} actions={choose}>
      <Year year={year} rules={rules.data} />
      <Cell span={8}>
        <Journal year={year} />
      </Cell>
      <Cell span={4}>
        {rules.error ? (
          <Card title={t('prizes.rules')}>
            <ErrorNote problem={rules.error} retry={() => void rules.refetch()} />
          </Card>
        ) : rules.data ? (
          <RulesForm key={rules.data.revision} rules={rules.data} />
        ) : (
          <RowsSkeleton rows={5} height={60} />
        )}
      </Cell>
    </Page>
  );
}

function Year({ year, rules }: { year: number; rules?: Rules }) {
  const t = useWords('draws');
  const query = api.useQuery('get', '/api/v1/prize-tax/{year}', { params: { path: { year } } });
  if (query.error) return <ErrorNote problem={query.error} retry={() => void query.refetch()} />;
  if (!query.data) return <RowsSkeleton rows={1} height={110} />;
  const sums = query.data;
  return (
    <KpiStrip
      kpis={[
        { label: t('prizes.handed'), value: whole(sums.prizes) },
        { label: t('prizes.people'), value: whole(sums.people) },
        { label: t('prizes.worth'), value: money(sums.worth) },
        { label: t('prizes.taxable'), value: money(sums.taxable) },
        {
          label: t('prizes.tax'),
          value: money(sums.tax),
          hint: rules && t('prizes.rule', { free: money(rules.tax.free), rate: rate(rules.tax.rate) }),
        },
      ]}
    />
  );
}

function Journal({ year }: { year: number }) {
  const t = useWords('draws');
  const zone = useMe().zone;
  const list = useInfiniteQuery({
    queryKey: ['get', '/api/v1/prize-tax', year],
    queryFn: async ({ pageParam, signal }) => {
      const query = { year, limit: PAGE, after: pageParam ?? undefined };
      const { data } = await fetcher.GET('/api/v1/prize-tax', { params: { query }, signal });
      return data!;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next ?? null,
  });
  const lines = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title={t('prizes.journal')}>
      {list.error && lines.length === 0 ? (
        <ErrorNote problem={list.error} retry={() => void list.refetch()} />
      ) : list.isPending ? (
        <RowsSkeleton rows={6} />
      ) : lines.length === 0 ? (
        <EmptyState title={t('prizes.empty')} hint={t('prizes.emptyHint')} />
      ) : (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('prizes.journal')}>
          <table className={classes.journal}>
            <thead>
              <tr>
                {(['when', 'who', 'prize', 'worth', 'before', 'taxable', 'tax'] as const).map((column) => (
                  <th key={column} scope="col">
                    {t(`prizes.column.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <tr key={line.id}>
                  <td>{day(line.handed_at, zone)}</td>
                  <td>{line.name}</td>
                  <td>{line.prize}</td>
                  <td>{money(line.worth)}</td>
                  <td>{money(line.before)}</td>
                  <td>{money(line.taxable)}</td>
                  <td>{money(line.tax)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list.hasNextPage && (
        <Button variant="default" mt={12} onClick={() => void list.fetchNextPage()}>
          {t('winners.more')}
        </Button>
      )}
    </Card>
  );
}

function RulesForm({ rules }: { rules: Rules }) {
  const t = useWords('draws');
  const again = useAgain();
  const mayChange = useMay('settings_manage');
  const [typed, setTyped] = useState(rules);
  const save = api.useMutation('put', '/api/v1/prize-rules', {
    onSuccess: () => {
      again();
      tell(t('prizes.saved'));
    },
  });
  const changed = JSON.stringify(typed) !== JSON.stringify(rules);
  const names = NAMES.map((name) => ({ insert: `{{ ${name} }}`, label: t(`prizes.names.${name}`) }));
  return (
    <Card title={t('prizes.rules')} subtitle={t('prizes.rulesHint')}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ body: typed });
        }}
      >
        <FormTrouble problem={save.error} />
        <NumberInput
          label={t('prizes.answer')}
          value={typed.answer_hours}
          onChange={(value) => setTyped({ ...typed, answer_hours: Number(value) || 1 })}
          min={1}
          max={1440}
          disabled={!mayChange}
        />
        <NumberInput
          label={t('prizes.free')}
          value={typed.tax.free / 100}
          onChange={(value) =>
            setTyped({ ...typed, tax: { ...typed.tax, free: Math.round((Number(value) || 0) * 100) } })
          }
          min={0}
          thousandSeparator={'\u00a0'}
          disabled={!mayChange}
        />
        <NumberInput
          label={t('prizes.rate')}
          value={typed.tax.rate / 100}
          onChange={(value) =>
            setTyped({ ...typed, tax: { ...typed.tax, rate: Math.round((Number(value) || 0) * 100) } })
          }
          min={0}
          max={100}
          decimalScale={2}
          disabled={!mayChange}
        />
        {mayChange && (
          <>
            <h3 className={classes.part}>{t('prizes.texts')}</h3>
            {TEXTS.map((key) => (
              <WordingField
                key={key}
                label={t(`prizes.text.${key}`)}
                line={key === 'take' || key === 'refuse'}
                names={key === 'take' || key === 'refuse' ? undefined : names}
                value={typed.texts[key]}
                onChange={(text) => setTyped({ ...typed, texts: { ...typed.texts, [key]: text } })}
              />
            ))}
            <Button type="submit" disabled={!changed} loading={save.isPending}>
              {t('prizes.save')}
            </Button>
          </>
        )}
      </form>
    </Card>
  );
}
