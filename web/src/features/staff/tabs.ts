import { useWords } from '../../i18n';
import './words';

/** The pages of this section. */
export function useTabs() {
  const t = useWords('staff');
  return [
    { to: '/staff', label: t('tabs.people') },
    { to: '/staff/roles', label: t('tabs.roles') },
  ];
}
