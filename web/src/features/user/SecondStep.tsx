import { Button, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { day } from '../../lib/format';
import { tell } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import { Qr } from '../../ui/Qr';
import type { User } from './Account';
import classes from './Account.module.css';

type Asked = 'on' | 'off' | undefined;

/** The code of an app that is asked for beside the password. */
export function SecondStep({ user }: { user: User }) {
  const t = useWords('user');
  const [asked, setAsked] = useState<Asked>();
  const since = user.second_step_since;
  return (
    <Card
      title={t('second.title')}
      subtitle={
        since ? t('second.on', { since: day(since), left: user.recovery_codes_left }) : t('second.off')
      }
      aside={<Chip tone={since ? 'ok' : 'plain'}>{since ? t('second.chipOn') : t('second.chipOff')}</Chip>}
    >
      <Button variant="default" onClick={() => setAsked(since ? 'off' : 'on')}>
        {since ? t('second.off_do') : t('second.begin')}
      </Button>
      <Modal opened={asked !== undefined} onClose={() => setAsked(undefined)} title={t('second.title')}>
        {asked === 'on' && <SwitchOn user={user} close={() => setAsked(undefined)} />}
        {asked === 'off' && <SwitchOff close={() => setAsked(undefined)} />}
      </Modal>
    </Card>
  );
}

function useReread() {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: ['get', '/api/v1/user'] });
    void queries.invalidateQueries({ queryKey: ['get', '/api/v1/user/sessions'] });
  };
}

function Proof({
  problem,
  pending,
  prove,
}: {
  problem: unknown;
  pending: boolean;
  prove: (password: string) => void;
}) {
  const t = useWords('user');
  const [password, setPassword] = useState('');
  const wrong = fieldTrouble(problem, 'password');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    prove(password);
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      {!wrong && <FormTrouble problem={problem} />}
      <p className={classes.muted}>{t('second.prove')}</p>
      <PasswordInput
        label={t('second.password')}
        autoComplete="current-password"
        data-autofocus
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        error={wrong}
      />
      <Button type="submit" loading={pending}>
        {t('common:do.next')}
      </Button>
    </form>
  );
}

function SwitchOff({ close }: { close: () => void }) {
  const t = useWords('user');
  const reread = useReread();
  const off = api.useMutation('delete', '/api/v1/user/second-step');
  const prove = (password: string) =>
    off.mutate(
      { body: { password } },
      {
        onSuccess: () => {
          tell(t('second.gone'));
          reread();
          close();
        },
      },
    );
  return <Proof problem={off.error} pending={off.isPending} prove={prove} />;
}

function SwitchOn({ user, close }: { user: User; close: () => void }) {
  const t = useWords('user');
  const reread = useReread();
  const begin = api.useMutation('post', '/api/v1/user/second-step');
  const confirm = api.useMutation('post', '/api/v1/user/second-step/confirm');
  const [code, setCode] = useState('');
  if (confirm.data) {
    return (
      <div>
        <h2>{t('second.codesTitle')}</h2>
        <p className={classes.muted}>{t('second.codesHint')}</p>
        <ul className={classes.codes}>
          {confirm.data.codes.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
        <Button
          onClick={() => {
            tell(t('second.done'));
            reread();
            close();
          }}
        >
          {t('second.codesDone')}
        </Button>
      </div>
    );
  }
  if (!begin.data) {
    const prove = (password: string) => begin.mutate({ body: { password } });
    return <Proof problem={begin.error} pending={begin.isPending} prove={prove} key={user.id} />;
  }
  const { secret, qr } = begin.data;
  const wrong = fieldTrouble(confirm.error, 'code');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate({ body: { code } });
  };
  return (
    <form className={classes.scan} onSubmit={submit}>
      {qr && <Qr code={qr} label={t('second.qr')} />}
      <div>
        <p className={classes.muted}>{t('second.scan')}</p>
        <p>
          <span className={classes.muted}>{t('second.secret')}</span>
          <br />
          <span className={classes.secret}>{secret.replace(/(.{4})(?=.)/g, '$1 ')}</span>
        </p>
        {!wrong && <FormTrouble problem={confirm.error} />}
        <TextInput
          label={t('second.code')}
          inputMode="numeric"
          autoComplete="one-time-code"
          data-autofocus
          required
          withAsterisk={false}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          error={wrong}
        />
        <Button type="submit" loading={confirm.isPending}>
          {t('second.confirm')}
        </Button>
      </div>
    </form>
  );
}
