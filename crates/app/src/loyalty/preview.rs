//! What customers would see of a programme that is not saved yet.

use super::card::{self, CardDesign, CardFace, CardNumber};
use super::cards::{ground, not_drawn};
use super::model::{Programme, Wording};
use super::rules::{card_code, hour, last_day, wrong_design};
use super::wording::{Ending, Names, Speech};
use crate::access::{Actor, Right};
use crate::app::App;
use crate::ledger::{NextExpiry, Standing};
use crate::problem::Fail;
use crate::tenants::{self, Tenant};
use jiff::tz::TimeZone;
use samovar_base::{Instant, Points};
use samovar_store::StoreError;

/// The number of the card that is nobody's.
const SAMPLE_CARD: u64 = 48_213_650_977;

/// A text as a customer would read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The path of the text in the programme: `notices.accrual`, `screens.balance`.
    pub key: &'static str,
    /// Whether it is sent at all.
    pub on: bool,
    /// At which time of the day it goes out, where that is fixed: `10:00`.
    pub hour: Option<String>,
    /// In the language asked for; absent when the text is faulty.
    pub text: Option<String>,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// The card of a person that does not exist, in a design that need not be saved, PNG.
pub async fn preview_card(
    app: &App,
    actor: &Actor,
    design: CardDesign,
    holder: Option<String>,
) -> Result<Vec<u8>, Fail> {
    actor.require(Right::SettingsRead)?;
    let mut problems: Vec<_> =
        design.problems().into_iter().map(|problem| wrong_design(problem.field, problem.code)).collect();
    let ground = if problems.is_empty() { ground(app, actor.tenant, &design).await? } else { None };
    if problems.is_empty() && design.picture.is_some() && ground.is_none() {
        problems.push(wrong_design("picture.file", "not_a_picture"));
    }
    if !problems.is_empty() {
        return Err(Fail::Problems(problems));
    }
    let tenant = company(app, actor).await?;
    let number = CardNumber::from_draw(SAMPLE_CARD);
    let qr_text = card_code(&app.vault, actor.tenant, number);
    let russian = tenant.as_ref().is_none_or(|tenant| tenant.locale.starts_with("ru"));
    let business = tenant.map(|tenant| tenant.name).unwrap_or_default();
    let holder =
        holder.unwrap_or_else(|| if russian { "Анна Соколова" } else { "Anna Sokolova" }.into());
    let drawn = tokio::task::spawn_blocking(move || {
        let (business, holder, qr_text) = (&business, &holder, &qr_text);
        let ground = ground.as_deref();
        card::draw(&design, &CardFace { business, holder, number, qr_text, balance: None, ground })
    });
    let drawn = drawn.await.map_err(|error| StoreError::Panicked(error.to_string()))?;
    drawn.map_err(|_| not_drawn().into())
}

/// All texts of a programme that need not be saved, said to a person that does not exist.
pub async fn preview_wording(
    app: &App,
    actor: &Actor,
    programme: &Programme,
    locale: &str,
) -> Result<Vec<Said>, Fail> {
    actor.require(Right::SettingsRead)?;
    let tenant = company(app, actor).await?;
    let zone = tenant.as_ref().map_or(TimeZone::UTC, Tenant::time_zone);
    let business = tenant.map(|tenant| tenant.name).unwrap_or_default();
    Ok(said(programme, locale, &zone, &business, app.clock.now()))
}

async fn company(app: &App, actor: &Actor) -> Result<Option<Tenant>, Fail> {
    app.store.read(actor.tenant, |tx| async move { tenants::load(&tx).await }).await
}

/// Pure: the texts in the order in which a customer meets them.
fn said(programme: &Programme, locale: &str, zone: &TimeZone, business: &str, now: Instant) -> Vec<Said> {
    let speech = Speech { units: &programme.units, locale, zone };
    let sample = Sample { programme, speech, business, now };
    let notices = &programme.notices;
    let at = |text: &str| hour(text).map(|_| text.to_owned());
    let (warned, gift) = (at(&programme.warnings.hour), at(&programme.birthday.hour));
    let notice = |key, notice: &super::Notice, hour, names: Names| Said {
        on: notice.on,
        hour,
        ..sample.say(key, &notice.text, &names)
    };
    let bought = sample.bought();
    vec![
        notice("notices.accrual", &notices.accrual, None, sample.moved(100, 440, sample.comment())),
        notice("notices.purchase", &notices.purchase, None, bought.clone()),
        notice("notices.write_off", &notices.write_off, None, sample.moved(50, 290, "")),
        notice("notices.spend", &notices.spend, None, sample.moved(90, 250, sample.thing())),
        notice("notices.refund", &notices.refund, None, sample.refunded(&bought)),
        notice("notices.hold", &notices.hold, None, sample.moved(90, 250, sample.thing())),
        notice("notices.released", &notices.released, None, sample.moved(90, 340, "")),
        notice("notices.expiring", &notices.expiring, warned.clone(), sample.expiring()),
        notice("notices.expired", &notices.expired, warned, sample.moved(100, 240, "")),
        notice("notices.birthday", &notices.birthday, gift, sample.birthday()),
        sample.balance(),
        sample.screen("screens.card", programme.screens.card.as_ref()),
        sample.screen("screens.history", programme.screens.history.as_ref()),
        sample.screen("screens.history_empty", programme.screens.history_empty.as_ref()),
    ]
}

struct Sample<'a> {
    programme: &'a Programme,
    speech: Speech<'a>,
    business: &'a str,
    now: Instant,
}

impl Sample<'_> {
    fn russian(&self) -> bool {
        self.speech.locale.starts_with("ru")
    }

    fn comment(&self) -> &'static str {
        if self.russian() { "за отзыв" } else { "for your review" }
    }

    fn thing(&self) -> &'static str {
        if self.russian() { "круассан" } else { "croissant" }
    }

    fn names(&self) -> Names {
        let name = if self.russian() { "Анна" } else { "Anna" };
        let next = self.next(100);
        Names {
            balance: 340,
            name: name.into(),
            business: self.business.into(),
            number: CardNumber::from_draw(SAMPLE_CARD).to_string(),
            expiring: next.map_or(0, |next| next.points.0),
            expires_on: next.map(|next| self.speech.date(self.speech.last_day(&next))).unwrap_or_default(),
            ..Names::default()
        }
    }

    /// Points that end by the programme's term.
    fn next(&self, points: i64) -> Option<NextExpiry> {
        let at = self.programme.expires_at(self.now, self.speech.zone)?;
        Some(NextExpiry { at, points: Points(points) })
    }

    fn moved(&self, points: i64, balance: i64, comment: &str) -> Names {
        Names { points, balance, comment: comment.into(), ..self.names() }
    }

    /// A purchase of 1590, of which the programme lets points pay a part.
    fn bought(&self) -> Names {
        let programme = self.programme;
        let sum = 159_000;
        let most =
            sum * i64::from(programme.spending.max_percent_bp.0) / 10_000 / programme.point_minor.max(1);
        let can = programme.spending.on && programme.spending.minimum_minor <= sum;
        let spent = if can { programme.spending.fixed.map_or(most.min(300), |fixed| fixed.0) } else { 0 };
        let earns = programme.earning.minimum_minor <= sum;
        let share = sum * i64::from(programme.earning.percent_bp.0) / 10_000 / programme.point_minor.max(1);
        let earned = if earns { share + programme.earning.fixed.0 } else { 0 };
        let earned = programme.earning.maximum.map_or(earned, |most| earned.min(most.0));
        Names { sum: "1 590".into(), spent, earned, balance: 340 - spent.min(340) + earned, ..self.names() }
    }

    fn refunded(&self, bought: &Names) -> Names {
        Names { returned: bought.spent, taken: bought.earned, balance: 340, ..bought.clone() }
    }

    fn expiring(&self) -> Names {
        let zone = self.speech.zone;
        let days = self.programme.warnings.days.iter().copied().max().unwrap_or(1);
        let ahead = Instant::from_seconds(self.now.seconds() + i64::from(days) * 86_400);
        let on = self.speech.date(last_day(Instant::from_seconds(ahead.seconds() + 86_400), zone));
        Names { points: 100, ending: vec![Ending { points: 100, on }], ..self.names() }
    }

    fn birthday(&self) -> Names {
        let birthday = &self.programme.birthday;
        let ends = self.programme.ends("birthday", self.now, self.speech.zone);
        let expires_on = ends.map(|at| self.speech.date(last_day(at, self.speech.zone))).unwrap_or_default();
        let points = birthday.points.0;
        let days = i64::from(birthday.days_before);
        Names { points, days, expires_on, balance: 340 + points, ..self.names() }
    }

    fn say(&self, key: &'static str, wording: &Wording, names: &Names) -> Said {
        let tried = self.speech.try_said(wording, names);
        let (text, fault) = match tried {
            Ok(text) => (Some(text), None),
            Err(fault) => (None, Some(fault)),
        };
        Said { key, on: true, hour: None, text, fault }
    }

    /// A screen; one without words of the company is left to the program.
    fn screen(&self, key: &'static str, own: Option<&Wording>) -> Said {
        let wording = own.cloned().unwrap_or_else(|| match key {
            "screens.card" => Wording::new(
                "Карта {{ number }}\nПокажите её на кассе: код отсканируют или наберут номер.",
                "Card {{ number }}\nShow it at the till: they will scan the code or type the number.",
            ),
            "screens.history" => Wording::new("История", "History"),
            _ => Wording::new(
                "Здесь будут видны начисления и списания. Пока их не было.",
                "What you earn and spend will be shown here. Nothing yet.",
            ),
        });
        self.say(key, &wording, &self.names())
    }

    fn balance(&self) -> Said {
        let key = "screens.balance";
        if let Some(wording) = &self.programme.screens.balance {
            return self.say(key, wording, &self.names());
        }
        let points = Points(340);
        let standing = Standing { balance: points, held: Points::ZERO, available: points };
        let text = self.speech.balance(standing, self.next(100));
        Said { key, on: true, hour: None, text: Some(text), fault: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(programme: &Programme, locale: &str) -> Vec<Said> {
        said(programme, locale, &TimeZone::UTC, "Самовар", Instant::from_seconds(1_790_000_000))
    }

    #[test]
    fn every_text_is_said_in_both_languages() {
        let programme = Programme { expiry_days: Some(30), ..Programme::default() };
        for locale in ["ru", "en"] {
            for said in of(&programme, locale) {
                let text = said.text.expect(said.key);
                assert!(!text.is_empty() && !text.contains("{{"), "{}: {text}", said.key);
                let own = text.replace("Самовар", "");
                let russian = own.chars().any(|letter| ('а'..='я').contains(&letter));
                assert_eq!(locale == "ru", russian, "{}: {text}", said.key);
            }
        }
        let keys: Vec<_> = programme.notices.texts().into_iter().map(|(field, _)| field).collect();
        for key in keys {
            let key = key.trim_end_matches(".text");
            assert!(of(&programme, "ru").iter().any(|said| said.key == key), "{key} is not shown");
        }
    }

    #[test]
    fn a_faulty_text_says_what_is_wrong_and_the_others_are_shown() {
        let mut programme = Programme::default();
        programme.notices.accrual.text.ru = "Вам {{ пoints }".into();
        let said = of(&programme, "ru");
        assert!(said[0].text.is_none() && said[0].fault.is_some());
        assert!(said[1..].iter().all(|said| said.text.is_some()));
    }
}
