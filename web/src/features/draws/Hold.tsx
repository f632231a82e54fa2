import { Anchor, Button, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useWords } from '../../i18n';
import { Card } from '../../ui/Card';
import { confirm } from '../../ui/confirm';
import { FormTrouble } from '../../ui/FormTrouble';
import classes from './Draws.module.css';
import { type Draw, useAgain, useMoment, useNow } from './parts';

type Randomness = components['schemas']['DrawRandomness'];

const HEX = /^[0-9a-f]+$/i;

/** The randomness that was typed, as the program takes it; nothing when it cannot be that. */
function readRandomness(draw: Draw, typed: string): Randomness | undefined {
  const text = typed.trim();
  if (!text) return undefined;
  if (draw.source.kind === 'reveal') return { kind: 'reveal', secret: text };
  if (draw.source.kind === 'block') return { kind: 'block', hash: text.toLowerCase() };
  if (draw.source.kind === 'figure') return { kind: 'figure', value: text };
  const round = draw.announced?.round ?? 0;
  if (HEX.test(text)) return { kind: 'drand', round, signature: text.toLowerCase() };
  try {
    const answer = JSON.parse(text) as { round?: number; signature?: string };
    if (!answer.signature) return undefined;
    return { kind: 'drand', round: answer.round ?? round, signature: answer.signature };
  } catch {
    return undefined;
  }
}

/** The randomness is waited for, typed, and decides. */
export function Hold({ draw }: { draw: Draw }) {
  const t = useWords('draws');
  const at = useMoment();
  const again = useAgain();
  const now = useNow();
  const [typed, setTyped] = useState('');
  const hold = api.useMutation('post', '/api/v1/promotions/{id}/draws/{draw}/hold', { onSuccess: again });
  const known = draw.announced?.randomness_at;
  const early = known !== undefined && known !== null && Date.parse(known) > now;
  const randomness = readRandomness(draw, typed);
  // The program asks the beacon and keeps its own secret: then nothing has to be typed.
  const brings = draw.source.kind === 'drand' || draw.source.kind === 'reveal';
  const bad = typed.trim() !== '' && randomness === undefined;
  const start = async () => {
    const sure = await confirm({
      title: t('hold.confirm', { name: draw.name }),
      effect: t('hold.effect'),
      yes: t('hold.go'),
    });
    if (!sure) return;
    hold.mutate({
      params: { path: { id: draw.promotion, draw: draw.id } },
      body: randomness ? { randomness } : {},
    });
  };
  return (
    <Card title={t('hold.title')} subtitle={t(`source.${draw.source.kind}`)}>
      <div className={classes.form}>
        <p className={classes.when} data-now={!early || undefined}>
          {early && known ? t('hold.waits', { at: at(known) }) : t(`hold.now.${draw.source.kind}`)}
        </p>
        <FormTrouble problem={hold.error} />
        <Field draw={draw} typed={typed} set={setTyped} bad={bad} />
        <div className={classes.actions}>
          <Button
            onClick={() => void start()}
            disabled={early || bad || (!brings && !randomness)}
            loading={hold.isPending}
          >
            {t('hold.go')}
          </Button>
        </div>
      </div>
    </Card>
  );
}

type FieldProps = { draw: Draw; typed: string; set: (typed: string) => void; bad: boolean };

function Field({ draw, typed, set, bad }: FieldProps) {
  const t = useWords('draws');
  const { source, announced } = draw;
  const props = {
    value: typed,
    onChange: (event: { currentTarget: { value: string } }) => set(event.currentTarget.value),
    autoComplete: 'off',
    spellCheck: false,
  };
  switch (source.kind) {
    case 'drand':
      return (
        <>
          <p className={classes.note}>{t('hold.drand', { round: announced?.round })}</p>
          {announced?.randomness_address && (
            <Anchor href={announced.randomness_address} target="_blank" rel="noreferrer" size="sm">
              {t('hold.open')}
            </Anchor>
          )}
          <Textarea
            label={t('hold.answer')}
            description={t('hold.answerHint')}
            autosize
            minRows={3}
            maxRows={8}
            error={bad && t('hold.bad')}
            {...props}
          />
        </>
      );
    case 'block':
      return (
        <TextInput
          label={t('hold.block', { height: source.height })}
          description={t('hold.blockHint')}
          {...props}
        />
      );
    case 'figure':
      return (
        <TextInput
          label={t('hold.figure')}
          description={t('hold.figureHint', { what: source.what })}
          {...props}
        />
      );
    default:
      return <TextInput label={t('hold.secret')} description={t('hold.ownSecret')} {...props} />;
  }
}
