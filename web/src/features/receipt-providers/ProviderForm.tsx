import { Button, Collapse, Modal, NumberInput, PasswordInput, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api, Problem } from '../../api/client';
import { useWords } from '../../i18n';
import { tell } from '../../lib/notify';
import { FormTrouble, fieldTrouble } from '../../ui/FormTrouble';
import classes from './Providers.module.css';
import type { Provider } from './ProvidersPage';

const KINDS = ['proverkacheka', 'kkt'] as const;

type ProviderFormProps = { provider?: Provider; close: () => void; done: () => void };

/** A service of checks: which, its token, and how fast it may be asked. */
export function ProviderForm({ provider, close, done }: ProviderFormProps) {
  const t = useWords('receipt-providers');
  const [kind, setKind] = useState<(typeof KINDS)[number]>(provider?.kind ?? 'proverkacheka');
  const [typed, setTyped] = useState({
    name: provider?.name ?? '',
    token: '',
    per_minute: provider?.settings.per_minute ?? 60,
    per_day: provider?.settings.per_day ?? null,
    at_once: provider?.settings.at_once ?? 4,
    address: provider?.settings.address ?? '',
    proxy: provider?.settings.proxy ?? '',
  });
  const [more, setMore] = useState(Boolean(typed.address || typed.proxy));
  const set = (part: Partial<typeof typed>) => setTyped((before) => ({ ...before, ...part }));
  const then = (word: string) => ({
    onSuccess: () => {
      tell(t(word));
      done();
      close();
    },
  });
  const add = api.useMutation('post', '/api/v1/receipt-providers', then('form.added'));
  const change = api.useMutation('patch', '/api/v1/receipt-providers/{id}', then('form.saved'));
  const problem = add.error ?? change.error;
  const known = problem instanceof Problem && Object.keys(problem.fields).length > 0;
  const wrong = (field: string) => fieldTrouble(problem, field) ?? fieldTrouble(problem, `settings.${field}`);
  const save = () => {
    const settings = {
      per_minute: typed.per_minute,
      per_day: typed.per_day ?? undefined,
      at_once: typed.at_once,
      address: typed.address.trim() || undefined,
      proxy: typed.proxy.trim() || undefined,
    };
    const name = typed.name.trim() || t(`kinds.${kind}`);
    if (provider) {
      change.mutate({
        params: { path: { id: provider.id } },
        body: { revision: provider.revision, name, settings, token: typed.token.trim() || undefined },
      });
    } else add.mutate({ body: { kind, name, settings, token: typed.token.trim() } });
  };
  return (
    <Modal opened onClose={close} title={provider ? t('form.edit', { name: provider.name }) : t('form.add')}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {!known && <FormTrouble problem={problem} />}
        {!provider && (
          <Select
            label={t('form.kind')}
            description={t(`kindHints.${kind}`)}
            data={KINDS.map((value) => ({ value, label: t(`kinds.${value}`) }))}
            value={kind}
            onChange={(chosen) => chosen && setKind(chosen as typeof kind)}
            allowDeselect={false}
          />
        )}
        <TextInput
          label={t('form.name')}
          placeholder={t(`kinds.${kind}`)}
          value={typed.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          error={wrong('name')}
        />
        <PasswordInput
          label={t('form.token')}
          description={provider?.has_token ? t('form.tokenKept') : undefined}
          value={typed.token}
          onChange={(event) => set({ token: event.currentTarget.value })}
          error={wrong('token')}
          autoComplete="off"
          required={!provider}
        />
        <div className={classes.pair}>
          <NumberInput
            label={t('form.perMinute')}
            description={t('form.perMinuteHint')}
            value={typed.per_minute}
            onChange={(many) => set({ per_minute: Number(many) || 1 })}
            min={1}
            allowDecimal={false}
            error={wrong('per_minute')}
          />
          <NumberInput
            label={t('form.perDay')}
            description={t('form.perDayHint')}
            value={typed.per_day ?? ''}
            onChange={(many) => set({ per_day: many === '' ? null : Number(many) })}
            min={1}
            allowDecimal={false}
            thousandSeparator={'\u00a0'}
            error={wrong('per_day')}
          />
        </div>
        <Button variant="subtle" size="compact-sm" onClick={() => setMore(!more)} aria-expanded={more}>
          {t('form.more')}
        </Button>
        <Collapse expanded={more}>
          <div className={classes.form}>
            <NumberInput
              label={t('form.atOnce')}
              value={typed.at_once}
              onChange={(many) => set({ at_once: Number(many) || 1 })}
              min={1}
              allowDecimal={false}
              error={wrong('at_once')}
            />
            <TextInput
              label={t('form.address')}
              description={t('form.addressHint')}
              placeholder="https://"
              value={typed.address}
              onChange={(event) => set({ address: event.currentTarget.value })}
              error={wrong('address')}
            />
            <TextInput
              label={t('form.proxy')}
              placeholder="http://"
              value={typed.proxy}
              onChange={(event) => set({ proxy: event.currentTarget.value })}
              error={wrong('proxy')}
            />
          </div>
        </Collapse>
        <div className={classes.ends}>
          <Button variant="default" onClick={close}>
            {t('do.cancel', { ns: 'common' })}
          </Button>
          <Button type="submit" loading={add.isPending || change.isPending}>
            {provider ? t('do.save', { ns: 'common' }) : t('form.connect')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
