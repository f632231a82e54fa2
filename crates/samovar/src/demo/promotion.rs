//! The shop's promotion: three weeks of receipts thought up from a seed, a few that wait for a person, and a service of
//! checks that makes documents up for whatever code is sent.

use super::draws;
use samovar_app::access::Actor;
use samovar_app::promo::past::{self, PastOutcome, PastPurchase, PastShop};
use samovar_app::promo::{
    self, Draft, Entry, Minimum, MinimumOf, Reason, Rules, Shop, Terms, Wording, launch, pools,
};
use samovar_app::receipts::{self, NewProvider, ProviderSettings};
use samovar_app::{App, Fail, contacts};
use samovar_base::{Chance, ContactId, Instant, TenantId};
use samovar_connectors::receipt_check::Kind;
use samovar_fakes::receipt_check::{Checks, Config, Invented};
use secrecy::SecretString;
use std::time::Duration;

const DAY: i64 = 86_400;
/// For so many days it runs already.
const RUNS: i64 = 21;
/// And for so many more.
const LEFT: i64 = 24;
/// Who takes part.
const PEOPLE: u32 = 120;
/// Codes of the partner.
const CODES: i64 = 400;
/// The same weeks at every start.
const SEED: u64 = 20_261_123;

/// What the shop sells, in kopecks.
const GOODS: [(&str, i64); 10] = [
    ("Гель-лак LAK&KIST 8мл тон 014", 39_000),
    ("Гель-лак LAK&KIST 8мл тон 027", 39_000),
    ("База каучуковая 15мл", 62_000),
    ("Топ без липкого слоя 15мл", 58_000),
    ("Пилка 100/180", 9_000),
    ("Баф 120/120", 7_000),
    ("Масло для кутикулы 10мл", 24_000),
    ("Салфетки безворсовые 500шт", 31_000),
    ("Жидкость для снятия гель-лака 500мл", 45_000),
    ("Кисть лайнер 00", 52_000),
];

/// Makes the promotion; the service of checks lives as long as what is given back.
pub async fn make(app: &App, tenant: TenantId, lang: &str) -> Result<Option<Checks>, Fail> {
    let actor = Actor::setup(tenant);
    let channels = app.directory.channels().into_iter();
    let bot = channels
        .filter(|one| one.tenant.id == tenant && !one.page && one.audience.is_customers())
        .min_by_key(|one| one.id);
    let Some(bot) = bot else { return Ok(None) };
    let now = app.clock.now();
    let made = promo::create(app, &actor, draft(now, lang == "ru")).await?;
    launch::launch(app, &actor, made.id, bot.id, lang).await?;
    let partner = if lang == "ru" { "Кофейня «Уголок»" } else { "Corner Coffee" };
    let pool = pools::Draft { partner: partner.into(), message: String::new(), low_at: 50 };
    let pool = pools::create(app, &actor, made.id, pool).await?;
    let codes: String = (0..CODES).map(|number| format!("RAF-{:05}\n", 10_007 + number * 173)).collect();
    pools::upload(app, &actor, made.id, pool.id, format!("code\n{codes}").into()).await?;
    let started = promo::start(app, &actor, made.id).await?;
    let people = contacts::list(app, &actor, &contacts::Filter::default(), None, PEOPLE).await?;
    let people: Vec<ContactId> = people.into_iter().map(|contact| contact.id).collect();
    past::write(app, &actor, made.id, bot.id, shops(), purchases(&people, now)).await?;
    let config = Config {
        invented: Some(invented()),
        latency: Duration::from_millis(400),
        latency_spread: Duration::from_millis(900),
        ..Config::default()
    };
    let Ok(checks) = Checks::start(config).await else { return Ok(None) };
    let settings =
        ProviderSettings { address: checks.base_url().parse().ok(), ..ProviderSettings::default() };
    let provider = NewProvider {
        kind: Kind::Proverkacheka,
        name: if lang == "ru" {
            "Проверка чеков (понарошку)"
        } else {
            "Receipt checks (make-believe)"
        }
        .into(),
        place: None,
        settings,
        token: SecretString::from("12345.demo-token".to_owned()),
    };
    receipts::add_provider(app, &actor, provider).await?;
    draws::make(app, &actor, &started, lang == "ru").await?;
    Ok(Some(checks))
}

fn draft(now: Instant, russian: bool) -> Draft {
    let day = |days: i64| Instant::from_seconds((now.seconds().div_euclid(DAY) + days) * DAY - 3 * 3_600);
    let rules = Wording::new(
        "1. Участвуют чеки магазинов «Лак и кисть» от 500 ₽ за дни акции.\n2. Один чек — один номер в розыгрыше, до 50 чеков от человека.\n3. Чек проверяется в налоговой службе; решает время, когда он прислан.\n4. Победителей определяет розыгрыш, который может проверить каждый.",
        "1. Receipts of the shops of 500 ₽ or more of the promotion's days take part.\n2. A receipt is a number in the draw; up to 50 receipts of a person.\n3. Receipts are checked with the tax service; the time of arrival decides.\n4. The winners follow from a draw that anyone can check.",
    );
    let entry = |source: &str, title: &str, phrase: &str| Entry {
        source: source.into(),
        title: title.into(),
        phrase: phrase.into(),
    };
    let shops = shops().into_iter().map(|shop| Shop { inn: shop.inn, note: shop.name, ..Shop::default() });
    let mut shops: Vec<Shop> = shops.collect();
    shops.dedup_by(|one, other| one.inn == other.inn);
    let terms = Terms {
        about: Wording::new(
            "Покупайте в «Лаке и кисти» и выигрывайте лампы и наборы гель-лаков.",
            "Buy at the shop and win lamps and sets of gel polish.",
        ),
        shops,
        minimum: Minimum { sum: 50_000, of: MinimumOf::Receipt },
        rules: Rules { text: rules, ..Rules::default() },
        prizes: Wording::new(
            "Три лампы для маникюра, десять наборов гель-лаков и главный приз — рабочее место мастера.",
            "Three lamps, ten sets of gel polish, and the main prize: a master's workplace.",
        ),
        entries: vec![
            entry("shelf", if russian { "Полка в магазине" } else { "The shelf" }, "хочу приз"),
            entry("instagram", if russian { "Профиль" } else { "The profile" }, ""),
        ],
        ..Terms::default()
    };
    Draft {
        key: "osen".into(),
        name: if russian { "Осень с призами" } else { "Autumn with prizes" }.into(),
        starts_at: day(-RUNS),
        ends_at: day(LEFT),
        terms,
        channel: None,
    }
}

fn shops() -> Vec<PastShop> {
    let shop = |region: &str, address: &str, drive: &str| PastShop {
        inn: "7300000011".into(),
        name: "Лак и кисть".into(),
        address: address.into(),
        region: region.into(),
        drive: drive.into(),
    };
    vec![
        shop("73", "Ульяновск, ул. Гончарова, 1", "7300000000000011"),
        shop("77", "Москва, ул. Лесная, 20", "7300000000000012"),
        shop("16", "Казань, ул. Баумана, 9", "7300000000000013"),
        shop("63", "Самара, ул. Ленинградская, 40", "7300000000000014"),
    ]
}

fn invented() -> Invented {
    let goods =
        GOODS.iter().filter_map(|(name, price)| Some(((*name).to_owned(), u64::try_from(*price).ok()?)));
    Invented { goods: goods.collect(), alcohol: 20, foreign: 60, unknown: 10, ..Invented::default() }
}

/// Purchases of three weeks in the order of their receipts.
fn purchases(people: &[ContactId], now: Instant) -> Vec<PastPurchase> {
    let chance = Chance::from_seed(SEED);
    let below = |end: u64| chance.below(end);
    let mut all = Vec::new();
    let begun = now.minus_seconds(RUNS * DAY);
    for contact in people {
        for _ in 0..=below(4) {
            let arrived = begun.plus_seconds(
                i64::try_from(below(u64::try_from(RUNS * DAY - 7_200).unwrap_or(1))).unwrap_or(0),
            );
            let ago = 600 + i64::try_from(below(20_000)).unwrap_or(0);
            let bought = arrived.minus_seconds(ago).plus_seconds(3 * 3_600).to_jiff();
            let bought = bought.to_zoned(jiff::tz::TimeZone::UTC).datetime();
            let goods = (0..=below(4)).map(|_| {
                let (name, price) = GOODS[usize::try_from(below(10)).unwrap_or(0)];
                (name.to_owned(), price)
            });
            let goods: Vec<(String, i64)> =
                std::iter::once(("База каучуковая 15мл".to_owned(), 62_000)).chain(goods).collect();
            let outcome = match below(100) {
                0..84 => PastOutcome::Accepted,
                84..91 => PastOutcome::Refused(Reason::OtherShop),
                91..95 => PastOutcome::Refused(Reason::SmallSum),
                95..98 => PastOutcome::Refused(Reason::Unknown),
                _ => PastOutcome::Waits(Reason::NoAnswer),
            };
            let source = if below(3) == 0 { "instagram" } else { "shelf" }.to_owned();
            let shop = usize::try_from(below(4)).unwrap_or(0);
            all.push(PastPurchase {
                contact: *contact,
                source,
                shop,
                document: 0,
                arrived,
                bought,
                goods,
                outcome,
            });
        }
    }
    all.sort_by_key(|one| one.arrived);
    for (number, one) in (1_001_i64..).zip(&mut all) {
        one.document = number * 3;
    }
    all
}
