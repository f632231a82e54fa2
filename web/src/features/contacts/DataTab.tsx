import { Button, NumberInput, Select, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, fetcher, Problem } from '../../api/client';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { day } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Chip } from '../../ui/Chip';
import { confirm } from '../../ui/confirm';
import type { Contact } from './model';
import classes from './Sheet.module.css';

type Form = {
  name: string;
  phone: string;
  birthday: string;
  source: string;
  locale: string;
  fields: Record<string, unknown>;
};

const formOf = (contact: Contact): Form => ({
  name: contact.name,
  phone: contact.phone ?? '',
  birthday: contact.birthday ?? '',
  source: contact.source ?? '',
  locale: contact.locale,
  fields: { ...contact.fields },
});

/** What is known of a customer: data and own fields to be changed, consents, chats, merges. */
export function DataTab({ contact }: { contact: Contact }) {
  const mayWrite = useMay('contacts_write');
  const disabled = !mayWrite || Boolean(contact.erased_at);
  return (
    <>
      <DataForm contact={contact} disabled={disabled} />
      <Consents id={contact.id} />
      <Chats id={contact.id} />
      <Merges id={contact.id} mayWrite={mayWrite} />
    </>
  );
}

function DataForm({ contact, disabled }: { contact: Contact; disabled: boolean }) {
  const t = useWords('contacts');
  const client = useQueryClient();
  const maySee = useMay('personal_data_see');
  const known = api.useQuery('get', '/api/v1/contacts/fields');
  const [base, setBase] = useState(contact);
  const [form, setForm] = useState<Form>(() => formOf(contact));
  const changed = JSON.stringify(form) !== JSON.stringify(formOf(base));
  // What somebody else changed comes in while nothing is typed; what is typed stays.
  useEffect(() => {
    if (!changed && contact.revision !== base.revision) {
      setBase(contact);
      setForm(formOf(contact));
    }
  }, [contact, base.revision, changed]);
  const save = api.useMutation('patch', '/api/v1/contacts/{id}', {
    onSuccess: (next) => {
      client.setQueryData(['get', '/api/v1/contacts/{id}', { params: { path: { id: contact.id } } }], next);
      void client.invalidateQueries({ queryKey: ['post', '/api/v1/contacts/search'] });
      void client.invalidateQueries({ queryKey: ['timeline', contact.id] });
      setBase(next);
      setForm(formOf(next));
      tell(t('data.saved'));
    },
  });
  const wrong = save.error instanceof Problem ? save.error : undefined;
  const set = (change: Partial<Form>) => setForm({ ...form, ...change });
  const own = (key: string, value: unknown) => set({ fields: { ...form.fields, [key]: value } });
  const submit = () => {
    const was = formOf(base);
    const fields: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(form.fields)) {
      if (JSON.stringify(value) !== JSON.stringify(was.fields[key]))
        fields[key] = value === '' ? null : value;
    }
    const said = (key: 'name' | 'phone' | 'birthday' | 'source') =>
      form[key] === was[key] ? {} : { [key]: form[key] || null };
    const locale = form.locale === was.locale ? {} : { locale: form.locale };
    const body = {
      revision: base.revision,
      fields,
      ...said('name'),
      ...said('phone'),
      ...said('birthday'),
      ...said('source'),
      ...locale,
    };
    save.mutate({ params: { path: { id: contact.id } }, body: body as never });
  };
  const named = known.data?.fields ?? [];
  const others = Object.keys(form.fields).filter((key) => named.every((field) => field.key !== key));
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextInput
        label={t('data.name')}
        value={form.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        error={wrong?.fields.name}
        disabled={disabled}
      />
      <TextInput
        label={t('data.phone')}
        type="tel"
        value={form.phone}
        onChange={(event) => set({ phone: event.currentTarget.value })}
        error={wrong?.fields.phone}
        disabled={disabled || !maySee}
        description={maySee ? undefined : t('data.masked')}
      />
      <TextInput
        label={t('data.birthday')}
        type="date"
        value={form.birthday}
        onChange={(event) => set({ birthday: event.currentTarget.value })}
        error={wrong?.fields.birthday}
        disabled={disabled || !maySee}
      />
      <Select
        label={t('data.locale')}
        value={form.locale}
        allowDeselect={false}
        data={[
          { value: 'ru', label: t('data.ru') },
          { value: 'en', label: t('data.en') },
        ]}
        onChange={(locale) => set({ locale: locale ?? form.locale })}
        disabled={disabled}
      />
      <TextInput
        label={t('data.source')}
        value={form.source}
        onChange={(event) => set({ source: event.currentTarget.value })}
        error={wrong?.fields.source}
        disabled={disabled}
      />
      {named.map((field) => {
        const value = form.fields[field.key];
        const error = wrong?.fields[`fields.${field.key}`];
        if (field.kind === 'number') {
          return (
            <NumberInput
              key={field.key}
              label={field.title}
              value={typeof value === 'number' ? value : ''}
              onChange={(next) => own(field.key, typeof next === 'number' ? next : null)}
              error={error}
              disabled={disabled}
            />
          );
        }
        if (field.kind === 'choice' || field.kind === 'flag') {
          const data =
            field.kind === 'flag'
              ? [
                  { value: 'true', label: t('data.yes') },
                  { value: 'false', label: t('data.no') },
                ]
              : (field.choices ?? []);
          const read = (next: string | null) =>
            next === null ? null : field.kind === 'flag' ? next === 'true' : next;
          return (
            <Select
              key={field.key}
              label={field.title}
              data={data}
              value={value === undefined || value === null ? null : String(value)}
              onChange={(next) => own(field.key, read(next))}
              clearable
              error={error}
              disabled={disabled}
            />
          );
        }
        return (
          <TextInput
            key={field.key}
            label={field.title}
            type={field.kind === 'date' ? 'date' : 'text'}
            value={value === undefined || value === null ? '' : String(value)}
            onChange={(event) => own(field.key, event.currentTarget.value)}
            error={error}
            disabled={disabled}
          />
        );
      })}
      {others.map((key) => (
        <TextInput
          key={key}
          label={key}
          value={String(form.fields[key] ?? '')}
          onChange={(event) => own(key, event.currentTarget.value)}
          error={wrong?.fields[`fields.${key}`]}
          disabled={disabled}
        />
      ))}
      {wrong && Object.keys(wrong.fields).length === 0 && <p className={classes.bad}>{wrong.message}</p>}
      {changed && (
        <div className={classes.formEnd}>
          <Button
            variant="default"
            onClick={() => {
              setBase(contact);
              setForm(formOf(contact));
              save.reset();
            }}
          >
            {t('do.cancel', { ns: 'common' })}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t('data.save')}
          </Button>
        </div>
      )}
    </form>
  );
}

function Consents({ id }: { id: string }) {
  const t = useWords('contacts');
  const consents = api.useQuery('get', '/api/v1/contacts/{id}/consents', { params: { path: { id } } });
  return (
    <div className={classes.section}>
      <h3>{t('data.consents')}</h3>
      {consents.data?.length === 0 && <p className={classes.note}>{t('data.noConsents')}</p>}
      {consents.data?.map((one) => (
        <div key={one.id} className={classes.line}>
          <span>
            {t(`purposes.${one.purpose}`, { defaultValue: one.purpose })}{' '}
            <span className={classes.note}>{t('data.version', { version: one.version })}</span>
          </span>
          <Chip tone={one.revoked_at ? 'plain' : 'ok'}>
            {one.revoked_at
              ? t('data.ended', { day: day(one.revoked_at) })
              : t('data.given', { day: day(one.given_at) })}
          </Chip>
        </div>
      ))}
    </div>
  );
}

function Chats({ id }: { id: string }) {
  const t = useWords('contacts');
  const mayChannels = useMay('channels_read');
  const identities = api.useQuery('get', '/api/v1/contacts/{id}/identities', { params: { path: { id } } });
  const channels = api.useQuery('get', '/api/v1/channels', {}, { enabled: mayChannels });
  const list = (channels.data as { items?: { id: string; name: string }[] } | undefined)?.items ?? [];
  return (
    <div className={classes.section}>
      <h3>{t('data.channels')}</h3>
      {identities.data?.length === 0 && <p className={classes.note}>{t('data.noChannels')}</p>}
      {identities.data?.map((one) => (
        <div key={`${one.channel_id}:${one.external_id}`} className={classes.line}>
          <span>
            {list.find((channel) => channel.id === one.channel_id)?.name ?? one.name}
            {one.handle && <span className={classes.note}> @{one.handle}</span>}
          </span>
          {one.blocked_at ? (
            <Chip tone="warn">{t('blocked')}</Chip>
          ) : (
            <span className={classes.note}>{t('data.given', { day: day(one.created_at) })}</span>
          )}
        </div>
      ))}
    </div>
  );
}

function Merges({ id, mayWrite }: { id: string; mayWrite: boolean }) {
  const t = useWords('contacts');
  const client = useQueryClient();
  const merges = api.useQuery('get', '/api/v1/contacts/{id}/merges', { params: { path: { id } } });
  const standing = merges.data?.filter((one) => !one.undone_at) ?? [];
  if (standing.length === 0) return null;
  const undo = async (merge: string) => {
    if (
      !(await confirm({
        title: t('merge.undoTitle'),
        effect: t('merge.undoEffect'),
        yes: t('merge.undo'),
        dangerous: false,
      }))
    )
      return;
    await fetcher.POST('/api/v1/merges/{id}/undo', { params: { path: { id: merge } } });
    void client.invalidateQueries({
      predicate: ({ queryKey }) =>
        String(queryKey[1]).startsWith('/api/v1/contacts') || queryKey[0] === 'timeline',
    });
    tell(t('merge.undone'));
  };
  return (
    <div className={classes.section}>
      {standing.map((one) => (
        <div key={one.id} className={classes.line}>
          <span>
            {t('merge.was', { name: one.gone_name || t('noName') })}
            <br />
            <span className={classes.note}>{day(one.made_at)}</span>
          </span>
          {mayWrite && (
            <Button variant="subtle" size="xs" onClick={() => void undo(one.id).catch(tellProblem)}>
              {t('merge.undo')}
            </Button>
          )}
        </div>
      ))}
    </div>
  );
}
