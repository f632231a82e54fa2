import './words';
import { Button, Modal, Textarea } from '@mantine/core';
import { IconUser, IconUsers } from '@tabler/icons-react';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { api, fetcher } from '../../api/client';
import type { components } from '../../api/schema';
import { useMay, useMe } from '../../api/session';
import { useWords } from '../../i18n';
import { moment, whole } from '../../lib/format';
import { tell, tellProblem } from '../../lib/notify';
import type { Promotion } from '../../lib/promotions';
import { Avatar } from '../../ui/Avatar';
import { Chip } from '../../ui/Chip';
import { type Column, DataTable } from '../../ui/DataTable';
import { FormTrouble } from '../../ui/FormTrouble';
import { PromotionPage } from '../../ui/PromotionPage';
import { SideSheet } from '../../ui/SideSheet';
import { EmptyState, ErrorNote } from '../../ui/States';
import classes from './Promotions.module.css';

type Participant = components['schemas']['PromotionParticipant'];

/** Who accepted the rules, with their numbers and receipts. */
export default function ParticipantsPage() {
  return (
    <PromotionPage tab="participants" full>
      {(promotion) => <Participants promotion={promotion} />}
    </PromotionPage>
  );
}

function Participants({ promotion }: { promotion: Promotion }) {
  const t = useWords('promotions');
  const zone = useMe().zone;
  const go = useNavigate();
  const { person } = useParams({ strict: false }) as { person?: string };
  const list = useInfiniteQuery({
    queryKey: ['get', `/api/v1/promotions/${promotion.id}/participants`],
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await fetcher.GET('/api/v1/promotions/{id}/participants', {
        params: { path: { id: promotion.id }, query: { after: pageParam, limit: 100 } },
        signal,
      });
      return data!;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  const sourceOf = (source: string) =>
    promotion.terms.entries.find((entry) => entry.source === source)?.title || source || '—';
  const at = (id?: string) =>
    void go({
      to: id ? '/promotions/$id/participants/$person' : '/promotions/$id/participants',
      params: { id: promotion.id, person: id } as never,
    });
  const columns: Column<Participant>[] = [
    {
      key: 'name',
      title: t('participants.name'),
      width: 'minmax(160px, 2fr)',
      cell: (row) => (
        <span className={classes.person}>
          <Avatar name={row.name || '?'} size={28} />
          <span className={classes.name}>{row.name || t('participants.noName')}</span>
          {row.blocked && <Chip tone="bad">{t('participants.blocked')}</Chip>}
        </span>
      ),
    },
    {
      key: 'joined',
      title: t('participants.joined'),
      width: '160px',
      wide: true,
      cell: (row) => moment(row.joined_at, zone),
    },
    {
      key: 'source',
      title: t('participants.source'),
      width: 'minmax(120px, 1fr)',
      wide: true,
      cell: (row) => sourceOf(row.source),
    },
    {
      key: 'receipts',
      title: t('participants.receipts'),
      width: '90px',
      right: true,
      wide: true,
      cell: (row) => whole(row.receipts),
    },
    {
      key: 'tickets',
      title: t('participants.tickets'),
      width: '90px',
      right: true,
      cell: (row) => whole(row.tickets),
    },
  ];
  return (
    <>
      <p className={classes.note}>{t('participants.hint')}</p>
      {list.error && rows.length === 0 ? (
        <ErrorNote problem={list.error} retry={() => void list.refetch()} />
      ) : (
        <DataTable<Participant>
          label={t('participants.title')}
          rows={rows}
          columns={columns}
          id={(row) => row.contact_id}
          loading={list.isPending}
          open={(row) => at(row.contact_id)}
          opened={person}
          more={() => !list.isFetchingNextPage && void list.fetchNextPage()}
          hasMore={list.hasNextPage}
          empty={
            <EmptyState
              icon={<IconUsers size={22} />}
              title={t('participants.empty')}
              hint={t('participants.emptyHint')}
            />
          }
        />
      )}
      <Sheet
        promotion={promotion}
        person={rows.find((row) => row.contact_id === person)}
        opened={Boolean(person)}
        close={() => at()}
      />
    </>
  );
}

type SheetProps = { promotion: Promotion; person?: Participant; opened: boolean; close: () => void };

/** One participant: numbers, the way to receipts and to the guest, and the end of taking part. */
function Sheet({ promotion, person, opened, close }: SheetProps) {
  const t = useWords('promotions');
  const zone = useMe().zone;
  const mayContacts = useMay('contacts_read');
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const tickets = api.useQuery(
    'get',
    '/api/v1/promotions/{id}/tickets',
    { params: { path: { id: promotion.id }, query: { contact: person?.contact_id, limit: 50 } } },
    { enabled: Boolean(person) },
  );
  const again = () =>
    client.invalidateQueries({
      predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/api/v1/promotions'),
    });
  const path = { id: promotion.id, contact: person?.contact_id ?? '' };
  const block = api.useMutation('post', '/api/v1/promotions/{id}/participants/{contact}/block', {
    onSuccess: (_, { body }) => {
      void again();
      setAsking(false);
      tell(t(body.reason ? 'participants.blockedNow' : 'participants.unblocked'));
    },
  });
  return (
    <SideSheet opened={opened} close={close} title={person?.name || t('participants.noName')}>
      {person && (
        <div className={classes.form}>
          <p className={classes.note}>
            {t('participants.since', { when: moment(person.joined_at, zone), version: person.version })}
          </p>
          {person.blocked && <Chip tone="bad">{person.blocked}</Chip>}
          <div className={classes.tools}>
            {mayContacts && (
              <Button
                component={Link}
                to={`/contacts/${person.contact_id}`}
                variant="default"
                leftSection={<IconUser size={16} />}
              >
                {t('participants.guest')}
              </Button>
            )}
            <Button
              component={Link}
              to={`/promotions/${promotion.id}/receipts`}
              search={{ contact_id: person.contact_id } as never}
              variant="default"
            >
              {t('participants.hisReceipts', { count: person.receipts })}
            </Button>
          </div>
          <h3 className={classes.head}>{t('participants.hisTickets', { count: person.tickets })}</h3>
          {tickets.error && !tickets.data && (
            <ErrorNote problem={tickets.error} retry={() => void tickets.refetch()} />
          )}
          <ul className={classes.tickets}>
            {tickets.data?.items.map((ticket) => (
              <li key={ticket.number}>
                <Link to={`/promotions/${promotion.id}/receipts/${ticket.receipt_id}`}>
                  № {whole(ticket.number)}
                </Link>
                <span className={classes.note}>{moment(ticket.arrived_at, zone)}</span>
              </li>
            ))}
          </ul>
          {person.blocked ? (
            <Button
              variant="default"
              loading={block.isPending}
              onClick={() =>
                block.mutate({ params: { path }, body: { reason: '' } }, { onError: tellProblem })
              }
            >
              {t('participants.unblock')}
            </Button>
          ) : (
            <Button variant="default" color="cranberry" onClick={() => setAsking(true)}>
              {t('participants.block')}
            </Button>
          )}
          <Blocking
            opened={asking}
            close={() => setAsking(false)}
            busy={block.isPending}
            problem={block.error}
            run={(reason) => block.mutate({ params: { path }, body: { reason } })}
          />
        </div>
      )}
    </SideSheet>
  );
}

type BlockingProps = {
  opened: boolean;
  close: () => void;
  busy: boolean;
  problem: unknown;
  run: (why: string) => void;
};

function Blocking({ opened, close, busy, problem, run }: BlockingProps) {
  const t = useWords('promotions');
  const [why, setWhy] = useState('');
  return (
    <Modal opened={opened} onClose={close} title={t('participants.blockTitle')}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          run(why.trim());
        }}
      >
        <p className={classes.note}>{t('participants.blockEffect')}</p>
        <FormTrouble problem={problem} />
        <Textarea
          data-autofocus
          label={t('participants.why')}
          description={t('participants.whyHint')}
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value)}
          maxLength={200}
          autosize
          minRows={2}
        />
        <div className={classes.ends}>
          <Button variant="default" onClick={close}>
            {t('do.cancel', { ns: 'common' })}
          </Button>
          <Button type="submit" color="cranberry" disabled={!why.trim()} loading={busy}>
            {t('participants.block')}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
