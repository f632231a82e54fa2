import { Button } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { api } from '../api/client';
import { useMay } from '../api/session';
import type { Promotion } from '../lib/promotions';

/** The way to a page of a promotion that everybody can see; nothing while there is none. */
export function PublicButton({ promotion, to, label }: { promotion: Promotion; to: string; label: string }) {
  const may = useMay('settings_read');
  const company = api.useQuery('get', '/api/v1/tenant', {}, { enabled: may });
  const begun = promotion.state === 'running' || promotion.state === 'over';
  if (!company.data || !begun || !promotion.terms.public) return null;
  return (
    <Button
      component="a"
      href={`/p/${company.data.key}/${promotion.key}${to}`}
      target="_blank"
      variant="default"
      rightSection={<IconExternalLink size={16} />}
    >
      {label}
    </Button>
  );
}
