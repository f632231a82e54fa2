import { useWords } from '../../i18n';
import './words';

/** The pages of this section. */
export function useTabs() {
  const t = useWords('settings');
  return [
    { to: '/settings', label: t('tabs.company') },
    { to: '/settings/fields', label: t('tabs.fields') },
    { to: '/settings/till', label: t('tabs.till') },
  ];
}
