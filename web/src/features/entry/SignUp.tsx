import { Button, PasswordInput, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { language, useWords } from '../../i18n';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import { Gate, goIn } from './Gate';
import classes from './Gate.module.css';

const FIELDS = ['company', 'name', 'email', 'password'] as const;

export default function SignUp() {
  const t = useWords('entry');
  const offered = api.useQuery('get', '/api/v1/entry', {}, { staleTime: 60_000 });
  const make = api.useMutation('post', '/api/v1/entry/sign-up');
  const [typed, setTyped] = useState({ company: '', name: '', email: '', password: '' });
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'Europe/Moscow';
  const field = (name: (typeof FIELDS)[number]) => ({
    name,
    required: true,
    withAsterisk: false,
    value: typed[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget;
      setTyped((before) => ({ ...before, [name]: value }));
    },
    error: fieldTrouble(make.error, name),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate({ body: { ...typed, zone, locale: language() } }, { onSuccess: () => goIn() });
  };
  if (offered.data && !offered.data.sign_up) {
    return (
      <Gate title={t('signUp.closed')} hint={t('signUp.closedHint')}>
        <div className={classes.more}>
          <Link to="/sign-in">{t('signUp.signIn')}</Link>
        </div>
      </Gate>
    );
  }
  const inFields = FIELDS.some((name) => fieldTrouble(make.error, name));
  return (
    <Gate title={t('signUp.title')} hint={t('signUp.hint')}>
      <form onSubmit={submit}>
        <div className={classes.fields}>
          {!inFields && <FormTrouble problem={make.error} />}
          <TextInput
            label={t('signUp.company')}
            description={t('signUp.companyHint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="organization"
            {...field('company')}
          />
          <TextInput label={t('name')} autoComplete="name" {...field('name')} />
          <TextInput label={t('email')} type="email" autoComplete="username" {...field('email')} />
          <PasswordInput
            label={t('password')}
            description={t('passwordHint')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            autoComplete="new-password"
            {...field('password')}
          />
          <p className={classes.note}>{t('signUp.zone', { zone })}</p>
          <Button type="submit" size="md" loading={make.isPending}>
            {t('signUp.do')}
          </Button>
        </div>
      </form>
      <div className={classes.more}>
        <Link to="/sign-in">{t('signUp.signIn')}</Link>
      </div>
    </Gate>
  );
}
