import { Button, Modal, NumberInput, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, Problem } from '../../api/client';
import { useWords } from '../../i18n';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import type { Pool } from './CodesPage';
import classes from './Promotions.module.css';

type PoolFormProps = { promotion: string; pool?: Pool; close: () => void; done: (pool: Pool) => void };

/** A pool of a partner's codes: whose they are, what is said with them, when few are left. */
export function PoolForm({ promotion, pool, close, done }: PoolFormProps) {
  const t = useWords('promotions');
  const [typed, setTyped] = useState({
    partner: pool?.partner ?? '',
    message: pool?.message ?? '',
    low_at: pool?.low_at ?? 100,
  });
  const set = (part: Partial<typeof typed>) => setTyped((before) => ({ ...before, ...part }));
  const create = api.useMutation('post', '/api/v1/promotions/{id}/pools', { onSuccess: done });
  const update = api.useMutation('put', '/api/v1/promotions/{id}/pools/{pool}', { onSuccess: done });
  const problem = create.error ?? update.error;
  const known = problem instanceof Problem && Object.keys(problem.fields).length > 0;
  const save = () => {
    if (pool) {
      update.mutate({
        params: { path: { id: promotion, pool: pool.id } },
        body: { ...typed, revision: pool.revision },
      });
    } else create.mutate({ params: { path: { id: promotion } }, body: typed });
  };
  return (
    <Modal opened onClose={close} title={t(pool ? 'codes.edit' : 'codes.add')}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {!known && <FormTrouble problem={problem} />}
        <TextInput
          data-autofocus
          label={t('codes.partner')}
          placeholder={t('codes.partnerExample')}
          value={typed.partner}
          onChange={(event) => set({ partner: event.currentTarget.value })}
          error={fieldTrouble(problem, 'partner')}
        />
        <Textarea
          label={t('codes.message')}
          description={t('codes.messageHint', { code: '{{ code }}' })}
          value={typed.message}
          onChange={(event) => set({ message: event.currentTarget.value })}
          autosize
          minRows={2}
          error={fieldTrouble(problem, 'message')}
        />
        <NumberInput
          label={t('codes.low')}
          description={t('codes.lowHint')}
          value={typed.low_at}
          onChange={(low) => set({ low_at: Number(low) || 0 })}
          min={0}
          allowDecimal={false}
          error={fieldTrouble(problem, 'low_at')}
        />
        <div className={classes.ends}>
          <Button variant="default" onClick={close}>
            {t('do.cancel', { ns: 'common' })}
          </Button>
          <Button type="submit" loading={create.isPending || update.isPending}>
            {pool ? t('do.save', { ns: 'common' }) : t('codes.make')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
