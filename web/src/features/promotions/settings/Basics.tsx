import { ActionIcon, Button, Select, Switch, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { api } from '../../../api/client';
import { useMay, useMe } from '../../../api/session';
import { useWords } from '../../../i18n';
import { endAfter, lastMinute } from '../../../lib/zone';
import { WordingField } from '../../../ui/WordingField';
import { MomentField, type Part, Section } from './parts';
import classes from './Settings.module.css';

/** Name, period, where it takes place, what can be won. */
export function Basics(part: Part) {
  const { draft, change, set, wrong, fixed } = part;
  const t = useWords('promotion-settings');
  const zone = useMe().zone;
  const { terms } = draft;
  return (
    <>
      <Section title={t('basics.title')} subtitle={t('basics.hint', { zone })}>
        <TextInput
          label={t('basics.name')}
          description={t('basics.nameHint')}
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          error={wrong('name')}
          maxLength={120}
        />
        <div className={classes.pair}>
          <MomentField
            label={t('basics.starts')}
            value={draft.starts_at}
            set={(starts_at) => change({ starts_at })}
            disabled={fixed}
            error={wrong('starts_at')}
          />
          <MomentField
            label={t('basics.ends')}
            hint={t(fixed ? 'basics.endsFixed' : 'basics.endsHint')}
            disabled={fixed}
            value={lastMinute(draft.ends_at).toISOString()}
            set={(last) => change({ ends_at: endAfter(last) })}
            error={wrong('ends_at')}
          />
        </div>
        <Channel value={draft.channel_id} set={(channel_id) => change({ channel_id })} />
        <Switch
          label={t('basics.public')}
          description={t('basics.publicHint')}
          checked={terms.public}
          onChange={(event) => set({ public: event.currentTarget.checked })}
        />
        <WordingField
          label={t('basics.about')}
          hint={t('basics.aboutHint')}
          value={terms.about}
          onChange={(about) => set({ about })}
          errors={{ ru: wrong('about.ru'), en: wrong('about.en') }}
        />
      </Section>
      <Section title={t('prizes.title')} subtitle={t('prizes.hint')}>
        <WordingField
          label={t('prizes.text')}
          value={terms.prizes}
          onChange={(prizes) => set({ prizes })}
          errors={{ ru: wrong('prizes.ru'), en: wrong('prizes.en') }}
        />
        <Stages {...part} />
      </Section>
    </>
  );
}

function Channel({ value, set }: { value: string | null; set: (value: string | null) => void }) {
  const t = useWords('promotion-settings');
  const may = useMay('channels_read');
  const channels = api.useQuery(
    'get',
    '/api/v1/channels',
    { params: { query: { limit: 200 } } },
    { enabled: may },
  );
  if (!may) return null;
  return (
    <Select
      label={t('basics.channel')}
      description={t('basics.channelHint')}
      placeholder={t('basics.anyChannel')}
      data={channels.data?.items.map((one) => ({ value: one.id, label: one.name })) ?? []}
      value={value}
      onChange={set}
      clearable
    />
  );
}

/** Days on which something is announced. */
function Stages({ draft, set, wrong }: Part) {
  const t = useWords('promotion-settings');
  const { stages } = draft.terms;
  const put = (at: number, part: Partial<(typeof stages)[number]>) =>
    set({ stages: stages.map((one, place) => (place === at ? { ...one, ...part } : one)) });
  return (
    <div className={classes.rows}>
      {stages.map((stage, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: stages have no other name
        <div key={at} className={classes.row}>
          <WordingField
            line
            label={t('prizes.stage')}
            value={stage.name}
            onChange={(name) => put(at, { name })}
            errors={{ ru: wrong(`stages.${at}.name.ru`), en: wrong(`stages.${at}.name.en`) }}
          />
          <MomentField
            label={t('prizes.stageAt')}
            value={stage.at}
            set={(moment) => put(at, { at: moment })}
            error={wrong(`stages.${at}.at`)}
          />
          <ActionIcon
            aria-label={t('prizes.removeStage')}
            onClick={() => set({ stages: stages.filter((_, place) => place !== at) })}
          >
            <IconTrash size={18} />
          </ActionIcon>
        </div>
      ))}
      <div>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() => set({ stages: [...stages, { name: { ru: '', en: '' }, at: draft.ends_at }] })}
        >
          {t('prizes.addStage')}
        </Button>
      </div>
    </div>
  );
}
