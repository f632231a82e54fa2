import { Alert } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Problem } from '../api/client';
import { useWords } from '../i18n';

/** Above a form: what is wrong with it as a whole. What belongs to a field stands under the field. */
export function FormTrouble({ problem }: { problem: unknown }) {
  const t = useWords();
  if (!problem) return null;
  const known = problem instanceof Problem;
  const message = known ? problem.message : t('say.failedHint');
  return (
    <Alert color="cranberry" variant="light" role="alert" icon={<IconAlertTriangle size={18} />}>
      {message}
    </Alert>
  );
}

/** What is wrong with one field, as the program tells it. */
export function fieldTrouble(problem: unknown, field: string): string | undefined {
  return problem instanceof Problem ? problem.fields[field] : undefined;
}
