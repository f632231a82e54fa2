//! What the Mini App is given.

use crate::catalogue::{Item, roubles};
use crate::deals::{Deal, OrderState, Pipeline};
use crate::ledger;
use crate::loyalty::Speech;
use samovar_base::{Instant, Points};
use serde::Serialize;

/// What somebody is let in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Opens the app for this person and channel.
    pub token: String,
    /// From then on it opens nothing.
    pub expires_at: Instant,
}

/// The first screen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Face {
    /// The company.
    pub business: String,
    /// `ru` or `en`.
    pub locale: &'static str,
    /// The company's time zone.
    pub zone: String,
    /// How points are called: forms for 1, 2 and 5 in Russian, for 1 and 2 in English.
    pub units: Vec<String>,
    /// Opens the chat with the bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Of the card.
    pub look: Look,
    /// The share of a purchase that comes back as points, in basis points; zero says nothing.
    pub earns_bp: i64,
    /// The first name; absent of somebody who has not registered, and so is all that follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// May be spent now.
    pub available: Points,
    /// Set aside by orders.
    pub held: Points,
    /// Owed.
    pub debt: Points,
    /// What ends when, the soonest first.
    pub ending: Vec<Ending>,
}

/// Colours of the card, `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Look {
    /// The ground.
    pub background: String,
    /// Words.
    pub ink: String,
    /// The balance and the rim.
    pub accent: String,
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Card {
    /// As people say it.
    pub number: String,
    /// What the till scans.
    pub qr: Qr,
    /// When there is another code to be shown; absent where cards do not turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<Instant>,
}

/// A QR as an SVG path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Qr {
    /// Modules on a side; a module is 1 in the path.
    pub size: usize,
    /// The dark modules.
    pub path: String,
}

/// Points that end together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ending {
    /// How many.
    pub points: Points,
    /// The last day on which they can be spent, `2026-12-31`.
    pub on: String,
}

/// An operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// When.
    pub at: Instant,
    /// By how much the balance changed; zero when points were set aside or set free.
    pub points: Points,
    /// What for.
    pub title: String,
}

impl Entry {
    pub(super) fn of(entry: ledger::Entry, speech: &Speech<'_>) -> Self {
        let title = entry.note.unwrap_or_else(|| speech.what_for(&entry.kind).to_owned());
        Self { id: entry.id.to_string(), at: entry.at, points: entry.points, title }
    }
}

/// Something that can be had for points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// Its short name, by which it is ordered.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// There is a picture.
    pub picture: bool,
    /// For how many points.
    pub points: Points,
    /// What it costs otherwise, in roubles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub money: Option<String>,
    /// Pieces that are left; absent without end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock: Option<i64>,
}

impl Offer {
    pub(super) fn of(item: &Item, locale: &str) -> Option<Self> {
        let fields = &item.fields;
        let description = fields.description.as_ref().map(|text| text.text(locale).to_owned());
        Some(Self {
            key: item.key.clone(),
            name: fields.name.text(locale).to_owned(),
            description: description.filter(|text| !text.is_empty()),
            picture: fields.picture.is_some(),
            points: fields.points?,
            money: fields.money.map(roubles),
            stock: item.stock,
        })
    }
}

/// An order was placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ordered {
    /// Its id.
    pub id: String,
    /// What was ordered.
    pub title: String,
    /// Points set aside.
    pub points: Points,
    /// It is not finished; false when the same order was placed before and is over by now.
    pub open: bool,
}

/// An order as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Order {
    /// Its id.
    pub id: String,
    /// What was ordered.
    pub title: String,
    /// For how many points.
    pub points: Points,
    /// `open`, `done` or `cancelled`.
    pub state: &'static str,
    /// The stage of its pipeline, in words.
    pub stage: String,
    /// When it was placed.
    pub at: Instant,
    /// When it is cancelled by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Instant>,
}

impl Order {
    pub(super) fn of(deal: Deal, pipelines: &[Pipeline], locale: &str) -> Option<Self> {
        let order = deal.order?;
        let stage = pipelines
            .iter()
            .find(|pipeline| pipeline.id == deal.pipeline)
            .and_then(|pipeline| pipeline.stage(&deal.stage))
            .map_or_else(|| deal.stage.clone(), |stage| stage.name.text(locale).to_owned());
        let state = match order.state {
            OrderState::Open => "open",
            OrderState::Done => "done",
            _ => "cancelled",
        };
        let until = order.until.filter(|_| order.state == OrderState::Open);
        Some(Self {
            id: deal.id.to_string(),
            title: deal.title,
            points: deal.points,
            state,
            stage,
            at: deal.created_at,
            until,
        })
    }
}
