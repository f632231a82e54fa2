import { Button, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, Problem } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { tell } from '../../lib/notify';
import { ConditionBuilder } from '../../ui/condition/ConditionBuilder';
import { conditionOf, emptyGroup, emptySentence, groupOf, together } from '../../ui/condition/tree';
import classes from './Contacts.module.css';
import type { Asked } from './model';

/** What the filter is built of, and the way to keep it as a segment. */
export function FilterPanel({
  asked,
  change,
  close,
}: {
  asked: Asked;
  change: (next: Partial<Asked>) => void;
  close: () => void;
}) {
  const t = useWords('contacts');
  const [group, setGroup] = useState(() => {
    const before = groupOf(asked.f);
    return before.parts.length > 0 ? before : { ...emptyGroup(), parts: [emptySentence()] };
  });
  const [saving, setSaving] = useState(false);
  const condition = conditionOf(group);
  const maySave = useMay('segments_write');
  const show = () => {
    change({ f: condition });
    close();
  };
  return (
    <div className={classes.filter}>
      <ConditionBuilder value={group} onChange={setGroup} />
      <div className={classes.filterEnd}>
        {maySave && (
          <Button variant="subtle" disabled={!condition} onClick={() => setSaving(true)}>
            {t('saveSegment')}
          </Button>
        )}
        <Button
          variant="default"
          onClick={() => {
            change({ f: undefined });
            close();
          }}
        >
          {t('clear')}
        </Button>
        <Button onClick={show}>{t('apply')}</Button>
      </div>
      {saving && (
        <SaveSegment
          asked={{ ...asked, f: condition }}
          close={() => setSaving(false)}
          saved={(segment) => {
            change({ f: undefined, segment });
            close();
          }}
        />
      )}
    </div>
  );
}

function SaveSegment({
  asked,
  close,
  saved,
}: {
  asked: Asked;
  close: () => void;
  saved: (id: string) => void;
}) {
  const t = useWords('contacts');
  const client = useQueryClient();
  const [name, setName] = useState('');
  const segments = api.useQuery('get', '/api/v1/segments', { params: { query: { limit: 200 } } });
  const save = api.useMutation('post', '/api/v1/segments', {
    onSuccess: (made) => {
      void client.invalidateQueries({ queryKey: ['get', '/api/v1/segments'] });
      tell(t('segmentSaved'));
      saved(made.id);
    },
  });
  const from = segments.data?.items.find((one) => one.id === asked.segment);
  const submit = () =>
    save.mutate({ body: { name, condition: together(from?.condition as never, asked.f) as never } });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextInput
        label={t('segmentName')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={save.error instanceof Problem ? save.error.message : undefined}
        data-autofocus
        maxLength={100}
      />
      <div className={classes.formEnd}>
        <Button variant="default" onClick={close}>
          {t('do.cancel', { ns: 'common' })}
        </Button>
        <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
          {t('do.save', { ns: 'common' })}
        </Button>
      </div>
    </form>
  );
}
