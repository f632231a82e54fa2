import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useWords } from '../../i18n';
import classes from './Channels.module.css';

/** An address or code with a button that copies it. */
export function Copy({ text }: { text: string }) {
  const t = useWords('channels');
  return (
    <div className={classes.copy}>
      <code>{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? t('common:do.copied') : t('common:do.copy')}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              onClick={copy}
              aria-label={t('common:do.copy')}
            >
              {copied ? <IconCheck size={18} /> : <IconCopy size={18} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </div>
  );
}

/** Where the picture of a QR is. */
export const qrOf = (channel: string, tag?: string, format: 'svg' | 'png' = 'svg'): string => {
  const query = new URLSearchParams({ format });
  if (tag) query.set('tag', tag);
  return `/api/v1/channels/${channel}/qr?${query}`;
};
