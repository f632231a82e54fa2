import {
  IconAddressBook,
  IconAlertTriangle,
  IconBuildingStore,
  IconCards,
  IconChartBar,
  IconClipboardList,
  IconCoins,
  IconDatabaseExport,
  IconFileImport,
  IconFilter,
  IconGift,
  IconKey,
  IconLayoutDashboard,
  IconLayoutKanban,
  IconMessages,
  IconPlug,
  IconReceipt,
  IconReceiptTax,
  IconSend,
  IconSettings,
  IconSitemap,
  IconTicket,
  IconUsersGroup,
  IconWallet,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { isServed, rightOf } from '../app/features';

/** A section of the console. `name` is a key of `nav` in the common words. */
export type Section = {
  to: string;
  name: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  /** Stands in the bottom bar of a phone; the rest is under «Ещё». */
  phone?: boolean;
};

/** The rail; `title` is a key of `nav.groups`. What no feature serves is not shown. */
const GROUPS: { title?: 'guests' | 'promotion' | 'trade' | 'manage'; sections: Section[] }[] = [
  {
    sections: [
      { to: '/home', name: 'home', icon: IconLayoutDashboard, phone: true },
      { to: '/inbox', name: 'inbox', icon: IconMessages, phone: true },
      { to: '/contacts', name: 'contacts', icon: IconAddressBook, phone: true },
    ],
  },
  {
    title: 'guests',
    sections: [
      { to: '/till', name: 'till', icon: IconBuildingStore, phone: true },
      { to: '/programme', name: 'programme', icon: IconWallet },
      { to: '/catalogue', name: 'catalogue', icon: IconGift },
      { to: '/card', name: 'card', icon: IconCards },
      { to: '/accruals', name: 'accruals', icon: IconCoins },
      { to: '/segments', name: 'segments', icon: IconFilter },
    ],
  },
  {
    title: 'promotion',
    sections: [
      { to: '/scenarios', name: 'scenarios', icon: IconSitemap, phone: true },
      { to: '/broadcasts', name: 'broadcasts', icon: IconSend },
      { to: '/promotions', name: 'promotions', icon: IconTicket, phone: true },
      { to: '/moderation', name: 'moderation', icon: IconReceipt },
    ],
  },
  {
    title: 'trade',
    sections: [
      { to: '/deals', name: 'deals', icon: IconLayoutKanban },
      { to: '/reports', name: 'reports', icon: IconChartBar },
    ],
  },
  {
    title: 'manage',
    sections: [
      { to: '/channels', name: 'channels', icon: IconPlug },
      { to: '/receipt-providers', name: 'providers', icon: IconReceiptTax },
      { to: '/staff', name: 'staff', icon: IconUsersGroup },
      { to: '/files', name: 'files', icon: IconFileImport },
      { to: '/keys', name: 'keys', icon: IconKey },
      { to: '/audit', name: 'audit', icon: IconClipboardList },
      { to: '/backups', name: 'backups', icon: IconDatabaseExport },
      { to: '/failed', name: 'failed', icon: IconAlertTriangle },
      { to: '/settings', name: 'settings', icon: IconSettings },
    ],
  },
];

/** The groups that somebody with these rights sees. */
export function groupsFor(rights: string[]): typeof GROUPS {
  const shown = ({ to }: Section) => {
    const right = rightOf(to);
    return isServed(to) && (right === undefined || rights.includes(right));
  };
  return GROUPS.map((group) => ({ ...group, sections: group.sections.filter(shown) })).filter(
    (group) => group.sections.length > 0,
  );
}
