import { ActionIcon, Button, NumberInput, Radio, Stack, Switch, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import dayjs from 'dayjs';
import { useState } from 'react';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { tell, tellProblem } from '../../lib/notify';
import { confirm } from '../../ui/confirm';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import { SideSheet } from '../../ui/SideSheet';
import classes from './Draws.module.css';
import { type Draw, type DrawPlan, MomentField, type Source, useAgain } from './parts';

const KINDS = ['drand', 'block', 'figure', 'reveal'] as const;
const HOURS_TO_CHECK = 12;

type PromotionDates = { id: string; starts_at: string; ends_at: string };

/** A draw that has not been planned yet: all tickets of the promotion, the public beacon. */
const fresh = (promotion: PromotionDates): DrawPlan => ({
  name: '',
  from: promotion.starts_at,
  until: promotion.ends_at,
  planned_at: dayjs(promotion.ends_at).add(HOURS_TO_CHECK, 'hour').toISOString(),
  prizes: [{ name: '', count: 1, value: 0 }],
  reserve: 3,
  one_prize: true,
  without_staff: true,
  without_winners: true,
  without: [],
  source: { kind: 'drand' },
});

const planOf = (draw: Draw): DrawPlan => ({
  name: draw.name,
  from: draw.from,
  until: draw.until,
  planned_at: draw.planned_at,
  prizes: draw.prizes,
  reserve: draw.reserve,
  one_prize: draw.one_prize,
  without_staff: draw.without_staff,
  without_winners: draw.without_winners,
  without: draw.without,
  source: draw.source,
});

const sourceOf = (kind: (typeof KINDS)[number], plan: DrawPlan): Source => {
  if (kind === 'block') return { kind, network: 'bitcoin', height: 0 };
  if (kind === 'figure') return { kind, what: '', at: plan.planned_at };
  return { kind };
};

/** The plan of a draw: a new one, or one whose list is not frozen yet. */
export function DrawForm({
  promotion,
  draw,
  close,
}: {
  promotion: PromotionDates;
  draw?: Draw;
  close: () => void;
}) {
  const t = useWords('draws');
  const go = useNavigate();
  const again = useAgain();
  const [plan, setPlan] = useState<DrawPlan>(draw ? planOf(draw) : fresh(promotion));
  const set = (part: Partial<DrawPlan>) => setPlan((before) => ({ ...before, ...part }));
  const done = (saved: Draw) => {
    again();
    close();
    void go({
      to: '/promotions/$id/draws/$draw',
      params: { id: saved.promotion, draw: saved.id } as never,
    });
  };
  const create = api.useMutation('post', '/api/v1/promotions/{id}/draws', { onSuccess: done });
  const change = api.useMutation('put', '/api/v1/promotions/{id}/draws/{draw}', { onSuccess: done });
  const remove = api.useMutation('delete', '/api/v1/promotions/{id}/draws/{draw}', {
    onSuccess: () => {
      again();
      tell(t('form.removed'));
      void go({ to: '/promotions/$id/draws', params: { id: promotion.id } as never });
    },
    onError: tellProblem,
  });
  const trouble = create.error ?? change.error;
  const wrong = (field: string) => fieldTrouble(trouble, field) ?? fieldTrouble(trouble, `plan.${field}`);
  const save = () => {
    if (!draw) create.mutate({ params: { path: { id: promotion.id } }, body: plan });
    else
      change.mutate({
        params: { path: { id: promotion.id, draw: draw.id } },
        body: { revision: draw.revision, plan },
      });
  };
  const erase = async () => {
    if (!draw) return;
    const sure = await confirm({
      title: t('form.removeTitle', { name: draw.name }),
      effect: t('form.removeEffect'),
      yes: t('form.remove'),
    });
    if (sure) remove.mutate({ params: { path: { id: promotion.id, draw: draw.id } } });
  };
  return (
    <SideSheet opened close={close} title={draw ? t('form.edit') : t('form.create')} width={560}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <FormTrouble problem={trouble} />
        <TextInput
          label={t('form.name')}
          description={t('form.nameHint')}
          value={plan.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          error={wrong('name')}
          required
          data-autofocus
        />
        <div className={classes.pair}>
          <MomentField
            label={t('form.from')}
            value={plan.from}
            set={(from) => set({ from })}
            error={wrong('from')}
          />
          <MomentField
            label={t('form.until')}
            value={plan.until}
            set={(until) => set({ until })}
            error={wrong('until')}
          />
        </div>
        <p className={classes.note}>{t('form.periodHint')}</p>
        <MomentField
          label={t('form.planned')}
          hint={t('form.plannedHint')}
          value={plan.planned_at}
          set={(planned_at) => set({ planned_at })}
          error={wrong('planned_at')}
        />
        <Prizes plan={plan} set={set} wrong={wrong} />
        <NumberInput
          label={t('form.reserve')}
          description={t('form.reserveHint')}
          value={plan.reserve ?? 0}
          onChange={(value) => set({ reserve: Number(value) || 0 })}
          min={0}
          max={1000}
          error={wrong('reserve')}
        />
        <Randomness plan={plan} set={set} wrong={wrong} />
        <fieldset className={classes.group}>
          <legend>{t('form.rules')}</legend>
          <Switch
            label={t('form.onePrize')}
            checked={plan.one_prize ?? true}
            onChange={(event) => set({ one_prize: event.currentTarget.checked })}
          />
          <Switch
            label={t('form.withoutStaff')}
            checked={plan.without_staff ?? true}
            onChange={(event) => set({ without_staff: event.currentTarget.checked })}
          />
          <Switch
            label={t('form.withoutWinners')}
            checked={plan.without_winners ?? true}
            onChange={(event) => set({ without_winners: event.currentTarget.checked })}
          />
          <p className={classes.note}>{t('form.rulesHint')}</p>
        </fieldset>
        <div className={classes.ends}>
          {draw && (
            <Button
              variant="subtle"
              color="cranberry"
              onClick={() => void erase()}
              loading={remove.isPending}
            >
              {t('form.remove')}
            </Button>
          )}
          <Button type="submit" loading={create.isPending || change.isPending}>
            {t('form.save')}
          </Button>
        </div>
      </form>
    </SideSheet>
  );
}

type PartProps = {
  plan: DrawPlan;
  set: (part: Partial<DrawPlan>) => void;
  wrong: (field: string) => string | undefined;
};

function Prizes({ plan, set, wrong }: PartProps) {
  const t = useWords('draws');
  const { prizes } = plan;
  const change = (at: number, part: Partial<(typeof prizes)[number]>) =>
    set({ prizes: prizes.map((prize, index) => (index === at ? { ...prize, ...part } : prize)) });
  return (
    <fieldset className={classes.group}>
      <legend>{t('form.prizes')}</legend>
      {prizes.map((prize, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a prize has no other name while it is typed
        <div key={at} className={classes.prize}>
          <TextInput
            label={t('form.prize')}
            value={prize.name}
            onChange={(event) => change(at, { name: event.currentTarget.value })}
            error={wrong(`prizes.${at}.name`) ?? (at === 0 ? wrong('prizes') : undefined)}
            required
          />
          <NumberInput
            label={t('form.pieces')}
            value={prize.count}
            onChange={(value) => change(at, { count: Number(value) || 1 })}
            min={1}
            max={10_000}
            error={wrong(`prizes.${at}.count`)}
          />
          <NumberInput
            label={t('form.worth')}
            value={prize.value / 100}
            onChange={(value) => change(at, { value: Math.round((Number(value) || 0) * 100) })}
            min={0}
            decimalScale={2}
            thousandSeparator={'\u00a0'}
            error={wrong(`prizes.${at}.value`)}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('form.removePrize')}
            disabled={prizes.length === 1}
            onClick={() => set({ prizes: prizes.filter((_, index) => index !== at) })}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </div>
      ))}
      <p className={classes.note}>{t('form.worthHint')}</p>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconPlus size={15} />}
        onClick={() => set({ prizes: [...prizes, { name: '', count: 1, value: 0 }] })}
      >
        {t('form.addPrize')}
      </Button>
    </fieldset>
  );
}

function Randomness({ plan, set, wrong }: PartProps) {
  const t = useWords('draws');
  const { source } = plan;
  return (
    <Radio.Group
      label={t('form.source')}
      value={source.kind}
      onChange={(kind) => set({ source: sourceOf(kind as (typeof KINDS)[number], plan) })}
      error={wrong('source')}
    >
      <Stack gap={10} mt={8}>
        {KINDS.map((kind) => (
          <Radio key={kind} value={kind} label={t(`source.${kind}`)} description={t(`source.${kind}Hint`)} />
        ))}
        {source.kind === 'block' && (
          <NumberInput
            label={t('source.height')}
            description={t('source.heightHint')}
            value={source.height || ''}
            onChange={(value) => set({ source: { ...source, height: Number(value) || 0 } })}
            min={1}
            error={wrong('source.height')}
            required
          />
        )}
        {source.kind === 'figure' && (
          <>
            <TextInput
              label={t('source.what')}
              description={t('source.whatHint')}
              value={source.what}
              onChange={(event) => set({ source: { ...source, what: event.currentTarget.value } })}
              error={wrong('source.what')}
              required
            />
            <MomentField
              label={t('source.at')}
              value={source.at}
              set={(at) => set({ source: { ...source, at } })}
              error={wrong('source.at')}
            />
          </>
        )}
      </Stack>
    </Radio.Group>
  );
}
