import { Navigate } from '@tanstack/react-router';
import { useMay } from '../../api/session';
import { NoRight } from '../../ui/States';

/** The first of the two that this person may use. */
export default function FilesPage() {
  const imports = useMay('imports_make');
  const exports = useMay('exports_make');
  if (imports) return <Navigate to="/files/imports" replace />;
  if (exports) return <Navigate to="/files/exports" replace />;
  return <NoRight right="exports_make" />;
}
