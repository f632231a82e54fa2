import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { fetcher, Problem } from '../../api/client';
import { useWords } from '../../i18n';
import type { CardDesign } from '../../lib/loyalty';
import { ErrorNote } from '../../ui/States';
import classes from './Card.module.css';

const PAUSE_MS = 250;

/** The card as the program draws it, soon after the last change. */
export function Picture({
  design,
  wrong,
}: {
  design: CardDesign;
  wrong: (fields: Record<string, string>) => void;
}) {
  const t = useWords('card');
  const [typed] = useDebouncedValue(design, PAUSE_MS);
  const drawn = useQuery({
    queryKey: ['card-picture', typed],
    queryFn: async ({ signal }) => {
      const answer = await fetcher.POST('/api/v1/loyalty/card/preview', {
        body: { card: typed as never },
        parseAs: 'blob',
        signal,
      });
      return answer.data as unknown as Blob;
    },
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  });
  const { error, data: blob } = drawn;
  useEffect(() => {
    const known = error instanceof Problem && error.status === 422;
    wrong(known ? error.fields : {});
  }, [error, wrong]);
  const address = useAddress(blob);
  const faulty = error instanceof Problem && error.status === 422;
  const alt = t('previewAlt', {
    title: design.title,
    background: design.colours.background,
    qr: t(`qrs.${design.qr}`).toLowerCase(),
  });
  return (
    <section className={classes.stage} aria-label={t('preview')}>
      <h2 className={classes.stageTitle}>{t('preview')}</h2>
      <div className={classes.frame} data-stale={drawn.isPlaceholderData || faulty || undefined}>
        {address ? (
          <img src={address} alt={alt} width={1012} height={638} />
        ) : (
          <div className={classes.blank} />
        )}
      </div>
      {error && !faulty ? (
        <ErrorNote problem={error} retry={() => void drawn.refetch()} />
      ) : (
        <p className={classes.stageHint} role={faulty ? 'alert' : undefined} data-bad={faulty || undefined}>
          {faulty ? Object.values(error.fields)[0] : t('previewHint')}
        </p>
      )}
    </section>
  );
}

/** An address of the bytes as long as they are shown. */
function useAddress(blob: Blob | undefined): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!blob) return undefined;
    const made = URL.createObjectURL(blob);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [blob]);
  return address;
}
