import { Button } from '@mantine/core';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { span } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import { Card } from '../../ui/Card';
import { confirm } from '../../ui/confirm';
import classes from './Draws.module.css';
import { type Draw, useAgain } from './parts';

const HOUR = 3_600;

/** The winners are known to the staff, and to nobody else yet. */
export function Held({ draw }: { draw: Draw }) {
  const t = useWords('draws');
  const again = useAgain();
  const rules = api.useQuery('get', '/api/v1/prize-rules');
  const publish = api.useMutation('post', '/api/v1/promotions/{id}/draws/{draw}/publish', {
    onSuccess: () => {
      again();
      tell(t('held.done'));
    },
    onError: tellProblem,
  });
  const start = async () => {
    const sure = await confirm({
      title: t('held.confirm', { name: draw.name }),
      effect: t('held.effect', {
        count: draw.held?.winners ?? 0,
        span: span((rules.data?.answer_hours ?? 72) * HOUR),
      }),
      yes: t('held.publish'),
      dangerous: false,
    });
    if (sure) publish.mutate({ params: { path: { id: draw.promotion, draw: draw.id } } });
  };
  return (
    <Card title={t('held.title')} subtitle={t('held.hint')}>
      <div className={classes.actions}>
        <Button onClick={() => void start()} loading={publish.isPending}>
          {t('held.publish')}
        </Button>
      </div>
    </Card>
  );
}
