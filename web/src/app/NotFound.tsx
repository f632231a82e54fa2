import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useWords } from '../i18n';
import { EmptyState } from '../ui/States';

/** An address that leads nowhere. */
export function NotFound() {
  const t = useWords();
  return (
    <main>
      <EmptyState
        festive
        title={t('say.notFound')}
        hint={t('say.notFoundHint')}
        action={
          <Button component={Link} to="/" variant="default">
            {t('do.back')}
          </Button>
        }
      />
    </main>
  );
}
