//! Receipts that wait for a person, one after another: seen with their picture, taken or refused by a press; the next one
//! comes by itself. Paging passes one over.

use super::title;
use crate::access::Actor;
use crate::capability::{Look, Shown};
use crate::problem::{Fail, Problem};
use crate::promo::moderation::{Decision, decide_in, next_in};
use crate::promo::texts::{day, moment, rubles};
use crate::promo::{Promotion, Reason, suspicion};
use crate::receipts::{self as sent, ListedReceipt};
use crate::visit::Visit;
use samovar_base::id;
use samovar_base::message::{Action, Body, Button, FileKind, Media};
use samovar_base::{PromotionId, ReceiptId};

/// Goods of a receipt that are shown.
const GOODS: usize = 8;
/// Letters of the name of one.
const LETTERS: usize = 40;

/// What receipts are refused by with a press.
const REASONS: [Reason; 8] = [
    Reason::OtherShop,
    Reason::Banned,
    Reason::NotNeeded,
    Reason::SmallSum,
    Reason::Differs,
    Reason::NotReceipt,
    Reason::Returned,
    Reason::ByPerson,
];

/// What a button of the screen carries: short, for messengers allow little.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pressed {
    what: What,
    promotion: PromotionId,
    receipt: ReceiptId,
    revision: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Accept,
    /// Asks for the reason.
    Reasons,
    Refuse(Reason),
    /// Goes back from the reasons.
    Back,
}

impl Pressed {
    fn carried(self) -> String {
        let what = match self.what {
            What::Accept => "a".to_owned(),
            What::Reasons => "n".to_owned(),
            What::Back => "b".to_owned(),
            What::Refuse(reason) => {
                REASONS.iter().position(|one| *one == reason).unwrap_or_default().to_string()
            }
        };
        let (promotion, receipt) = (id::encode(self.promotion.0), id::encode(self.receipt.0));
        format!("{what}.{promotion}.{receipt}.{}", self.revision)
    }

    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let what = match parts.next()? {
            "a" => What::Accept,
            "n" => What::Reasons,
            "b" => What::Back,
            number => What::Refuse(*REASONS.get(number.parse::<usize>().ok()?)?),
        };
        Some(Self {
            what,
            promotion: PromotionId(id::decode(parts.next()?)?),
            receipt: ReceiptId(id::decode(parts.next()?)?),
            revision: parts.next()?.parse().ok()?,
        })
    }
}

/// The receipt that waits longest.
pub(super) async fn list(actor: &Actor, look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    let ru = actor.locale.starts_with("ru");
    let (mut said, mut asks) = (String::new(), None);
    if let Some(pressed) = look.pressed.and_then(Pressed::read) {
        match pressed.what {
            What::Reasons => asks = Some(pressed),
            What::Back => {}
            What::Accept | What::Refuse(_) => said = decided(actor, pressed, visit).await?,
        }
    }
    let (app, tx) = (visit.app.clone(), visit.tx.clone());
    // What was decided in this unit is still in its hands: the next look is to see it.
    tx.settle().await?;
    let passed = look.page.max(1) - 1;
    let mut next = next_in(&app, &tx, actor, passed).await?;
    if next.is_none() && passed > 0 {
        next = next_in(&app, &tx, actor, 0).await?;
    }
    let head = title(&look);
    let mut parts = vec![said, head];
    let Some((promotion, one, more)) = next else {
        let nothing = if ru {
            "Сейчас ни один чек не ждёт решения."
        } else {
            "No receipt waits for a decision now."
        };
        parts.push(nothing.to_owned());
        return Ok(Shown::View { body: Body::text(joined(&parts)), more: false });
    };
    parts.push(described(&promotion, &one, actor, visit).await?);
    let asks = asks.filter(|asked| asked.receipt == one.receipt.id);
    let buttons = buttons(&promotion, &one, asks.is_some(), ru);
    let media = (!one.receipt.picture.is_empty())
        .then(|| Media { kind: FileKind::Photo, key: one.receipt.picture.clone() });
    Ok(Shown::View { body: Body { text: joined(&parts), media, buttons, ..Body::default() }, more })
}

/// Carries a decision out; what is said of it. That somebody was faster is said, too.
async fn decided(actor: &Actor, pressed: Pressed, visit: &mut Visit) -> Result<String, Fail> {
    let ru = actor.locale.starts_with("ru");
    let (decision, done) = match pressed.what {
        What::Refuse(reason) => {
            let done = if ru {
                "Чек отклонён, участник узнал причину."
            } else {
                "Refused; the participant was told why."
            };
            (Decision::Refuse { reason, note: String::new() }, done)
        }
        _ => {
            let done = if ru {
                "Чек принят, номер выдан."
            } else {
                "Taken; its number was given."
            };
            (Decision::Accept, done)
        }
    };
    let Pressed { promotion, receipt, revision, .. } = pressed;
    let (app, tx, now) = (&visit.app, &visit.tx, visit.now);
    match decide_in(app, tx, actor, promotion, receipt, Some(revision), decision, now).await {
        Ok((_, mut ready)) => {
            visit.ready.append(&mut ready);
            Ok(done.to_owned())
        }
        Err(Fail::Problems(problems)) => Ok(problems
            .first()
            .map(|problem: &Problem| problem.text(&actor.locale).to_owned())
            .unwrap_or_default()),
        Err(fail) => Err(fail),
    }
}

async fn described(
    promotion: &Promotion,
    one: &ListedReceipt,
    actor: &Actor,
    visit: &Visit,
) -> Result<String, Fail> {
    let (locale, ru) = (actor.locale.as_str(), actor.locale.starts_with("ru"));
    let zone = visit.channel.tenant.time_zone();
    let receipt = &one.receipt;
    let name = match (one.name.as_str(), ru) {
        ("", true) => "Без имени",
        ("", false) => "No name",
        (name, _) => name,
    };
    let arrived = moment(receipt.arrived_at.in_zone(&zone).datetime());
    let mut lines = vec![format!("{} · {name}, {arrived}", promotion.name)];
    if let Some(code) = &receipt.code {
        let bought = day(code.at.date());
        let sum = rubles(code.sum, locale);
        lines.push(if ru {
            format!("{sum}, куплено {bought}")
        } else {
            format!("{sum}, bought on {bought}")
        });
    }
    let reason = receipt.reason.map_or("", |reason| reason.title(locale));
    let note = if receipt.note.is_empty() { String::new() } else { format!(": {}", receipt.note) };
    lines.push(if ru {
        format!("Почему ждёт: {reason}{note}")
    } else {
        format!("It waits because: {reason}{note}")
    });
    let signs: Vec<suspicion::Found> = serde_json::from_str(&receipt.signs).unwrap_or_default();
    lines.extend(signs.iter().map(|sign| format!("• {}", sign.text(locale))));
    if let Some(key) = receipt.key()
        && let Some((_, document, _)) = sent::store::document(&visit.tx, key).await?
    {
        let seller =
            [&document.seller.name, &document.seller.place].into_iter().find(|name| !name.is_empty());
        lines.extend(seller.map(|name| name.chars().take(80).collect()));
        let goods = document.items.iter().take(GOODS);
        lines.extend(goods.map(|item| {
            let name: String = item.name.trim().chars().take(LETTERS).collect();
            format!("— {name}, {}", rubles(item.sum, locale))
        }));
        let rest = document.items.len().saturating_sub(GOODS);
        if rest > 0 {
            lines.push(if ru {
                format!("…и ещё строк: {rest}")
            } else {
                format!("…and {rest} lines more")
            });
        }
    }
    Ok(lines.join("\n"))
}

fn buttons(promotion: &Promotion, one: &ListedReceipt, reasons: bool, ru: bool) -> Vec<Vec<Button>> {
    let button = |label: &str, what: What| {
        let (receipt, revision) = (one.receipt.id, one.receipt.revision);
        let carried = Pressed { what, promotion: promotion.id, receipt, revision }.carried();
        Button { label: label.to_owned(), action: Action::Press(carried) }
    };
    if !reasons {
        let (yes, no) =
            if ru { ("Принять", "Отклонить…") } else { ("Take it", "Refuse…") };
        return vec![vec![button(yes, What::Accept), button(no, What::Reasons)]];
    }
    let locale = if ru { "ru" } else { "en" };
    let mut rows: Vec<Vec<Button>> = REASONS
        .chunks(2)
        .map(|pair| pair.iter().map(|reason| button(reason.title(locale), What::Refuse(*reason))).collect())
        .collect();
    rows.push(vec![button(if ru { "Назад" } else { "Back" }, What::Back)]);
    rows
}

fn joined(parts: &[String]) -> String {
    parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_carry_little_and_are_read_back() {
        let whats = REASONS.map(What::Refuse).into_iter().chain([What::Accept, What::Reasons, What::Back]);
        for what in whats {
            let pressed =
                Pressed { what, promotion: PromotionId(i64::MAX), receipt: ReceiptId(7), revision: 12 };
            let carried = pressed.carried();
            assert!(carried.len() <= 40, "{carried}");
            assert_eq!(Pressed::read(&carried), Some(pressed));
        }
        for other in
            ["", "a", "9.x.y.1", "z.0000000000001.0000000000001.1", "a.0000000000001.0000000000001.x"]
        {
            assert_eq!(Pressed::read(other), None, "{other}");
        }
    }
}
