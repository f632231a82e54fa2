//! How deals are made and moved, and what that does to points, stock and people.

use super::model::{
    AfterSuccess, Change, ChangeId, Deal, DealId, DealItem, MAIN, NewDeal, OrderState, Pipeline,
    PipelineFields, PipelineId, Stage, StageKind,
};
use super::rules::{self, StageNames};
use super::store;
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::catalogue;
use crate::contacts::{self, Contact};
use crate::ledger::{self, Act, Operation, POINTS, Posted, Refusal, Shortfall, Wallet};
use crate::loyalty::{self, Names, Speech};
use crate::pipeline::{self, Ready};
use crate::problem::{Fail, Problem};
use crate::tenants::{self, Tenant};
use crate::visit::{Cause, Visit};
use samovar_base::message::Body;
use samovar_base::{Instant, LotId, Points};
use samovar_engine::Values;
use samovar_store::{StoreError, Tx};
use serde_json::json;

/// Who moves a deal, and why.
#[derive(Debug, Clone)]
pub(super) struct By {
    /// An id of staff, key or contact, `setup`, `system`.
    pub who: String,
    pub cause: Cause,
    pub note: Option<String>,
    /// Nobody moved it: the time of an order is over.
    pub expired: bool,
}

impl By {
    pub fn actor(actor: &Actor, note: Option<String>) -> Self {
        Self { who: actor.who.to_string(), cause: actor.cause(), note, expired: false }
    }
    pub fn visit(visit: &Visit) -> Self {
        let who = visit.contact.id.to_string();
        Self { who, cause: visit.cause.clone(), note: None, expired: false }
    }
}

/// A deal that moved, and what follows from it.
#[derive(Debug)]
pub(super) struct Moved {
    pub deal: Deal,
    /// What the customer is told.
    pub ready: Vec<Ready>,
    /// The stage of the event `deal.stage`; none when nothing moved.
    pub event: Option<Values>,
}

impl Moved {
    /// Lets the scenarios know that wait for it.
    pub async fn raise(self, app: &App, tx: &Tx) -> Result<(Deal, Vec<Ready>), Fail> {
        let Self { deal, ready, event } = self;
        if let Some(values) = event {
            pipeline::raise(app, tx, deal.contact, "deal.stage", values, &once(&deal)).await?;
        }
        Ok((deal, ready))
    }

    /// The same inside a visit of the deal's contact.
    pub async fn raise_in_visit(self, visit: &mut Visit) -> Result<Deal, Fail> {
        let Self { deal, ready, event } = self;
        visit.ready.extend(ready);
        if let Some(values) = event {
            visit.raise("deal.stage", values, &once(&deal)).await?;
        }
        Ok(deal)
    }
}

fn once(deal: &Deal) -> String {
    format!("{}:{}", deal.id, deal.revision)
}

/// The pipeline of a short name. The two that the program itself needs are made when they are first asked for.
pub(super) async fn pipeline_of(
    app: &App,
    tx: &Tx,
    key: &str,
    now: Instant,
) -> Result<Option<Pipeline>, StoreError> {
    if let Some(found) = store::pipeline_by_key(tx, key).await? {
        return Ok(Some(found));
    }
    if key != MAIN && key != super::ORDERS {
        return Ok(None);
    }
    let id = PipelineId::new(&app.ids, app.clock.as_ref());
    let made = Pipeline { id, key: key.into(), fields: PipelineFields::builtin(key), revision: 1 };
    if store::add_pipeline(tx, &made, now).await? {
        return Ok(Some(made));
    }
    store::pipeline_by_key(tx, key).await
}

/// Makes a deal, once for its key.
pub(crate) async fn create_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    new: NewDeal,
    now: Instant,
) -> Result<(Deal, Vec<Ready>), Fail> {
    actor.require(Right::ContactsWrite)?;
    contacts::load(tx, new.contact).await?.ok_or_else(|| contacts::not_found(new.contact))?;
    let data = json!({ "title": new.title, "source": new.source });
    let moved = create(app, tx, &By::actor(actor, None), new, "en", now).await?;
    if moved.event.is_some() {
        audit(tx, app, actor, "deal.create", moved.deal.id, &data);
    }
    moved.raise(app, tx).await
}

/// The same for a visit of the contact.
pub(super) async fn create_of_visit(visit: &mut Visit, new: NewDeal) -> Result<Deal, Fail> {
    let (app, tx, now, locale) =
        (visit.app.clone(), visit.tx.clone(), visit.now, visit.contact.locale.clone());
    let moved = create(&app, &tx, &By::visit(visit), new, &locale, now).await?;
    moved.raise_in_visit(visit).await
}

async fn create(
    app: &App,
    tx: &Tx,
    by: &By,
    new: NewDeal,
    locale: &str,
    now: Instant,
) -> Result<Moved, Fail> {
    let title = rules::title(&new.title)?;
    rules::sum(new.sum)?;
    if let Some(deal) = store::find(tx, &new.key).await? {
        let same = deal.contact == new.contact && deal.source == new.source;
        return if same {
            Ok(Moved { deal, ready: Vec::new(), event: None })
        } else {
            Err(rules::key_reused().into())
        };
    }
    let key = new.pipeline.as_deref().unwrap_or(MAIN);
    let pipeline = pipeline_of(app, tx, key, now).await?.ok_or_else(|| super::no_pipeline(key))?;
    let stage = match &new.stage {
        Some(key) => pipeline.stage(key).filter(|stage| stage.kind == StageKind::Open),
        None => pipeline.first(StageKind::Open),
    };
    let stage = stage.ok_or_else(|| rules::no_stage(new.stage.as_deref().unwrap_or_default()))?;
    let items = items(tx, &new.items, locale).await?;
    let deal = Deal {
        id: DealId::new(&app.ids, app.clock.as_ref()),
        key: new.key,
        contact: new.contact,
        pipeline: pipeline.id,
        stage: stage.key.clone(),
        kind: stage.kind,
        title,
        sum: new.sum,
        items,
        source: new.source,
        responsible: new.responsible,
        points: Points::ZERO,
        order: None,
        accrued: Points::ZERO,
        rounds: 0,
        revision: 1,
        created_at: now,
        changed_at: now,
    };
    Ok(begin(app, tx, by, deal, &pipeline, stage, now))
}

/// Writes a deal that is new.
pub(super) fn begin(
    app: &App,
    tx: &Tx,
    by: &By,
    deal: Deal,
    pipeline: &Pipeline,
    stage: &Stage,
    now: Instant,
) -> Moved {
    store::insert(tx, &deal);
    note(app, tx, by, &deal, None, now);
    let event = Some(event(&deal, pipeline, stage));
    Moved { deal, ready: Vec::new(), event }
}

/// Moves a deal to a stage of its pipeline. With a `revision`, only if it still has it. Where it stands already nothing
/// happens.
#[allow(clippy::too_many_arguments, reason = "what the verb takes, and the unit")]
pub(crate) async fn move_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    id: DealId,
    revision: Option<i64>,
    stage: &str,
    note: Option<String>,
    now: Instant,
) -> Result<(Deal, Vec<Ready>), Fail> {
    actor.require(Right::ContactsWrite)?;
    let note = rules::note(note)?;
    let deal = store::load(tx, id).await?.ok_or_else(|| super::not_found(id))?;
    if revision.is_some_and(|seen| seen != deal.revision) {
        return Err(tenants::changed_meanwhile(deal.revision).into());
    }
    let was = deal.stage.clone();
    let moved = carry(app, tx, &By::actor(actor, note), deal, stage, now).await?;
    if moved.event.is_some() {
        let data = json!({ "was": was, "stage": stage, "accrued": moved.deal.accrued });
        audit(tx, app, actor, "deal.stage", id, &data);
    }
    moved.raise(app, tx).await
}

/// Carries a deal to a stage with all that follows. What is refused is refused before anything is written.
pub(super) async fn carry(
    app: &App,
    tx: &Tx,
    by: &By,
    mut deal: Deal,
    stage: &str,
    now: Instant,
) -> Result<Moved, Fail> {
    let pipeline = store::pipeline_by_id(tx, deal.pipeline).await?;
    let pipeline = pipeline.ok_or_else(|| super::no_pipeline(&deal.pipeline.to_string()))?;
    let stage = pipeline.stage(stage).ok_or_else(|| rules::no_stage(stage))?;
    if deal.stage == stage.key {
        return Ok(Moved { deal, ready: Vec::new(), event: None });
    }
    let closed = deal.order.is_some_and(|order| {
        matches!(order.state, OrderState::Refused | OrderState::Expired | OrderState::Refunded)
    });
    if closed && stage.kind != StageKind::Failure {
        return Err(rules::order_over().into());
    }
    let person = contacts::load(tx, deal.contact).await?.ok_or_else(|| contacts::not_found(deal.contact))?;
    let tenant =
        tenants::load(tx).await?.ok_or_else(|| Problem::not_found("компания", "company", tx.tenant()))?;
    let mut books = Books {
        app,
        tx,
        by,
        wallet: ledger::load(app, tx, deal.contact, POINTS).await?,
        earned: Points::ZERO,
        now,
    };
    match stage.kind {
        StageKind::Open => {}
        StageKind::Success => books.succeed(&mut deal, &pipeline, &tenant).await?,
        StageKind::Failure => books.fail(&mut deal, &pipeline).await?,
    }
    let earned = books.earned;
    let (revision, was) = (deal.revision, deal.stage.clone());
    deal.revision += 1;
    deal.changed_at = now;
    (deal.stage, deal.kind) = (stage.key.clone(), stage.kind);
    store::save(tx, &deal, revision);
    note(app, tx, by, &deal, Some(was), now);
    let ready = tell(app, tx, by, &deal, stage, &person, &tenant, earned).await?;
    let event = Some(event(&deal, &pipeline, stage));
    Ok(Moved { deal, ready, event })
}

/// The contact's wallet while a deal moves.
struct Books<'a> {
    app: &'a App,
    tx: &'a Tx,
    by: &'a By,
    wallet: Wallet,
    earned: Points,
    now: Instant,
}

impl Books<'_> {
    /// What was set aside is paid; what success gives is given, once until it is taken back.
    async fn succeed(&mut self, deal: &mut Deal, pipeline: &Pipeline, tenant: &Tenant) -> Result<(), Fail> {
        if let Some(order) = deal.order.as_mut().filter(|order| order.state == OrderState::Open) {
            if let Some(hold) = order.hold {
                let act = Act::Capture { hold, points: None };
                self.post(format!("deal:{}:capture", deal.id), "capture", &deal.title, act).await?.entry()?;
            }
            order.state = OrderState::Done;
        }
        let reward = pipeline.fields.reward(deal);
        if deal.accrued.is_positive() || !reward.is_positive() {
            return Ok(());
        }
        let expires_at = loyalty::current(self.app, self.tx).await?.expires_at(self.now, &tenant.time_zone());
        let lot = LotId::new(&self.app.ids, self.app.clock.as_ref());
        let act = Act::Earn { lot, points: reward, expires_at };
        self.post(success_key(deal), "deal", &deal.title, act).await?.entry()?;
        (deal.accrued, self.earned) = (reward, reward);
        Ok(())
    }

    /// What was set aside is free again; after a success it is taken back, if the pipeline says so.
    async fn fail(&mut self, deal: &mut Deal, pipeline: &Pipeline) -> Result<(), Fail> {
        let reverses = pipeline.fields.after_success == AfterSuccess::Reverse;
        if let Some(order) = deal.order.as_mut() {
            let back = match order.state {
                OrderState::Open => {
                    if let Some(hold) = order.hold {
                        let key = format!("deal:{}:release", deal.id);
                        self.post(key, "release", &deal.title, Act::Release { hold }).await?;
                    }
                    order.state = if self.by.expired { OrderState::Expired } else { OrderState::Refused };
                    true
                }
                OrderState::Done if reverses => {
                    if order.hold.is_some() {
                        self.undo(
                            format!("deal:{}:capture", deal.id),
                            format!("deal:{}:refund", deal.id),
                            &deal.title,
                        )
                        .await?;
                    }
                    order.state = OrderState::Refunded;
                    true
                }
                _ => false,
            };
            for item in deal.items.iter().filter(|_| back) {
                catalogue::give_back(self.tx, item.item, item.quantity).await?;
            }
        }
        if reverses && deal.accrued.is_positive() {
            self.undo(success_key(deal), format!("deal:{}:undo:{}", deal.id, deal.rounds), &deal.title)
                .await?;
            deal.accrued = Points::ZERO;
            deal.rounds += 1;
        }
        Ok(())
    }

    async fn undo(&mut self, of: String, key: String, title: &str) -> Result<(), Fail> {
        let act = Act::Reverse { key: of, at_most: None, shortfall: Shortfall::Forgive };
        match self.post(key, "reverse", title, act).await? {
            Posted::Refused(Refusal::NothingToReverse) => Ok(()),
            posted => Ok(posted.entry().map(drop)?),
        }
    }

    async fn post(&mut self, key: String, kind: &'static str, title: &str, act: Act) -> Result<Posted, Fail> {
        let operation = Operation {
            key,
            kind: kind.into(),
            note: Some(title.to_owned()),
            cause: self.by.cause.clone(),
            act,
        };
        ledger::post(self.app, self.tx, &mut self.wallet, operation, self.now).await
    }
}

/// The key of what a success gives. After it was taken back, another success is another operation.
pub(super) fn success_key(deal: &Deal) -> String {
    match deal.rounds {
        0 => format!("deal:{}:success", deal.id),
        rounds => format!("deal:{}:success:{rounds}", deal.id),
    }
}

#[allow(clippy::too_many_arguments, reason = "all that a text may name")]
async fn tell(
    app: &App,
    tx: &Tx,
    by: &By,
    deal: &Deal,
    stage: &Stage,
    person: &Contact,
    tenant: &Tenant,
    earned: Points,
) -> Result<Vec<Ready>, Fail> {
    let programme = loyalty::current(app, tx).await?;
    let zone = tenant.time_zone();
    let speech = Speech { units: &programme.units, locale: &person.locale, zone: &zone };
    let text = match &stage.tells {
        Some(tells) => speech.render(
            tells,
            &StageNames {
                title: deal.title.clone(),
                stage: stage.name.text(&person.locale).to_owned(),
                points: deal.points.0,
                earned: earned.0,
                name: person.first_name().to_owned(),
                business: tenant.name.clone(),
                expired: by.expired,
            },
        ),
        None if earned.is_positive() && programme.notices.accrual.on => {
            let standing = ledger::load(app, tx, person.id, POINTS).await?.standing(app.clock.now());
            speech.render(
                &programme.notices.accrual.text,
                &Names {
                    points: earned.0,
                    balance: standing.available.0 + earned.0,
                    held: standing.held.0,
                    comment: deal.title.clone(),
                    name: person.first_name().to_owned(),
                    business: tenant.name.clone(),
                    ..Names::default()
                },
            )
        }
        None => return Ok(Vec::new()),
    };
    pipeline::notify(app, tx, person, Body::text(text), by.cause.clone()).await
}

fn note(app: &App, tx: &Tx, by: &By, deal: &Deal, was: Option<String>, now: Instant) {
    let change = Change {
        id: ChangeId::new(&app.ids, app.clock.as_ref()),
        at: now,
        was,
        stage: deal.stage.clone(),
        actor: by.who.clone(),
        note: by.note.clone(),
    };
    store::insert_change(tx, deal.id, &change);
}

fn event(deal: &Deal, pipeline: &Pipeline, stage: &Stage) -> Values {
    let mut values = Values::new();
    values.insert("pipeline".into(), json!(pipeline.key));
    values.insert("stage".into(), json!(stage.key));
    values.insert("kind".into(), json!(stage.kind));
    values.insert("title".into(), json!(deal.title));
    values
}

pub(super) async fn items(tx: &Tx, wanted: &[(String, u32)], locale: &str) -> Result<Vec<DealItem>, Fail> {
    if wanted.len() > rules::ITEMS_MAX {
        let (ru, en) = ("В сделке до 50 позиций", "A deal has at most 50 items");
        return Err(Problem::invalid("items", "too_many", ru, en).into());
    }
    let mut items = Vec::with_capacity(wanted.len());
    for (key, quantity) in wanted {
        rules::quantity(*quantity)?;
        let item = catalogue::find(tx, key).await?.ok_or_else(|| catalogue::not_found(key))?;
        items.push(DealItem {
            item: item.id,
            key: item.key,
            name: item.fields.name.text(locale).to_owned(),
            quantity: *quantity,
            weight: item.fields.weight,
        });
    }
    Ok(items)
}
