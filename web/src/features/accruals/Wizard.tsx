import { Button, NumberInput, SegmentedControl, Select, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { api, fetcher, newKey, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { day, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Avatar } from '../../ui/Avatar';
import { Bubble } from '../../ui/Bubble';
import { confirm } from '../../ui/confirm';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Accruals.module.css';

type Request = components['schemas']['AccrualRequest'];
type Ends = 'programme' | 'days' | 'on' | 'never';

const ENDS: Ends[] = ['programme', 'days', 'on', 'never'];

/** To whom, how many, what for; what it comes to stands below before anything is given. */
export function Wizard({ begun }: { begun: () => void }) {
  const t = useWords('accruals');
  const client = useQueryClient();
  const [to, setTo] = useState<'all' | 'segment'>('all');
  const [segment, setSegment] = useState<string | null>(null);
  const [points, setPoints] = useState<number>();
  const [comment, setComment] = useState('');
  const [ends, setEnds] = useState<Ends>('programme');
  const [days, setDays] = useState(30);
  const [date, setDate] = useState('');
  const [notify, setNotify] = useState(true);
  const [busy, setBusy] = useState(false);
  const key = useRef({ of: '', key: '' });
  const segments = api.useQuery('get', '/api/v1/segments', { params: { query: { limit: 200 } } });
  const term = ends === 'days' ? { ends, days } : ends === 'on' ? { ends, date } : { ends };
  const request = {
    audience: to === 'all' ? { to } : { to, segment },
    points: points ?? 0,
    comment: comment.trim() || undefined,
    term,
    notify,
  } as unknown as Request;
  const ready = Boolean(points) && (to === 'all' || segment !== null) && (ends !== 'on' || date !== '');
  const [asked] = useDebouncedValue(ready ? JSON.stringify(request) : '', 300);
  const preview = useQuery({
    queryKey: ['accrual-preview', asked],
    queryFn: async ({ signal }) =>
      (await fetcher.POST('/api/v1/accruals/preview', { body: JSON.parse(asked) as Request, signal })).data!,
    enabled: asked !== '',
    placeholderData: keepPreviousData,
    retry: false,
  });
  const seen = ready ? preview.data : undefined;
  const text = (count: number) => t('points', { count, n: whole(count) });
  const wrong = preview.error instanceof Problem ? preview.error.fields : {};
  const start = async () => {
    const sure = await confirm({
      title: t('ask.title', { points: text(seen?.points ?? 0) }),
      effect: t('ask.effect', {
        each: text(points ?? 0),
        people: t('people', { count: seen?.contacts ?? 0, n: whole(seen?.contacts ?? 0) }),
      }),
      yes: t('begin', { points: text(seen?.points ?? 0) }),
      dangerous: false,
    });
    if (!sure) return;
    // The same request keeps its key: pressed twice, it is one run.
    const of = JSON.stringify(request);
    if (key.current.of !== of) key.current = { of, key: newKey() };
    setBusy(true);
    try {
      await fetcher.POST('/api/v1/accruals', {
        params: { header: { 'Idempotency-Key': key.current.key } },
        body: request,
      });
      await client.invalidateQueries({ queryKey: ['get', '/api/v1/accruals'] });
      tell(t('begun'));
      begun();
    } catch (problem) {
      tellProblem(problem);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (seen && seen.contacts > 0) void start();
      }}
    >
      <div>
        <span className={classes.label}>{t('wizard.audience')}</span>
        <SegmentedControl
          fullWidth
          value={to}
          onChange={(next) => setTo(next as typeof to)}
          aria-label={t('wizard.audience')}
          data={[
            { value: 'all', label: t('wizard.all') },
            { value: 'segment', label: t('wizard.segment') },
          ]}
        />
      </div>
      {to === 'segment' && (
        <Select
          label={t('wizard.choose')}
          value={segment}
          onChange={setSegment}
          data={segments.data?.items.map((one) => ({ value: one.id, label: one.name })) ?? []}
          description={segments.data?.items.length === 0 ? t('wizard.noSegments') : undefined}
          searchable
          error={wrong.audience}
        />
      )}
      <NumberInput
        label={t('wizard.points')}
        value={points ?? ''}
        onChange={(typed) => setPoints(typed === '' ? undefined : Number(typed))}
        min={1}
        max={1_000_000}
        allowNegative={false}
        allowDecimal={false}
        thousandSeparator={'\u00a0'}
        error={wrong.points}
      />
      <TextInput
        label={t('wizard.comment')}
        description={t('wizard.commentHint')}
        maxLength={500}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        error={wrong.comment}
      />
      <div className={classes.pair}>
        <Select
          label={t('wizard.term')}
          value={ends}
          onChange={(next) => next && setEnds(next as Ends)}
          data={ENDS.map((value) => ({ value, label: t(`wizard.${value}`) }))}
          allowDeselect={false}
        />
        {ends === 'days' && (
          <NumberInput
            label={t('wizard.daysCount')}
            value={days}
            onChange={(typed) => setDays(Number(typed) || 1)}
            min={1}
            max={3653}
          />
        )}
        {ends === 'on' && (
          <TextInput
            type="date"
            label={t('wizard.date')}
            value={date}
            onChange={(event) => setDate(event.currentTarget.value)}
            error={wrong['term.date'] ?? wrong.term}
          />
        )}
      </div>
      <Switch
        label={t('wizard.notify')}
        checked={notify}
        onChange={(event) => setNotify(event.currentTarget.checked)}
      />
      <section
        className={classes.preview}
        aria-live="polite"
        data-old={preview.isPlaceholderData || undefined}
      >
        <h3>{t('preview.title')}</h3>
        {!ready && <p className={classes.hint}>{t('preview.fill')}</p>}
        {ready && preview.error && <ErrorNote problem={preview.error} retry={() => void preview.refetch()} />}
        {ready && !seen && !preview.error && <RowsSkeleton rows={3} />}
        {seen && !preview.error && (
          <>
            <dl className={classes.numbers}>
              <div>
                <dt>{t('preview.people')}</dt>
                <dd>{whole(seen.contacts)}</dd>
              </div>
              <div>
                <dt>{t('preview.points')}</dt>
                <dd>{whole(seen.points)}</dd>
              </div>
              <div>
                <dt>{t('preview.until')}</dt>
                <dd>{seen.expires_at ? day(Date.parse(seen.expires_at) - 1) : t('preview.never')}</dd>
              </div>
            </dl>
            {seen.contacts === 0 && <p className={classes.hint}>{t('preview.nobody')}</p>}
            {seen.sample.length > 0 && (
              <div className={classes.sample}>
                <span className={classes.label}>{t('preview.sample')}</span>
                {seen.sample.slice(0, 5).map((person) => (
                  <span key={person.id} className={classes.person}>
                    <Avatar name={person.name || '?'} size={24} />
                    {person.name || t('noName')}
                  </span>
                ))}
              </div>
            )}
            <div>
              <span className={classes.label}>{t('preview.notice')}</span>
              {seen.notice ? (
                <Bubble voice="guest">{seen.notice}</Bubble>
              ) : (
                <p className={classes.hint}>{t('preview.silent')}</p>
              )}
            </div>
          </>
        )}
      </section>
      <Button
        type="submit"
        loading={busy}
        disabled={!seen || seen.contacts === 0 || Boolean(preview.error) || preview.isPlaceholderData}
      >
        {seen ? t('begin', { points: text(seen.points) }) : t('start')}
      </Button>
    </form>
  );
}
