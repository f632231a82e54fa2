//! What winners do in the bot: they answer by a press, and say where the prize goes.
//!
//! The two buttons stand under a message outside of scenarios, so that they work wherever the person is by then. What became
//! of a prize starts scenarios; the ready one, `prize-delivery`, begins when a prize is taken: its screen `draws.delivery`
//! asks for the name, the phone and the address one by one, shows them, and keeps them sealed once the person agrees.

use super::model::{Delivery, Draw, Winner, WinnerState};
use super::winners::{self, Told};
use super::{load, rules, spoken, store};
use crate::capability::{Capability, Look, Outcome, Pressed, Said, Shown, Words};
use crate::contacts;
use crate::problem::Fail;
use crate::visit::Visit;
use futures::future::{BoxFuture, FutureExt};
use samovar_base::message::{Action, Body, Button};
use samovar_base::{ConsentId, DrawId};
use samovar_engine::{EventSpec, FactSpec, Kind, OutcomeSpec, ParamSpec, ScreenSpec, Title, Values};
use serde_json::{Value, json};

/// The capability's name.
pub(super) const NAME: &str = "draws";
/// The purpose of the consent to it.
const PURPOSE: &str = "prize-delivery";
/// The event of a winner who was told that they won.
pub(super) const WON: &str = "draws.won";
/// The event of a prize that came to another state.
pub(super) const PRIZE: &str = "draws.prize";
/// Prizes shown on one page.
const PAGE: usize = 8;

/// What a button under the message to a winner carries.
pub(super) fn data(does: &str, winner: &Winner) -> String {
    format!("{does}-{}-{}", winner.draw, winner.place)
}

fn read(data: &str) -> Option<(bool, DrawId, i64)> {
    let (does, rest) = data.split_once('-')?;
    let (draw, place) = rest.split_once('-')?;
    let takes = match does {
        "yes" => true,
        "no" => false,
        _ => return None,
    };
    Some((takes, draw.parse().ok()?, place.parse().ok()?))
}

/// Draws, as conversations see them.
#[derive(Debug)]
pub struct Draws;

impl Capability for Draws {
    fn name(&self) -> &'static str {
        NAME
    }

    fn words(&self) -> Words {
        let outcome = |name: &str, ru: &str, en: &str| OutcomeSpec {
            name: name.into(),
            values: Vec::new(),
            title: Title::new(ru, en),
        };
        let delivery = ScreenSpec {
            name: "draws.delivery".into(),
            params: Vec::new(),
            outcomes: vec![
                outcome("done", "данные записаны", "the data is written down"),
                outcome("nothing", "приза, который ждёт данных, нет", "no prize waits for data"),
            ],
            hears: true,
            takes: false,
            title: Title::new("кому и куда отправить приз", "to whom and where a prize goes"),
        };
        let text = |name: &str, ru: &str, en: &str| ParamSpec {
            name: name.into(),
            kind: Kind::Text,
            required: false,
            title: Title::new(ru, en),
        };
        let prizes = ScreenSpec {
            name: "draws.prizes".into(),
            params: vec![
                text("title", "заголовок", "heading"),
                text("empty", "если пусто", "when there are none"),
            ],
            outcomes: Vec::new(),
            hears: false,
            takes: false,
            title: Title::new("мои призы", "my prizes"),
        };
        let value = |path: &str, kind, ru: &str, en: &str| FactSpec {
            path: path.into(),
            kind,
            writable: false,
            title: Title::new(ru, en),
        };
        let facts = vec![
            value("draws.won", Kind::Number, "сколько призов выиграно", "how many prizes were won"),
            value(
                "draws.waiting",
                Kind::Number,
                "сколько призов ждут данных для отправки",
                "how many prizes wait for delivery data",
            ),
        ];
        let of_prize = || {
            vec![
                value("promotion", Kind::Text, "акция", "promotion"),
                value("draw", Kind::Text, "розыгрыш", "draw"),
                value("prize", Kind::Text, "приз", "prize"),
                value("number", Kind::Number, "номер билета", "number of the ticket"),
            ]
        };
        let won = EventSpec {
            name: WON.into(),
            values: of_prize(),
            title: Title::new("выиграл приз", "won a prize"),
        };
        let mut states = of_prize();
        states.push(value(
            "state",
            Kind::Text,
            "что с призом: accepted, sent, handed, refused, silent",
            "what became of it: accepted, sent, handed, refused, silent",
        ));
        let prize = EventSpec {
            name: PRIZE.into(),
            values: states,
            title: Title::new("с призом что-то произошло", "something became of a prize"),
        };
        Words { events: vec![won, prize], screens: vec![delivery, prizes], facts, ..Words::default() }
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
        screen: &'a str,
        look: Look<'a>,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Shown, Fail>> {
        async move { if screen == "prizes" { prizes(look, visit).await } else { delivery(look, visit).await } }.boxed()
    }

    fn facts<'a>(&'a self, _: &'a str, visit: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        async move {
            let won = winners::of_contact(&visit.tx, visit.contact.id).await?;
            let waiting = won.iter().filter(|one| waits(one)).count();
            Ok(json!({ "won": won.iter().filter(|one| one.state.holds()).count(), "waiting": waiting }))
        }
        .boxed()
    }

    fn press<'a>(&'a self, data: &'a str, visit: &'a mut Visit) -> BoxFuture<'a, Result<Pressed, Fail>> {
        async move {
            let Some((takes, draw, place)) = read(data) else { return Ok(Pressed::default()) };
            match store::winner(&visit.tx, draw, place).await? {
                // Anybody can send any token.
                Some(winner) if winner.contact == visit.contact.id => pressed(takes, winner, visit).await,
                _ => Ok(Pressed::default()),
            }
        }
        .boxed()
    }
}

/// A prize that was taken and has no address yet.
fn waits(winner: &Winner) -> bool {
    winner.state == WinnerState::Accepted && winner.delivery_at.is_none()
}

async fn pressed(takes: bool, mut winner: Winner, visit: &mut Visit) -> Result<Pressed, Fail> {
    let (app, tx) = (visit.app.clone(), visit.tx.clone());
    let draw = load(&tx, winner.draw).await?;
    let in_time = winners::answer(visit, &draw, &mut winner, takes).await?;
    let told = Told::of(&app, &tx, &draw).await?;
    let until = winner.answer_until.map(|until| spoken(until, &told.zone)).unwrap_or_default();
    let names = told.names(&draw, &winner, &visit.contact, until);
    let wording = match (in_time, takes) {
        (false, _) => &told.texts.late,
        (true, true) => &told.texts.taken,
        (true, false) => &told.texts.refused,
    };
    let body = Body::text(told.say(&visit.contact.locale, wording, &names));
    Ok(Pressed { edit: Some(body), ..Pressed::default() })
}

/// Asks for what is missing, one after another; what was told so far is sealed with the winner.
async fn delivery(look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    let (app, tx, ru) = (visit.app.clone(), visit.tx.clone(), visit.contact.locale.starts_with("ru"));
    let won = winners::of_contact(&tx, visit.contact.id).await?;
    let Some(mut winner) = won.into_iter().find(waits) else {
        return Ok(Shown::Left(Outcome::named("nothing")));
    };
    let mut given = winners::opened(&app.vault, &winner).unwrap_or_default();
    match look.pressed {
        Some("agree") => {
            if let Ok(whole) = rules::delivery(given.clone()) {
                winner.delivery_at = Some(visit.now);
                winners::keep_delivery(&app, &tx, &mut winner, &whole);
                let id = ConsentId::new(&app.ids, app.clock.as_ref());
                let channel = Some(visit.channel.id);
                contacts::give_consent(&tx, &mut visit.contact, PURPOSE, channel, id, visit.now).await?;
                winners::note_delivery(&app, &tx, &winner);
                return Ok(Shown::Left(Outcome::named("done")));
            }
        }
        Some("again") => {
            given = Delivery::default();
            winners::keep_delivery(&app, &tx, &mut winner, &given);
        }
        _ => {}
    }
    let mut wrong = None;
    if let Some(Said::Text(words)) = look.said {
        match rules::tell(&mut given, words) {
            Ok(()) => winners::keep_delivery(&app, &tx, &mut winner, &given),
            Err(problem) => wrong = Some(problem.text(&visit.contact.locale).to_owned()),
        }
    }
    let draw = load(&tx, winner.draw).await?;
    Ok(Shown::View { body: asked(&draw, &winner, &given, wrong, ru), more: false })
}

/// The next question, or all that was told, to be agreed to.
fn asked(draw: &Draw, winner: &Winner, given: &Delivery, wrong: Option<String>, ru: bool) -> Body {
    let prize = draw.prize(winner.prize).map(|prize| prize.name.as_str()).unwrap_or_default();
    let question = match rules::missing(given) {
        Some("name") if ru => "Как вас зовут? Напишите фамилию, имя и отчество целиком.",
        Some("name") => "What is your full name? Please write it as in your passport.",
        Some("phone") if ru => "На какой телефон позвонит курьер?",
        Some("phone") => "Which phone may the courier call?",
        Some(_) if ru => "Куда отправить? Индекс, город, улица, дом, квартира.",
        Some(_) => "Where shall it go? Postcode, town, street, house, flat.",
        None => return whole(prize, given, ru),
    };
    let heading = if ru { format!("Приз: {prize}.") } else { format!("The prize: {prize}.") };
    let wrong = wrong.map(|wrong| format!("{wrong}.\n")).unwrap_or_default();
    Body::text(format!("{heading}\n{wrong}{question}"))
}

fn whole(prize: &str, given: &Delivery, ru: bool) -> Body {
    let Delivery { name, phone, address } = given;
    let (text, agree, again) = if ru {
        (
            format!(
                "Приз: {prize}.\n\nКому: {name}\nТелефон: {phone}\nКуда: {address}\n\nВсё верно? Нажимая «Верно, \
                 согласен», вы разрешаете использовать эти данные, чтобы доставить приз и отчитаться о нём налоговой."
            ),
            "Верно, согласен",
            "Исправить",
        )
    } else {
        (
            format!(
                "The prize: {prize}.\n\nTo: {name}\nPhone: {phone}\nAddress: {address}\n\nIs everything right? By pressing \
                 “Right, I agree” you allow to use this data to deliver the prize and to report it to the tax office."
            ),
            "Right, I agree",
            "Change it",
        )
    };
    let button = |label: &str, data: &str| Button { label: label.into(), action: Action::Press(data.into()) };
    Body {
        text,
        buttons: vec![vec![button(agree, "agree")], vec![button(again, "again")]],
        ..Body::default()
    }
}

async fn prizes(look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    let ru = visit.contact.locale.starts_with("ru");
    let said = |name: &str, ru_text: &str, en_text: &str| match look.params.get(name).and_then(Value::as_str)
    {
        Some(text) if !text.is_empty() => text.to_owned(),
        _ if ru => ru_text.to_owned(),
        _ => en_text.to_owned(),
    };
    let won = winners::of_contact(&visit.tx, visit.contact.id).await?;
    if won.is_empty() {
        return Ok(Shown::View {
            body: Body::text(said("empty", "Выигрышей пока нет.", "No prizes yet.")),
            more: false,
        });
    }
    let skip = (look.page.max(1) as usize - 1) * PAGE;
    let mut lines = Vec::new();
    for winner in won.iter().rev().skip(skip).take(PAGE) {
        let draw = load(&visit.tx, winner.draw).await?;
        let prize = draw.prize(winner.prize).map(|prize| prize.name.clone()).unwrap_or_default();
        let (state_ru, state_en) = match winner.state {
            WinnerState::Reserve | WinnerState::Drawn | WinnerState::Told => {
                ("ждёт вашего ответа", "waits for your answer")
            }
            WinnerState::Accepted => ("готовится к отправке", "is being made ready"),
            WinnerState::Sent => ("в пути", "on its way"),
            WinnerState::Handed => ("вручён", "handed over"),
            WinnerState::Refused => ("вы отказались", "you refused it"),
            WinnerState::Silent => {
                ("ответа не было, приз передан дальше", "no answer came, it was passed on")
            }
        };
        let state = if ru { state_ru } else { state_en };
        lines.push(format!("{prize}, № {} — {state}", winner.ticket));
    }
    let heading = said("title", "Ваши призы", "Your prizes");
    let body = Body::text(format!("{heading}\n\n{}", lines.join("\n")));
    Ok(Shown::View { body, more: won.len() > skip + lines.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_carries_is_read_back() {
        let id = DrawId(123_456_789_012);
        assert_eq!(read(&format!("yes-{id}-12")), Some((true, id, 12)));
        assert_eq!(read(&format!("no-{id}-10000")), Some((false, id, 10_000)));
        for wrong in ["", "yes", "yes-1-2", "perhaps-drw_0000000000000-1", "yes-drw_0000000000000-x"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
