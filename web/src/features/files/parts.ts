import { useMay } from '../../api/session';
import { useWords } from '../../i18n';
import type { Tone } from '../../ui/Chip';
import './words';

/** What a state weighs. */
export const TONES: Record<string, Tone> = {
  draft: 'plain',
  waiting: 'plain',
  running: 'info',
  done: 'ok',
  failed: 'bad',
  cancelled: 'plain',
};

/** The two halves of the section, as far as this person may use them. */
export function useTabs(): { to: string; label: string }[] {
  const t = useWords('files');
  const imports = useMay('imports_make');
  const exports = useMay('exports_make');
  return [
    ...(imports ? [{ to: '/files/imports', label: t('imports') }] : []),
    ...(exports ? [{ to: '/files/exports', label: t('exports') }] : []),
  ];
}
