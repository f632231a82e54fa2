import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { FormTrouble } from '../../ui/FormTrouble';
import { RowsSkeleton } from '../../ui/States';
import { Gate, goIn } from './Gate';
import classes from './Gate.module.css';

/** Signs in by a link. The page does it, not the address: messengers look at addresses beforehand. */
export default function ByLink() {
  const t = useWords('entry');
  const { token = '' } = useParams({ strict: false }) as { token?: string };
  const { mutate, error } = api.useMutation('post', '/api/v1/entry/link');
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    mutate({ body: { token } }, { onSuccess: () => goIn() });
  }, [mutate, token]);
  return (
    <Gate title={error ? t('byLink.failed') : t('byLink.title')}>
      {error ? (
        <>
          <div className={classes.fields}>
            <FormTrouble problem={error} />
          </div>
          <div className={classes.more}>
            <Link to="/sign-in">{t('byLink.signIn')}</Link>
          </div>
        </>
      ) : (
        <RowsSkeleton rows={2} />
      )}
    </Gate>
  );
}
