import { SegmentedControl } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { fetcher } from '../../api/client';
import { language, useWords } from '../../i18n';
import { asGiven, type Programme } from '../../lib/loyalty';
import { Bubble } from '../../ui/Bubble';
import { Card } from '../../ui/Card';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Programme.module.css';

const PAUSE_MS = 350;

/** All messages as the guest reads them; the one that is being edited stands out. */
export function Preview({ programme, focus }: { programme: Programme; focus?: string }) {
  const t = useWords('programme');
  const [locale, setLocale] = useState<string>(language());
  const [typed] = useDebouncedValue(programme, PAUSE_MS);
  const said = useQuery({
    queryKey: ['loyalty-wording', typed, locale],
    queryFn: async ({ signal }) => {
      const body = { locale, programme: asGiven(typed) };
      return (await fetcher.POST('/api/v1/loyalty/wording/preview', { body, signal })).data ?? [];
    },
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  });
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = list.current;
    const bubble = focus && box?.querySelector<HTMLElement>(`[data-said="${focus}"]`);
    if (box && bubble) box.scrollTo({ top: bubble.offsetTop - box.clientHeight / 3, behavior: 'smooth' });
  }, [focus]);
  return (
    <div className={classes.preview}>
      <Card
        title={t('preview')}
        subtitle={t('previewHint')}
        bare
        aside={
          <SegmentedControl
            size="xs"
            value={locale}
            onChange={setLocale}
            aria-label={t('wording.language')}
            data={[
              { value: 'ru', label: 'RU' },
              { value: 'en', label: 'EN' },
            ]}
          />
        }
      >
        {said.error && !said.data && <ErrorNote problem={said.error} retry={() => void said.refetch()} />}
        {!said.data && !said.error && <RowsSkeleton rows={6} height={70} />}
        <div className={classes.chat} ref={list} tabIndex={0} role="log" aria-label={t('preview')}>
          {said.data?.map((one) => {
            const [kind, key] = one.key.split('.');
            const title = t(`${kind === 'notices' ? 'notice' : 'screen'}.${key}`);
            const notes = [one.on ? undefined : t('off'), one.hour && t('at', { hour: one.hour })];
            return (
              <div
                key={one.key}
                className={classes.said}
                data-said={one.key}
                data-on={one.key === focus || undefined}
                data-off={one.on ? undefined : true}
              >
                <span className={classes.when}>{[title, ...notes].filter(Boolean).join(' · ')}</span>
                {one.fault ? (
                  <p className={classes.fault} role="alert">
                    {t('faulty')}: {one.fault}
                  </p>
                ) : (
                  <Bubble voice="guest">{one.text}</Bubble>
                )}
              </div>
            );
          })}
        </div>
      </Card>
    </div>
  );
}
