import { Button, MultiSelect, Select } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { tell, tellProblem } from '../../lib/notify';
import { Chip } from '../../ui/Chip';
import { confirm } from '../../ui/confirm';
import { SideSheet } from '../../ui/SideSheet';
import { useChannels, useRoles } from './choices';
import type { Staff } from './People';
import classes from './Staff.module.css';

/** One of the people: role, channels, access. */
export function Person({ person, close }: { person?: Staff; close: () => void }) {
  const t = useWords('staff');
  const queries = useQueryClient();
  const change = api.useMutation('patch', '/api/v1/staff/{id}');
  const { choices } = useRoles();
  const channels = useChannels();
  if (!person) return null;
  const put = (body: { role?: string; channels?: string[] | null; disabled?: boolean }, said: string) =>
    change.mutate(
      { params: { path: { id: person.id } }, body: { ...body, revision: person.revision } },
      {
        onSuccess: () => tell(said),
        onError: tellProblem,
        onSettled: () => void queries.invalidateQueries({ queryKey: ['get', '/api/v1/staff'] }),
      },
    );
  const disable = async () => {
    const { name } = person;
    const sure = await confirm({
      title: t('person.disableTitle', { name }),
      effect: t('person.disableEffect'),
      yes: t('person.disable'),
    });
    if (sure) put({ disabled: true }, t('person.disabled'));
  };
  return (
    <SideSheet opened close={close} title={person.name}>
      <div className={classes.form}>
        {person.disabled_at && (
          <div>
            <Chip tone="bad">{t('people.off')}</Chip>
          </div>
        )}
        {person.email && (
          <p>
            <span className={classes.muted}>{t('person.email')}</span>
            <br />
            {person.email}
          </p>
        )}
        <Select
          label={t('person.role')}
          data={choices}
          value={person.role}
          allowDeselect={false}
          disabled={change.isPending}
          onChange={(role) => role && role !== person.role && put({ role }, t('person.saved'))}
        />
        {channels.length > 1 && (
          <MultiSelect
            label={t('person.channels')}
            description={t('person.channelsHint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            data={channels}
            value={person.channels ?? []}
            disabled={change.isPending}
            onChange={(only) => put({ channels: only.length > 0 ? only : null }, t('person.saved'))}
          />
        )}
        <div>
          {person.disabled_at ? (
            <Button variant="default" onClick={() => put({ disabled: false }, t('person.enabled'))}>
              {t('person.enable')}
            </Button>
          ) : (
            <Button variant="light" color="cranberry" onClick={() => void disable()}>
              {t('person.disable')}
            </Button>
          )}
        </div>
      </div>
    </SideSheet>
  );
}
