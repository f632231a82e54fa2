//! Two years of the demo's companies, thought up from a seed and written down at once.

use super::companies::{Company, FIRM, SHOP};
use super::names;
use samovar_app::App;
use samovar_app::access::{Actor, Role};
use samovar_app::app::Parts;
use samovar_app::contacts::Contact;
use samovar_app::ledger::work::expire_due;
use samovar_app::past::{self, Deed, Happened, Newcomer, PastDeal};
use samovar_app::tenants::Tenant;
use samovar_app::visit::Cause;
use samovar_app::{Fail, channels, segments, staff};
use samovar_base::message::Person;
use samovar_base::{Chance, ChannelId, Clock, ContactId, IdMaker, Instant, ManualClock, Points, StaffId};
use samovar_connectors::Kind;
use samovar_fakes::telegram::{self, Telegram};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Arc;

const DAY: i64 = 86_400;
/// How far back it goes.
const DAYS: i64 = 730;
/// Days that are written in one unit.
const STRIDE: i64 = 1;
/// The company's books are settled so many wallets at a time.
const SETTLED_AT_ONCE: u32 = 5_000;
/// The same years at every start.
const SEED: u64 = 20_261_122;
/// Ids of customers are made before the years are written: as if by another node.
const NODE: u16 = 1;

/// A company with its past.
pub struct Settled {
    /// The company.
    pub tenant: Tenant,
    /// Customers of the last weeks who can be found on the make-believe Telegram.
    pub lately: Vec<telegram::Person>,
}

/// Sets both companies up as they were two years ago and writes down what happened since.
pub async fn settle(
    app: &App,
    lang: &str,
    telegram: &Telegram,
    customers: usize,
) -> anyhow::Result<(Settled, Settled)> {
    let now = app.clock.now();
    let clock = Arc::new(ManualClock::new(now.minus_seconds(DAYS * DAY)));
    let then = App::open(Parts {
        store: app.store.clone(),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        chance: Arc::new(Chance::from_seed(SEED)),
        vault: Arc::clone(&app.vault),
        messengers: vec![app.messengers.get(Kind::Telegram), app.messengers.get(Kind::Webchat)],
        beacon: app.beacon.clone(),
        hub: Arc::clone(&app.hub),
    })
    .await?;
    let shop = SHOP.settle(&then, lang, telegram).await?;
    let firm = FIRM.settle(&then, lang, telegram).await?;
    let mut years = Vec::new();
    for (company, tenant, share) in [(&SHOP, &shop, 3), (&FIRM, &firm, 1)] {
        let mut years_of = Years::of(&then, company, tenant, lang, telegram, now).await?;
        for _ in 0..customers * share / 4 {
            years_of.customer();
        }
        years.push(years_of);
    }
    let mut settled = Vec::new();
    for years in years {
        clock.set(now.minus_seconds(DAYS * DAY));
        settled.push(years.write(&then, &clock, now).await?);
    }
    app.directory.load(app).await?;
    let mut settled =
        settled.into_iter().zip([shop, firm]).map(|(lately, tenant)| Settled { tenant, lately });
    match (settled.next(), settled.next()) {
        (Some(shop), Some(firm)) => Ok((shop, firm)),
        _ => anyhow::bail!("the demo has two companies"),
    }
}

/// Years being thought up.
struct Years<'a> {
    actor: Actor,
    lang: &'a str,
    shop: bool,
    telegram: &'a Telegram,
    bot: telegram::BotHandle,
    channel: ChannelId,
    chance: Chance,
    ids: IdMaker,
    team: Vec<StaffId>,
    now: Instant,
    begun: Instant,
    lately: Vec<telegram::Person>,
    comes: Vec<(Instant, Plan)>,
}

fn buys_wholesale(contact: &Contact) -> bool {
    ["опт", "студия", "wholesale", "studio"].iter().any(|tag| contact.tags.contains(*tag))
}

/// A customer, before there is an id.
struct Plan {
    contact: Contact,
    identity: Option<(ChannelId, Person)>,
    blocked: bool,
    /// What happens then, by the contact.
    later: Vec<(Instant, Later)>,
}

enum Later {
    Buys { sum_minor: i64, with_points: bool },
    Birthday,
    Apology,
    Deal { stage: &'static str, service: (&'static str, &'static str, i64), made: Instant },
}

impl<'a> Years<'a> {
    async fn of(
        app: &App,
        company: &Company,
        tenant: &Tenant,
        lang: &'a str,
        telegram: &'a Telegram,
        now: Instant,
    ) -> anyhow::Result<Years<'a>> {
        let actor = Actor::setup(tenant.id);
        let channel = app
            .directory
            .channels()
            .into_iter()
            .find(|one| one.tenant.id == tenant.id && !one.page && one.audience.is_customers())
            .ok_or_else(|| anyhow::anyhow!("the company has no bot"))?;
        let bot = telegram.bot_named(company.bot).ok_or_else(|| anyhow::anyhow!("there is no such bot"))?;
        let shop = company.bot == SHOP.bot;
        let people: &[(&str, &str, Role)] = match (lang, shop) {
            ("ru", true) => &[
                ("rinat", "Ринат Сафин", Role::Administrator),
                ("zoya", "Зоя Белкина", Role::Manager),
                ("lev", "Лев Аронов", Role::Cashier),
            ],
            ("ru", false) => {
                &[("inna", "Инна Громова", Role::Manager), ("petr", "Пётр Власов", Role::Dispatcher)]
            }
            (_, true) => &[
                ("rinat", "Ryan Cole", Role::Administrator),
                ("zoya", "Zoe Bell", Role::Manager),
                ("lev", "Leo Hart", Role::Cashier),
            ],
            (_, false) => &[("inna", "Ina Moss", Role::Manager), ("petr", "Peter Vale", Role::Dispatcher)],
        };
        let mut team = Vec::new();
        for (key, name, role) in people {
            let (one, _) = staff::put(app, &actor, &format!("{key}@samovar.example"), name, *role)
                .await
                .map_err(told)?;
            team.push(one.id);
        }
        furnish(app, &actor, channel.id, lang, shop).await.map_err(told)?;
        Ok(Self {
            actor,
            lang,
            shop,
            telegram,
            bot,
            channel: channel.id,
            chance: Chance::from_seed(SEED + u64::from(shop)),
            ids: IdMaker::new(NODE),
            team,
            now,
            begun: now.minus_seconds(DAYS * DAY),
            lately: Vec::new(),
            comes: Vec::new(),
        })
    }

    fn below(&self, end: i64) -> i64 {
        self.chance.below(u64::try_from(end).unwrap_or(0)).cast_signed()
    }

    /// Of a hundred.
    fn is_one_of(&self, percent: i64) -> bool {
        self.below(100) < percent
    }

    /// Within opening hours of a day, counted from the beginning; not after now.
    fn hour_of(&self, day: i64) -> Instant {
        let noon = self.begun.seconds().div_euclid(DAY) * DAY + day * DAY;
        Instant::from_seconds(noon + 7 * 3_600 + self.below(12 * 3_600)).min(self.now.minus_seconds(600))
    }

    /// Thinks a customer up, from the first day to the last purchase. More come with every month.
    fn customer(&mut self) {
        let day = self.below(DAYS).max(self.below(DAYS));
        let at = self.hour_of(day);
        let registered = self.is_one_of(90).then(|| at.plus_seconds(60 + self.below(240)));
        let mut contact = Contact::new(ContactId(0), self.lang, at);
        contact.name = names::person(&self.chance, self.lang, self.shop);
        contact.registered_at = registered.filter(|then| *then < self.now);
        let prefix = if self.lang == "ru" { "+79" } else { "+447" };
        let number = format!("{prefix}{:09}", self.below(1_000_000_000));
        contact.phone = (contact.registered_at.is_some() && self.is_one_of(96)).then_some(number);
        contact.phone_proved = contact.phone.is_some() && self.is_one_of(85);
        if contact.registered_at.is_some() && self.is_one_of(60) {
            let date =
                format!("{}-{:02}-{:02}", 1965 + self.below(40), 1 + self.below(12), 1 + self.below(28));
            contact.birthday = date.parse().ok();
        }
        self.describe(&mut contact);
        if contact.registered_at.is_some() && self.is_one_of(3) {
            contact.stopped_at = Some(at.plus_seconds(DAY * 20).min(self.now));
        }
        let identity = self.is_one_of(94).then(|| self.on_telegram(&contact, day));
        let blocked = identity.is_some() && self.is_one_of(5);
        let later = if contact.registered_at.is_some() { self.life(&contact, at, day) } else { Vec::new() };
        self.comes.push((at, Plan { contact, identity, blocked, later }));
    }

    fn describe(&self, contact: &mut Contact) {
        let sources: &[&str] = if self.shop {
            &["qr-kassa", "qr-kassa", "qr-kassa", "instagram", "site", "vk", "masterclass", "friends"]
        } else {
            &["avito", "avito", "site", "site", "leaflet", "friends"]
        };
        contact.source = self.is_one_of(88).then(|| names::pick(&self.chance, sources).to_owned());
        let tags: &[&str] = match (self.lang, self.shop) {
            ("ru", true) => &["мастер", "мастер", "студия", "опт", "ученица", "новинки"],
            ("ru", false) => &["раз в неделю", "раз в месяц", "с питомцем", "ключи у нас", "офис"],
            (_, true) => &["technician", "technician", "studio", "wholesale", "student"],
            _ => &["weekly", "monthly", "has a pet", "we hold keys", "office"],
        };
        for _ in 0..self.below(3) {
            contact.tags.insert(names::pick(&self.chance, tags).to_owned());
        }
        let field = if self.lang == "ru" { "город" } else { "town" };
        if self.is_one_of(80) {
            contact.fields.insert(field.to_owned(), names::town(&self.chance, self.lang).into());
        }
    }

    fn on_telegram(&mut self, contact: &Contact, day: i64) -> (ChannelId, Person) {
        let mut person = self.telegram.person(&contact.name).with_language(self.lang);
        if let Some(phone) = &contact.phone {
            person = person.with_phone(phone);
        }
        person.chat(&self.bot).was_opened();
        let known = Person {
            id: person.id().to_string(),
            name: contact.name.clone(),
            handle: None,
            language: Some(self.lang.to_owned()),
        };
        if day > DAYS - 120 && contact.registered_at.is_some() && contact.stopped_at.is_none() {
            self.lately.push(person);
        }
        (self.channel, known)
    }

    /// What a customer does afterwards.
    fn life(&self, contact: &Contact, came: Instant, first: i64) -> Vec<(Instant, Later)> {
        let mut life = Vec::new();
        let every = 16 + self.below(70);
        let mut day = first + self.below(3);
        let mut visits = 0;
        while day < DAYS {
            let at = self.hour_of(day).max(came.plus_seconds(900));
            if at >= self.now.minus_seconds(300) {
                break;
            }
            visits += 1;
            life.push(if self.shop { self.purchase(at, visits) } else { self.visit(at, day) });
            if self.shop && buys_wholesale(contact) && self.is_one_of(12) {
                life.push(self.order(at, day));
            }
            if self.shop && self.is_one_of(2) {
                life.push((at.plus_seconds(1_800).min(self.now.minus_seconds(200)), Later::Apology));
            }
            if self.is_one_of(13) {
                break;
            }
            day += every / 2 + self.below(every) + 1;
        }
        if let Some(birthday) = contact.birthday.filter(|_| self.shop) {
            for years in 0..3 {
                let year = i16::try_from(years).unwrap_or(0)
                    + came.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).year();
                let Ok(date) = jiff::civil::Date::new(year, birthday.month(), birthday.day()) else {
                    continue;
                };
                let Ok(zoned) = date.at(8, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC) else { continue };
                let at = Instant::from(zoned.timestamp()).minus_seconds(3 * DAY);
                if at > came.plus_seconds(DAY) && at < self.now.minus_seconds(8 * DAY) {
                    life.push((at, Later::Birthday));
                }
            }
        }
        life
    }

    fn purchase(&self, at: Instant, visits: i64) -> (Instant, Later) {
        let month = at.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).month();
        let season = match month {
            12 => 150,
            3 => 135,
            1 | 7 => 75,
            _ => 100,
        };
        let roubles = 380
            + self.below(900)
            + self.below(1_400)
            + if self.is_one_of(12) { self.below(9_000) } else { 0 };
        let with_points = visits > 1 && self.is_one_of(28);
        (at, Later::Buys { sum_minor: roubles * season / 100 * 100, with_points })
    }

    fn visit(&self, at: Instant, day: i64) -> (Instant, Later) {
        const SERVICES: [(&str, &str, i64); 4] = [
            ("cleaning", "Поддерживающая уборка", 390_000),
            ("general", "Генеральная уборка", 890_000),
            ("windows", "Мытьё окон", 260_000),
            ("sofa", "Химчистка дивана", 450_000),
        ];
        const ENGLISH: [&str; 4] = ["Regular cleaning", "Deep cleaning", "Window cleaning", "Sofa cleaning"];
        let nth = usize::try_from(self.below(6)).unwrap_or(0).saturating_sub(2);
        let (key, name, sum) = SERVICES[nth];
        let title = if self.lang == "ru" { name } else { ENGLISH[nth] };
        let stage = match DAYS - day {
            ..=2 => "new",
            3..=5 => "agreed",
            6..=7 => "working",
            _ if self.is_one_of(9) => "refused",
            _ => "done",
        };
        (at, Later::Deal { stage, service: (key, title, sum), made: at.minus_seconds(self.below(2 * DAY)) })
    }

    /// What a studio orders of the shop.
    fn order(&self, at: Instant, day: i64) -> (Instant, Later) {
        const ORDERS: [(&str, &str, i64); 3] = [
            ("brushes", "Кисти и гель-лаки для студии", 1_840_000),
            ("lamp", "Лампы на четыре места", 2_360_000),
            ("masterclass", "Обучение мастеров студии", 3_200_000),
        ];
        const ENGLISH: [&str; 3] =
            ["Brushes and polish for a studio", "Lamps for four desks", "Training for a studio"];
        let nth = usize::try_from(self.below(3)).unwrap_or(0);
        let (key, name, least) = ORDERS[nth];
        let title = if self.lang == "ru" { name } else { ENGLISH[nth] };
        let sum = least + self.below(40) * 50_000;
        let stage = match DAYS - day {
            ..=4 => "new",
            5..=9 => "invoice",
            10..=14 => "packing",
            _ if self.is_one_of(12) => "lost",
            _ => "done",
        };
        (at, Later::Deal { stage, service: (key, title, sum), made: at.minus_seconds(self.below(2 * DAY)) })
    }

    /// Somebody of the team, the same for the same moment.
    fn whoever_served(&self, at: Instant) -> Option<StaffId> {
        let team = u64::try_from(self.team.len()).ok().filter(|team| *team > 0)?;
        let place = usize::try_from(at.0.unsigned_abs() % team).ok()?;
        self.team.get(place).copied()
    }

    /// All of it in the order of time, with ids that grow as time does.
    fn happened(&mut self) -> Vec<Happened> {
        self.comes.sort_by_key(|(at, _)| *at);
        let birthday = if self.lang == "ru" { "С днём рождения" } else { "Happy birthday" };
        let sorry =
            if self.lang == "ru" { "Извинения за ожидание" } else { "Sorry for the wait" };
        let mut all = Vec::new();
        for (at, plan) in std::mem::take(&mut self.comes) {
            let mut contact = plan.contact;
            contact.id = ContactId::new(&self.ids, &ManualClock::new(at));
            let id = contact.id;
            let deals = plan.later.len();
            for (at, later) in plan.later {
                let by = self.whoever_served(at);
                let cause = by.map_or_else(|| self.actor.cause(), |by| Cause::new("staff", by.to_string()));
                let (cause, deed) = match later {
                    Later::Buys { sum_minor, with_points } => {
                        (cause, Deed::Buys { contact: id, sum_minor, with_points, note: None })
                    }
                    Later::Birthday => {
                        let note = Some(birthday.to_owned());
                        let cause = Cause::new("job", "loyalty.birthdays");
                        (cause, Deed::Given { contact: id, kind: "birthday", points: Points(300), note })
                    }
                    Later::Apology => {
                        let note = Some(sorry.to_owned());
                        (cause, Deed::Given { contact: id, kind: "grant", points: Points(100), note })
                    }
                    Later::Deal { stage, service: (key, title, sum), made } => {
                        let deal = PastDeal {
                            contact: id,
                            pipeline: None,
                            stage: stage.to_owned(),
                            title: title.to_owned(),
                            sum: Some(sum),
                            items: vec![key.to_owned()],
                            responsible: by,
                            created_at: made,
                        };
                        (cause, Deed::Deal(Box::new(deal)))
                    }
                };
                all.push(Happened { at, cause, deed });
            }
            if deals > 8 && self.shop {
                contact.tags.insert("VIP".into());
            }
            let consent = contact.registered_at.map(|_| "loyalty".to_owned());
            let newcomer = Newcomer { contact, identity: plan.identity, blocked: plan.blocked, consent };
            let cause =
                Cause::new("scenario", if self.shop { "nail-shop-loyalty" } else { "service-points" });
            all.push(Happened { at, cause, deed: Deed::Comes(Box::new(newcomer)) });
        }
        all.sort_by_key(|one| one.at);
        all
    }

    /// Writes the years down, a few days at a time; what expires, expires in its time.
    async fn write(
        mut self,
        app: &App,
        clock: &ManualClock,
        now: Instant,
    ) -> anyhow::Result<Vec<telegram::Person>> {
        let all = self.happened();
        let mut rest = all.as_slice();
        let mut until = self.begun;
        while until < now {
            until = until.plus_seconds(STRIDE * DAY).min(now.minus_seconds(1));
            let count = rest.partition_point(|one| one.at <= until);
            let (mut days, later) = rest.split_at(count);
            rest = later;
            while !days.is_empty() {
                let mut people = BTreeSet::new();
                let fits = days.iter().take(past::DEEDS_MAX).take_while(|one| {
                    people.insert(one.deed.contact());
                    people.len() <= 1_000
                });
                let (chunk, more) = days.split_at(fits.count());
                clock.set(chunk.last().map_or(until, |last| last.at));
                past::write(app, &self.actor, chunk.to_vec()).await.map_err(told)?;
                days = more;
            }
            clock.set(until);
            while expire_due(app, self.actor.tenant, until, SETTLED_AT_ONCE).await.map_err(told)?.more {}
            if until >= now.minus_seconds(1) {
                break;
            }
        }
        Ok(self.lately)
    }
}

/// Links that customers came by, and segments the team looks at.
async fn furnish(app: &App, actor: &Actor, channel: ChannelId, lang: &str, shop: bool) -> Result<(), Fail> {
    const SHOP_LINKS: [(&str, &str, &str); 5] = [
        ("qr-kassa", "QR у кассы", "QR at the till"),
        ("instagram", "Ссылка в профиле", "Link in the profile"),
        ("masterclass", "Мастер-классы", "Master classes"),
        ("site", "Кнопка на сайте", "Button on the site"),
        ("friends", "Приведи подругу", "Bring a friend"),
    ];
    const FIRM_LINKS: [(&str, &str, &str); 3] = [
        ("avito", "Объявление на Авито", "Classified ad"),
        ("leaflet", "Листовка в подъезде", "Leaflet"),
        ("site", "Кнопка на сайте", "Button on the site"),
    ];
    let russian = lang == "ru";
    let links: &[(&str, &str, &str)] = if shop { &SHOP_LINKS } else { &FIRM_LINKS };
    for (tag, ru, en) in links {
        channels::put_entry(app, actor, channel, tag, if russian { ru } else { en }).await?;
    }
    let asleep = json!({ "field": "contact.last_seen_at", "op": "older_than_days", "value": 60 });
    let rich = json!({ "field": "loyalty.available", "op": "ge", "value": 500 });
    let segments = [("Давно не были", "Not seen of late", asleep), ("Много баллов", "Many points", rich)];
    for (ru, en, condition) in segments {
        let Ok(condition) = serde_json::from_value(condition) else { continue };
        segments::create(app, actor, if russian { ru } else { en }, condition).await?;
    }
    Ok(())
}

fn told(fail: Fail) -> anyhow::Error {
    anyhow::anyhow!("{fail}")
}
