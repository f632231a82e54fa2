import { ColorInput, SegmentedControl, TagsInput, Textarea, TextInput } from '@mantine/core';
import { IconMessageCircleFilled, IconSend2, IconX } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { type CSSProperties, useState } from 'react';
import { api, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay, useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { Card } from '../../ui/Card';
import { Cell, Page } from '../../ui/Page';
import { SaveBar } from '../../ui/SaveBar';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { useHead } from './ChannelPage';
import classes from './Channels.module.css';
import { type Channel, StateChip } from './ChannelsPage';
import { Copy } from './parts';
import look from './Widget.module.css';
import './words';

type Widget = components['schemas']['ChannelWidget'];

const TITLE_MAX = 60;
const GREETING_MAX = 300;
const SITES_MAX = 50;

/** What the chat looks like on other sites, and the tag that puts it there. */
export default function WidgetPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const t = useWords('channels');
  const at = { params: { path: { id } } };
  const health = api.useQuery('get', '/api/v1/channels/{id}/health', at);
  const channel = health.data?.channel;
  const head = useHead(id, channel);
  const again = () => void health.refetch();
  return (
    <Page
      {...head}
      tab={`/channels/${id}/widget`}
      title={channel?.name ?? t('tab.widget')}
      state={channel && <StateChip channel={channel} />}
    >
      {health.error ? (
        <ErrorNote problem={health.error} retry={again} />
      ) : !channel ? (
        <RowsSkeleton rows={4} height={72} />
      ) : channel.page ? (
        <Form
          key={JSON.stringify(channel.widget)}
          channel={channel}
          address={health.data?.link ?? `${window.location.origin}${channel.page}`}
          again={again}
        />
      ) : (
        <EmptyState title={t('widget.none')} hint={t('widget.noneHint')} />
      )}
    </Page>
  );
}

function Form({ channel, address, again }: { channel: Channel; address: string; again: () => void }) {
  const t = useWords('channels');
  const off = !useMay('channels_manage');
  const { company } = useMe();
  const kept: Widget = { side: 'right', sites: [], ...channel.widget };
  const [now, setNow] = useState(kept);
  const set = (part: Partial<Widget>) => setNow((before) => ({ ...before, ...part }));
  const save = api.useMutation('patch', '/api/v1/channels/{id}', { onSuccess: again });
  const wrong = save.error instanceof Problem ? save.error.fields : {};
  const site = Object.entries(wrong).find(([field]) => field.startsWith('widget.sites'))?.[1];
  const page = channel.page ?? '';
  const origin = address.slice(0, address.length - page.length);
  const tag = `<script src="${origin}/widget.js" data-channel="${page.replace('/chat/', '')}" async></script>`;
  return (
    <>
      {save.error && Object.keys(wrong).length === 0 && <ErrorNote problem={save.error} />}
      <Cell span={7}>
        <div className={classes.column}>
          <Card title={t('widget.title')} subtitle={t('widget.subtitle')}>
            <div className={classes.form}>
              <TextInput
                label={t('widget.name')}
                description={t('widget.nameHint')}
                maxLength={TITLE_MAX}
                value={now.title ?? ''}
                disabled={off}
                error={wrong['widget.title']}
                onChange={(event) => set({ title: event.currentTarget.value || undefined })}
              />
              <Textarea
                label={t('widget.greeting')}
                description={t('widget.greetingHint')}
                autosize
                minRows={2}
                maxLength={GREETING_MAX}
                value={now.greeting ?? ''}
                disabled={off}
                error={wrong['widget.greeting']}
                onChange={(event) => set({ greeting: event.currentTarget.value || undefined })}
              />
              <ColorInput
                label={t('widget.colour')}
                description={t('widget.colourHint')}
                placeholder={t('widget.colourOwn')}
                format="hex"
                value={now.colour ?? ''}
                disabled={off}
                error={wrong['widget.colour']}
                onChange={(colour) => set({ colour: colour || undefined })}
              />
              <div>
                <h3 className={classes.label}>{t('widget.side')}</h3>
                <SegmentedControl
                  aria-label={t('widget.side')}
                  value={now.side ?? 'right'}
                  disabled={off}
                  onChange={(side) => set({ side: side as Widget['side'] })}
                  data={[
                    { value: 'left', label: t('widget.left') },
                    { value: 'right', label: t('widget.right') },
                  ]}
                />
              </div>
              <TagsInput
                label={t('widget.sites')}
                description={t('widget.sitesHint')}
                placeholder={(now.sites ?? []).length === 0 ? t('widget.anySite') : undefined}
                value={now.sites ?? []}
                maxTags={SITES_MAX}
                splitChars={[',', ' ']}
                disabled={off}
                error={site}
                onChange={(sites) => set({ sites: [...new Set(sites.map(originOf))] })}
              />
            </div>
          </Card>
          <Card title={t('site.snippet')} subtitle={t('site.snippetHint')}>
            <Copy text={tag} />
          </Card>
        </div>
      </Cell>
      <Cell span={5}>
        <Card title={t('widget.preview')} subtitle={t('widget.previewHint')}>
          <Preview widget={now} name={company.name} />
        </Card>
      </Cell>
      <SaveBar
        changed={JSON.stringify(now) !== JSON.stringify(kept)}
        saving={save.isPending}
        save={() => save.mutate({ params: { path: { id: channel.id } }, body: { widget: now } })}
        discard={() => setNow(kept)}
      />
    </>
  );
}

/** An address as browsers name the site: without a path and a slash at the end. */
function originOf(typed: string): string {
  const text = typed.trim();
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  return url ? url.origin : text;
}

/** The open window and its button in the corner of a page. */
function Preview({ widget, name }: { widget: Widget; name: string }) {
  const t = useWords('channels');
  const style = widget.colour ? ({ '--own': widget.colour } as CSSProperties) : undefined;
  return (
    <div
      className={look.page}
      data-side={widget.side}
      style={style}
      role="img"
      aria-label={t('widget.preview')}
    >
      <div className={look.window}>
        <div className={look.head}>
          <b>{widget.title || name}</b>
          <IconX size={16} />
        </div>
        <div className={look.talk}>
          <p className={look.theirs}>{widget.greeting || t('widget.welcome')}</p>
          <p className={look.own}>{t('widget.sample')}</p>
        </div>
        <div className={look.write}>
          <span>{t('widget.write')}</span>
          <IconSend2 size={18} />
        </div>
      </div>
      <span className={look.button}>
        <IconMessageCircleFilled size={26} />
      </span>
    </div>
  );
}
