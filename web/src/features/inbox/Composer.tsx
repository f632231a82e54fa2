import {
  ActionIcon,
  Button,
  Checkbox,
  Modal,
  Popover,
  SimpleGrid,
  Textarea,
  TextInput,
  Tooltip,
} from '@mantine/core';
import { useDebouncedCallback, useDisclosure } from '@mantine/hooks';
import {
  IconBolt,
  IconFile,
  IconLayoutGridAdd,
  IconMoodSmile,
  IconPaperclip,
  IconPlus,
  IconSend2,
  IconSettings,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
import { type ClipboardEvent, type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { api, fetcher } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay, useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { tellProblem } from '../../lib/notify';
import classes from './Composer.module.css';
import type { Conversation, Line, Place } from './data';
import { type Pending, say } from './outbox';

type Reply = components['schemas']['QuickReply'];
type File = Pending['files'][number];

const DRAFT_MS = 250;
const BUTTONS_MAX = 8;
const EMOJI = [...'🙂😊😉😍🤗🤔😅😢🙏👍👌👏🙌💪❤️🎉🎁🔥⭐✅❗⏰📦☕🌸'].filter((one) => one !== '\ufe0f');

type Draft = { text: string; note: string; buttons: string[]; files: File[] };
const NOTHING: Draft = { text: '', note: '', buttons: [], files: [] };
const keyOf = (place: Place) => `samovar.inbox.draft.${place.contact_id}.${place.channel_id}`;

function readDraft(place: Place): Draft {
  try {
    return { ...NOTHING, ...JSON.parse(localStorage.getItem(keyOf(place)) ?? '{}') };
  } catch {
    return NOTHING;
  }
}

type ComposerProps = {
  place: Place;
  one: Conversation;
  /** Whoever else leads the conversation: then it is taken before one answers. */
  blocked?: string;
  take?: () => void;
  known: Line[];
};

/** Where one answers, or writes a note. What is typed is kept for each conversation until it is sent. */
export function Composer({ place, one, blocked, take }: ComposerProps) {
  const t = useWords('inbox');
  const [draft, setDraft] = useState<Draft>(() => readDraft(place));
  const [mode, setMode] = useState<'text' | 'note'>('text');
  const [picked, setPicked] = useState(0);
  const [shown, setShown] = useState(true);
  const [loading, setLoading] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const [managed, manage] = useDisclosure(false);
  const words = draft[mode];

  const keep = useDebouncedCallback((next: Draft) => {
    const empty = !next.text && !next.note && next.buttons.length === 0 && next.files.length === 0;
    if (empty) localStorage.removeItem(keyOf(place));
    else localStorage.setItem(keyOf(place), JSON.stringify(next));
  }, DRAFT_MS);
  const change = (what: Partial<Draft>) =>
    setDraft((before) => {
      const next = { ...before, ...what };
      keep(next);
      return next;
    });

  // What was refused comes back here.
  useEffect(() => {
    const back = (event: Event) => {
      const pending = (event as CustomEvent<Pending>).detail;
      if (pending.contact_id !== place.contact_id || pending.channel_id !== place.channel_id) return;
      setMode('text');
      setDraft((before) => ({
        ...before,
        text: [pending.text, before.text].filter(Boolean).join('\n'),
        buttons: pending.buttons,
        files: pending.files,
      }));
    };
    window.addEventListener('samovar:take-back', back);
    return () => window.removeEventListener('samovar:take-back', back);
  }, [place]);

  const replies = api.useQuery('get', '/api/v1/conversations/replies', {}, { staleTime: 60_000 });
  const all = replies.data?.items ?? NONE;
  const asked =
    mode === 'text' && words.startsWith('/') && !words.includes('\n')
      ? words.slice(1).toLocaleLowerCase()
      : undefined;
  const fitting = useMemo(
    () =>
      asked === undefined
        ? NONE
        : all.filter((one) => `${one.name} ${one.text}`.toLocaleLowerCase().includes(asked)).slice(0, 8),
    [all, asked],
  );
  const choosing = asked !== undefined && shown && all.length > 0;
  const insert = (reply: Reply) => {
    const name = one.name.split(' ')[0] ?? '';
    change({ text: reply.text.replaceAll('{name}', name) });
    setPicked(0);
    field.current?.focus();
  };

  const note = api.useMutation('post', '/api/v1/conversations/{contact_id}/{channel_id}/notes', {
    onError: tellProblem,
  });
  const params = { path: { contact_id: place.contact_id, channel_id: place.channel_id } };
  const canSend =
    mode === 'note' ? words.trim() !== '' : (words.trim() !== '' || draft.files.length > 0) && loading === 0;
  const send = () => {
    if (!canSend) return;
    if (mode === 'note') {
      const text = draft.note.trim();
      note.mutate({ params, body: { text } }, { onSuccess: () => change({ note: '' }) });
      return;
    }
    const buttons = draft.buttons.map((label) => label.trim()).filter(Boolean);
    say({
      contact_id: place.contact_id,
      channel_id: place.channel_id,
      text: draft.text.trim(),
      files: draft.files,
      buttons,
    });
    change({ text: '', files: [], buttons: [] });
    field.current?.focus();
  };

  const attach = async (files: Iterable<globalThis.File>) => {
    for (const file of files) {
      setLoading((count) => count + 1);
      try {
        const form = new FormData();
        form.append('file', file, file.name);
        const { data } = await fetcher.POST('/api/v1/media', {
          body: form as unknown as { file: string },
          bodySerializer: (body) => body as unknown as FormData,
        });
        setDraft((before) => {
          const next = { ...before, files: [...before.files, { ...data!, name: file.name }] };
          keep(next);
          return next;
        });
      } catch (problem) {
        tellProblem(problem);
      } finally {
        setLoading((count) => count - 1);
      }
    }
  };
  const paste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0 || mode === 'note') return;
    event.preventDefault();
    void attach(files);
  };

  const pressed = (event: KeyboardEvent) => {
    if (choosing && fitting.length > 0) {
      const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
      if (step !== 0) {
        event.preventDefault();
        setPicked((at) => (at + step + fitting.length) % fitting.length);
        return;
      }
      if (event.key === 'Enter' || event.key === 'Tab') {
        event.preventDefault();
        insert(fitting[Math.min(picked, fitting.length - 1)]!);
        return;
      }
    }
    if (event.key === 'Escape') {
      if (choosing) setShown(false);
      else field.current?.blur();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    }
  };

  const suggested = all.slice(0, 3);
  return (
    <div className={classes.frame}>
      {suggested.length > 0 && mode === 'text' && words === '' && !blocked && (
        <div className={classes.suggested}>
          {suggested.map((reply) => (
            <button type="button" key={reply.id} className={classes.reply} onClick={() => insert(reply)}>
              <IconBolt size={16} stroke={1.8} />
              <span>{reply.name}</span>
            </button>
          ))}
        </div>
      )}
      <div className={classes.composer} data-mode={mode}>
        <div className={classes.modes} role="tablist">
          {(['text', 'note'] as const).map((one) => (
            <button
              type="button"
              role="tab"
              key={one}
              aria-selected={mode === one}
              onClick={() => {
                setMode(one);
                field.current?.focus();
              }}
            >
              {t(one === 'text' ? 'answer' : 'noteTab')}
            </button>
          ))}
        </div>
        {choosing && (
          <div className={classes.choices} role="listbox" aria-label={t('replies.title')}>
            {fitting.length === 0 && <p className={classes.none}>{t('replies.none')}</p>}
            {fitting.map((reply, at) => (
              <button
                type="button"
                role="option"
                aria-selected={at === picked}
                key={reply.id}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => insert(reply)}
              >
                <b>/{reply.name}</b>
                <span>{reply.text}</span>
              </button>
            ))}
          </div>
        )}
        {blocked && mode === 'text' ? (
          <div className={classes.blocked}>
            <p>{t('takeFirst', { name: blocked })}</p>
            {take && (
              <Button variant="default" onClick={take}>
                {t('take')}
              </Button>
            )}
          </div>
        ) : (
          <Textarea
            ref={field}
            variant="unstyled"
            autosize
            minRows={2}
            maxRows={9}
            maxLength={4096}
            value={words}
            onChange={(event) => {
              change({ [mode]: event.currentTarget.value });
              setShown(true);
              setPicked(0);
              if (mode === 'text') window.dispatchEvent(new Event('samovar:writes'));
            }}
            onKeyDown={pressed}
            onPaste={paste}
            placeholder={t(mode === 'text' ? 'placeholder' : 'notePlaceholder')}
            aria-label={t(mode === 'text' ? 'answer' : 'noteTab')}
            className={classes.field}
          />
        )}
        {mode === 'text' && draft.files.length > 0 && (
          <div className={classes.files}>
            {draft.files.map((file) => (
              <span key={file.id} className={classes.file}>
                {file.kind === 'photo' ? (
                  <img src={`/api/v1/media/${file.id}`} alt="" />
                ) : (
                  <IconFile size={17} stroke={1.7} />
                )}
                <span>{file.name}</span>
                <button
                  type="button"
                  aria-label={t('removeFile', { name: file.name })}
                  onClick={() => change({ files: draft.files.filter((one) => one.id !== file.id) })}
                >
                  <IconX size={14} />
                </button>
              </span>
            ))}
          </div>
        )}
        {mode === 'text' && draft.buttons.length > 0 && (
          <div className={classes.buttons}>
            {draft.buttons.map((label, at) => (
              <TextInput
                // biome-ignore lint/suspicious/noArrayIndexKey: a button has no other name
                key={at}
                value={label}
                maxLength={40}
                placeholder={t('button')}
                aria-label={t('button')}
                autoFocus={at === draft.buttons.length - 1 && label === ''}
                onChange={(event) => change({ buttons: draft.buttons.with(at, event.currentTarget.value) })}
                rightSection={
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={t('removeButton')}
                    onClick={() => change({ buttons: draft.buttons.filter((_, other) => other !== at) })}
                  >
                    <IconX size={14} />
                  </ActionIcon>
                }
              />
            ))}
            {draft.buttons.length < BUTTONS_MAX && (
              <Button
                variant="subtle"
                color="gray"
                leftSection={<IconPlus size={15} />}
                onClick={() => change({ buttons: [...draft.buttons, ''] })}
              >
                {t('addButton')}
              </Button>
            )}
          </div>
        )}
        <div className={classes.foot}>
          {mode === 'text' && !blocked && (
            <>
              <input
                ref={chooser}
                type="file"
                multiple
                hidden
                onChange={(event) => {
                  void attach(event.currentTarget.files ?? []);
                  event.currentTarget.value = '';
                }}
              />
              <Tool
                label={loading > 0 ? t('uploading') : t('attach')}
                loading={loading > 0}
                run={() => chooser.current?.click()}
              >
                <IconPaperclip size={20} stroke={1.7} />
              </Tool>
              <Emoji
                insert={(one) => {
                  const at = field.current?.selectionStart ?? words.length;
                  change({ text: words.slice(0, at) + one + words.slice(at) });
                  field.current?.focus();
                }}
              />
              <Tool label={t('buttons')} run={() => draft.buttons.length === 0 && change({ buttons: [''] })}>
                <IconLayoutGridAdd size={20} stroke={1.7} />
              </Tool>
              <Tool label={t('replies.manage')} run={manage.open}>
                <IconSettings size={20} stroke={1.7} />
              </Tool>
            </>
          )}
          <Button
            className={classes.send}
            disabled={!canSend || (mode === 'text' && Boolean(blocked))}
            loading={note.isPending}
            rightSection={mode === 'text' ? <IconSend2 size={18} stroke={1.8} /> : undefined}
            onClick={send}
          >
            {t(mode === 'text' ? 'send' : 'keep')}
          </Button>
        </div>
      </div>
      {managed && <Replies close={manage.close} all={all} changed={() => void replies.refetch()} />}
    </div>
  );
}
const NONE: Reply[] = [];

function Tool({
  label,
  run,
  loading,
  children,
}: {
  label: string;
  run: () => void;
  loading?: boolean;
  children: React.ReactNode;
}) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" size={36} aria-label={label} loading={loading} onClick={run}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}

function Emoji({ insert }: { insert: (one: string) => void }) {
  const t = useWords('inbox');
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} position="top-start" shadow="md">
      <Popover.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          size={36}
          aria-label={t('emoji')}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          <IconMoodSmile size={20} stroke={1.7} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <SimpleGrid cols={6} spacing={4}>
          {EMOJI.map((one) => (
            <ActionIcon
              key={one}
              variant="subtle"
              color="gray"
              size={36}
              onClick={() => {
                insert(one);
                setOpened(false);
              }}
            >
              {one}
            </ActionIcon>
          ))}
        </SimpleGrid>
      </Popover.Dropdown>
    </Popover>
  );
}

/** Ready answers: everybody's and one's own. */
function Replies({ close, all, changed }: { close: () => void; all: Reply[]; changed: () => void }) {
  const t = useWords('inbox');
  const me = useMe();
  const meId = me.staff_id ?? me.actor;
  const maySettle = useMay('settings_manage');
  const isStaff = meId.startsWith('stf_');
  const [form, setForm] = useState({ name: '', text: '', own: isStaff });
  const add = api.useMutation('post', '/api/v1/conversations/replies', {
    onSuccess: () => {
      setForm({ name: '', text: '', own: form.own });
      changed();
    },
    onError: tellProblem,
  });
  const remove = api.useMutation('delete', '/api/v1/conversations/replies/{id}', {
    onSuccess: changed,
    onError: tellProblem,
  });
  return (
    <Modal
      opened
      onClose={close}
      title={t('replies.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common:do.close') }}
    >
      <div className={classes.manage}>
        {all.length === 0 && <p className={classes.none}>{t('replies.empty')}</p>}
        {all.map((reply) => (
          <div key={reply.id} className={classes.known}>
            <div>
              <b>/{reply.name}</b>
              {reply.own && <span className={classes.mine}>{t('replies.mineMark')}</span>}
              <p>{reply.text}</p>
            </div>
            {(reply.own || maySettle) && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`${t('common:do.delete')}: ${reply.name}`}
                onClick={() => remove.mutate({ params: { path: { id: reply.id } } })}
              >
                <IconTrash size={17} />
              </ActionIcon>
            )}
          </div>
        ))}
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate({ body: form });
          }}
        >
          <TextInput
            label={t('replies.name')}
            description={t('replies.nameHint')}
            maxLength={40}
            required
            value={form.name}
            onChange={(event) => setForm({ ...form, name: event.currentTarget.value })}
          />
          <Textarea
            label={t('replies.text')}
            description={t('replies.textHint')}
            autosize
            minRows={3}
            maxLength={4096}
            required
            value={form.text}
            onChange={(event) => setForm({ ...form, text: event.currentTarget.value })}
          />
          {isStaff && maySettle && (
            <Checkbox
              label={t('replies.own')}
              checked={form.own}
              onChange={(event) => setForm({ ...form, own: event.currentTarget.checked })}
            />
          )}
          <Button type="submit" loading={add.isPending}>
            {t('replies.add')}
          </Button>
        </form>
      </div>
    </Modal>
  );
}
