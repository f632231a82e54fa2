import { Button, Checkbox, CopyButton, Modal, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../api/client';
import { useMe } from '../../api/session';
import { language, useWords } from '../../i18n';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import classes from './Keys.module.css';

/** Makes a key; its token is shown once. */
export function NewKey({ opened, close }: { opened: boolean; close: () => void }) {
  const t = useWords('keys');
  const me = useMe();
  const queries = useQueryClient();
  const rights = api.useQuery(
    'get',
    '/api/v1/rights',
    { params: { query: { locale: language() } } },
    { staleTime: 300_000, enabled: opened },
  );
  const make = api.useMutation('post', '/api/v1/api-keys');
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<string[]>([]);
  const leave = () => {
    close();
    if (make.isSuccess) {
      make.reset();
      setName('');
      setScopes([]);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate(
      { body: { name, scopes } },
      { onSuccess: () => void queries.invalidateQueries({ queryKey: ['get', '/api/v1/api-keys'] }) },
    );
  };
  const inName = fieldTrouble(make.error, 'name');
  return (
    <Modal opened={opened} onClose={leave} title={make.data ? t('readyTitle') : t('make')}>
      {make.data ? (
        <div className={classes.form}>
          <p className={classes.muted}>{t('ready')}</p>
          <TextInput
            label={t('token')}
            value={make.data.token}
            readOnly
            onFocus={(event) => event.currentTarget.select()}
          />
          <CopyButton value={make.data.token}>
            {({ copied, copy }) => (
              <Button onClick={copy}>{copied ? t('common:do.copied') : t('common:do.copy')}</Button>
            )}
          </CopyButton>
        </div>
      ) : (
        <form className={classes.form} onSubmit={submit}>
          {!inName && <FormTrouble problem={make.error} />}
          <TextInput
            label={t('name')}
            placeholder={t('namePlaceholder')}
            data-autofocus
            required
            withAsterisk={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={inName}
          />
          <Checkbox.Group label={t('may')} value={scopes} onChange={setScopes}>
            <div className={classes.rights}>
              {rights.data
                ?.filter((one) => me.rights.includes(one.right))
                .map((one) => (
                  <Checkbox key={one.right} value={one.right} label={one.title} />
                ))}
            </div>
          </Checkbox.Group>
          <Button type="submit" loading={make.isPending} disabled={scopes.length === 0}>
            {t('create')}
          </Button>
        </form>
      )}
    </Modal>
  );
}
