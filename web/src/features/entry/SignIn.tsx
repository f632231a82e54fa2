import { Button, PasswordInput, TextInput } from '@mantine/core';
import { Link, useSearch } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { FormTrouble } from '../../ui/FormTrouble';
import { Gate, goIn } from './Gate';
import classes from './Gate.module.css';
import { SecondStep } from './SecondStep';

export default function SignIn() {
  const t = useWords('entry');
  const { back } = useSearch({ strict: false }) as { back?: string };
  const offered = api.useQuery('get', '/api/v1/entry', {}, { staleTime: 60_000 });
  const enter = api.useMutation('post', '/api/v1/entry/sign-in');
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [ticket, setTicket] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate(
      { body: { email, password } },
      {
        onSuccess: (entered) => {
          if (entered.state === 'second_step') setTicket(entered.ticket ?? undefined);
          else goIn(back);
        },
      },
    );
  };
  if (ticket) return <SecondStep ticket={ticket} done={() => goIn(back)} back={() => setTicket(undefined)} />;
  return (
    <Gate title={t('signIn.title')}>
      <form onSubmit={submit}>
        <div className={classes.fields}>
          <FormTrouble problem={enter.error} />
          <TextInput
            label={t('email')}
            type="email"
            name="email"
            autoComplete="username"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <PasswordInput
            label={t('password')}
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          <Button type="submit" size="md" loading={enter.isPending}>
            {t('signIn.do')}
          </Button>
        </div>
      </form>
      <div className={classes.more}>
        <Link to="/forgotten">{t('signIn.forgotten')}</Link>
        {offered.data?.sign_up && <Link to="/sign-up">{t('signIn.signUp')}</Link>}
      </div>
      <p className={classes.more}>{t('signIn.invited')}</p>
    </Gate>
  );
}
