import { api } from '../../api/client';
import type { components } from '../../api/schema';
import { language, useWords } from '../../i18n';
import { money, shortMoney, whole } from '../../lib/format';
import { Card } from '../../ui/Card';
import { KpiStrip } from '../../ui/KpiStrip';
import { Cell } from '../../ui/Page';
import { EmptyState } from '../../ui/States';
import { Steps } from '../../ui/Steps';
import { HeatMap } from './HeatMap';
import classes from './Numbers.module.css';
import { again, Bars, Behind, Waiting } from './parts';
import { TileMap } from './TileMap';

type PurchaseNumbers = components['schemas']['PromotionPurchases'];
type GoodsNumbers = components['schemas']['PromotionGoods'];

const GOODS = 15;
const SHOPS = 10;
const PAIRS = 8;

/** What is bought, when, where and for how much. */
export function Purchases({ id }: { id: string }) {
  const t = useWords('promoNumbers');
  const purchases = api.useQuery(
    'get',
    '/api/v1/promotions/{id}/numbers/purchases',
    { params: { path: { id } } },
    { refetchInterval: (query) => again(query.state.data?.counted) },
  );
  const goods = api.useQuery(
    'get',
    '/api/v1/promotions/{id}/numbers/goods',
    { params: { path: { id } } },
    { refetchInterval: (query) => again(query.state.data?.counted) },
  );
  if (!purchases.data) return <Waiting query={purchases} />;
  const all = purchases.data;
  return (
    <>
      <Behind counted={all.counted} />
      <KpiStrip
        kpis={[
          { label: t('kpi.receipts'), value: whole(all.receipts) },
          {
            label: t('kpi.sum'),
            value: all.sum >= 100_000_000 ? shortMoney(all.sum) : money(all.sum),
          },
          { label: t('kpi.average'), value: all.receipts > 0 ? rubles(all.average) : '—' },
          { label: t('kpi.regions'), value: whole(all.regions.filter((one) => one.code).length) },
          { label: t('kpi.shops'), value: whole(all.shops.length) },
        ]}
      />
      <Cell span={7}>
        <TileMap regions={all.regions} />
      </Cell>
      <Cell span={5}>
        <Bands purchases={all} />
      </Cell>
      <Cell span={7}>{goods.data ? <Goods goods={goods.data} /> : <Waiting query={goods} />}</Cell>
      <Cell span={5}>
        <div className={classes.column}>
          <HeatMap hours={all.hours} />
          {goods.data && <Pairs goods={goods.data} />}
        </div>
      </Cell>
      <Cell span={12}>
        <Shops purchases={all} />
      </Cell>
    </>
  );
}

/** Whole roubles: kopecks of an average say nothing. */
const rubles = (kopecks: number) => money(Math.round(kopecks / 100) * 100);

function Bands({ purchases }: { purchases: PurchaseNumbers }) {
  const t = useWords('promoNumbers');
  const first = purchases.bands.findIndex((band) => band.receipts > 0);
  const last = purchases.bands.findLastIndex((band) => band.receipts > 0);
  const shown = first < 0 ? [] : purchases.bands.slice(first, last + 1);
  const name = (band: (typeof shown)[number]) => {
    const [from, to] = [money(band.from), band.to ? money(band.to) : ''];
    if (!band.to) return t('bands.from', { from });
    return band.from === 0
      ? t('bands.upTo', { to })
      : t('bands.between', { from: whole(band.from / 100), to });
  };
  return (
    <Card
      title={t('bands.title')}
      subtitle={
        purchases.receipts > 0 ? t('bands.subtitle', { average: rubles(purchases.average) }) : undefined
      }
    >
      {shown.length === 0 ? (
        <EmptyState title={t('hours.empty')} />
      ) : (
        <Steps steps={shown.map((band) => ({ label: name(band), value: band.receipts }))} />
      )}
    </Card>
  );
}

function Goods({ goods }: { goods: GoodsNumbers }) {
  const t = useWords('promoNumbers');
  const shown = goods.goods.slice(0, GOODS);
  const most = Math.max(1, ...shown.map((one) => one.sum));
  return (
    <Card title={t('goods.title')} subtitle={t('goods.subtitle')}>
      {shown.length === 0 ? (
        <EmptyState title={t('goods.empty')} />
      ) : (
        <Bars
          label={t('goods.title')}
          columns={[t('goods.name'), t('goods.receipts'), t('goods.quantity'), t('goods.sum')]}
          rows={shown.map((one) => ({
            key: one.name,
            name: one.name,
            share: one.sum / most,
            cells: [whole(one.receipts), pieces(one.quantity), rubles(one.sum)],
          }))}
        />
      )}
    </Card>
  );
}

const pieces = (thousandths: number) =>
  new Intl.NumberFormat(language(), { maximumFractionDigits: thousandths < 100_000 ? 1 : 0 }).format(
    thousandths / 1000,
  );

function Pairs({ goods }: { goods: GoodsNumbers }) {
  const t = useWords('promoNumbers');
  const times = (lift: number) => (lift / 100).toLocaleString(language(), { maximumFractionDigits: 1 });
  return (
    <Card
      title={t('pairs.title')}
      subtitle={goods.pairs.length ? t('pairs.subtitle', { n: whole(goods.looked) }) : undefined}
    >
      {goods.pairs.length === 0 ? (
        <EmptyState title={t('pairs.empty')} />
      ) : (
        <ul className={classes.list}>
          {goods.pairs.slice(0, PAIRS).map((pair) => (
            <li key={`${pair.first}+${pair.second}`}>
              <div>
                <b>
                  {pair.first} + {pair.second}
                </b>
              </div>
              <p>
                {t('pairs.receipts', { count: pair.receipts })} ·{' '}
                {t('pairs.lift', { times: times(pair.lift) })}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Shops({ purchases }: { purchases: PurchaseNumbers }) {
  const t = useWords('promoNumbers');
  const shown = purchases.shops.slice(0, SHOPS);
  const most = Math.max(1, ...shown.map((one) => one.receipts));
  return (
    <Card title={t('shops.title')} subtitle={t('shops.subtitle')}>
      {shown.length === 0 ? (
        <EmptyState title={t('shops.empty')} />
      ) : (
        <Bars
          label={t('shops.title')}
          columns={[t('shops.name'), t('shops.receipts'), t('shops.sum')]}
          rows={shown.map((one) => ({
            key: `${one.inn}|${one.name}|${one.address}`,
            name: one.name || t('shops.inn', { inn: one.inn }),
            hint: one.address || (one.name && t('shops.inn', { inn: one.inn })),
            share: one.receipts / most,
            cells: [whole(one.receipts), rubles(one.sum)],
          }))}
        />
      )}
    </Card>
  );
}
