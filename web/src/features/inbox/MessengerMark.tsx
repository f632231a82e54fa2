import { IconBrandTelegram, IconBrandVk, IconMessageCircle, IconWorld } from '@tabler/icons-react';
import { useWords } from '../../i18n';
import classes from './Row.module.css';

const KNOWN = ['telegram', 'webchat', 'vk', 'max'] as const;

/** The name of a messenger for people. */
export function useMessengerName() {
  const t = useWords('inbox');
  return (kind: string | null | undefined) => {
    const known = KNOWN.find((one) => one === kind);
    return t(`messenger.${known ?? 'other'}`);
  };
}

/** By which messenger somebody writes: a small mark on their picture. */
export function MessengerMark({ kind }: { kind?: string | null }) {
  const name = useMessengerName();
  const Icon =
    kind === 'telegram'
      ? IconBrandTelegram
      : kind === 'vk'
        ? IconBrandVk
        : kind === 'webchat'
          ? IconWorld
          : IconMessageCircle;
  return (
    <span className={classes.mark} data-kind={kind ?? 'other'} role="img" aria-label={name(kind)}>
      <Icon size={12} stroke={2} />
    </span>
  );
}
