import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { FormTrouble } from '../../ui/FormTrouble';
import { RowsSkeleton } from '../../ui/States';
import { Gate } from './Gate';
import classes from './Gate.module.css';

/** Confirms an e-mail by the link of a letter. The page does it, not the address: mail programs look at addresses beforehand. */
export default function Email() {
  const t = useWords('entry');
  const { token = '' } = useParams({ strict: false }) as { token?: string };
  const { mutate, data, error } = api.useMutation('post', '/api/v1/entry/email');
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate({ body: { token } });
  }, [mutate, token]);
  const title = error ? t('address.failed') : data ? t('address.done') : t('address.title');
  return (
    <Gate title={title} hint={data && t('address.hint', { email: data.email })}>
      {error && (
        <div className={classes.fields}>
          <FormTrouble problem={error} />
        </div>
      )}
      {error || data ? (
        <div className={classes.more}>
          <Link to="/home">{t('address.on')}</Link>
        </div>
      ) : (
        <RowsSkeleton rows={2} />
      )}
    </Gate>
  );
}
