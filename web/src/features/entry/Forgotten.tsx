import { Button, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { FormTrouble } from '../../ui/FormTrouble';
import { Gate } from './Gate';
import classes from './Gate.module.css';

export default function Forgotten() {
  const t = useWords('entry');
  const offered = api.useQuery('get', '/api/v1/entry', {}, { staleTime: 60_000 });
  const ask = api.useMutation('post', '/api/v1/entry/forgotten');
  const [email, setEmail] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate({ body: { email } });
  };
  const back = (
    <div className={classes.more}>
      <Link to="/sign-in">{t('forgotten.back')}</Link>
    </div>
  );
  if (offered.data && !offered.data.mail) {
    return (
      <Gate title={t('forgotten.noMail')} hint={t('forgotten.noMailHint')}>
        {back}
      </Gate>
    );
  }
  if (ask.isSuccess) {
    return (
      <Gate title={t('forgotten.sentTitle')} hint={t('forgotten.sent', { email })}>
        {back}
      </Gate>
    );
  }
  return (
    <Gate title={t('forgotten.title')} hint={t('forgotten.hint')}>
      <form onSubmit={submit}>
        <div className={classes.fields}>
          <FormTrouble problem={ask.error} />
          <TextInput
            label={t('email')}
            type="email"
            autoComplete="username"
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => setEmail(event.currentTarget.value)}
          />
          <Button type="submit" size="md" loading={ask.isPending}>
            {t('forgotten.do')}
          </Button>
        </div>
      </form>
      {back}
    </Gate>
  );
}
