import './words';
import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconDots, IconPlus, IconReceiptTax } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, fetcher } from '../../api/client';
import type { components } from '../../api/schema';
import { language, useWords } from '../../i18n';
import { ago, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { Chip, type Tone } from '../../ui/Chip';
import { confirm } from '../../ui/confirm';
import { Page } from '../../ui/Page';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { ProviderForm } from './ProviderForm';
import classes from './Providers.module.css';

export type Provider = components['schemas']['ReceiptProvider'];

const TONES: Record<Provider['health'], Tone> = {
  unknown: 'plain',
  works: 'ok',
  silent: 'bad',
  quota: 'warn',
  token: 'bad',
  paused: 'plain',
};

/** Services that check receipts, in the order in which they are asked. */
export default function ProvidersPage() {
  const t = useWords('receipt-providers');
  const client = useQueryClient();
  const [form, setForm] = useState<{ provider?: Provider }>();
  const list = api.useQuery('get', '/api/v1/receipt-providers', {}, { refetchInterval: 15_000 });
  const again = () => void client.invalidateQueries({ queryKey: ['get', '/api/v1/receipt-providers'] });
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setForm({})}>
      {t('add')}
    </Button>
  );
  const rows = list.data ?? [];
  /** Two neighbours of the ladder change places. */
  const swap = async (one: Provider, other: Provider) => {
    const put = (provider: Provider, place: number) =>
      fetcher.PATCH('/api/v1/receipt-providers/{id}', {
        params: { path: { id: provider.id } },
        body: { place },
      });
    try {
      await put(one, other.place);
      await put(other, one.place);
    } catch (problem) {
      tellProblem(problem);
    }
    again();
  };
  return (
    <Page title={t('title')} actions={rows.length > 0 && add}>
      {list.error && !list.data ? (
        <ErrorNote problem={list.error} retry={() => void list.refetch()} />
      ) : !list.data ? (
        <RowsSkeleton rows={3} height={120} />
      ) : rows.length === 0 ? (
        <EmptyState
          festive
          icon={<IconReceiptTax size={22} />}
          title={t('empty')}
          hint={t('emptyHint')}
          action={add}
        />
      ) : (
        <>
          <p className={classes.hint}>{t('hint')}</p>
          <ol className={classes.ladder}>
            {rows.map((provider, at) => {
              const before = rows[at - 1];
              const after = rows[at + 1];
              return (
                <li key={provider.id}>
                  <One
                    provider={provider}
                    place={at + 1}
                    up={before && (() => void swap(provider, before))}
                    down={after && (() => void swap(provider, after))}
                    edit={() => setForm({ provider })}
                    again={again}
                  />
                </li>
              );
            })}
          </ol>
        </>
      )}
      {form && <ProviderForm provider={form.provider} close={() => setForm(undefined)} done={again} />}
    </Page>
  );
}

type OneProps = {
  provider: Provider;
  place: number;
  up?: () => void;
  down?: () => void;
  edit: () => void;
  again: () => void;
};

function One({ provider, place, up, down, edit, again }: OneProps) {
  const t = useWords('receipt-providers');
  const path = { params: { path: { id: provider.id } } };
  const change = api.useMutation('patch', '/api/v1/receipt-providers/{id}', {
    onSuccess: again,
    onError: tellProblem,
  });
  const remove = api.useMutation('delete', '/api/v1/receipt-providers/{id}', {
    onSuccess: () => {
      tell(t('removed'));
      again();
    },
    onError: tellProblem,
  });
  const ask = async () => {
    const sure = await confirm({
      title: t('removeTitle', { name: provider.name }),
      effect: t('removeEffect'),
      yes: t('remove'),
    });
    if (sure) remove.mutate(path);
  };
  const { per_day, per_minute } = provider.settings;
  const facts = [
    {
      name: t('today'),
      value: per_day
        ? t('ofDay', { asked: whole(provider.asked_today), day: whole(per_day) })
        : whole(provider.asked_today),
    },
    { name: t('pace'), value: t('perMinute', { many: whole(per_minute ?? 60) }) },
    {
      name: t('answers'),
      value: provider.answers_in_ms ? t('ms', { ms: whole(provider.answers_in_ms) }) : '—',
    },
    { name: t('last'), value: provider.asked_at ? ago(provider.asked_at) : t('never') },
  ];
  return (
    <Card
      title={provider.name}
      subtitle={`${t('place', { place })} · ${t(`kinds.${provider.kind}`)}`}
      aside={
        <div className={classes.tools}>
          <Chip tone={TONES[provider.health]}>{t(`health.${provider.health}`)}</Chip>
          <Menu>
            <Menu.Target>
              <ActionIcon aria-label={t('do.more', { ns: 'common' })}>
                <IconDots size={18} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={edit}>{t('edit')}</Menu.Item>
              <Menu.Item leftSection={<IconArrowUp size={16} />} disabled={!up} onClick={up}>
                {t('up')}
              </Menu.Item>
              <Menu.Item leftSection={<IconArrowDown size={16} />} disabled={!down} onClick={down}>
                {t('down')}
              </Menu.Item>
              <Menu.Item
                onClick={() =>
                  change.mutate({ ...path, body: { revision: provider.revision, paused: !provider.paused } })
                }
              >
                {t(provider.paused ? 'resume' : 'pause')}
              </Menu.Item>
              <Menu.Item color="cranberry" onClick={() => void ask()}>
                {t('remove')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </div>
      }
    >
      <p className={classes.words} data-tone={TONES[provider.health]}>
        {language() === 'ru' ? provider.health_ru : provider.health_en}
      </p>
      <dl className={classes.facts}>
        {facts.map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
