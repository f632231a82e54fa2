import { Button, Input, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import type { User } from './Account';
import classes from './Account.module.css';

/** The e-mail to sign in by, and how it becomes another one. */
export function Address({ user }: { user: User }) {
  const t = useWords('user');
  const change = api.useMutation('post', '/api/v1/user/email');
  const [open, setOpen] = useState(false);
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate(
      { body: { email, password } },
      {
        onSuccess: () => {
          setOpen(false);
          setPassword('');
        },
      },
    );
  };
  if (!open) {
    return (
      <Input.Wrapper label={t('address.label')} component="div" labelElement="div">
        <div className={classes.address}>
          <b>{user.email}</b>
          <Button variant="subtle" size="compact-sm" onClick={() => setOpen(true)}>
            {t('address.change')}
          </Button>
        </div>
        {change.isSuccess && (
          <p className={classes.muted} role="status">
            {t('address.sent', { email })}
          </p>
        )}
      </Input.Wrapper>
    );
  }
  const wrong = {
    email: fieldTrouble(change.error, 'email'),
    password: fieldTrouble(change.error, 'password'),
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      {!wrong.email && !wrong.password && <FormTrouble problem={change.error} />}
      <TextInput
        label={t('address.next')}
        description={t('address.hint')}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        type="email"
        autoComplete="email"
        required
        withAsterisk={false}
        data-autofocus
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        error={wrong.email}
      />
      {user.has_password && (
        <PasswordInput
          label={t('password.present')}
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={wrong.password}
        />
      )}
      <div className={classes.buttons}>
        <Button type="submit" variant="default" loading={change.isPending}>
          {t('address.do')}
        </Button>
        <Button variant="subtle" color="gray" onClick={() => setOpen(false)}>
          {t('common:do.cancel')}
        </Button>
      </div>
    </form>
  );
}
