import {
  IconAppWindow,
  IconArrowForwardUp,
  IconBolt,
  IconBuildingStore,
  IconClockPause,
  IconCoins,
  IconFileCheck,
  IconFlag,
  IconGitBranch,
  IconHeadset,
  IconMessage2,
  IconMessages,
  IconPhoto,
  IconQrcode,
  IconQuestionMark,
  IconReceipt2,
  IconShoppingBag,
  IconTag,
  IconTicket,
  IconTrophy,
  IconUserCheck,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import classes from './Canvas.module.css';

type Icon = ComponentType<{ size?: number; stroke?: number }>;
/** The colour of a kind of step: `data-hue` in the styles. */
type Look = { icon: Icon; hue: 'talk' | 'ask' | 'person' | 'logic' | 'pause' | 'launch' | 'does' | 'show' };

const LOOKS: Record<string, Look> = {
  say: { icon: IconMessage2, hue: 'talk' },
  media: { icon: IconPhoto, hue: 'talk' },
  choose: { icon: IconMessages, hue: 'talk' },
  ask: { icon: IconQuestionMark, hue: 'ask' },
  hand_off: { icon: IconHeadset, hue: 'person' },
  branch: { icon: IconGitBranch, hue: 'logic' },
  wait: { icon: IconClockPause, hue: 'pause' },
  goto: { icon: IconArrowForwardUp, hue: 'pause' },
  end: { icon: IconFlag, hue: 'pause' },
  trigger: { icon: IconQrcode, hue: 'launch' },
  set: { icon: IconTag, hue: 'does' },
  act: { icon: IconBolt, hue: 'does' },
  show: { icon: IconAppWindow, hue: 'show' },
};
const OF_NOUN: Record<string, Icon> = {
  loyalty: IconCoins,
  contact: IconUserCheck,
  consent: IconFileCheck,
  counter: IconBuildingStore,
  promo: IconTicket,
  draws: IconTrophy,
  deals: IconReceipt2,
  deal: IconReceipt2,
  catalogue: IconShoppingBag,
};

/** The coloured square of a kind; of actions and screens by their capability. */
export function KindIcon({ kind, word, large }: { kind: string; word?: string; large?: boolean }) {
  const look = LOOKS[kind] ?? LOOKS.say!;
  const noun = word?.split('.')[0] ?? '';
  const Icon = OF_NOUN[noun] ?? look.icon;
  return (
    <span className={classes.icon} data-hue={look.hue} data-large={large || undefined} aria-hidden>
      <Icon size={large ? 18 : 14} stroke={1.8} />
    </span>
  );
}
