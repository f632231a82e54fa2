import { Button, Textarea } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconArrowRight, IconCheck, IconX } from '@tabler/icons-react';
import { useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useWords } from '../../i18n';
import { span } from '../../lib/format';
import { Chip } from '../../ui/Chip';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import { Attempts, Code, GoodsList, Others, Person, Signs } from './Details';
import { useDecisions } from './decisions';
import { type Case, type Listed, pictureOf, reasonOf, useCase, useQueue } from './model';
import { Photo } from './Photo';
import classes from './Queue.module.css';
import { usePromotionWords } from './usePromotionWords';

/** Reasons that a person gives, by the digits of the keyboard. */
const GIVEN = [
  'other_shop',
  'banned',
  'not_needed',
  'small_sum',
  'not_receipt',
  'unreadable',
  'taken',
  'returned',
  'by_person',
] as const;
const PAGE = 30;

/** Receipts that wait for a person, the oldest first: the picture, the fields, a decision; the next comes by itself. */
export function Queue({ promotion, waiting }: { promotion: string; waiting: number }) {
  const t = useWords('receipts');
  const asked = useSearch({ strict: false }) as { receipt?: string };
  const rows = useQueue(promotion, PAGE);
  const [skipped, setSkipped] = useState<string[]>([]);
  const [first, setFirst] = useState(asked.receipt);
  const { decided, decide } = useDecisions(setFirst);
  const queue = useMemo(() => {
    const all = (rows.data?.pages.flatMap((page) => page.items) ?? []).filter((one) => !decided.has(one.id));
    const place = (one: Listed) => (one.id === first ? -1 : skipped.indexOf(one.id) + 1);
    return [...all].sort((one, other) => place(one) - place(other));
  }, [rows.data, decided, skipped, first]);
  const { hasNextPage, isFetching, fetchNextPage } = rows;
  useEffect(() => {
    if (queue.length < PAGE / 2 && hasNextPage && !isFetching) void fetchNextPage();
  }, [queue.length, hasNextPage, isFetching, fetchNextPage]);
  const current = queue[0];
  const whole = useCase(promotion, current?.id);
  // The next one is read while this one is looked at.
  useCase(promotion, queue[1]?.id);
  const known = whole.data?.receipt.receipt.id === current?.id ? whole.data : undefined;
  const next = () => {
    if (!current) return;
    setFirst(undefined);
    setSkipped((before) => [...before.filter((one) => one !== current.id), current.id]);
  };
  if (rows.error && !rows.data) return <ErrorNote problem={rows.error} retry={() => void rows.refetch()} />;
  if (!rows.data) return <RowsSkeleton rows={8} />;
  if (!current) {
    return (
      <EmptyState
        festive
        icon={<IconCheck size={22} />}
        title={t('moderation.empty')}
        hint={t('moderation.emptyHint')}
      />
    );
  }
  const left = Math.max(queue.length, waiting - decided.size);
  return (
    <div className={classes.desk}>
      <div className={classes.photo}>
        <Photo
          key={current.id}
          src={current.picture ? pictureOf(promotion, current.id) : undefined}
          alt={t('photo.alt')}
          keys
        />
      </div>
      <div className={classes.side}>
        <p className={classes.left} aria-live="polite">
          {t('moderation.left', { count: left })}
          <Chip tone="plain">
            {t('moderation.age', { span: span((Date.now() - Date.parse(current.arrived_at)) / 1000) })}
          </Chip>
        </p>
        {whole.error && !known ? (
          <ErrorNote problem={whole.error} retry={() => void whole.refetch()} />
        ) : known ? (
          <Desk
            key={known.receipt.receipt.id}
            known={known}
            next={next}
            decide={(decision) => {
              setFirst(undefined);
              decide({
                promotion,
                receipt: known.receipt.receipt.id,
                revision: known.receipt.receipt.revision,
                decision,
              });
            }}
          />
        ) : (
          <RowsSkeleton rows={6} />
        )}
      </div>
    </div>
  );
}

type DeskProps = {
  known: Case;
  next: () => void;
  decide: (decision: { accept: boolean; reason?: string; note?: string }) => void;
};

function Desk({ known, next, decide }: DeskProps) {
  const t = useWords('receipts');
  const { titleOf } = usePromotionWords();
  const { receipt } = known.receipt;
  const [reason, setReason] = useState<string>();
  const [note, setNote] = useState('');
  const [asked, setAsked] = useState(false);
  const chips = useRef<HTMLFieldSetElement>(null);
  const accept = () => decide({ accept: true, note: note.trim() || undefined });
  const refuse = () => {
    if (reason) decide({ accept: false, reason, note: note.trim() || undefined });
    else {
      setAsked(true);
      chips.current?.querySelector('button')?.focus();
    }
  };
  const physical = { usePhysicalKeys: true };
  useHotkeys([
    ['A', accept, physical],
    ['R', refuse, physical],
    ['ArrowRight', next, physical],
    ...GIVEN.map((code, at): [string, () => void, typeof physical] => [
      `Digit${at + 1}`,
      () => setReason(code),
      physical,
    ]),
  ]);
  return (
    <>
      <div className={classes.scroll}>
        <div className={classes.why}>
          <b>
            {t('moderation.why')}: {reasonOf(receipt)}
          </b>
          {receipt.note && <span>{receipt.note}</span>}
        </div>
        <Signs receipt={receipt} />
        <Code known={known.receipt} />
        <GoodsList known={known.receipt} />
        <Attempts known={known.receipt} />
        <Person receipt={receipt} />
        <Others title={t('others.person')} receipts={known.of_person} />
        <Others title={t('others.till')} receipts={known.of_till} />
      </div>
      <div className={classes.act}>
        <fieldset className={classes.reasons} ref={chips}>
          <legend>{t('moderation.reason')}</legend>
          {GIVEN.map((code, at) => (
            <button
              type="button"
              key={code}
              aria-pressed={reason === code}
              onClick={() => setReason(reason === code ? undefined : code)}
            >
              <kbd aria-hidden>{at + 1}</kbd> {titleOf(code)}
            </button>
          ))}
        </fieldset>
        {asked && !reason && <p className={classes.ask}>{t('moderation.chooseReason')}</p>}
        <Textarea
          aria-label={t('moderation.note')}
          placeholder={`${t('moderation.note')}. ${t('moderation.noteHint')}`}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          autosize
          minRows={1}
          maxRows={4}
          maxLength={300}
        />
        <div className={classes.buttons}>
          <Button leftSection={<IconCheck size={17} />} onClick={accept}>
            {t('act.accept')}
          </Button>
          <Button variant="default" leftSection={<IconX size={17} />} onClick={refuse}>
            {t('act.refuse')}
          </Button>
          <Button variant="subtle" color="gray" rightSection={<IconArrowRight size={17} />} onClick={next}>
            {t('act.skip')}
          </Button>
        </div>
        <p className={classes.keys}>{t('moderation.keys')}</p>
      </div>
    </>
  );
}
