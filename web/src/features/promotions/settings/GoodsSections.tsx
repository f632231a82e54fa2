import { Button, Select, Switch } from '@mantine/core';
import { fetcher } from '../../../api/client';
import { useWords } from '../../../i18n';
import { tellProblem } from '../../../lib/notify';
import type { Goods } from '../../../lib/promotions';
import { Amount, type Part, Section, WordsField } from './parts';
import classes from './Settings.module.css';

/** What must be bought. */
export function NeededGoods({ draft, set, wrong }: Part) {
  const t = useWords('promotion-settings');
  const { minimum, needed, limits } = draft.terms;
  const some = needed.goods.words.length > 0 || needed.goods.gtins.length > 0;
  return (
    <Section title={t('needed.title')} subtitle={t('needed.hint')}>
      <div className={classes.pair}>
        <Amount
          label={t('needed.minimum')}
          hint={t('needed.minimumHint')}
          value={minimum.sum ? minimum.sum / 100 : undefined}
          set={(sum) => set({ minimum: { ...minimum, sum: Math.round((sum ?? 0) * 100) } })}
          unit="₽"
          decimals={2}
          error={wrong('minimum.sum')}
        />
        <Select
          label={t('needed.of')}
          data={(['receipt', 'needed_goods'] as const).map((value) => ({
            value,
            label: t(`needed.ofWhat.${value}`),
          }))}
          value={minimum.of}
          onChange={(of) => of && set({ minimum: { ...minimum, of: of as typeof minimum.of } })}
          allowDeselect={false}
          error={wrong('minimum.of')}
        />
      </div>
      <GoodsFields
        goods={needed.goods}
        set={(goods) => set({ needed: { ...needed, goods } })}
        wrong={(field) => wrong(`needed.goods.${field}`)}
        hint={t('needed.words')}
      />
      {some && (
        <Amount
          label={t('needed.quantity')}
          hint={t('needed.quantityHint')}
          value={needed.quantity / 1000}
          set={(many) => set({ needed: { ...needed, quantity: Math.round((many ?? 0) * 1000) } })}
          decimals={3}
          error={wrong('needed.quantity')}
        />
      )}
      <div className={classes.pair}>
        <Amount
          label={t('needed.person')}
          hint={t('needed.personHint')}
          value={limits.person}
          set={(person) => set({ limits: { ...limits, person: person ?? 0 } })}
          error={wrong('limits.person')}
        />
        <Amount
          label={t('needed.day')}
          hint={t('needed.dayHint')}
          value={limits.day}
          set={(day) => set({ limits: { ...limits, day: day ?? null } })}
          error={wrong('limits.day')}
        />
      </div>
    </Section>
  );
}

/** What must not be bought. */
export function BannedGoods({ draft, set, wrong }: Part) {
  const t = useWords('promotion-settings');
  const { banned } = draft.terms;
  const put = (part: Partial<typeof banned>) => set({ banned: { ...banned, ...part } });
  const own = banned.excise_words;
  const takeLists = async () => {
    const { data } = await fetcher.GET('/api/v1/promotion-words');
    if (data) put({ excise_words: data.excise });
  };
  return (
    <Section title={t('banned.title')} subtitle={t('banned.hint')}>
      <Switch
        label={t('banned.excise')}
        description={t('banned.exciseHint')}
        checked={banned.excise}
        onChange={(event) => put({ excise: event.currentTarget.checked })}
      />
      {banned.excise && (
        <>
          <div className={classes.tools}>
            <Button
              variant="default"
              onClick={() => (own ? put({ excise_words: undefined }) : void takeLists().catch(tellProblem))}
            >
              {t(own ? 'banned.standard' : 'banned.own')}
            </Button>
            <span className={classes.note}>{t(own ? 'banned.ownNow' : 'banned.standardNow')}</span>
          </div>
          {own && (
            <>
              <WordsField
                label={t('banned.exciseWords')}
                hint={t('banned.wordsHint')}
                value={own.words}
                set={(words) => put({ excise_words: { ...own, words } })}
                error={wrong('banned.excise_words.words')}
              />
              <WordsField
                label={t('banned.exciseExcept')}
                value={own.except}
                set={(except) => put({ excise_words: { ...own, except } })}
                error={wrong('banned.excise_words.except')}
              />
            </>
          )}
          <Select
            label={t('banned.doubt')}
            description={t('banned.doubtHint')}
            data={(['person', 'allow', 'refuse'] as const).map((value) => ({
              value,
              label: t(`banned.doubts.${value}`),
            }))}
            value={banned.doubt}
            onChange={(doubt) => doubt && put({ doubt: doubt as typeof banned.doubt })}
            allowDeselect={false}
          />
        </>
      )}
      <GoodsFields
        goods={banned.goods}
        set={(goods) => put({ goods })}
        wrong={(field) => wrong(`banned.goods.${field}`)}
        hint={t('banned.words')}
      />
      <Select
        label={t('banned.effect')}
        data={(['refuse', 'leave_out'] as const).map((value) => ({
          value,
          label: t(`banned.effects.${value}`),
        }))}
        value={banned.effect}
        onChange={(effect) => effect && put({ effect: effect as typeof banned.effect })}
        allowDeselect={false}
      />
    </Section>
  );
}

function GoodsFields({
  goods,
  set,
  wrong,
  hint,
}: {
  goods: Goods;
  set: (goods: Goods) => void;
  wrong: (field: string) => string | undefined;
  hint: string;
}) {
  const t = useWords('promotion-settings');
  return (
    <>
      <WordsField
        label={hint}
        hint={t('goods.wordsHint')}
        placeholder={t('goods.wordsExample')}
        value={goods.words}
        set={(words) => set({ ...goods, words })}
        error={wrong('words')}
      />
      {goods.words.length > 0 && (
        <WordsField
          label={t('goods.except')}
          hint={t('goods.exceptHint')}
          value={goods.except}
          set={(except) => set({ ...goods, except })}
          error={wrong('except')}
        />
      )}
      <WordsField
        label={t('goods.gtins')}
        hint={t('goods.gtinsHint')}
        value={goods.gtins}
        set={(gtins) => set({ ...goods, gtins })}
        error={wrong('gtins')}
      />
    </>
  );
}
