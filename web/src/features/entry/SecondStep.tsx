import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import { Gate } from './Gate';
import classes from './Gate.module.css';

/** Asks for a code of the authenticator. */
export function SecondStep({ ticket, done, back }: { ticket: string; done: () => void; back: () => void }) {
  const t = useWords('entry');
  const pass = api.useMutation('post', '/api/v1/entry/second-step');
  const [code, setCode] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    pass.mutate({ body: { ticket, code } }, { onSuccess: done });
  };
  const wrong = fieldTrouble(pass.error, 'code');
  return (
    <Gate title={t('code.title')} hint={t('code.hint')}>
      <form onSubmit={submit}>
        <div className={classes.fields}>
          {!wrong && <FormTrouble problem={pass.error} />}
          <TextInput
            label={t('code.label')}
            name="code"
            autoComplete="one-time-code"
            autoFocus
            required
            withAsterisk={false}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            error={wrong}
          />
          <Button type="submit" size="md" loading={pass.isPending}>
            {t('code.do')}
          </Button>
        </div>
      </form>
      <div className={classes.more}>
        <button type="button" className="link-button" onClick={back}>
          {t('code.back')}
        </button>
      </div>
    </Gate>
  );
}
