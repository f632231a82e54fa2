import { Button, CopyButton, Modal, MultiSelect, Select, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import { Qr } from '../../ui/Qr';
import { useChannels, useRoles } from './choices';
import classes from './Staff.module.css';

type Invitation = components['schemas']['Invitation'];

/** A link for somebody new. */
export function Invite({ opened, close }: { opened: boolean; close: () => void }) {
  const t = useWords('staff');
  const queries = useQueryClient();
  const invite = api.useMutation('post', '/api/v1/staff-invitations');
  const { choices } = useRoles();
  const channels = useChannels();
  const [name, setName] = useState('');
  const [role, setRole] = useState<string>('cashier');
  const [only, setOnly] = useState<string[]>([]);
  const leave = () => {
    close();
    if (invite.isSuccess) {
      invite.reset();
      setName('');
      setOnly([]);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate(
      { body: { name, role, channels: only.length > 0 ? only : null } },
      {
        onSuccess: () => void queries.invalidateQueries({ queryKey: ['get', '/api/v1/staff-invitations'] }),
      },
    );
  };
  const inName = fieldTrouble(invite.error, 'name');
  return (
    <Modal opened={opened} onClose={leave} title={invite.data ? t('invite.readyTitle') : t('invite.title')}>
      {invite.data ? (
        <Ready invitation={invite.data} />
      ) : (
        <form className={classes.form} onSubmit={submit}>
          {!inName && <FormTrouble problem={invite.error} />}
          <TextInput
            label={t('invite.name')}
            description={t('invite.nameHint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            data-autofocus
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={inName}
          />
          <Select
            label={t('invite.role')}
            data={choices}
            value={role}
            allowDeselect={false}
            onChange={(value) => value && setRole(value)}
          />
          {channels.length > 1 && (
            <MultiSelect
              label={t('invite.channels')}
              description={t('invite.channelsHint')}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              data={channels}
              value={only}
              onChange={setOnly}
            />
          )}
          <Button type="submit" loading={invite.isPending}>
            {t('invite.make')}
          </Button>
        </form>
      )}
    </Modal>
  );
}

function Ready({ invitation }: { invitation: Invitation }) {
  const t = useWords('staff');
  const link = invitation.console_link;
  const full = link?.startsWith('/') ? window.location.origin + link : link;
  return (
    <div className={classes.ready}>
      <p className={classes.muted}>{t('invite.ready', { name: invitation.name })}</p>
      {full && <LinkField label={t('invite.console')} link={full} />}
      {invitation.link && <LinkField label={t('invite.bot')} link={invitation.link} />}
      {invitation.console_qr && <Qr code={invitation.console_qr} label={t('invite.qr')} />}
    </div>
  );
}

function LinkField({ label, link }: { label: string; link: string }) {
  const t = useWords('staff');
  return (
    <TextInput
      className={classes.link}
      label={label}
      value={link}
      readOnly
      onFocus={(event) => event.currentTarget.select()}
      rightSectionWidth={44}
      rightSection={
        <CopyButton value={link}>
          {({ copied, copy }) => (
            <Button
              variant="subtle"
              size="compact-sm"
              aria-label={copied ? t('common:do.copied') : t('common:do.copy')}
              onClick={copy}
            >
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </Button>
          )}
        </CopyButton>
      }
    />
  );
}
