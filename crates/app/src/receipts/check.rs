//! The checking worker of a node: takes due receipts into its hands, asks providers, and lays the answers down to be
//! settled.
//!
//! A company's receipts are checked by one node at a time, the one that holds the company's bucket, so that a
//! provider's pace is one pace. What makes it exact is not the lease but the row: a receipt is taken by a guarded change
//! of its state. What a node that died had taken is due again as soon as another has its bucket, and at the latest when
//! the time that is given to a question has ended.

use super::ladder::{Ended, Ladder};
use super::model::{Attempt, Provider, Receipt, State};
use super::rules::{Got, again};
use super::{look, providers, settle, store};
use crate::app::App;
use crate::pipeline::bucket;
use crate::problem::Fail;
use crate::promo::Promotion;
use samovar_base::{ChannelId, Instant, PromotionId, ProviderId, ReceiptId, TenantId};
use samovar_connectors::receipt_check::{Answer, Question, Said, Services};
use samovar_fiscal::{self as fiscal, Key};
use samovar_store::{params, query};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A receipt in the hands of a node that does not settle it counts as lost after so long.
const LEASE_MS: i64 = 150_000;
/// Receipts taken at once for one promotion.
const CLAIM_MAX: i64 = 200;
/// Answers of one promotion that are settled in one unit.
const SETTLE_MAX: usize = 200;
/// How often due receipts are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long it is waited for more, once there is something to do.
const GATHER: Duration = Duration::from_millis(30);
/// A provider that says that its quota is used up, and not until when, is asked again after so long.
const QUOTA_MS: i64 = 3_600_000;
/// A service that asks for a pause about one receipt does not hold up the others for longer.
const PAUSE_MS_MAX: i64 = 10_000;
/// Letters kept of a provider's words.
const WORDS_MAX: usize = 300;
/// How old the length of a queue may be.
const GAUGE_MS: i64 = 3_000;

query! {
    instance static AT_WORK = "SELECT p.tenant_id, p.id, \
            EXISTS (SELECT 1 FROM receipts_receipt r WHERE r.tenant_id = p.tenant_id AND r.promotion_id = p.id \
                AND r.state < 2 AND r.check_at <= $1), \
            EXISTS (SELECT 1 FROM receipts_picture s WHERE s.tenant_id = p.tenant_id AND s.promotion_id = p.id \
                AND s.state < 2 AND s.look_at <= $1) \
        FROM promo_promotion p WHERE p.state > 0 ORDER BY p.tenant_id, p.id";
    instance static IN_HANDS = "SELECT p.tenant_id, p.id FROM promo_promotion p WHERE p.state > 0 \
        AND (EXISTS (SELECT 1 FROM receipts_receipt r WHERE r.tenant_id = p.tenant_id AND r.promotion_id = p.id \
                AND r.state = 1) \
            OR EXISTS (SELECT 1 FROM receipts_picture s WHERE s.tenant_id = p.tenant_id AND s.promotion_id = p.id \
                AND s.state = 1)) ORDER BY p.tenant_id, p.id";
}
query! {
    static RECEIPTS_FREE = "UPDATE receipts_receipt SET check_at = $3 \
        WHERE tenant_id = $1 AND promotion_id = $2 AND state = 1 AND check_at > $3";
    static PICTURES_FREE = "UPDATE receipts_picture SET look_at = $3 \
        WHERE tenant_id = $1 AND promotion_id = $2 AND state = 1 AND look_at > $3";
}

/// What a node has in its hands of checking.
#[derive(Default)]
pub struct Checks {
    ladder: Mutex<Ladder>,
    hands: Mutex<Hands>,
    queues: Mutex<HashMap<PromotionId, Queue>>,
    wake: Notify,
    services: OnceLock<Option<Services>>,
    /// One round at a time: whoever waits for everything to be done sees what another round has just taken up.
    rounds: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Hands {
    /// Receipts that providers are asked about: one question at a time about each.
    asking: HashSet<(TenantId, Key)>,
    /// Pictures that are looked at.
    looking: usize,
    /// Questions on their way.
    open: usize,
    /// Answers to be settled.
    answered: Vec<Answered>,
    /// Queues whose length is to be counted anew.
    recount: HashSet<(TenantId, PromotionId)>,
}

/// The length of a queue, as it was and has changed since.
#[derive(Debug, Clone, Copy)]
struct Queue {
    length: i64,
    counted_at: Instant,
}

/// A receipt with its answer.
#[derive(Debug, Clone)]
pub(super) struct Answered {
    pub tenant: TenantId,
    pub promotion: PromotionId,
    pub receipt: ReceiptId,
    /// The revision of the row as it was taken.
    pub revision: i64,
    pub got: Got,
    pub attempts: Vec<Attempt>,
}

impl Checks {
    /// The services of this build; none when no call can be made from here at all.
    fn services(&self) -> Option<&Services> {
        let made = || {
            Services::new().inspect_err(|error| tracing::error!(%error, "no service of checks can be called"))
        };
        self.services.get_or_init(|| made().ok()).as_ref()
    }

    /// There is something to do now.
    pub(super) fn hurry(&self) {
        self.wake.notify_one();
    }

    /// There is something new to do. While questions are open it waits for their answers, or for the next look: what
    /// comes meanwhile is then taken up together, and what was answered is settled together.
    pub(super) fn arrived(&self) {
        if lock(&self.hands).open == 0 {
            self.hurry();
        }
    }

    /// The length of a promotion's queue, if it was counted on this node; and whether it is time to count it anew.
    pub(super) fn queue(&self, promotion: PromotionId, now: Instant) -> Option<(i64, bool)> {
        let queue = *lock(&self.queues).get(&promotion)?;
        Some((queue.length.max(0), now.millis_since(queue.counted_at) > GAUGE_MS))
    }
    /// It is to be counted anew, beside the traffic.
    pub(super) fn recount(&self, tenant: TenantId, promotion: PromotionId) {
        lock(&self.hands).recount.insert((tenant, promotion));
    }
    /// It was counted.
    pub(super) fn counted(&self, promotion: PromotionId, length: i64, now: Instant) {
        lock(&self.queues).insert(promotion, Queue { length, counted_at: now });
    }
    /// It grew or shrank.
    pub(crate) fn moved(&self, promotion: PromotionId, by: i64) {
        if let Some(queue) = lock(&self.queues).get_mut(&promotion) {
            queue.length += by;
        }
    }
    /// Forgets what was wrong with a provider.
    pub(super) fn forget(&self, provider: ProviderId) {
        lock(&self.ladder).forget(provider);
        self.hurry();
    }

    /// A place among the pictures that are looked at, if there is one.
    pub(super) fn begin_look(&self, most: usize) -> bool {
        let mut hands = lock(&self.hands);
        let free = hands.looking < most;
        hands.looking += usize::from(free);
        free
    }
    /// It is free again.
    pub(super) fn end_look(&self) {
        lock(&self.hands).looking -= 1;
        self.hurry();
    }

    fn in_hand(&self) -> usize {
        let hands = lock(&self.hands);
        hands.open + hands.answered.len() + hands.looking
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Checks what is due, again and again, until stopped; what is in hand then is finished first.
pub async fn work(app: App, stop: CancellationToken) {
    loop {
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "due receipts could not be looked for or settled");
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
            // What comes close together is taken up and settled together.
            () = app.checks.wake.notified() => tokio::time::sleep(GATHER).await,
        }
    }
    // What is not answered by then is due again when its lease ends.
    let patience = tokio::time::Instant::now() + Duration::from_secs(3);
    while app.checks.in_hand() > 0 && tokio::time::Instant::now() < patience {
        settle_answers(&app).await.ok();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Does everything that is due now, to its end.
pub async fn work_off(app: &App) -> Result<(), Fail> {
    loop {
        // A picture that is read during a round may bring a receipt that the round has not seen.
        let before = app.checks.in_hand();
        let begun = round(app).await?;
        if before + begun + app.checks.in_hand() == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Settles what was answered, and takes up what is due while there is room. How many it took up.
async fn round(app: &App) -> Result<usize, Fail> {
    let _alone = app.checks.rounds.lock().await;
    settle_answers(app).await?;
    let recount = std::mem::take(&mut lock(&app.checks.hands).recount);
    for (tenant, promotion) in recount {
        super::count(app, tenant, promotion).await?;
    }
    let mut begun = 0;
    for due in at_work(app).await? {
        if !app.pipeline.ownership.holds(place(due.tenant)) {
            continue;
        }
        if due.pictures {
            begun += look::begin(app, due.tenant, due.promotion).await?;
        }
        if due.receipts {
            begun += begin(app, due.tenant, due.promotion).await?;
        }
    }
    settle_answers(app).await?;
    Ok(begun)
}

/// What others had in their hands of companies whose receipts this node is about to check is due now: nobody holds
/// their buckets yet, so that whoever had it died or has let go of it.
pub(crate) async fn take_over(app: &App, buckets: &[usize]) -> Result<(), Fail> {
    let now = app.clock.now();
    let rows =
        app.store.read_instance(|tx| async move { Ok::<_, Fail>(tx.all(&IN_HANDS, ()).await?) }).await?;
    for row in &rows {
        let (tenant, promotion): (TenantId, PromotionId) = (row.id(0)?, row.id(1)?);
        if buckets.contains(&place(tenant)) {
            app.store
                .run(tenant, settle::unit_key(promotion), move |tx| async move {
                    tx.exec(&RECEIPTS_FREE, params![promotion, now]).await?;
                    tx.exec(&PICTURES_FREE, params![promotion, now]).await?;
                    Ok::<_, Fail>(())
                })
                .await?;
        }
    }
    Ok(())
}

/// The bucket whose holder checks the receipts of a company.
fn place(tenant: TenantId) -> usize {
    bucket::of(ChannelId(tenant.0), "receipts")
}

struct Due {
    tenant: TenantId,
    promotion: PromotionId,
    receipts: bool,
    pictures: bool,
}

async fn at_work(app: &App) -> Result<Vec<Due>, Fail> {
    let now = app.clock.now();
    let rows = app
        .store
        .read_instance(move |tx| async move { Ok::<_, Fail>(tx.all(&AT_WORK, params![now]).await?) })
        .await?;
    let mut due = Vec::new();
    for row in &rows {
        let one =
            Due { tenant: row.id(0)?, promotion: row.id(1)?, receipts: row.bool(2)?, pictures: row.bool(3)? };
        if one.receipts || one.pictures {
            due.push(one);
        }
    }
    Ok(due)
}

/// Takes up due receipts of a promotion.
async fn begin(app: &App, tenant: TenantId, id: PromotionId) -> Result<usize, Fail> {
    let Some(promotion) = super::promotion(app, tenant, id).await? else { return Ok(0) };
    let ladder = Arc::new(providers::ladder(app, tenant).await?);
    let now = app.clock.now();
    let asked = Asked { app: app.clone(), tenant, promotion, ladder, day_ends: day_ends(app, tenant, now) };
    asked.know(now).await?;
    if asked.ladder.is_empty() {
        return asked.without_question(Got::Nobody, now).await;
    }
    let left = asked.budget_left().await?;
    if left <= 0 {
        return asked.without_question(Got::NoBudget, now).await;
    }
    let places = asked.reserve(left.min(CLAIM_MAX), now);
    if places.is_empty() {
        return Ok(0);
    }
    asked.claim(places, now).await
}

/// When the day of the business ends.
fn day_ends(app: &App, tenant: TenantId, now: Instant) -> Instant {
    let zone = app.directory.tenant(tenant).map_or(jiff::tz::TimeZone::UTC, |tenant| tenant.time_zone());
    let tomorrow = now.in_zone(&zone).tomorrow().and_then(|day| day.start_of_day());
    tomorrow.map_or(now.plus_seconds(86_400), |day| Instant::from(day.timestamp()))
}

/// What is asked for a promotion.
#[derive(Clone)]
struct Asked {
    app: App,
    tenant: TenantId,
    promotion: Arc<Promotion>,
    ladder: Arc<Vec<Arc<Provider>>>,
    day_ends: Instant,
}

impl Asked {
    /// Providers that this node meets for the first time: how much was asked of them today stands in the tables.
    async fn know(&self, now: Instant) -> Result<(), Fail> {
        for provider in self.ladder.iter() {
            if !lock(&self.app.checks.ladder).knows(provider.id) {
                let since = Instant(self.day_ends.0 - 86_400_000_000);
                let today = providers::asked_since(&self.app, self.tenant, provider.id, since).await?;
                lock(&self.app.checks.ladder).know(
                    provider.id,
                    &provider.settings,
                    today,
                    now,
                    self.day_ends,
                );
            }
        }
        Ok(())
    }

    async fn budget_left(&self) -> Result<i64, Fail> {
        let Some(budget) = self.promotion.terms.checks.budget else { return Ok(i64::MAX) };
        let id = self.promotion.id;
        let asked = self
            .app
            .store
            .read(self.tenant, move |tx| async move { Ok::<_, Fail>(store::asked(&tx, id).await?) })
            .await?;
        let open = i64::try_from(lock(&self.app.checks.hands).open).unwrap_or(i64::MAX);
        Ok(budget - asked - open)
    }

    /// Takes questions out of the allowances of the providers, the first of the ladder first.
    fn reserve(&self, most: i64, now: Instant) -> Vec<usize> {
        let mut ladder = lock(&self.app.checks.ladder);
        let mut places = Vec::new();
        for (at, provider) in self.ladder.iter().enumerate() {
            while (places.len() as i64) < most
                && ladder.begin(provider.id, &provider.settings, now, self.day_ends)
            {
                places.push(at);
            }
        }
        places
    }

    /// Takes due receipts into hand and answers them all alike.
    async fn without_question(&self, got: Got, now: Instant) -> Result<usize, Fail> {
        let taken = self.take(CLAIM_MAX, now).await?;
        let count = taken.len();
        for (receipt, kept) in taken {
            let got = kept.map_or_else(|| got.clone(), known);
            self.answered(&receipt, got, Vec::new());
        }
        Ok(count)
    }

    /// Takes due receipts into hand, one for each place, and asks.
    async fn claim(&self, mut places: Vec<usize>, now: Instant) -> Result<usize, Fail> {
        let most = i64::try_from(places.len()).unwrap_or(CLAIM_MAX);
        let taken = match self.take(most, now).await {
            Ok(taken) => taken,
            Err(fail) => {
                self.give_back(&places);
                return Err(fail);
            }
        };
        let count = taken.len();
        places.reverse();
        for (receipt, kept) in taken {
            if let Some(kept) = kept {
                self.answered(&receipt, known(kept), Vec::new());
                continue;
            }
            let Some(code) = receipt.code.clone() else {
                self.answered(&receipt, Got::NotYet(None), Vec::new());
                continue;
            };
            let fresh = {
                let mut hands = lock(&self.app.checks.hands);
                let fresh = hands.asking.insert((self.tenant, code.key.clone()));
                hands.open += usize::from(fresh);
                fresh
            };
            match if fresh { places.pop() } else { None } {
                Some(place) => {
                    let asked = self.clone();
                    tokio::spawn(async move { asked.ask(receipt, code, place).await });
                }
                None => {
                    self.answered(&receipt, Got::Later(again(receipt.id, receipt.tries, now)), Vec::new())
                }
            }
        }
        self.give_back(&places);
        Ok(count)
    }

    fn give_back(&self, places: &[usize]) {
        let mut ladder = lock(&self.app.checks.ladder);
        for place in places {
            ladder.give_back(self.ladder[*place].id);
        }
    }

    /// Takes up to so many due receipts into this node's hands, with what is kept of them.
    async fn take(&self, most: i64, now: Instant) -> Result<Vec<(Receipt, Option<fiscal::Receipt>)>, Fail> {
        let id = self.promotion.id;
        let most = usize::try_from(most).unwrap_or_default();
        self.app
            .store
            .run(self.tenant, settle::unit_key(id), move |tx| async move {
                let due = store::due(&tx, id, now, most).await?;
                let keys: Vec<&Key> = due.iter().filter_map(Receipt::key).collect();
                let mut kept =
                    if keys.is_empty() { HashMap::new() } else { store::documents(&tx, &keys).await? };
                let mut taken = Vec::with_capacity(due.len());
                for mut receipt in due {
                    store::claim(&tx, &receipt, State::Checking, now.plus_millis(LEASE_MS));
                    receipt.revision += 1;
                    receipt.state = State::Checking;
                    let document = receipt.key().and_then(|key| kept.remove(key));
                    taken.push((receipt, document));
                }
                Ok::<_, Fail>(taken)
            })
            .await
    }

    /// Asks one provider after another, from `place` of the ladder on, until one has an answer.
    async fn ask(self, receipt: Receipt, code: fiscal::Code, place: usize) {
        let question = Question { code: code.clone() };
        let mut attempts = Vec::new();
        let (mut got, mut enough) = (None, None);
        let mut at = Some(place);
        while let Some(place) = at {
            let provider = &self.ladder[place];
            let asked_at = self.app.clock.now();
            let begun = std::time::Instant::now();
            let answer = match self.app.checks.services() {
                Some(services) => services.of(provider.kind).check(&provider.account(), &question).await,
                None => Answer::Error(Said::default()),
            };
            let now = self.app.clock.now();
            let ended = pace_of(&answer, now);
            let outcome = answer.name();
            let words =
                answer.said().map_or("", |said| said.words.as_str()).chars().take(WORDS_MAX).collect();
            metrics::counter!("samovar_receipt_checks_total", "outcome" => outcome).increment(1);
            lock(&self.app.checks.ladder).end(provider.id, ended, now);
            attempts.push(Attempt {
                provider: provider.id,
                asked_at,
                took_ms: i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX),
                outcome: outcome.to_owned(),
                words,
            });
            got =
                match answer {
                    Answer::Found(found) => Some(Got::Document {
                        provider: provider.kind.as_str().to_owned(),
                        body: Box::new(found.receipt),
                        fresh: true,
                    }),
                    Answer::NotYet(said) => Some(Got::NotYet(pause(&said))),
                    Answer::Unknown(_) => Some(Got::Unknown),
                    Answer::Later(said) => Some(Got::Later(pause(&said).map_or_else(
                        || again(receipt.id, receipt.tries, now),
                        |pause| now.plus_millis(pause),
                    ))),
                    Answer::Enough(said) => {
                        enough = Some(Got::NotYet(pause(&said)));
                        None
                    }
                    Answer::Refused(_) | Answer::Quota(_) | Answer::Error(_) => None,
                };
            at = if got.is_some() { None } else { self.next_after(place, now) };
        }
        let got = got
            .or(enough)
            .unwrap_or_else(|| Got::Later(again(receipt.id, receipt.tries, self.app.clock.now())));
        {
            let mut hands = lock(&self.app.checks.hands);
            hands.asking.remove(&(self.tenant, code.key));
            hands.answered.push(self.answer(&receipt, got, attempts));
            hands.open -= 1;
        }
        self.app.checks.arrived();
    }

    /// The next of the ladder that may be asked now.
    fn next_after(&self, place: usize, now: Instant) -> Option<usize> {
        let mut ladder = lock(&self.app.checks.ladder);
        (place + 1..self.ladder.len()).find(|at| {
            let provider = &self.ladder[*at];
            ladder.begin(provider.id, &provider.settings, now, self.day_ends)
        })
    }

    fn answered(&self, receipt: &Receipt, got: Got, attempts: Vec<Attempt>) {
        lock(&self.app.checks.hands).answered.push(self.answer(receipt, got, attempts));
    }

    fn answer(&self, receipt: &Receipt, got: Got, attempts: Vec<Attempt>) -> Answered {
        Answered {
            tenant: self.tenant,
            promotion: self.promotion.id,
            receipt: receipt.id,
            revision: receipt.revision,
            got,
            attempts,
        }
    }
}

fn known(body: fiscal::Receipt) -> Got {
    Got::Document { provider: String::new(), body: Box::new(body), fresh: false }
}

/// The pause that a service asked for, in milliseconds.
fn pause(said: &Said) -> Option<i64> {
    said.after_ms.and_then(|ms| i64::try_from(ms).ok())
}

/// What an answer means for the pace of its provider.
fn pace_of(answer: &Answer, now: Instant) -> Ended {
    match answer {
        Answer::Found(_) | Answer::NotYet(_) | Answer::Unknown(_) => Ended::Well,
        Answer::Later(said) => {
            pause(said).map_or(Ended::Well, |ms| Ended::Closed(now.plus_millis(ms.min(PAUSE_MS_MAX))))
        }
        Answer::Refused(_) => Ended::Refused,
        Answer::Quota(said) => Ended::Closed(now.plus_millis(pause(said).unwrap_or(QUOTA_MS))),
        // One of them says little: only when nothing else comes the provider is left alone.
        Answer::Enough(_) | Answer::Error(_) => Ended::Badly,
    }
}

/// Settles the answers that lie ready, promotion by promotion.
async fn settle_answers(app: &App) -> Result<(), Fail> {
    let answered = std::mem::take(&mut lock(&app.checks.hands).answered);
    let mut by_promotion: HashMap<(TenantId, PromotionId), Vec<Answered>> = HashMap::new();
    for one in answered {
        by_promotion.entry((one.tenant, one.promotion)).or_default().push(one);
    }
    let mut failed = None;
    for ((tenant, promotion), mut all) in by_promotion {
        while !all.is_empty() {
            let rest = all.split_off(all.len().min(SETTLE_MAX));
            if let Err(fail) = settle::settle(app, tenant, promotion, all.clone()).await {
                // Kept in hand: their lease holds.
                lock(&app.checks.hands).answered.append(&mut all);
                failed = Some(fail);
            }
            all = rest;
        }
    }
    failed.map_or(Ok(()), Err)
}
