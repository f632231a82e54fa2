import { Button, Modal, TextInput } from '@mantine/core';
import { IconDownload, IconPrinter, IconTrash } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { api, Problem } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { latin } from '../../lib/latin';
import { tellProblem } from '../../lib/notify';
import { confirm } from '../../ui/confirm';
import { Page } from '../../ui/Page';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import { useHead } from './ChannelPage';
import classes from './Channels.module.css';
import { StateChip } from './ChannelsPage';
import { Copy, qrOf } from './parts';
import './words';

/** Links that open a channel, with tags that tell where people came from. */
export default function LinksPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const t = useWords('channels');
  const may = useMay('channels_manage');
  const [adding, setAdding] = useState(false);
  const at = { params: { path: { id } } };
  const health = api.useQuery('get', '/api/v1/channels/{id}/health', at);
  const links = api.useQuery('get', '/api/v1/channels/{id}/links', at);
  const again = () => void links.refetch();
  const channel = health.data?.channel;
  const head = useHead(id, channel);
  const failed = health.error ?? links.error;
  return (
    <Page
      {...head}
      tab={`/channels/${id}/links`}
      title={channel?.name ?? t('links.title')}
      state={channel && <StateChip channel={channel} />}
      actions={may && <Button onClick={() => setAdding(true)}>{t('links.add')}</Button>}
    >
      <p className={classes.hint}>{t('links.hint')}</p>
      {failed ? (
        <ErrorNote problem={failed} retry={again} />
      ) : !links.data || !health.data ? (
        <RowsSkeleton rows={3} height={140} />
      ) : (
        <ul className={classes.links}>
          <Entry channel={id} title={t('links.plain')} link={health.data.link} />
          {links.data.map((one) => (
            <Entry
              key={one.tag}
              channel={id}
              tag={one.tag}
              title={one.title}
              link={one.link}
              came={`${t('links.came', { count: one.came })}, ${t('links.registered', { count: one.registered })}`}
              gone={may ? again : undefined}
            />
          ))}
        </ul>
      )}
      <Adding channel={id} opened={adding} close={() => setAdding(false)} done={again} />
    </Page>
  );
}

type EntryProps = {
  channel: string;
  tag?: string;
  title: string;
  link?: string | null;
  came?: string;
  gone?: () => void;
};

function Entry({ channel, tag, title, link, came, gone }: EntryProps) {
  const t = useWords('channels');
  const remove = api.useMutation('delete', '/api/v1/channels/{id}/links/{tag}', {
    onSuccess: gone,
    onError: tellProblem,
  });
  const ask = async () => {
    const sure = await confirm({
      title: t('links.removeTitle', { title }),
      effect: t('links.removeEffect'),
      yes: t('links.remove'),
    });
    if (sure && tag) remove.mutate({ params: { path: { id: channel, tag } } });
  };
  const save = (format: 'svg' | 'png', label: string) => (
    <Button
      component="a"
      href={qrOf(channel, tag, format)}
      download={`${tag ?? 'bot'}.${format}`}
      variant="subtle"
      size="compact-sm"
      leftSection={<IconDownload size={15} />}
    >
      {label}
    </Button>
  );
  return (
    <li className={classes.link}>
      {link ? (
        <img className={classes.qr} src={qrOf(channel, tag)} alt={t('links.qrOf', { title })} />
      ) : (
        <span />
      )}
      <div>
        <h2>{title}</h2>
        {came && <p>{came}</p>}
        {link ? <Copy text={link} /> : <p>{t('links.noLink')}</p>}
        <div className={classes.tools}>
          {link && save('svg', t('links.svg'))}
          {link && save('png', t('links.png'))}
          {link && (
            <Button
              component="a"
              href={qrOf(channel, tag)}
              target="_blank"
              variant="subtle"
              size="compact-sm"
              leftSection={<IconPrinter size={15} />}
            >
              {t('links.print')}
            </Button>
          )}
          {gone && (
            <Button
              variant="subtle"
              color="gray"
              size="compact-sm"
              leftSection={<IconTrash size={15} />}
              onClick={() => void ask()}
            >
              {t('common:do.delete')}
            </Button>
          )}
        </div>
      </div>
    </li>
  );
}

function Adding({
  channel,
  opened,
  close,
  done,
}: {
  channel: string;
  opened: boolean;
  close: () => void;
  done: () => void;
}) {
  const t = useWords('channels');
  const [title, setTitle] = useState('');
  const [own, setOwn] = useState<string | null>(null);
  const tag = own ?? latin(title);
  const put = api.useMutation('post', '/api/v1/channels/{id}/links', {
    onSuccess: () => {
      setTitle('');
      setOwn(null);
      close();
      done();
    },
  });
  const wrong = put.error instanceof Problem ? put.error.fields : {};
  return (
    <Modal opened={opened} onClose={close} title={t('links.add')}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          put.mutate({ params: { path: { id: channel } }, body: { tag, title } });
        }}
      >
        {put.error && Object.keys(wrong).length === 0 && <ErrorNote problem={put.error} />}
        <TextInput
          data-autofocus
          label={t('links.name')}
          placeholder={t('links.nameHint')}
          value={title}
          error={wrong.title}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <TextInput
          label={t('links.tag')}
          description={t('links.tagHint')}
          value={tag}
          error={wrong.tag}
          onChange={(event) => setOwn(event.currentTarget.value)}
        />
        <Button type="submit" loading={put.isPending} disabled={!title.trim() || !tag}>
          {t('links.create')}
        </Button>
      </form>
    </Modal>
  );
}
