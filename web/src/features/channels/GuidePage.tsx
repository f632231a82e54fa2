import { Button, Loader, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCheck, IconExternalLink } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useRouterState } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { api, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { language, useWords } from '../../i18n';
import { Avatar } from '../../ui/Avatar';
import { Cell, Page } from '../../ui/Page';
import { ErrorNote } from '../../ui/States';
import { connect, prepare, READY, type Ready, tryOut } from './bots';
import classes from './Channels.module.css';
import { Copy, qrOf } from './parts';
import './words';

/** What came of it: a channel to share, and a page to try the bot on. */
type Alive = { channel?: string; page: string };

/** From nothing to a living bot: choose, paste the token, try, share. Also how another bot is connected later. */
export default function GuidePage() {
  const t = useWords('channels');
  const first = useRouterState({ select: (state) => state.location.pathname === '/start' });
  const [ready, setReady] = useState<Ready | null>(null);
  const [alive, setAlive] = useState<Alive | null>(null);
  return (
    <Page
      title={first ? t('guide.title') : t('guide.newTitle')}
      crumb={{ to: '/channels', label: t('title') }}
    >
      <Step number={1} title={t('guide.choose')} done={ready !== null} now={ready === null}>
        <p className={classes.hint}>{t('guide.chooseHint')}</p>
        <div className={classes.bots}>
          {READY.map((one) => (
            <button
              key={one.name}
              type="button"
              className={classes.bot}
              aria-pressed={ready === one}
              disabled={alive !== null}
              onClick={() => setReady(one)}
            >
              <b>{t(`guide.points.${one.name}.name`)}</b>
              <span>{t(`guide.points.${one.name}.text`)}</span>
            </button>
          ))}
        </div>
      </Step>
      <Step number={2} title={t('guide.token')} done={alive !== null} now={ready !== null && alive === null}>
        {ready && !alive && <Token ready={ready} done={setAlive} />}
      </Step>
      <Cell span={6}>
        <Step number={3} title={t('guide.try')} done={false} now={alive !== null}>
          {alive && (
            <>
              <p className={classes.hint}>{t('guide.tryHint')}</p>
              <iframe className={classes.chat} src={alive.page} title={t('guide.try')} />
            </>
          )}
        </Step>
      </Cell>
      <Cell span={6}>
        <Step number={4} title={t('guide.share')} done={false} now={alive !== null}>
          {alive && <Share alive={alive} />}
        </Step>
      </Cell>
    </Page>
  );
}

type StepProps = { number: number; title: string; done: boolean; now: boolean; children: ReactNode };

function Step({ number, title, done, now, children }: StepProps) {
  return (
    <section className={classes.step} data-done={done || undefined} data-now={now || undefined}>
      <span className={classes.number} aria-hidden>
        {done ? <IconCheck size={18} /> : number}
      </span>
      <h2>{title}</h2>
      <div className={classes.inside}>{children}</div>
    </section>
  );
}

function Token({ ready, done }: { ready: Ready; done: (alive: Alive) => void }) {
  const t = useWords('channels');
  const client = useQueryClient();
  const [token, setToken] = useState('');
  const [settled] = useDebouncedValue(token.trim(), 400);
  const check = api.useMutation('post', '/api/v1/channels/check-token');
  const { mutate: ask, reset } = check;
  useEffect(() => {
    if (/^\d+:.{10,}$/.test(settled)) ask({ body: { messenger: 'telegram', token: settled } });
    else reset();
  }, [settled, ask, reset]);
  const company = api.useQuery('get', '/api/v1/tenant');
  const name = company.data?.name ?? '';
  const begin = useMutation({
    mutationFn: async (withBot: boolean): Promise<Alive> => {
      const scenario = await prepare(ready, language(), t('guide.consent', { company: name }));
      const bot = check.data?.bot;
      const channel = withBot && bot ? await connect(settled, bot, scenario) : undefined;
      return { channel, page: await tryOut(t('guide.chatName'), scenario) };
    },
    onSuccess: (alive) => {
      void client.invalidateQueries();
      done(alive);
    },
  });
  const found = check.data;
  const picture = usePicture(found?.picture);
  const wrong =
    check.error instanceof Problem ? (check.error.fields.token ?? check.error.message) : undefined;
  return (
    <>
      <p className={classes.hint}>{t('guide.tokenHow')}</p>
      <div className={classes.form}>
        <Button
          component="a"
          href="https://t.me/BotFather"
          target="_blank"
          rel="noreferrer"
          variant="default"
          leftSection={<IconExternalLink size={17} />}
        >
          {t('guide.botFather')}
        </Button>
        <TextInput
          label={t('guide.tokenLabel')}
          placeholder="110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
          value={token}
          autoComplete="off"
          spellCheck={false}
          error={wrong}
          description={check.isPending ? t('guide.asking') : undefined}
          rightSection={check.isPending ? <Loader size={16} /> : null}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        {found && (
          <div className={classes.found}>
            <Avatar name={found.bot.name} size={48} picture={picture} />
            <div>
              <b>{found.bot.name}</b>
              <span>
                {t('guide.found')}
                {found.bot.handle && `: @${found.bot.handle}`}
              </span>
            </div>
            {found.channel ? (
              <Link to="/channels/$id" params={{ id: found.channel } as never}>
                {t('guide.openChannel')}
              </Link>
            ) : (
              <Button loading={begin.isPending} onClick={() => begin.mutate(true)}>
                {t('guide.connectBot')}
              </Button>
            )}
          </div>
        )}
        {found?.channel && <p className={classes.hint}>{t('guide.already')}</p>}
        {begin.error && <ErrorNote problem={begin.error} />}
        {!found && (
          <Button variant="subtle" loading={begin.isPending} onClick={() => begin.mutate(false)}>
            {t('guide.withoutBot')}
          </Button>
        )}
      </div>
    </>
  );
}

/** The address under which this page shows a picture that came with an answer. */
function usePicture(found: components['schemas']['BotPicture'] | null | undefined): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!found) return;
    const bytes = Uint8Array.from(atob(found.base64), (letter) => letter.charCodeAt(0));
    const made = URL.createObjectURL(new Blob([bytes], { type: found.media_type }));
    setAddress(made);
    return () => {
      setAddress(undefined);
      URL.revokeObjectURL(made);
    };
  }, [found]);
  return address;
}

function Share({ alive }: { alive: Alive }) {
  const t = useWords('channels');
  const page = `${window.location.origin}${alive.page}`;
  const health = api.useQuery(
    'get',
    '/api/v1/channels/{id}/health',
    { params: { path: { id: alive.channel ?? '' } } },
    { enabled: alive.channel !== undefined },
  );
  const link = alive.channel ? health.data?.link : page;
  return (
    <div className={classes.share}>
      {alive.channel && link && (
        <img className={classes.qr} src={qrOf(alive.channel)} alt={t('links.qrOf', { title: link })} />
      )}
      <div>
        <p className={classes.hint}>{t('guide.shareHint')}</p>
        {link && <Copy text={link} />}
        <div className={classes.tools}>
          {alive.channel && (
            <Button
              component={Link}
              to="/channels/$id/links"
              params={{ id: alive.channel } as never}
              variant="default"
            >
              {t('guide.moreLinks')}
            </Button>
          )}
          <Button component={Link} to="/home">
            {t('guide.toHome')}
          </Button>
        </div>
      </div>
    </div>
  );
}
