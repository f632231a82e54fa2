import { ActionIcon, Button, Menu, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconDots, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Avatar } from '../../ui/Avatar';
import { Card } from '../../ui/Card';
import { ConditionBuilder } from '../../ui/condition/ConditionBuilder';
import { useSaid } from '../../ui/condition/say';
import { type Condition, conditionOf, emptyGroup, emptySentence, groupOf } from '../../ui/condition/tree';
import { confirm } from '../../ui/confirm';
import { Cell, Page } from '../../ui/Page';
import { SaveBar } from '../../ui/SaveBar';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Segments.module.css';
import './words';

type Segment = components['schemas']['Segment'];

/** A segment: its condition in sentences, and who belongs to it as one builds. */
export default function SegmentPage() {
  const t = useWords('segments');
  const { id } = useParams({ strict: false }) as { id: string };
  const fresh = id === 'new';
  const segment = api.useQuery(
    'get',
    '/api/v1/segments/{id}',
    { params: { path: { id } } },
    { enabled: !fresh },
  );
  const crumb = { to: '/segments', label: t('title') };
  if (fresh) return <Editor key="new" crumb={crumb} />;
  if (segment.error && !segment.data) {
    return (
      <Page title={t('title')} crumb={crumb}>
        <ErrorNote problem={segment.error} retry={() => void segment.refetch()} />
      </Page>
    );
  }
  if (!segment.data) {
    return (
      <Page title={t('title')} crumb={crumb}>
        <RowsSkeleton rows={4} />
      </Page>
    );
  }
  return <Editor key={id} segment={segment.data} crumb={crumb} />;
}

function Editor({ segment, crumb }: { segment?: Segment; crumb: { to: string; label: string } }) {
  const t = useWords('segments');
  const go = useNavigate();
  const client = useQueryClient();
  const mayWrite = useMay('segments_write');
  const [base, setBase] = useState(segment);
  const [name, setName] = useState(segment?.name ?? '');
  const [group, setGroup] = useState(() => {
    const known = groupOf(segment?.condition);
    return known.parts.length > 0 ? known : { ...emptyGroup(), parts: [emptySentence()] };
  });
  const condition = conditionOf(group) ?? { all: [] };
  const before = base ? (conditionOf(groupOf(base.condition)) ?? { all: [] }) : undefined;
  const changed =
    mayWrite &&
    (base ? name !== base.name || JSON.stringify(condition) !== JSON.stringify(before) : name.trim() !== '');
  const refresh = () => client.invalidateQueries({ queryKey: ['get', '/api/v1/segments'] });
  const create = api.useMutation('post', '/api/v1/segments', {
    onSuccess: (made) => {
      void refresh();
      setBase(made);
      tell(t('saved'));
      // After the form counts as saved: leaving would be asked for otherwise.
      setTimeout(() => void go({ to: '/segments/$id', params: { id: made.id }, replace: true }), 0);
    },
  });
  const update = api.useMutation('patch', '/api/v1/segments/{id}', {
    onSuccess: (made) => {
      void refresh();
      void client.invalidateQueries({ queryKey: ['get', '/api/v1/segments/{id}'] });
      setBase(made);
      tell(t('saved'));
    },
  });
  const remove = api.useMutation('delete', '/api/v1/segments/{id}', {
    onSuccess: () => {
      void refresh();
      tell(t('removed'));
      void go({ to: '/segments' });
    },
    onError: tellProblem,
  });
  const save = () =>
    base
      ? update.mutate({
          params: { path: { id: base.id } },
          body: { revision: base.revision, name, condition: condition as never },
        })
      : create.mutate({ body: { name, condition: condition as never } });
  const problem = create.error ?? update.error;
  const wrong = problem instanceof Problem ? problem : undefined;
  const ask = async () => {
    if (!base) return;
    const sure = await confirm({
      title: t('removeTitle', { name: base.name }),
      effect: t('removeEffect'),
      yes: t('remove'),
    });
    if (sure) remove.mutate({ params: { path: { id: base.id } } });
  };
  return (
    <Page
      title={base?.name ?? t('create')}
      crumb={crumb}
      actions={
        base && (
          <>
            <Button variant="default" component={Link} to="/contacts" search={{ segment: base.id } as never}>
              {t('show')}
            </Button>
            {mayWrite && (
              <Menu>
                <Menu.Target>
                  <ActionIcon aria-label={t('do.more', { ns: 'common' })}>
                    <IconDots size={19} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item
                    color="cranberry"
                    leftSection={<IconTrash size={16} />}
                    onClick={() => void ask()}
                  >
                    {t('remove')}
                  </Menu.Item>
                </Menu.Dropdown>
              </Menu>
            )}
          </>
        )
      }
    >
      <Cell span={8}>
        <Card title={t('condition')} subtitle={t('conditionHint')}>
          <div className={classes.form}>
            <TextInput
              label={t('name')}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={wrong?.fields.name}
              maxLength={100}
              disabled={!mayWrite}
              data-autofocus={!base || undefined}
            />
            <ConditionBuilder value={group} onChange={setGroup} />
            {wrong && !wrong.fields.name && <p className={classes.bad}>{wrong.message}</p>}
          </div>
        </Card>
      </Cell>
      <Cell span={4}>
        <Who condition={condition} />
      </Cell>
      <SaveBar
        changed={changed}
        saving={create.isPending || update.isPending}
        save={save}
        discard={() => {
          setName(base?.name ?? '');
          setGroup(groupOf(base?.condition));
        }}
      />
    </Page>
  );
}

/** How many belong to it now, and some of them; told anew while one builds. */
function Who({ condition }: { condition: Condition }) {
  const t = useWords('segments');
  const said = useSaid();
  const [asked] = useDebouncedValue(condition, 400);
  const body = { condition: asked as never };
  const keep = { placeholderData: (before: unknown) => before as never };
  const count = api.useQuery('post', '/api/v1/contacts/count', { body }, keep);
  const some = api.useQuery(
    'post',
    '/api/v1/contacts/search',
    { body: { ...body, sort: 'seen', descending: true, limit: 5 } },
    keep,
  );
  return (
    <Card title={t('now')} subtitle={said(asked)}>
      <p className={classes.count} aria-live="polite">
        {count.data ? `${count.data.exact ? '' : '≈ '}${whole(count.data.contacts)}` : '…'}
      </p>
      {count.error instanceof Problem && <p className={classes.bad}>{count.error.message}</p>}
      {some.data && some.data.items.length === 0 && <p className={classes.note}>{t('nobody')}</p>}
      {some.data && some.data.items.length > 0 && (
        <>
          <p className={classes.note}>{t('some')}</p>
          <ul className={classes.people}>
            {some.data.items.map(({ contact }) => (
              <li key={contact.id}>
                <Link to="/contacts/$id" params={{ id: contact.id }} className={classes.person}>
                  <Avatar name={contact.name || '?'} size={28} />
                  {contact.name || contact.phone || t('noName')}
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}
