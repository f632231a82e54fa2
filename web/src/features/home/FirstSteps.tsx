import { Button } from '@mantine/core';
import { IconCircle, IconCircleCheckFilled } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { api } from '../../api/client';
import { useWords } from '../../i18n';
import { Card } from '../../ui/Card';
import classes from './Home.module.css';

/** What is still to be done until guests are answered; gone when all of it is done. */
export function FirstSteps({ contacts }: { contacts: number }) {
  const t = useWords('home');
  const channels = api.useQuery('get', '/api/v1/channels', { params: { query: { limit: 50 } } });
  const bots = channels.data?.items.filter((one) => one.audience === 'customers');
  if (!bots) return null;
  const connected = bots.some((one) => one.messenger !== 'webchat');
  const steps = [
    { key: 'bot', done: connected },
    { key: 'scenario', done: bots.some((one) => one.scenarios.length > 0) },
    { key: 'guest', done: contacts > 0 },
  ] as const;
  const left = steps.filter((one) => !one.done).length;
  if (left === 0) return null;
  return (
    <Card
      title={t('start.title')}
      subtitle={t('start.subtitle')}
      aside={
        <Button component={Link} to="/start">
          {left === steps.length ? t('start.go') : t('start.on')}
        </Button>
      }
    >
      <ul className={classes.steps}>
        {steps.map((one) => (
          <li key={one.key} data-done={one.done || undefined}>
            {one.done ? <IconCircleCheckFilled size={20} /> : <IconCircle size={20} />}
            {one.key === 'bot' && one.done ? t('start.botDone') : t(`start.${one.key}`)}
          </li>
        ))}
      </ul>
    </Card>
  );
}
