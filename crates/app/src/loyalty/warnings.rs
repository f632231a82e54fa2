//! People are told before their points end, and that they ended: one message a day, by day only.
//!
//! A walk goes through the lots by their ends. How far it has come is written in the unit of each chunk, and whom it met
//! gets a row of their own for the day in the same unit: however often it is begun again, nobody is told twice and
//! nobody is left out. Points that are gone are not warned of, however late the program comes.

use super::desk::Desk;
use super::model::Programme;
use super::store::Person;
use super::wording::{Ending, Names, Speech, ToMany};
use super::{rules, store};
use crate::app::App;
use crate::contacts::{Contact, first_name};
use crate::ledger::{self, POINTS, Wallet};
use crate::pipeline::{self, Class, Recipient};
use crate::problem::{Fail, Problem};
use crate::tenants;
use crate::visit::Cause;
use crate::work::{After, Job, JobError, Retry};
use futures::future::BoxFuture;
use jiff::ToSpan;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use samovar_base::message::Body;
use samovar_base::{AccountId, ContactId, Instant, TenantId};
use samovar_engine::Values;
use samovar_store::Tx;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;

/// People in one unit.
const CHUNK: u32 = 1_000;
/// Units in one run of the job: it must end before another node takes it for dead.
const CHUNKS_MAX: usize = 30;
/// Settings and the zone of the business are looked at so often.
pub(super) const LOOK_SECONDS: i64 = 3_600;
/// Lots whose expiry is posted at a time before people are told of it.
const SETTLED_AT_ONCE: u32 = 5_000;

/// Tells people that points end, and that they ended; one for each company, for ever.
#[derive(Debug, Serialize, Deserialize)]
pub struct Warn {}

impl Job for Warn {
    const NAME: &'static str = "loyalty.warn";
    const RETRY: Retry = Retry { first_ms: 5_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let now = app.clock.now();
            let services = app.clone();
            let known = app.store.read(tenant, move |tx| {
                let app = services.clone();
                async move { Day::of(&app, &tx, now, |programme| &programme.warnings.hour).await }
            });
            let day = known.await?;
            if day.is_open(now) && warn(app, tenant, &day, now).await? {
                return Ok(After::Again(now));
            }
            Ok(After::Again(day.next(now)))
        })
    }
}

/// A day of the business, and the hours at which people may be disturbed.
#[derive(Clone)]
pub(super) struct Day {
    pub(super) programme: Arc<Programme>,
    pub(super) zone: TimeZone,
    pub(super) business: String,
    pub(super) date: Date,
    opens: Instant,
    closes: Instant,
    tomorrow: Instant,
}

impl Day {
    /// Today, from the hour that `from` finds in the programme.
    pub(super) async fn of(
        app: &App,
        tx: &Tx,
        now: Instant,
        from: fn(&Programme) -> &str,
    ) -> Result<Self, Fail> {
        let programme = store::programme(app, tx).await?.programme;
        let tenant = tenants::load(tx).await?;
        let tenant = tenant.ok_or_else(|| Problem::not_found("компания", "company", tx.tenant()))?;
        let zone = tenant.time_zone();
        let date = now.in_zone(&zone).date();
        let hour = |text: &str| rules::hour(text).unwrap_or(Time::midnight());
        let (from, until) = (hour(from(&programme)), hour(&programme.warnings.until));
        Ok(Self {
            opens: moment(date, from, &zone),
            closes: moment(date, until, &zone),
            tomorrow: moment(date.tomorrow().unwrap_or(date), from, &zone),
            business: tenant.name,
            programme,
            zone,
            date,
        })
    }

    /// People may be disturbed.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        self.opens <= now && now < self.closes
    }

    /// When to look again.
    pub(super) fn next(&self, now: Instant) -> Instant {
        let opens = if now < self.opens { self.opens } else { self.tomorrow };
        opens.min(now.plus_seconds(LOOK_SECONDS)).max(now.plus_seconds(1))
    }

    /// What a unit needs to write to somebody.
    pub(super) fn desk(&self, contact: Contact) -> Desk {
        Desk {
            contact,
            programme: Arc::clone(&self.programme),
            zone: self.zone.clone(),
            business: self.business.clone(),
        }
    }
}

fn moment(date: Date, time: Time, zone: &TimeZone) -> Instant {
    let at = date.to_datetime(time).to_zoned(zone.clone());
    at.map_or(Instant(i64::MAX), |at| at.timestamp().into())
}

/// A stretch of ends that is walked.
#[derive(Clone)]
struct Walk {
    kind: String,
    ended: bool,
    through: Instant,
}

/// Goes through what is due today. True when there is more.
async fn warn(app: &App, tenant: TenantId, day: &Day, now: Instant) -> Result<bool, Fail> {
    if day.programme.notices.expired.on {
        // What nobody posted yet could not be told of.
        while ledger::work::expire_due(app, tenant, now, SETTLED_AT_ONCE).await?.more {}
    }
    let mut left = CHUNKS_MAX;
    for walk in walks(day) {
        loop {
            if !day.is_open(app.clock.now()) {
                return Ok(false);
            }
            if left == 0 {
                return Ok(true);
            }
            left -= 1;
            let (services, of_day, of_walk) = (app.clone(), day.clone(), walk.clone());
            let more = app.store.run(tenant, tenants::unit_key(tenant), move |tx| {
                let (app, day, walk) = (services.clone(), of_day.clone(), of_walk.clone());
                async move { chunk(&app, &tx, &day, &walk, now).await }
            });
            if !more.await? {
                break;
            }
        }
    }
    Ok(false)
}

/// Those that end latest first: who is met there hears of all that ends sooner too.
fn walks(day: &Day) -> Vec<Walk> {
    let mut walks = Vec::new();
    if day.programme.notices.expired.on {
        walks.push(Walk { kind: "expired".into(), ended: true, through: day.opens });
    }
    if day.programme.notices.expiring.on {
        let mut days = day.programme.warnings.days.clone();
        days.sort_unstable_by(|a, b| b.cmp(a));
        for before in days {
            // All whose last full day is so many days ahead: they end with it or in the course of the next one.
            let after = day.date.checked_add((i64::from(before) + 2).days());
            if let Some(after) = after.ok().and_then(|after| rules::start_of(after, &day.zone)) {
                let through = Instant(after.0 - 1);
                walks.push(Walk { kind: format!("expiring:{before}"), ended: false, through });
            }
        }
    }
    walks
}

/// One unit: the next people of a walk. True when there are more.
async fn chunk(app: &App, tx: &Tx, day: &Day, walk: &Walk, now: Instant) -> Result<bool, Fail> {
    let reach = match store::reach(tx, &walk.kind).await? {
        Some(reach) => reach,
        // From now on: what ended before is not news.
        None if walk.ended => {
            let here = (walk.through, AccountId(i64::MAX));
            store::save_reach(
                tx,
                &walk.kind,
                store::Reach { since: here.0, through: here.0, account: here.1 },
            );
            return Ok(false);
        }
        None => store::Reach { since: now, through: now, account: AccountId(i64::MAX) },
    };
    if reach.through > walk.through || (reach.through, reach.account) == (walk.through, AccountId(i64::MAX)) {
        return Ok(false);
    }
    // What is gone cannot be warned of.
    let from = if !walk.ended && reach.through < now {
        (now, AccountId(i64::MAX))
    } else {
        (reach.through, reach.account)
    };
    let met = if walk.ended {
        store::ended(tx, from, walk.through, CHUNK).await?
    } else {
        store::ending(tx, from, walk.through, CHUNK).await?
    };
    let more = met.len() >= CHUNK as usize;
    let after = match met.last() {
        Some(last) if more => store::Reach { since: reach.since, through: last.ends, account: last.account },
        _ => store::Reach { since: walk.through, through: walk.through, account: AccountId(i64::MAX) },
    };
    let told = if walk.ended { gone(tx, &met, reach.since, walk.through).await? } else { HashMap::new() };
    tell(app, tx, day, walk, &met, &told, now).await?;
    store::save_reach(tx, &walk.kind, after);
    Ok(more)
}

/// How many points ended of each account in the stretch, and when first.
async fn gone(
    tx: &Tx,
    met: &[store::Met],
    since: Instant,
    through: Instant,
) -> Result<HashMap<AccountId, (i64, Instant)>, Fail> {
    let accounts: Vec<AccountId> = met.iter().map(|met| met.account).collect();
    Ok(store::gone(tx, &accounts, since, through).await?)
}

/// What somebody is to be told.
struct Notification {
    contact: ContactId,
    account: AccountId,
    names: Names,
    ends: Instant,
}

async fn tell(
    app: &App,
    tx: &Tx,
    day: &Day,
    walk: &Walk,
    met: &[store::Met],
    gone: &HashMap<AccountId, (i64, Instant)>,
    now: Instant,
) -> Result<(), Fail> {
    let mut contacts: Vec<ContactId> = met.iter().filter_map(|met| met.contact).collect();
    contacts.sort_unstable();
    contacts.dedup();
    if contacts.is_empty() {
        return Ok(());
    }
    let people = async { store::people(tx, &contacts).await.map_err(Fail::from) };
    let wallets = async { ledger::load_many(app, tx, &contacts, POINTS).await.map_err(Fail::from) };
    let ways = pipeline::recipients_of_many(app, tx, &contacts);
    let (kind, notice) = if walk.ended {
        ("expired", &day.programme.notices.expired)
    } else {
        ("expiring", &day.programme.notices.expiring)
    };
    let date = day.date.to_string();
    let marked = async { store::marked(tx, &contacts, &date, kind).await.map_err(Fail::from) };
    let (people, wallets, ways, marked) = futures::try_join!(people, wallets, ways, marked)?;
    let mut due = Vec::new();
    for wallet in wallets.iter().filter(|wallet| !marked.contains(&wallet.contact)) {
        let Some(person) = people.get(&wallet.contact) else { continue };
        let found = if walk.ended {
            gone.get(&wallet.account).map(|(points, ends)| day.ended(person, wallet, *points, *ends, now))
        } else {
            day.ending(person, wallet, walk.through, now)
        };
        due.extend(found);
    }
    let reachable = |contact: ContactId| -> Option<&Recipient> {
        let takes = people.get(&contact).is_some_and(|person| person.takes_messages);
        ways.get(&contact).filter(|_| takes)
    };
    let cause = Cause::new("job", Warn::NAME).to_json();
    let texts = ToMany::new(&notice.text, &day.programme.units, &day.zone);
    for one in &due {
        let way = reachable(one.contact);
        let mark = store::Mark {
            contact: one.contact,
            points: one.names.points,
            ends: Some(one.ends),
            told: way.is_some(),
        };
        store::mark(tx, &date, kind, &mark, now);
        if let (Some(to), Some(person)) = (way, people.get(&one.contact)) {
            let body = Body::text(texts.of(&person.locale).say(&one.names));
            pipeline::queue(app, tx, to, &body, Class::Service, &cause, now);
        }
    }
    let event = format!("loyalty.{kind}");
    if pipeline::is_awaited(app, tx.tenant(), &event) {
        for one in &due {
            let once = format!("{event}:{}:{date}", one.account);
            pipeline::raise(app, tx, one.contact, &event, day.values(one), &once).await?;
        }
    }
    Ok(())
}

impl Day {
    /// What ends up to `through` of a wallet, by end.
    fn ending(
        &self,
        person: &Person,
        wallet: &Wallet,
        through: Instant,
        now: Instant,
    ) -> Option<Notification> {
        let mut parts: Vec<(Date, Instant, i64)> = Vec::new();
        for lot in wallet.lots.iter().filter(|lot| !lot.is_over(now) && lot.free().is_positive()) {
            let Some(ends) = lot.expires_at.filter(|ends| *ends <= through) else { continue };
            let date = self.last_day(ends);
            match parts.last_mut() {
                Some((last, _, points)) if *last == date => *points += lot.free().0,
                _ => parts.push((date, ends, lot.free().0)),
            }
        }
        let (first, ends, _) = *parts.first()?;
        let speech = self.speech(person);
        let names = Names {
            points: parts.iter().map(|(_, _, points)| points).sum(),
            expires_on: speech.date(first),
            ending: parts
                .iter()
                .map(|(date, _, points)| Ending { points: *points, on: speech.date(*date) })
                .collect(),
            ..self.names(person, wallet, now)
        };
        Some(Notification { contact: wallet.contact, account: wallet.account, names, ends })
    }

    fn ended(
        &self,
        person: &Person,
        wallet: &Wallet,
        points: i64,
        ends: Instant,
        now: Instant,
    ) -> Notification {
        let expires_on = self.speech(person).date(self.last_day(ends));
        let names = Names { points, expires_on, ..self.names(person, wallet, now) };
        Notification { contact: wallet.contact, account: wallet.account, names, ends }
    }

    fn names(&self, person: &Person, wallet: &Wallet, now: Instant) -> Names {
        Names::of(first_name(&person.name), &self.business, wallet.standing(now))
    }

    /// What an event brings.
    fn values(&self, one: &Notification) -> Values {
        let mut values = Values::new();
        values.insert("points".into(), json!(one.names.points));
        values.insert("date".into(), json!(self.last_day(one.ends).to_string()));
        values.insert("days".into(), json!(self.days_till(one.ends)));
        values
    }

    fn speech<'a>(&'a self, person: &'a Person) -> Speech<'a> {
        Speech { units: &self.programme.units, locale: &person.locale, zone: &self.zone }
    }

    /// The last day on which points with that end can be spent.
    fn last_day(&self, ends: Instant) -> Date {
        rules::last_day(ends, &self.zone)
    }

    /// How many days there are till then.
    fn days_till(&self, ends: Instant) -> i32 {
        self.date.until(self.last_day(ends)).map_or(0, |span| span.get_days())
    }
}
