import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { tell } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import { Cell, Page } from '../../ui/Page';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Account.module.css';
import { Address } from './Address';
import { SecondStep } from './SecondStep';
import { Sessions } from './Sessions';
import './words';

export type User = components['schemas']['User'];

/** One's own profile: name, password, second step, devices. */
export default function Account() {
  const t = useWords('user');
  const user = api.useQuery('get', '/api/v1/user');
  return (
    <Page title={t('title')}>
      {user.error ? (
        <ErrorNote problem={user.error} retry={() => void user.refetch()} />
      ) : !user.data ? (
        <RowsSkeleton />
      ) : (
        <>
          <Cell span={6}>
            <Profile user={user.data} />
          </Cell>
          <Cell span={6}>
            <Password user={user.data} />
          </Cell>
          <Cell span={6}>
            <SecondStep user={user.data} />
          </Cell>
          <Cell span={6}>
            <Sessions />
          </Cell>
        </>
      )}
    </Page>
  );
}

function Profile({ user }: { user: User }) {
  const t = useWords('user');
  const queries = useQueryClient();
  const save = api.useMutation('patch', '/api/v1/user');
  const [name, setName] = useState(user.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(
      { body: { name } },
      {
        onSuccess: () => {
          tell(t('profile.done'));
          void queries.invalidateQueries({ queryKey: ['get', '/api/v1/user'] });
          void queries.invalidateQueries({ queryKey: ['get', '/api/v1/me'] });
        },
      },
    );
  };
  return (
    <Card title={t('profile.title')}>
      <form className={classes.form} onSubmit={submit}>
        <TextInput
          label={t('profile.name')}
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldTrouble(save.error, 'name')}
        />
        <Button type="submit" variant="default" disabled={name === user.name} loading={save.isPending}>
          {t('common:do.save')}
        </Button>
      </form>
      <hr className={classes.line} />
      <Address user={user} />
    </Card>
  );
}

function Password({ user }: { user: User }) {
  const t = useWords('user');
  const queries = useQueryClient();
  const change = api.useMutation('post', '/api/v1/user/password');
  const [present, setPresent] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { body: { present, password } },
      {
        onSuccess: () => {
          tell(t('password.done'));
          setPresent('');
          setPassword('');
          void queries.invalidateQueries({ queryKey: ['get', '/api/v1/user'] });
          void queries.invalidateQueries({ queryKey: ['get', '/api/v1/user/sessions'] });
        },
      },
    );
  };
  const trouble = fieldTrouble(change.error, 'password');
  return (
    <Card title={t('password.title')} subtitle={user.has_password ? t('password.hint') : t('password.none')}>
      <form className={classes.form} onSubmit={submit}>
        {!trouble && <FormTrouble problem={change.error} />}
        <input type="hidden" name="username" autoComplete="username" value={user.email} readOnly />
        {user.has_password && (
          <PasswordInput
            label={t('password.present')}
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={present}
            onChange={(event) => setPresent(event.currentTarget.value)}
          />
        )}
        <PasswordInput
          label={t('password.next')}
          description={t('password.rule')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoComplete="new-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={trouble}
        />
        <Button type="submit" variant="default" loading={change.isPending}>
          {user.has_password ? t('password.do') : t('password.set')}
        </Button>
      </form>
    </Card>
  );
}
