import { Anchor, Button, Code, CopyButton, Spoiler } from '@mantine/core';
import { IconCopy, IconDownload } from '@tabler/icons-react';
import { useWords } from '../../i18n';
import type { Promotion } from '../../lib/promotions';
import { Card } from '../../ui/Card';
import { PublicButton } from '../../ui/PublicButton';
import classes from './Draws.module.css';
import type { Draw } from './parts';

/** A long value that is copied as a whole. */
function Copied({ label, value }: { label: string; value: string }) {
  const t = useWords();
  return (
    <div className={classes.copied}>
      <span>{label}</span>
      <code>{value}</code>
      <CopyButton value={value}>
        {({ copied, copy }) => (
          <Button variant="default" size="compact-sm" leftSection={<IconCopy size={14} />} onClick={copy}>
            {copied ? t('do.copied') : t('do.copy')}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}

/** What was announced when the list was frozen. */
export function Announced({ draw, promotion }: { draw: Draw; promotion: Promotion }) {
  const t = useWords('draws');
  const told = draw.announced;
  if (!told) return null;
  return (
    <Card
      title={draw.state === 'frozen' ? t('announced.title') : t('announced.text')}
      subtitle={draw.state === 'frozen' ? t('announced.hint') : undefined}
    >
      <Copied label={t('announced.hash')} value={told.hash} />
      <Copied label={t('announced.list')} value={told.list} />
      {told.excluded > 0 && (
        <p className={classes.note}>{t('announced.excluded', { count: told.excluded })}</p>
      )}
      <Spoiler
        maxHeight={120}
        showLabel={t('announced.text')}
        hideLabel={t('do.close', { ns: 'common' })}
        mt={12}
      >
        <Code block>{told.text}</Code>
      </Spoiler>
      <div className={classes.actions}>
        <PublicButton promotion={promotion} to={`/draws/${draw.id}`} label={t('announced.public')} />
      </div>
    </Card>
  );
}

/** What anybody needs to count it all again. */
export function Files({ draw }: { draw: Draw }) {
  const t = useWords('draws');
  const to = (name: string) => `/api/v1/promotions/${draw.promotion}/draws/${draw.id}/${name}`;
  const { held } = draw;
  return (
    <Card title={t('files.title')} subtitle={t('files.hint')}>
      <div className={classes.actions}>
        {(['protocol', 'list'] as const).map((name) => (
          <Button
            key={name}
            variant="default"
            component="a"
            href={to(name)}
            download
            leftSection={<IconDownload size={16} />}
          >
            {t(`files.${name}`)}
          </Button>
        ))}
      </div>
      <p className={classes.note}>{t('files.verify')}</p>
      <Code block>
        {`samovar draw verify protocol-${draw.id}.json`}
        {`\n  --list list-${draw.id}.tsv`}
      </Code>
      {held && (
        <>
          <Copied label={t('files.seed')} value={held.seed} />
          <Copied label={t('files.key')} value={held.key} />
        </>
      )}
      {draw.announced?.randomness_address && (
        <Anchor href={draw.announced.randomness_address} target="_blank" rel="noreferrer" size="sm">
          {t('hold.open')}
        </Anchor>
      )}
    </Card>
  );
}
