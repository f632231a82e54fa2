import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useWords } from '../../../i18n';
import type { Shop } from '../../../lib/promotions';
import { type Part, Section } from './parts';
import classes from './Settings.module.css';

const FIELDS = ['inn', 'note', 'name', 'address'] as const;

/** Whose receipts take part. */
export function Shops({ draft, set, wrong }: Part) {
  const t = useWords('promotion-settings');
  const { shops } = draft.terms;
  const put = (at: number, part: Shop) =>
    set({ shops: shops.map((one, place) => (place === at ? { ...one, ...part } : one)) });
  return (
    <Section title={t('shops.title')} subtitle={t(shops.length ? 'shops.hint' : 'shops.any')}>
      <div className={classes.rows}>
        {shops.map((shop, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: shops have no other name
          <div key={at} className={classes.row}>
            {FIELDS.map((field) => (
              <TextInput
                key={field}
                label={t(`shops.${field}`)}
                placeholder={t(`shops.example.${field}`)}
                value={shop[field] ?? ''}
                onChange={(event) => put(at, { [field]: event.currentTarget.value })}
                inputMode={field === 'inn' ? 'numeric' : undefined}
                error={wrong(`shops.${at}.${field}`) ?? (field === 'inn' ? wrong(`shops.${at}`) : undefined)}
              />
            ))}
            <ActionIcon
              aria-label={t('shops.remove')}
              onClick={() => set({ shops: shops.filter((_, place) => place !== at) })}
            >
              <IconTrash size={18} />
            </ActionIcon>
          </div>
        ))}
      </div>
      <div className={classes.tools}>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} />}
          onClick={() => set({ shops: [...shops, {}] })}
        >
          {t('shops.add')}
        </Button>
        <span className={classes.note}>{t('shops.learn')}</span>
      </div>
    </Section>
  );
}
