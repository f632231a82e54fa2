import { Button, Modal, Popover } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconFilter } from '@tabler/icons-react';
import { Suspense, useState } from 'react';
import { useWords } from '../../i18n';
import { behind } from '../../lib/behind';
import { useSaid } from '../../ui/condition/say';
import { sentencesIn } from '../../ui/condition/tree';
import type { Asked } from './model';

const FilterPanel = behind(() => import('./FilterPanel'), 'FilterPanel');

/** The filter in plain words, built in a popover; it lives in the address of the page. */
export function FilterButton({ asked, change }: { asked: Asked; change: (next: Partial<Asked>) => void }) {
  const t = useWords('contacts');
  const [opened, setOpened] = useState(false);
  const phone = useMediaQuery('(max-width: 860px)');
  const count = sentencesIn(asked.f);
  const said = useSaid();
  const button = (
    <Button
      variant={count > 0 ? 'light' : 'default'}
      leftSection={<IconFilter size={17} />}
      title={count > 0 ? said(asked.f) : undefined}
      onClick={() => setOpened(!opened)}
    >
      {count > 0 ? t('filterCount', { count }) : t('filter')}
    </Button>
  );
  const panel = opened && (
    <Suspense>
      <FilterPanel asked={asked} change={change} close={() => setOpened(false)} />
    </Suspense>
  );
  if (phone) {
    return (
      <>
        {button}
        <Modal opened={opened} onClose={() => setOpened(false)} title={t('filter')} fullScreen radius={0}>
          {panel}
        </Modal>
      </>
    );
  }
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-start" shadow="md" radius={14} trapFocus>
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown p="md">{panel}</Popover.Dropdown>
    </Popover>
  );
}
