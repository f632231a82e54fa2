import { Button, PasswordInput } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import { Gate, goIn } from './Gate';
import classes from './Gate.module.css';
import { SecondStep } from './SecondStep';

export default function Reset() {
  const t = useWords('entry');
  const { token = '' } = useParams({ strict: false }) as { token?: string };
  const reset = api.useMutation('post', '/api/v1/entry/reset');
  const [password, setPassword] = useState('');
  const [ticket, setTicket] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reset.mutate(
      { body: { token, password } },
      {
        onSuccess: (entered) => {
          if (entered.state === 'second_step') setTicket(entered.ticket ?? undefined);
          else goIn();
        },
      },
    );
  };
  if (ticket) return <SecondStep ticket={ticket} done={() => goIn()} back={() => setTicket(undefined)} />;
  const wrong = fieldTrouble(reset.error, 'password');
  return (
    <Gate title={t('reset.title')} hint={t('reset.hint')}>
      <form onSubmit={submit}>
        <div className={classes.fields}>
          {!wrong && <FormTrouble problem={reset.error} />}
          <PasswordInput
            label={t('password')}
            description={t('passwordHint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="new-password"
            required
            withAsterisk={false}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={wrong}
          />
          <Button type="submit" size="md" loading={reset.isPending}>
            {t('reset.do')}
          </Button>
        </div>
      </form>
    </Gate>
  );
}
