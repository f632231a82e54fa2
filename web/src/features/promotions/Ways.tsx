import { ActionIcon, Button, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { language, useWords } from '../../i18n';
import { tell, tellProblem } from '../../lib/notify';
import type { Promotion } from '../../lib/promotions';
import { Card } from '../../ui/Card';
import { confirm } from '../../ui/confirm';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Promotions.module.css';

type Channel = components['schemas']['Channel'];
type WayIn = components['schemas']['PromotionLink'];

/** Phrases, links and codes by which people come in, in each bot that takes receipts. */
export function Ways({ promotion }: { promotion: Promotion }) {
  const t = useWords('promotions');
  const may = useMay('channels_read');
  const at = { params: { path: { id: promotion.id } } };
  const channels = api.useQuery(
    'get',
    '/api/v1/channels',
    { params: { query: { limit: 200 } } },
    { enabled: may },
  );
  const links = api.useQuery('get', '/api/v1/promotions/{id}/links', at, { enabled: may });
  const all = (channels.data?.items ?? []).filter(
    (one) => one.audience === 'customers' && (!promotion.channel_id || one.id === promotion.channel_id),
  );
  const ways = links.data ?? [];
  const isOpen = (channel: Channel) => ways.some((way) => way.channel_id === channel.id);
  const open = all.filter(isOpen);
  const closed = all.filter((one) => !isOpen(one));
  const failed = channels.error ?? links.error;
  const known = channels.data && links.data;
  // Once there are entries with names, the way without a source only adds to the noise.
  const named = ways.some((way) => way.source);
  return (
    <Card title={t('ways.title')} subtitle={t('ways.hint')}>
      {failed && !known && (
        <ErrorNote
          problem={failed}
          retry={() => {
            void channels.refetch();
            void links.refetch();
          }}
        />
      )}
      {may && !known && !failed && <RowsSkeleton rows={2} height={90} />}
      {known && open.length === 0 && <p className={classes.note}>{t('ways.noBots')}</p>}
      {known && (
        <ul className={classes.ways}>
          {ways
            .filter((way) => !named || way.source)
            .map((way) => (
              <li key={`${way.tag} ${way.channel_id}`}>
                <Way way={way} channel={all.find((one) => one.id === way.channel_id)?.name ?? ''} />
              </li>
            ))}
        </ul>
      )}
      {known && closed.length > 0 && promotion.state !== 'archived' && (
        <div className={classes.bots}>
          {closed.map((channel) => (
            <Closed key={channel.id} promotion={promotion.id} channel={channel} />
          ))}
        </div>
      )}
      {known && all.length === 0 && (
        <Button component={Link} to="/channels" variant="default" mt={12}>
          {t('ways.connect')}
        </Button>
      )}
    </Card>
  );
}

/** A bot that does not take receipts yet: one press lets it. */
function Closed({ promotion, channel }: { promotion: string; channel: Channel }) {
  const t = useWords('promotions');
  const client = useQueryClient();
  const may = useMay('channels_manage');
  const mayScenarios = useMay('scenarios_write');
  const launch = api.useMutation('post', '/api/v1/promotions/{id}/launch', {
    onSuccess: ({ clashes }) => {
      tell(t('ways.letDone', { channel: channel.name }));
      const here = clashes.filter((one) => channel.scenarios.includes(one.scenario));
      if (here.length > 0) {
        const what = [...new Set(here.map((one) => `«${one.what}» — ${one.name}`))].slice(0, 5).join('; ');
        void confirm({
          title: t('ways.clashTitle'),
          effect: t('ways.clashEffect', { what }),
          yes: t('ways.clashYes'),
          dangerous: false,
        });
      }
      for (const address of ['/api/v1/channels', '/api/v1/promotions/{id}/links'])
        void client.invalidateQueries({ queryKey: ['get', address] });
    },
    onError: tellProblem,
  });
  const run = async () => {
    const sure = await confirm({
      title: t('ways.letTitle', { channel: channel.name }),
      effect: t('ways.letEffect'),
      yes: t('ways.let'),
      dangerous: false,
    });
    const locale = channel.locale ?? language();
    if (sure)
      launch.mutate({ params: { path: { id: promotion } }, body: { channel_id: channel.id, locale } });
  };
  return (
    <div className={classes.bot}>
      <span>
        {channel.name}
        <small>{t('ways.notYet')}</small>
      </span>
      {may && mayScenarios && (
        <Button variant="default" size="xs" loading={launch.isPending} onClick={() => void run()}>
          {t('ways.let')}
        </Button>
      )}
    </div>
  );
}

function Way({ way, channel }: { way: WayIn; channel: string }) {
  const t = useWords('promotions');
  const title = way.title || way.source || t('ways.any');
  return (
    <>
      {way.link ? (
        <img className={classes.qr} src={qrOf(way, 'svg')} alt={t('ways.qrOf', { title })} />
      ) : (
        <span className={classes.qr} />
      )}
      <div className={classes.way}>
        <h3>{title}</h3>
        <p className={classes.note}>
          {[channel, way.phrase && t('ways.phrase', { phrase: way.phrase })].filter(Boolean).join(' · ')}
        </p>
        {way.link && (
          <>
            <Copied text={way.link} />
            <div className={classes.tools}>
              {(['svg', 'png'] as const).map((format) => (
                <Button
                  key={format}
                  component="a"
                  href={qrOf(way, format)}
                  download={`${way.tag}.${format}`}
                  variant="subtle"
                  size="compact-sm"
                  leftSection={<IconDownload size={15} />}
                >
                  {t(`ways.${format}`)}
                </Button>
              ))}
            </div>
          </>
        )}
      </div>
    </>
  );
}

const qrOf = ({ channel_id, tag }: WayIn, format: 'svg' | 'png'): string =>
  `/api/v1/channels/${channel_id}/qr?${new URLSearchParams({ format, tag })}`;

function Copied({ text }: { text: string }) {
  const t = useWords('common');
  return (
    <div className={classes.copy}>
      <code>{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={t(copied ? 'do.copied' : 'do.copy')}>
            <ActionIcon onClick={copy} aria-label={t('do.copy')}>
              {copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}
