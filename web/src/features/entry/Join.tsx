import { Button, PasswordInput, TextInput } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import { RowsSkeleton } from '../../ui/States';
import { Gate, goIn } from './Gate';
import classes from './Gate.module.css';

export default function Join() {
  const t = useWords('entry');
  const { token = '' } = useParams({ strict: false }) as { token?: string };
  const seen = api.useQuery(
    'get',
    '/api/v1/entry/invitations/{token}',
    { params: { path: { token } } },
    { retry: false },
  );
  const me = api.useQuery('get', '/api/v1/me', {}, { retry: false });
  const [other, setOther] = useState(false);
  if (seen.error) {
    return (
      <Gate title={t('join.failed')} hint={t('join.failedHint')}>
        <div className={classes.more}>
          <Link to="/sign-in">{t('forgotten.back')}</Link>
        </div>
      </Gate>
    );
  }
  if (!seen.data || me.isPending) {
    return (
      <Gate title="">
        <RowsSkeleton rows={3} />
      </Gate>
    );
  }
  const { company, role_title, name } = seen.data;
  const user = other ? undefined : me.data?.user;
  return (
    <Gate title={t('join.title', { company })} hint={t('join.hint', { role: role_title })}>
      {user ? (
        <AsOneself token={token} name={user.name} other={() => setOther(true)} />
      ) : (
        <AsNew token={token} name={name} />
      )}
    </Gate>
  );
}

function AsOneself({ token, name, other }: { token: string; name: string; other: () => void }) {
  const t = useWords('entry');
  const join = api.useMutation('post', '/api/v1/user/join');
  return (
    <>
      <div className={classes.fields}>
        <FormTrouble problem={join.error} />
        <Button
          size="md"
          loading={join.isPending}
          onClick={() => join.mutate({ body: { token } }, { onSuccess: () => goIn() })}
        >
          {t('join.as', { name })}
        </Button>
      </div>
      <div className={classes.more}>
        <button type="button" className="link-button" onClick={other}>
          {t('join.other')}
        </button>
      </div>
    </>
  );
}

function AsNew({ token, name }: { token: string; name: string }) {
  const t = useWords('entry');
  const join = api.useMutation('post', '/api/v1/entry/join');
  const [typed, setTyped] = useState({ name, email: '', password: '' });
  useEffect(() => setTyped((before) => ({ ...before, name: before.name || name })), [name]);
  const field = (key: 'name' | 'email' | 'password') => ({
    name: key,
    required: true,
    withAsterisk: false,
    value: typed[key],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [key]: value }));
    },
    error: fieldTrouble(join.error, key),
  });
  const inFields = (['name', 'email', 'password'] as const).some((key) => fieldTrouble(join.error, key));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    join.mutate({ body: { token, ...typed } }, { onSuccess: () => goIn() });
  };
  return (
    <form onSubmit={submit}>
      <div className={classes.fields}>
        {!inFields && <FormTrouble problem={join.error} />}
        <TextInput label={t('name')} autoComplete="name" {...field('name')} />
        <TextInput label={t('email')} type="email" autoComplete="username" {...field('email')} />
        <PasswordInput
          label={t('password')}
          description={t('passwordHint')}
          inputWrapperOrder={['label', 'input', 'description', 'error']}
          autoComplete="new-password"
          {...field('password')}
        />
        <Button type="submit" size="md" loading={join.isPending}>
          {t('join.do')}
        </Button>
        <p className={classes.note}>{t('join.known')}</p>
      </div>
    </form>
  );
}
