import { Drawer } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useWords } from '../i18n';
import classes from './SideSheet.module.css';

type SideSheetProps = {
  opened: boolean;
  close: () => void;
  title: ReactNode;
  actions?: ReactNode;
  width?: number;
  children: ReactNode;
};

/** A short record at the right, with its own address; the whole screen on a phone. */
export function SideSheet({ opened, close, title, actions, width = 480, children }: SideSheetProps) {
  const t = useWords();
  const phone = useMediaQuery('(max-width: 860px)');
  return (
    // By its part: a class on the content itself would colour the whole page behind it as well.
    <Drawer.Root
      opened={opened}
      onClose={close}
      size={phone ? '100%' : width}
      position="right"
      classNames={{ content: classes.sheet }}
    >
      <Drawer.Overlay backgroundOpacity={0.25} />
      <Drawer.Content>
        <Drawer.Header className={classes.head}>
          <Drawer.Title className={classes.title}>{title}</Drawer.Title>
          <div className={classes.actions}>{actions}</div>
          <Drawer.CloseButton aria-label={t('do.close')} />
        </Drawer.Header>
        <Drawer.Body className={classes.body}>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
