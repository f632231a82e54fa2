import './words';
import { Button, Menu, SegmentedControl } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMay } from '../../api/session';
import { language, useWords } from '../../i18n';
import { PromotionPage } from '../../ui/PromotionPage';
import { Live } from './Live';
import classes from './Numbers.module.css';
import { Path } from './Path';
import { People } from './People';
import { Purchases } from './Purchases';

const VIEWS = ['now', 'path', 'purchases', 'people'] as const;
type View = (typeof VIEWS)[number];

const TABLES = ['days', 'reasons', 'goods', 'hours', 'regions', 'shops'] as const;

/** What goes on in a promotion, and what is learnt from its receipts. */
export default function NumbersPage() {
  const t = useWords('promoNumbers');
  const go = useNavigate();
  const mayExport = useMay('exports_make');
  const asked = (useSearch({ strict: false }) as { view?: View }).view;
  const view = asked && VIEWS.includes(asked) ? asked : 'now';
  return (
    <PromotionPage tab="numbers" actions={({ id }) => mayExport && <Files id={id} />}>
      {({ id }) => (
        <>
          <div className={classes.views}>
            <SegmentedControl
              aria-label={t('view.label')}
              value={view}
              onChange={(next) => void go({ to: '.', search: { view: next } as never, replace: true })}
              data={VIEWS.map((value) => ({ value, label: t(`view.${value}`) }))}
            />
          </div>
          {view === 'now' && <Live id={id} />}
          {view === 'path' && <Path id={id} />}
          {view === 'purchases' && <Purchases id={id} />}
          {view === 'people' && <People id={id} />}
        </>
      )}
    </PromotionPage>
  );
}

/** The numbers as tables. */
function Files({ id }: { id: string }) {
  const t = useWords('promoNumbers');
  const to = (name: string, format: string) =>
    `/api/v1/promotions/${id}/numbers/tables/${name}?${new URLSearchParams({ format, locale: language() })}`;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={16} />}>
          {t('files.title')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {TABLES.map((name) => (
          <Menu.Item key={name} component="a" href={to(name, 'xlsx')} download>
            {t(`files.${name}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        {TABLES.map((name) => (
          <Menu.Item key={name} component="a" href={to(name, 'csv')} download>
            {t(`files.${name}`)} · {t('files.csv')}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
