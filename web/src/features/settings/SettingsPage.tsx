import { Select, Textarea, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, Problem } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import { day } from '../../lib/format';
import { Card } from '../../ui/Card';
import { Cell, Page } from '../../ui/Page';
import { PictureField } from '../../ui/PictureField';
import { SaveBar } from '../../ui/SaveBar';
import { ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Settings.module.css';
import { useTabs } from './tabs';
import './words';

type Tenant = components['schemas']['Tenant'];
type ConsentText = components['schemas']['ConsentText'];

/** The company, and the text its guests agree to. */
export default function SettingsPage() {
  const t = useWords('settings');
  const tabs = useTabs();
  const company = api.useQuery('get', '/api/v1/tenant');
  const texts = api.useQuery('get', '/api/v1/consent-texts');
  const failed = company.error ?? texts.error;
  const again = () => {
    void company.refetch();
    void texts.refetch();
  };
  const consent = texts.data
    ?.filter((one) => one.purpose === 'loyalty')
    .sort((one, other) => other.version - one.version)[0];
  return (
    <Page title={t('title')} tabs={tabs} tab="/settings">
      {failed ? (
        <ErrorNote problem={failed} retry={again} />
      ) : company.data && texts.data ? (
        <Form key={`${company.data.revision}-${consent?.version}`} company={company.data} consent={consent} />
      ) : (
        <RowsSkeleton rows={6} height={64} />
      )}
    </Page>
  );
}

function Form({ company, consent }: { company: Tenant; consent?: ConsentText }) {
  const t = useWords('settings');
  const client = useQueryClient();
  const may = useMay('settings_manage');
  const kept = {
    name: company.name,
    zone: company.zone,
    locale: company.locale,
    policy: company.policy_url ?? '',
    logo: company.logo ?? undefined,
    text: consent?.text ?? '',
  };
  const [now, setNow] = useState(kept);
  const set = (part: Partial<typeof kept>) => setNow((before) => ({ ...before, ...part }));
  const changed = JSON.stringify(now) !== JSON.stringify(kept);
  const update = api.useMutation('patch', '/api/v1/tenant');
  const put = api.useMutation('put', '/api/v1/consent-texts/{purpose}');
  const error = update.error ?? put.error;
  const wrong = error instanceof Problem ? error.fields : {};
  const save = async () => {
    const { name, zone, locale, policy, logo, text } = now;
    await update.mutateAsync({
      body: {
        revision: company.revision,
        name,
        zone,
        locale,
        policy_url: policy.trim() || null,
        logo: logo ?? null,
      },
    });
    if (text !== kept.text) {
      await put.mutateAsync({ params: { path: { purpose: 'loyalty' } }, body: { text } });
    }
    await client.invalidateQueries();
  };
  return (
    <>
      {error && Object.keys(wrong).length === 0 && <ErrorNote problem={error} />}
      <Cell span={6}>
        <Card title={t('company.title')}>
          <div className={classes.form}>
            <TextInput
              label={t('company.name')}
              description={t('company.nameHint')}
              value={now.name}
              disabled={!may}
              error={wrong.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            <Select
              label={t('company.zone')}
              description={t('company.zoneHint')}
              value={now.zone}
              disabled={!may}
              error={wrong.zone}
              searchable
              allowDeselect={false}
              limit={60}
              data={[...new Set([now.zone, ...Intl.supportedValuesOf('timeZone')])]}
              onChange={(zone) => zone && set({ zone })}
            />
            <Select
              label={t('company.locale')}
              description={t('company.localeHint')}
              value={now.locale}
              disabled={!may}
              error={wrong.locale}
              allowDeselect={false}
              data={[
                { value: 'ru', label: t('company.ru') },
                { value: 'en', label: t('company.en') },
              ]}
              onChange={(locale) => locale && set({ locale })}
            />
            <TextInput
              label={t('company.policy')}
              description={t('company.policyHint')}
              placeholder="https://"
              value={now.policy}
              disabled={!may}
              error={wrong.policy_url}
              onChange={(event) => set({ policy: event.currentTarget.value })}
            />
            {may && (
              <PictureField
                label={t('company.logo')}
                hint={t('company.logoHint')}
                ratio="1 / 1"
                value={now.logo}
                onChange={(logo) => set({ logo })}
              />
            )}
          </div>
        </Card>
      </Cell>
      <Cell span={6}>
        <Card
          title={t('consent.title')}
          subtitle={
            consent
              ? t('consent.version', { version: consent.version, day: day(consent.created_at, company.zone) })
              : t('consent.subtitle')
          }
        >
          <div className={classes.form}>
            {!consent && <p className={classes.hint}>{t('consent.none')}</p>}
            <Textarea
              label={t('consent.text')}
              description={t('consent.change')}
              autosize
              minRows={8}
              maxRows={18}
              value={now.text}
              disabled={!may}
              error={wrong.text}
              onChange={(event) => set({ text: event.currentTarget.value })}
            />
          </div>
        </Card>
      </Cell>
      <SaveBar
        changed={changed}
        saving={update.isPending || put.isPending}
        save={() => void save().catch(() => undefined)}
        discard={() => setNow(kept)}
      />
    </>
  );
}
