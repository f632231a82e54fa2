import { Anchor, Button, Textarea, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { money, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { confirm } from '../../ui/confirm';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import { SideSheet } from '../../ui/SideSheet';
import classes from './Draws.module.css';
import { type Draw, Facts, useAgain, useIds, useMoment, type Winner } from './parts';
import { WinnerChip } from './Winners';

/** A winner until they hold their prize. */
export function WinnerSheet({ winner, draw, close }: { winner: Winner; draw: Draw; close: () => void }) {
  const t = useWords('draws');
  const at = useMoment();
  const events = (
    [
      ['told', winner.told_at],
      ['answered', winner.answered_at],
      ['delivered', winner.delivery_at],
      ['sent', winner.sent_at],
      ['handed', winner.handed_at],
      ['ended', winner.ended_at],
    ] as const
  ).flatMap(([name, when]): [string, string][] => (when ? [[t(`winner.${name}`), at(when)]] : []));
  return (
    <SideSheet opened close={close} title={t('winner.title', { place: winner.place })}>
      <div className={classes.form}>
        <div className={classes.who}>
          <h3>{winner.contact_name || winner.name}</h3>
          <WinnerChip state={winner.state} />
          <p className={classes.note}>
            {winner.prize ? `${winner.prize.name} · ${money(winner.prize.value)}` : t('winners.noPrize')}
            {' · '}
            {t('winners.ticketNo', { n: whole(winner.ticket) })}
          </p>
          <p className={classes.note}>{t('winner.shown', { name: winner.name })}</p>
          <div className={classes.actions}>
            <Anchor component={Link} to={`/contacts/${winner.contact}`} size="sm">
              {t('winner.card')}
            </Anchor>
            <Anchor component={Link} to={`/inbox/${winner.contact}`} size="sm">
              {t('winner.write')}
            </Anchor>
          </div>
        </div>
        {draw.state === 'published' && <Steps winner={winner} />}
        <Delivery winner={winner} />
        {events.length > 0 && (
          <section>
            <h3 className={classes.part}>{t('winner.path')}</h3>
            <Facts facts={events} />
          </section>
        )}
      </div>
    </SideSheet>
  );
}

type PrizeState = components['schemas']['PrizeState'];

const pathOf = (winner: Winner, promotion: string) => ({
  id: promotion,
  draw: winner.draw,
  place: winner.place,
});

function Steps({ winner }: { winner: Winner }) {
  const t = useWords('draws');
  const again = useAgain();
  const [note, setNote] = useState(winner.note);
  const promotion = useIds().id;
  const path = pathOf(winner, promotion);
  const done = {
    onSuccess: () => {
      again();
      tell(t('winner.saved'));
    },
    onError: tellProblem,
  };
  const turn = api.useMutation('put', '/api/v1/promotions/{id}/draws/{draw}/winners/{place}/state', done);
  const to = (state: PrizeState['state']) =>
    turn.mutate({ params: { path }, body: { state, note: note.trim() || undefined } });
  const turning = (state: PrizeState['state']) => turn.isPending && turn.variables?.body.state === state;
  const prize = winner.prize?.name ?? '';
  const name = winner.contact_name || winner.name;
  const handed = async () => {
    const effect = t('winner.handEffect', { prize });
    if (await confirm({ title: t('winner.handTitle'), effect, yes: t('winner.hand'), dangerous: false }))
      to('handed');
  };
  const refused = async () => {
    const effect = t('winner.refuseEffect', { name, prize });
    if (await confirm({ title: t('winner.refuseTitle'), effect, yes: t('winner.refuse') })) to('refused');
  };
  const waits = winner.state === 'drawn' || winner.state === 'told';
  const goes = winner.state === 'accepted' || winner.state === 'sent';
  if (!waits && !goes) return winner.note ? <p className={classes.note}>{winner.note}</p> : null;
  return (
    <section className={classes.form}>
      <Textarea
        label={t('winner.note')}
        description={t('winner.noteHint')}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        autosize
        minRows={2}
        maxLength={500}
      />
      <div className={classes.actions}>
        {waits && (
          <Button onClick={() => to('accepted')} loading={turning('accepted')}>
            {t('winner.accept')}
          </Button>
        )}
        {winner.state === 'accepted' && (
          <Button onClick={() => to('sent')} loading={turning('sent')}>
            {t('winner.send')}
          </Button>
        )}
        {goes && (
          <Button
            variant={winner.state === 'sent' ? 'filled' : 'default'}
            onClick={() => void handed()}
            loading={turning('handed')}
          >
            {t('winner.hand')}
          </Button>
        )}
        <Button
          variant="subtle"
          color="cranberry"
          onClick={() => void refused()}
          loading={turning('refused')}
        >
          {t('winner.refuse')}
        </Button>
      </div>
    </section>
  );
}

function Delivery({ winner }: { winner: Winner }) {
  const t = useWords('draws');
  const again = useAgain();
  const mayChange = useMay('personal_data_see');
  const promotion = useIds().id;
  const [typed, setTyped] = useState(winner.delivery ?? { name: '', phone: '', address: '' });
  const put = api.useMutation('put', '/api/v1/promotions/{id}/draws/{draw}/winners/{place}/delivery', {
    onSuccess: () => {
      again();
      tell(t('winner.saved'));
    },
  });
  if (winner.state === 'reserve') return null;
  const fields = ['name', 'phone', 'address'] as const;
  if (!mayChange) {
    return (
      <section>
        <h3 className={classes.part}>{t('winner.delivery')}</h3>
        {winner.delivery && (
          <Facts facts={fields.map((field) => [t(`winner.${field}`), winner.delivery?.[field] ?? ''])} />
        )}
        <p className={classes.note}>{t('winner.deliveryHidden')}</p>
      </section>
    );
  }
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        put.mutate({ params: { path: pathOf(winner, promotion) }, body: typed });
      }}
    >
      <h3 className={classes.part}>{t('winner.delivery')}</h3>
      {!winner.delivery && <p className={classes.note}>{t('winner.deliveryNone')}</p>}
      <FormTrouble problem={put.error} />
      {fields.map((field) => (
        <TextInput
          key={field}
          label={t(`winner.${field}`)}
          value={typed[field]}
          onChange={(event) => setTyped({ ...typed, [field]: event.currentTarget.value })}
          error={fieldTrouble(put.error, field)}
        />
      ))}
      <Button
        type="submit"
        variant="default"
        loading={put.isPending}
        disabled={fields.every((field) => typed[field] === (winner.delivery?.[field] ?? ''))}
      >
        {t('winner.saveDelivery')}
      </Button>
    </form>
  );
}
