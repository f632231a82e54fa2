import { Button, Checkbox, Modal, Skeleton } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, fetcher } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { tell, tellProblem } from '../../lib/notify';
import classes from './Builder.module.css';
import type { Draft } from './model';
import { ProblemList } from './ProblemList';
import type { DraftProblem } from './useDraft';

type Props = {
  opened: boolean;
  close: () => void;
  scenario: string;
  draft: Draft;
  problems: DraftProblem[];
  save: () => Promise<void>;
  show: (node: string) => void;
};

/** Problems, clashes with other scenarios and the bots that will run it, before it goes to people. */
export function Publish({ opened, close, scenario, draft, problems, save, show }: Props) {
  const t = useWords('scenarios');
  const client = useQueryClient();
  const mayConnect = useMay('channels_manage');
  const clashes = api.useQuery(
    'get',
    '/api/v1/scenarios/{key}/clashes',
    { params: { path: { key: scenario } } },
    { enabled: opened },
  );
  const channels = api.useQuery('get', '/api/v1/channels', {}, { enabled: opened && mayConnect });
  const [chosen, setChosen] = useState<Record<string, boolean>>({});
  const errors = problems.filter((one) => one.severity === 'error');
  const runs = (one: { key: string; scenarios: string[] }) =>
    chosen[one.key] ?? one.scenarios.includes(scenario);
  const publish = useMutation({
    mutationFn: async () => {
      await save();
      const { data } = await fetcher.POST('/api/v1/scenarios/{key}/publish', {
        params: { path: { key: scenario } },
      });
      for (const channel of channels.data?.items ?? []) {
        const has = channel.scenarios.includes(scenario);
        if (runs(channel) === has) continue;
        const scenarios = has
          ? channel.scenarios.filter((one) => one !== scenario)
          : [...channel.scenarios, scenario];
        await fetcher.PATCH('/api/v1/channels/{id}', {
          params: { path: { id: channel.id } },
          body: { scenarios } as never,
        });
      }
      return data!;
    },
    onSuccess: (done) => {
      tell(done.new ? t('pub.done', { version: done.version }) : t('pub.same'));
      void client.invalidateQueries();
      close();
    },
    onError: tellProblem,
  });
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('pub.title')}
      size={560}
      closeButtonProps={{ 'aria-label': t('common:do.close') }}
    >
      <div className={classes.dialog}>
        {errors.length > 0 ? <h3>{t('pub.errors')}</h3> : problems.length > 0 && <h3>{t('pub.warnings')}</h3>}
        <ProblemList
          problems={errors.length > 0 ? errors : problems}
          draft={draft}
          show={(node) => {
            close();
            show(node);
          }}
        />
        {clashes.isPending && <Skeleton height={20} />}
        {(clashes.data?.clashes.length ?? 0) > 0 && (
          <>
            <h3>{t('pub.clashes')}</h3>
            <ul className={classes.problems}>
              {clashes.data!.clashes.slice(0, 8).map((one) => (
                <li key={`${one.trigger} ${one.scenario} ${one.what}`}>
                  {t('pub.clash', { what: one.what, name: one.name })}
                </li>
              ))}
            </ul>
          </>
        )}
        {mayConnect && (
          <>
            <h3>{t('pub.channels')}</h3>
            <p className={classes.quiet}>
              {channels.data?.items.length === 0 ? t('pub.none') : t('pub.channelsHint')}
            </p>
            {channels.data?.items.map((one) => (
              <Checkbox
                key={one.key}
                label={one.name}
                checked={runs(one)}
                onChange={(event) => setChosen({ ...chosen, [one.key]: event.currentTarget.checked })}
              />
            ))}
          </>
        )}
        <p className={classes.quiet}>{t('pub.ready')}</p>
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            {t('common:do.cancel')}
          </Button>
          <Button loading={publish.isPending} disabled={errors.length > 0} onClick={() => publish.mutate()}>
            {t('pub.go')}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
