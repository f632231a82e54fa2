import {
  Autocomplete,
  Button,
  Checkbox,
  Modal,
  NumberInput,
  SegmentedControl,
  TextInput,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCoins, IconDownload, IconSend, IconTagOff, IconTagPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, fetcher, newKey, Problem } from '../../api/client';
import { useMay } from '../../api/session';
import { isServed } from '../../app/features';
import { language, useWords } from '../../i18n';
import { whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import type { Selection } from '../../ui/DataTable';
import classes from './Contacts.module.css';
import { type Asked, audienceOf } from './model';

type Props = { asked: Asked; selection: Selection; found: number; done: () => void };
type What = 'tag' | 'untag' | 'points' | 'export';

/** Most contacts chosen one by one. */
const BY_HAND = 1000;

/** What can be done to those who are chosen; each says whom it affects before it begins. */
export function BulkActions({ asked, selection, found, done }: Props) {
  const t = useWords('contacts');
  const go = useNavigate();
  const [what, setWhat] = useState<What>();
  const mayPoints = useMay('points_many');
  const mayExport = useMay('exports_make');
  const mayWrite = useMay('broadcasts_send');
  const audience = audienceOf(asked, selection.ids, selection.all);
  const count = selection.all ? found : selection.ids.size;
  if (selection.all && asked.q) return <span className={classes.note}>{t('bulk.words')}</span>;
  if (!selection.all && count > BY_HAND) return <span className={classes.note}>{t('bulk.many')}</span>;
  const close = () => setWhat(undefined);
  const over = () => {
    close();
    done();
  };
  const same = { audience, count, close: over, cancel: close };
  return (
    <>
      <Button variant="default" leftSection={<IconTagPlus size={16} />} onClick={() => setWhat('tag')}>
        {t('bulk.tag')}
      </Button>
      <Button variant="default" leftSection={<IconTagOff size={16} />} onClick={() => setWhat('untag')}>
        {t('bulk.untag')}
      </Button>
      {mayPoints && (
        <Button variant="default" leftSection={<IconCoins size={16} />} onClick={() => setWhat('points')}>
          {t('bulk.points')}
        </Button>
      )}
      {mayExport && (
        <Button variant="default" leftSection={<IconDownload size={16} />} onClick={() => setWhat('export')}>
          {t('bulk.export')}
        </Button>
      )}
      {mayWrite && isServed('/broadcasts') && (
        <Button
          variant="default"
          leftSection={<IconSend size={16} />}
          onClick={() => void go({ to: '/broadcasts', search: { audience } as never })}
        >
          {t('bulk.write')}
        </Button>
      )}
      <Modal
        opened={what === 'tag' || what === 'untag'}
        onClose={close}
        title={t(`bulk.${what === 'untag' ? 'untagTitle' : 'tagTitle'}`)}
      >
        {(what === 'tag' || what === 'untag') && <TagForm action={what} {...same} />}
      </Modal>
      <Modal opened={what === 'points'} onClose={close} title={t('bulk.pointsTitle')}>
        {what === 'points' && <PointsForm {...same} />}
      </Modal>
      <Modal opened={what === 'export'} onClose={close} title={t('bulk.exportTitle')}>
        {what === 'export' && <ExportForm {...same} />}
      </Modal>
    </>
  );
}

type FormProps = { audience: object; count: number; close: () => void; cancel: () => void };

function TagForm({ action, audience, count, close, cancel }: FormProps & { action: 'tag' | 'untag' }) {
  const t = useWords('contacts');
  const client = useQueryClient();
  const [tag, setTag] = useState('');
  const known = api.useQuery('get', '/api/v1/contacts/tags');
  const refresh = () =>
    client.invalidateQueries({
      predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/contacts'),
    });
  const follow = async (id: string, said: 'done' | 'undone') => {
    for (let at = 0; at < 600; at++) {
      const { data } = await fetcher.GET('/api/v1/contact-runs/{id}', { params: { path: { id } } });
      if (data && data.state !== 'running') {
        const undo = async () => {
          const back = await fetcher.POST('/api/v1/contact-runs/{id}/undo', { params: { path: { id } } });
          if (back.data) await follow(back.data.id, 'undone');
        };
        void refresh();
        tell(
          t(`bulk.${said}`, { tag: data.tag, changed: whole(data.changed) }),
          said === 'done' && data.changed > 0
            ? { label: t('do.undo', { ns: 'common' }), run: () => void undo().catch(tellProblem) }
            : undefined,
        );
        return;
      }
      await new Promise((wait) => setTimeout(wait, at < 10 ? 300 : 1500));
    }
  };
  const start = api.useMutation('post', '/api/v1/contact-runs', {
    onSuccess: (run) => {
      close();
      void follow(run.id, 'done').catch(tellProblem);
    },
  });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate({ body: { action, tag, audience: audience as never } });
      }}
    >
      <Autocomplete
        label={t('bulk.tagField')}
        value={tag}
        onChange={setTag}
        data={known.data ?? []}
        maxLength={64}
        data-autofocus
        error={start.error instanceof Problem ? start.error.message : undefined}
      />
      <p className={classes.note}>{t('bulk.effect', { found: whole(count) })}</p>
      <div className={classes.formEnd}>
        <Button variant="default" onClick={cancel}>
          {t('do.cancel', { ns: 'common' })}
        </Button>
        <Button type="submit" loading={start.isPending} disabled={!tag.trim()}>
          {t(`bulk.${action}`)}
        </Button>
      </div>
    </form>
  );
}

function PointsForm({ audience, close, cancel }: FormProps) {
  const t = useWords('contacts');
  const [key] = useState(newKey);
  const [points, setPoints] = useState<number>(100);
  const [comment, setComment] = useState('');
  const [notify, setNotify] = useState(true);
  const body = {
    audience: audience as never,
    points,
    comment: comment || undefined,
    notify,
    term: { ends: 'programme' } as never,
  };
  const [asked] = useDebouncedValue(body, 300);
  const preview = api.useQuery('post', '/api/v1/accruals/preview', { body: asked }, { enabled: points > 0 });
  const start = api.useMutation('post', '/api/v1/accruals', {
    onSuccess: () => {
      close();
      tell(t('bulk.pointsStarted'));
    },
  });
  const problem = start.error ?? preview.error;
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate({ body, params: { header: { 'Idempotency-Key': key } } });
      }}
    >
      <NumberInput
        label={t('bulk.pointsField')}
        value={points}
        onChange={(next) => setPoints(typeof next === 'number' ? next : 0)}
        min={1}
        max={1_000_000}
        allowDecimal={false}
        thousandSeparator=" "
        data-autofocus
      />
      <TextInput
        label={t('bulk.comment')}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        maxLength={500}
      />
      <Checkbox
        label={t('bulk.notify')}
        checked={notify}
        onChange={(event) => setNotify(event.currentTarget.checked)}
      />
      {preview.data && (
        <>
          <p className={classes.note}>
            {t('bulk.preview', { found: whole(preview.data.contacts), points: whole(preview.data.points) })}
          </p>
          {preview.data.notice && (
            <div>
              <p className={classes.note}>{t('bulk.notice')}</p>
              <p className={classes.bubble}>{preview.data.notice}</p>
            </div>
          )}
        </>
      )}
      {problem instanceof Problem && <p className={classes.bad}>{problem.message}</p>}
      <div className={classes.formEnd}>
        <Button variant="default" onClick={cancel}>
          {t('do.cancel', { ns: 'common' })}
        </Button>
        <Button type="submit" loading={start.isPending} disabled={points < 1 || !preview.data}>
          {t('bulk.points')}
        </Button>
      </div>
    </form>
  );
}

function ExportForm({ audience, count, close, cancel }: FormProps) {
  const t = useWords('contacts');
  const go = useNavigate();
  const [format, setFormat] = useState('xlsx');
  const start = api.useMutation('post', '/api/v1/exports', {
    onSuccess: () => {
      close();
      tell(t('bulk.exportStarted'), {
        label: t('do.open', { ns: 'common' }),
        run: () => void go({ to: '/files/exports' }),
      });
    },
  });
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate({
          body: {
            what: 'contacts',
            format: format as 'xlsx',
            locale: language(),
            audience: audience as never,
          },
        });
      }}
    >
      <SegmentedControl
        aria-label={t('bulk.format')}
        data={[
          { value: 'xlsx', label: 'Excel' },
          { value: 'csv', label: 'CSV' },
        ]}
        value={format}
        onChange={setFormat}
      />
      <p className={classes.note}>{t('found', { count, found: whole(count) })}</p>
      {start.error instanceof Problem && <p className={classes.bad}>{start.error.message}</p>}
      <div className={classes.formEnd}>
        <Button variant="default" onClick={cancel}>
          {t('do.cancel', { ns: 'common' })}
        </Button>
        <Button type="submit" loading={start.isPending}>
          {t('bulk.export')}
        </Button>
      </div>
    </form>
  );
}
