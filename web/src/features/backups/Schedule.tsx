import { Button, NumberInput, Select, Skeleton, Switch } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { tell } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { FormTrouble } from '../../ui/FormTrouble';
import { ErrorNote } from '../../ui/States';
import classes from './Backups.module.css';

type Planned = components['schemas']['BackupSchedule'];

/** Before people come to work. */
const EARLY = 4;
const KEEP_MAX = 60;
const HOURS = Array.from({ length: 24 }, (_, hour) => ({
  value: String(hour),
  label: `${String(hour).padStart(2, '0')}:00`,
}));

/** When a copy is made by itself, and how many stay. */
export function Schedule({ made }: { made: () => void }) {
  const t = useWords('backups');
  const planned = api.useQuery('get', '/api/v1/backups/schedule');
  return (
    <Card title={t('schedule.title')} subtitle={t('schedule.subtitle')}>
      {planned.error ? (
        <ErrorNote problem={planned.error} retry={() => void planned.refetch()} />
      ) : planned.data ? (
        <Form key={JSON.stringify(planned.data)} planned={planned.data} made={made} />
      ) : (
        <Skeleton height={120} radius={9} />
      )}
    </Card>
  );
}

function Form({ planned, made }: { planned: Planned; made: () => void }) {
  const t = useWords('backups');
  const client = useQueryClient();
  const [hour, setHour] = useState(planned.hour ?? undefined);
  const [keep, setKeep] = useState(planned.keep);
  const changed = hour !== (planned.hour ?? undefined) || keep !== planned.keep;
  const save = api.useMutation('put', '/api/v1/backups/schedule', {
    onSuccess: (now) => {
      client.setQueryData(['get', '/api/v1/backups/schedule'], now);
      tell(now.hour == null ? t('schedule.saved_off') : t('schedule.saved_on', { hour: now.hour }));
      made();
    },
  });
  const wrong = save.error instanceof Problem ? save.error.fields : {};
  return (
    <form
      className={classes.schedule}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ body: { hour, keep } });
      }}
    >
      {Object.keys(wrong).length === 0 && <FormTrouble problem={save.error} />}
      <Switch
        label={t('schedule.on')}
        checked={hour !== undefined}
        onChange={(event) => setHour(event.currentTarget.checked ? EARLY : undefined)}
      />
      {hour !== undefined && (
        <Select
          label={t('schedule.hour')}
          description={t('schedule.first')}
          data={HOURS}
          value={String(hour)}
          allowDeselect={false}
          error={wrong.hour}
          onChange={(value) => value && setHour(Number(value))}
        />
      )}
      <NumberInput
        label={t('schedule.keep')}
        description={t('schedule.keepHint')}
        min={1}
        max={KEEP_MAX}
        allowDecimal={false}
        value={keep}
        error={wrong.keep}
        onChange={(value) => setKeep(Number(value) || 1)}
      />
      <Button type="submit" variant="default" disabled={!changed} loading={save.isPending}>
        {t('common:do.save')}
      </Button>
    </form>
  );
}
