//! What scenarios may show of the catalogue: the list, an item, the question before an order.
//!
//! The screen remembers nothing: each button carries what is to be shown next. The button that orders carries a number
//! made when the question was drawn, so that pressing it twice orders once.

use super::model::{CatalogueTexts, Item, ItemFilter, ItemId, ItemNames};
use super::{rules, store};
use crate::capability::{Capability, Look, Outcome, Shown, Words};
use crate::deals::{self, OrderRefusal, Placed};
use crate::ledger;
use crate::loyalty::{self, Programme, Speech, Wording};
use crate::problem::Fail;
use crate::visit::Visit;
use futures::future::{BoxFuture, FutureExt};
use samovar_base::Points;
use samovar_base::message::{Action, Body, Button, FileKind, Media};
use samovar_engine::{FactSpec, Kind, OutcomeSpec, ParamSpec, ScreenSpec, Title, Values};
use serde_json::{Value, json};
use std::sync::Arc;

/// Items on one page of the list.
const PAGE: u32 = 6;
/// Items of a catalogue that are looked through; more are not shown.
const SHOWN_MAX: u32 = 600;

/// The catalogue, as scenarios see it.
#[derive(Debug)]
pub struct Catalogue;

impl Capability for Catalogue {
    fn name(&self) -> &'static str {
        "catalogue"
    }

    fn words(&self) -> Words {
        let list = ScreenSpec {
            name: "catalogue.list".into(),
            params: vec![ParamSpec {
                name: "category".into(),
                kind: Kind::Text,
                required: false,
                title: Title::new("только эта категория", "only this category"),
            }],
            hears: false,
            takes: false,
            outcomes: vec![OutcomeSpec {
                name: "ordered".into(),
                values: vec![
                    value("name", Kind::Text, "что заказано", "what was ordered"),
                    value("points", Kind::Points, "сколько баллов отложено", "points set aside"),
                    value("balance", Kind::Points, "свободно после этого", "free afterwards"),
                ],
                title: Title::new("заказано", "ordered"),
            }],
            title: Title::new("каталог с заказом", "catalogue with ordering"),
        };
        Words { screens: vec![list], ..Words::default() }
    }

    fn act<'a>(
        &'a self,
        _: &'a str,
        _: &'a Values,
        _: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Outcome, Fail>> {
        async { Ok(Outcome::named("failed")) }.boxed()
    }

    fn show<'a>(
        &'a self,
        _: &'a str,
        look: Look<'a>,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Shown, Fail>> {
        show(look, visit).boxed()
    }

    fn facts<'a>(&'a self, _: &'a str, _: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        async { Ok(json!({})) }.boxed()
    }
}

/// What a button of the screen asks for.
enum Wanted {
    List(u32),
    Item(ItemId),
    Question(ItemId),
    Order(ItemId, String),
}

impl Wanted {
    fn read(pressed: Option<&str>, page: u32) -> Self {
        let mut parts = pressed.unwrap_or_default().split('.');
        let id = |text: Option<&str>| text.and_then(|text| text.parse().ok());
        match (parts.next(), id(parts.next()), parts.next()) {
            (Some("i"), Some(item), _) => Self::Item(item),
            (Some("q"), Some(item), _) => Self::Question(item),
            (Some("o"), Some(item), Some(once)) => Self::Order(item, once.to_owned()),
            _ => Self::List(page),
        }
    }
}

/// What is needed to say anything.
struct Shelf {
    texts: CatalogueTexts,
    programme: Arc<Programme>,
    locale: String,
    business: String,
    balance: Points,
}

async fn show(look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    let now = visit.now;
    let balance = ledger::of_visit(visit).await?.available(now);
    let shelf = Shelf {
        texts: store::texts(&visit.tx).await?.texts,
        programme: loyalty::current(&visit.app, &visit.tx).await?,
        locale: visit.contact.locale.clone(),
        business: visit.channel.tenant.name.clone(),
        balance,
    };
    match Wanted::read(look.pressed, look.page) {
        Wanted::List(page) => list(&shelf, page, look.params, visit).await,
        Wanted::Item(id) => match offered(visit, id).await? {
            Some(item) => Ok(shelf.item(&item)),
            None => Ok(shelf.answer(&shelf.texts.gone, &ItemNames::default())),
        },
        Wanted::Question(id) => match offered(visit, id).await? {
            Some(item) => {
                let once = samovar_base::id::encode(visit.app.ids.next(visit.app.clock.as_ref()));
                Ok(shelf.question(&item, &once))
            }
            None => Ok(shelf.answer(&shelf.texts.gone, &ItemNames::default())),
        },
        Wanted::Order(id, once) => order(&shelf, visit, id, &once).await,
    }
}

async fn list(shelf: &Shelf, page: u32, params: &Values, visit: &Visit) -> Result<Shown, Fail> {
    let category = params.get("category").and_then(Value::as_str).filter(|name| !name.is_empty());
    let filter = ItemFilter { active: Some(true), category: category.map(str::to_owned) };
    let all = store::page(&visit.tx, &filter, None, SHOWN_MAX).await?;
    let skip = page.max(1).saturating_sub(1).saturating_mul(PAGE) as usize;
    let items: Vec<&Item> = all.iter().skip(skip).take(PAGE as usize).collect();
    if items.is_empty() {
        let text = shelf.render(&shelf.texts.empty, &shelf.names(None));
        return Ok(Shown::View { body: Body::text(text), more: false });
    }
    let buttons = items
        .iter()
        .map(|item| {
            let label = shelf.render(&shelf.texts.label, &shelf.names(Some(item)));
            vec![press(&label, format!("i.{}", item.id))]
        })
        .collect();
    let text = shelf.render(&shelf.texts.list, &shelf.names(None));
    Ok(Shown::View { body: Body { text, buttons, ..Body::default() }, more: all.len() > skip + items.len() })
}

async fn order(shelf: &Shelf, visit: &mut Visit, id: ItemId, once: &str) -> Result<Shown, Fail> {
    let Some(item) = offered(visit, id).await? else {
        return Ok(shelf.answer(&shelf.texts.gone, &ItemNames::default()));
    };
    let names = shelf.names(Some(&item));
    Ok(match deals::order_of_visit(visit, &item, once).await? {
        Placed::Now(deal) | Placed::Already(deal) => {
            let now = visit.now;
            let balance = ledger::of_visit(visit).await?.available(now);
            let mut values = Values::new();
            values.insert("name".into(), json!(shelf.texts_of(&item.fields.name)));
            values.insert("points".into(), json!(deal.points));
            values.insert("balance".into(), json!(balance));
            Shown::Left(Outcome { name: "ordered", values })
        }
        Placed::Refused(OrderRefusal::Gone) => shelf.answer(&shelf.texts.gone, &names),
        Placed::Refused(OrderRefusal::SoldOut) => shelf.answer(&shelf.texts.sold_out, &names),
        Placed::Refused(OrderRefusal::Limit) => shelf.answer(&shelf.texts.limit, &names),
        Placed::Refused(OrderRefusal::Poor { missing }) => {
            shelf.answer(&shelf.texts.poor, &ItemNames { missing: missing.0, ..names })
        }
    })
}

async fn offered(visit: &Visit, id: ItemId) -> Result<Option<Item>, Fail> {
    Ok(store::load(&visit.tx, id).await?.filter(|item| item.fields.active))
}

impl Shelf {
    fn item(&self, item: &Item) -> Shown {
        let text = self.render(&self.texts.item, &self.names(Some(item)));
        let mut buttons = Vec::new();
        if item.fields.points.is_some() && item.stock != Some(0) {
            buttons.push(vec![press(self.texts_of(&self.texts.order), format!("q.{}", item.id))]);
        }
        buttons.push(vec![self.back()]);
        let media = item.fields.picture.as_ref().map(|key| Media { kind: FileKind::Photo, key: key.clone() });
        Shown::View { body: Body { text, media, buttons, ..Body::default() }, more: false }
    }

    fn question(&self, item: &Item, once: &str) -> Shown {
        let names = self.names(Some(item));
        if names.price > self.balance.0 {
            let missing = names.price - self.balance.0;
            return self.answer(&self.texts.poor, &ItemNames { missing, ..names });
        }
        let text = self.render(&self.texts.confirm, &names);
        let yes = press(self.texts_of(&self.texts.yes), format!("o.{}.{once}", item.id));
        Shown::View {
            body: Body { text, buttons: vec![vec![yes], vec![self.back()]], ..Body::default() },
            more: false,
        }
    }

    fn answer(&self, wording: &Wording, names: &ItemNames) -> Shown {
        let text = self.render(wording, names);
        Shown::View { body: Body { text, buttons: vec![vec![self.back()]], ..Body::default() }, more: false }
    }

    fn back(&self) -> Button {
        press(self.texts_of(&self.texts.back), "l".into())
    }

    fn names(&self, item: Option<&Item>) -> ItemNames {
        let price = item.and_then(|item| item.fields.points).unwrap_or_default();
        let limit = item.and_then(|item| item.fields.per_person);
        ItemNames {
            name: item.map(|item| self.texts_of(&item.fields.name).to_owned()).unwrap_or_default(),
            description: item
                .and_then(|item| item.fields.description.as_ref())
                .map(|text| self.texts_of(text).to_owned())
                .unwrap_or_default(),
            price: price.0,
            money: item.and_then(|item| item.fields.money).map(rules::roubles).unwrap_or_default(),
            weight: item.map_or(0, |item| item.fields.weight.0),
            stock: item.and_then(|item| item.stock),
            balance: self.balance.0,
            left: self.balance.0 - price.0,
            count: limit.map_or(0, |limit| limit.count),
            days: limit.and_then(|limit| limit.days).unwrap_or(0),
            business: self.business.clone(),
            ..ItemNames::default()
        }
    }

    fn render(&self, wording: &Wording, names: &ItemNames) -> String {
        let zone = jiff::tz::TimeZone::UTC;
        Speech { units: &self.programme.units, locale: &self.locale, zone: &zone }.render(wording, names)
    }

    fn texts_of<'w>(&self, wording: &'w Wording) -> &'w str {
        wording.text(&self.locale)
    }
}

fn press(label: &str, carries: String) -> Button {
    Button { label: rules::label(label), action: Action::Press(carries) }
}

fn value(path: &str, kind: Kind, ru: &str, en: &str) -> FactSpec {
    FactSpec { path: path.into(), kind, writable: false, title: Title::new(ru, en) }
}
