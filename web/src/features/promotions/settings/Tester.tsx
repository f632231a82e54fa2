import { Alert, Button, SegmentedControl, Textarea } from '@mantine/core';
import { useState } from 'react';
import { api } from '../../../api/client';
import type { components } from '../../../api/schema';
import { language, useWords } from '../../../i18n';
import type { Promotion, Terms } from '../../../lib/promotions';
import { Card } from '../../../ui/Card';
import { Chip } from '../../../ui/Chip';
import { FormTrouble } from '../../../ui/FormTrouble';
import classes from './Settings.module.css';

type Goods = components['schemas']['TriedGoods'];

const COLOURS = { accept: 'mint', person: 'honey', refuse: 'cranberry' } as const;
const TONES = { needed: 'ok', banned: 'bad', doubt: 'warn', plain: 'plain' } as const;

const kindOf = (goods: Goods): keyof typeof TONES => {
  if (goods.banned === 'yes') return 'banned';
  if (goods.banned === 'doubt') return 'doubt';
  return goods.needed === 'no' ? 'plain' : 'needed';
};

/** The JSON of a receipt, if it is any. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Names of goods or a whole receipt, judged by the settings as they stand on the page, saved or not. */
export function Tester({ promotion, terms }: { promotion: Promotion; terms: Terms }) {
  const t = useWords('promotion-settings');
  const [what, setWhat] = useState<'names' | 'receipt'>('names');
  const [typed, setTyped] = useState({ names: '', receipt: '' });
  const [bad, setBad] = useState(false);
  const trial = api.useMutation('post', '/api/v1/promotions/{id}/try');
  const text = typed[what].trim();
  const ru = language() === 'ru';
  const run = () => {
    setBad(false);
    const lines = text.split('\n').map((line) => line.trim());
    const names = what === 'names' ? lines.filter(Boolean).slice(0, 200) : [];
    const document = what === 'receipt' ? parsed(text) : undefined;
    if (what === 'receipt' && document === undefined) {
      setBad(true);
      return;
    }
    trial.mutate({
      params: { path: { id: promotion.id } },
      body: { names, document: document as never, terms: terms as never },
    });
  };
  const found = trial.data;
  const verdict = found?.verdict;
  return (
    <Card title={t('tester.title')} subtitle={t('tester.hint')}>
      <form
        className={classes.fields}
        onSubmit={(event) => {
          event.preventDefault();
          run();
        }}
      >
        <SegmentedControl
          value={what}
          onChange={(chosen) => {
            setWhat(chosen as typeof what);
            trial.reset();
          }}
          data={[
            { value: 'names', label: t('tester.names') },
            { value: 'receipt', label: t('tester.receipt') },
          ]}
          aria-label={t('tester.what')}
          fullWidth
        />
        <Textarea
          label={t(`tester.${what}`)}
          description={t(`tester.${what}Hint`)}
          placeholder={t(`tester.${what}Example`)}
          value={typed[what]}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setTyped((before) => ({ ...before, [what]: value }));
          }}
          error={bad && what === 'receipt' ? t('tester.notJson') : undefined}
          autosize
          minRows={4}
          maxRows={12}
        />
        <FormTrouble problem={trial.error} />
        <div>
          <Button type="submit" variant="default" disabled={!text} loading={trial.isPending}>
            {t('tester.run')}
          </Button>
        </div>
        <div aria-live="polite" className={classes.fields}>
          {verdict && (
            <Alert color={COLOURS[verdict.outcome]} title={t(`tester.verdict.${verdict.outcome}`)}>
              {[ru ? verdict.ru : verdict.en, verdict.details].filter(Boolean).join(': ')}
            </Alert>
          )}
          {found?.seller && (
            <p className={classes.note}>
              {[found.seller.place || found.seller.name, found.seller.inn].filter(Boolean).join(' · ')}
            </p>
          )}
          {found && found.goods.length > 0 && (
            <ul className={classes.found}>
              {found.goods.map((one, at) => {
                const kind = kindOf(one);
                return (
                  // biome-ignore lint/suspicious/noArrayIndexKey: equal lines are normal
                  <li key={at}>
                    <span>
                      {one.name}
                      {one.banned !== 'no' && <small>{ru ? one.why_ru : one.why_en}</small>}
                    </span>
                    <Chip tone={TONES[kind]}>{t(`tester.kinds.${kind}`)}</Chip>
                  </li>
                );
              })}
            </ul>
          )}
        </div>
      </form>
    </Card>
  );
}
