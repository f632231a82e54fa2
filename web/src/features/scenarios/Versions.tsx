import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, fetcher } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { moment } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Chip } from '../../ui/Chip';
import { confirm } from '../../ui/confirm';
import { SideSheet } from '../../ui/SideSheet';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { type Draft, titleOf } from './model';
import classes from './Versions.module.css';

type Props = {
  opened: boolean;
  close: () => void;
  scenario: string;
  published?: number | null;
  draft: Draft;
  take: (draft: Draft) => void;
};

/** Published versions: what changed since, the way back, and a version as the new draft. */
export function Versions({ opened, close, scenario, published, draft, take }: Props) {
  const t = useWords('scenarios');
  const client = useQueryClient();
  const may = useMay('scenarios_write');
  const [from, setFrom] = useState<number | null>(null);
  const path = { key: scenario };
  const versions = api.useQuery(
    'get',
    '/api/v1/scenarios/{key}/versions',
    { params: { path } },
    { enabled: opened },
  );
  const compared = api.useQuery(
    'get',
    '/api/v1/scenarios/{key}/compare',
    { params: { path, query: { from: from ?? 1 } } },
    { enabled: opened && from !== null, staleTime: 0 },
  );
  const back = useMutation({
    mutationFn: async (version: number) => {
      const { data } = await fetcher.POST('/api/v1/scenarios/{key}/roll-back', {
        params: { path },
        body: { version },
      });
      return data!;
    },
    onSuccess: (done) => {
      tell(t('pub.done', { version: done.version }));
      void client.invalidateQueries();
    },
    onError: tellProblem,
  });
  const restore = async (version: number) => {
    const { data } = await fetcher.GET('/api/v1/scenarios/{key}/versions/{version}', {
      params: { path: { ...path, version } },
    });
    if (data) take(data.draft as unknown as Draft);
    close();
  };
  return (
    <SideSheet opened={opened} close={close} title={t('versions.title')} width={520}>
      {versions.isPending && <RowsSkeleton rows={4} />}
      {versions.isError && <ErrorNote problem={versions.error} retry={() => void versions.refetch()} />}
      {versions.data?.items.length === 0 && <EmptyState title={t('versions.empty')} />}
      <ul className={classes.versions}>
        {versions.data?.items.map((one) => (
          <li key={one.version}>
            <div className={classes.line}>
              <b>{t('versions.one', { version: one.version })}</b>
              {one.version === published && <Chip tone="ok">{t('versions.now')}</Chip>}
              <span>{moment(one.published_at)}</span>
            </div>
            <div className={classes.does}>
              <Button
                size="compact-sm"
                variant="default"
                aria-pressed={from === one.version}
                onClick={() => setFrom(from === one.version ? null : one.version)}
              >
                {t('versions.compare')}
              </Button>
              {may && (
                <Button size="compact-sm" variant="default" onClick={() => void restore(one.version)}>
                  {t('versions.restore')}
                </Button>
              )}
              {may && one.version !== published && (
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={async () => {
                    const yes = await confirm({
                      title: t('versions.one', { version: one.version }),
                      effect: t('versions.backEffect', { version: one.version }),
                      yes: t('versions.back'),
                      dangerous: false,
                    });
                    if (yes) back.mutate(one.version);
                  }}
                >
                  {t('versions.back')}
                </Button>
              )}
            </div>
            {from === one.version && (
              <div className={classes.changes}>
                {compared.isPending && <RowsSkeleton rows={3} height={36} />}
                {compared.isError && <ErrorNote problem={compared.error} />}
                {compared.data?.changes.length === 0 && <p className={classes.same}>{t('versions.same')}</p>}
                {compared.data?.changes.map((change) => (
                  <div key={`${change.of} ${change.name} ${change.field}`} className={classes.change}>
                    <p>
                      {t(`versions.of.${change.of}`)}{' '}
                      <b>{change.of === 'step' ? titleOf(draft, change.name) : change.name}</b>
                      {change.field && ` · ${change.field}`}
                      <Chip
                        tone={change.kind === 'added' ? 'ok' : change.kind === 'removed' ? 'bad' : 'warn'}
                      >
                        {t(`versions.${change.kind}`)}
                      </Chip>
                    </p>
                    {change.kind !== 'added' && <pre data-was>{shown(change.before)}</pre>}
                    {change.kind !== 'removed' && <pre>{shown(change.after)}</pre>}
                  </div>
                ))}
              </div>
            )}
          </li>
        ))}
      </ul>
    </SideSheet>
  );
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 1);
