import { Button } from '@mantine/core';
import { IconAlertTriangle, IconDatabaseExport, IconDownload } from '@tabler/icons-react';
import { api } from '../../api/client';
import { language, useWords } from '../../i18n';
import { moment } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { Chip } from '../../ui/Chip';
import { Cell, Page } from '../../ui/Page';
import { EmptyState, ErrorNote, RowsSkeleton } from '../../ui/States';
import classes from './Backups.module.css';
import { Schedule } from './Schedule';
import './words';

/** «4,2 МБ». */
function weight(bytes: number): string {
  const [value, unit] =
    bytes < 1e6
      ? [bytes / 1e3, 'kilobyte']
      : bytes < 1e9
        ? [bytes / 1e6, 'megabyte']
        : [bytes / 1e9, 'gigabyte'];
  const options = { style: 'unit', unit: unit as string, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(language() === 'ru' ? 'ru-RU' : 'en-GB', options).format(value as number);
}

/** Copies of the whole database: made, listed, taken. */
export default function BackupsPage() {
  const t = useWords('backups');
  const list = api.useQuery(
    'get',
    '/api/v1/backups',
    {},
    {
      refetchInterval: (query) => (query.state.data?.items.some((one) => one.making) ? 2_000 : false),
    },
  );
  const make = api.useMutation('post', '/api/v1/backups', {
    onSuccess: () => {
      tell(t('making'));
      void list.refetch();
    },
    onError: tellProblem,
  });
  const button = (
    <Button loading={make.isPending} onClick={() => make.mutate({})}>
      {t('make')}
    </Button>
  );
  const items = list.data?.items;
  return (
    <Page title={t('title')} actions={items?.length ? button : undefined}>
      {list.data?.failure && (
        <p className={classes.failure} role="alert">
          <IconAlertTriangle size={20} aria-hidden />
          <span>
            <b>{t('failed', { at: moment(list.data.failure.at) })}</b> {list.data.failure.why}
          </span>
        </p>
      )}
      {list.error ? (
        <ErrorNote problem={list.error} retry={() => void list.refetch()} />
      ) : !items ? (
        <RowsSkeleton rows={3} />
      ) : items.length === 0 ? (
        <EmptyState
          icon={<IconDatabaseExport size={22} />}
          title={t('empty')}
          hint={t('emptyHint')}
          action={button}
        />
      ) : (
        <Cell span={8}>
          <Card bare title={t('list')} subtitle={t('hint')}>
            <ul className={classes.list}>
              {items.map((one) => (
                <li key={one.name}>
                  <b>{one.name}</b>
                  <span>{weight(one.size)}</span>
                  <Chip tone={one.making ? 'warn' : 'ok'}>{one.making ? t('inWork') : t('ready')}</Chip>
                  <Button
                    component="a"
                    href={`/api/v1/backups/${encodeURIComponent(one.name)}/file`}
                    download={one.name}
                    data-disabled={one.making || undefined}
                    variant="default"
                    size="compact-md"
                    leftSection={<IconDownload size={16} />}
                  >
                    {t('common:do.download')}
                  </Button>
                </li>
              ))}
            </ul>
          </Card>
        </Cell>
      )}
      {items && (
        <Cell span={items.length === 0 ? 12 : 4}>
          <Schedule made={() => void list.refetch()} />
        </Cell>
      )}
    </Page>
  );
}
