import { Button, Modal, Switch } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import dayjs from 'dayjs';
import { useState } from 'react';
import { api, fetcher } from '../../api/client';
import { language, useWords } from '../../i18n';
import { whole } from '../../lib/format';
import { tell } from '../../lib/notify';
import type { Promotion } from '../../lib/promotions';
import { endAfter, lastMinute } from '../../lib/zone';
import { Bubble } from '../../ui/Bubble';
import { FormTrouble } from '../../ui/FormTrouble';
import { WordingField } from '../../ui/WordingField';
import classes from './Promotions.module.css';
import { MomentField } from './settings/parts';

const WEEK = 7;

/** The end is put off by one action; what participants will read stands beside it. */
export function Extend({ promotion, close }: { promotion: Promotion; close: () => void }) {
  const t = useWords('promotions');
  const client = useQueryClient();
  const from = dayjs(promotion.ends_at).isAfter(dayjs()) ? dayjs(promotion.ends_at) : dayjs();
  const [ends_at, setEnds] = useState(from.add(WEEK, 'day').toISOString());
  const [telling, setTelling] = useState(true);
  const [note, setNote] = useState({ ru: '', en: '' });
  const [shown] = useDebouncedValue({ ends_at, note }, 300);
  const preview = useQuery({
    queryKey: ['promotion-extension', promotion.id, shown, language()],
    queryFn: async ({ signal }) => {
      const { data } = await fetcher.POST('/api/v1/promotions/{id}/preview-text', {
        params: { path: { id: promotion.id } },
        body: { key: 'extended', locale: language(), ...shown },
        signal,
      });
      return data?.text ?? '';
    },
    placeholderData: keepPreviousData,
    enabled: telling,
  });
  const extend = api.useMutation('post', '/api/v1/promotions/{id}/extend', {
    onSuccess: () => {
      void client.invalidateQueries({
        predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/promotions'),
      });
      tell(t('extend.done'));
      close();
    },
  });
  return (
    <Modal opened onClose={close} title={t('extend.title', { name: promotion.name })} size="lg">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          extend.mutate({
            params: { path: { id: promotion.id } },
            body: { ends_at, tell: telling, note },
          });
        }}
      >
        <FormTrouble problem={extend.error} />
        <MomentField
          label={t('extend.until')}
          hint={t('extend.untilHint')}
          value={lastMinute(ends_at).toISOString()}
          set={(last) => setEnds(endAfter(last))}
        />
        <Switch
          label={t('extend.tell')}
          description={t('extend.tellHint', {
            count: promotion.participants,
            people: whole(promotion.participants),
          })}
          checked={telling}
          onChange={(event) => setTelling(event.currentTarget.checked)}
        />
        {telling && (
          <>
            <WordingField
              label={t('extend.note')}
              hint={t('extend.noteHint')}
              value={note}
              onChange={setNote}
            />
            <div className={classes.stage}>
              <Bubble voice="bot">{preview.data || '…'}</Bubble>
            </div>
          </>
        )}
        <div className={classes.ends}>
          <Button variant="default" onClick={close}>
            {t('do.cancel', { ns: 'common' })}
          </Button>
          <Button type="submit" loading={extend.isPending}>
            {t(telling ? 'extend.doTell' : 'extend.do')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
