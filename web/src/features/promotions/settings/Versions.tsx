import { Button } from '@mantine/core';
import { api } from '../../../api/client';
import { useMe } from '../../../api/session';
import { useWords } from '../../../i18n';
import { moment } from '../../../lib/format';
import type { Promotion, Terms } from '../../../lib/promotions';
import { Card } from '../../../ui/Card';
import { confirm } from '../../../ui/confirm';
import classes from './Settings.module.css';

/** The settings as they once were: a refusal names its version. */
export function Versions({ promotion, restore }: { promotion: Promotion; restore: (terms: Terms) => void }) {
  const t = useWords('promotion-settings');
  const zone = useMe().zone;
  const versions = api.useQuery('get', '/api/v1/promotions/{id}/versions', {
    params: { path: { id: promotion.id } },
  });
  const back = async (version: number, terms: Terms) => {
    const sure = await confirm({
      title: t('versions.askTitle', { version }),
      effect: t('versions.askEffect'),
      yes: t('versions.take'),
      dangerous: false,
    });
    if (sure) restore(terms);
  };
  if (!versions.data) return null;
  return (
    <Card title={t('versions.title')} subtitle={t('versions.hint')}>
      <ul className={classes.versions}>
        {versions.data.map((one) => (
          <li key={one.version}>
            <span>
              {t('versions.one', { version: one.version })}{' '}
              <span className={classes.note}>
                {moment(one.created_at, zone)} · {t(`versions.actors.${one.actor.split('_')[0]}`)}
              </span>
            </span>
            {one.version === promotion.version ? (
              <span className={classes.note}>{t('versions.now')}</span>
            ) : (
              <Button
                variant="subtle"
                size="compact-sm"
                onClick={() => void back(one.version, one.terms as unknown as Terms)}
              >
                {t('versions.take')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
