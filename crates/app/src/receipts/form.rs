//! A receipt typed field by field, for those whose code cannot be read. What was typed is kept, so that nobody begins
//! anew because a phone rang.

use super::model::Source;
use super::receive::{self, Taken};
use super::say;
use super::store::Standing;
use super::words::{arrival, hear, view};
use crate::capability::{Look, Outcome, Said, Shown};
use crate::problem::Fail;
use crate::promo::Promotion;
use crate::visit::Visit;
use samovar_base::message::{Action, Body, Button};
use samovar_base::{ContactId, PromotionId};
use samovar_fiscal::fields::{self, Typed};
use samovar_fiscal::{Wrong, read_all};
use samovar_store::{StoreError, Tx, params, query, table_write};
use serde::{Deserialize, Serialize};

/// A form that was left for so long begins anew.
const FORGOTTEN_MS: i64 = 24 * 3_600_000;
/// What the buttons of the screen carry.
const BACK: &str = "back";
const CANCEL: &str = "cancel";
const SALE: &str = "1";
const RETURN: &str = "2";

query! {
    static FORM = "SELECT fields, updated_at FROM receipts_form \
        WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3";
}
table_write! {
    static FORM_SAVE = upsert receipts_form key(promotion_id int, contact_id int) set(fields text, updated_at int);
}

/// What was typed so far, in the order in which it is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Form(Vec<String>);

/// What is asked, and how it is read.
const QUESTIONS: [Question; 7] = [
    Question {
        ru: "Введите дату с чека, например 17.09.2026.",
        en: "Type the date from the receipt, like 17.09.2026.",
        read: |text| fields::date(text).map(drop).map_err(|flaw| Wrong { field: fields::Field::Date, flaw }),
    },
    Question {
        ru: "Время с чека, например 18:01.",
        en: "The time from the receipt, like 18:01.",
        read: |text| fields::time(text).map(drop).map_err(|flaw| Wrong { field: fields::Field::Time, flaw }),
    },
    Question {
        ru: "Сумма чека с копейками, например 1285.21. Она в строке «ИТОГ».",
        en: "The sum of the receipt with kopecks, like 1285.21. It stands in the line “ИТОГ”.",
        read: |text| fields::sum(text).map(drop).map_err(|flaw| Wrong { field: fields::Field::Sum, flaw }),
    },
    Question {
        ru: "Номер ФН: 16 цифр внизу чека.",
        en: "The number ФН: 16 digits at the bottom of the receipt.",
        read: |text| {
            fields::drive(text).map(drop).map_err(|flaw| Wrong { field: fields::Field::Drive, flaw })
        },
    },
    Question {
        ru: "Номер ФД: он рядом с ФН.",
        en: "The number ФД: it stands near ФН.",
        read: |text| {
            fields::document(text).map(drop).map_err(|flaw| Wrong { field: fields::Field::Document, flaw })
        },
    },
    Question {
        ru: "Номер ФП или ФПД: он рядом с ФД.",
        en: "The number ФП or ФПД: it stands near ФД.",
        read: |text| fields::sign(text).map(drop).map_err(|flaw| Wrong { field: fields::Field::Sign, flaw }),
    },
    Question {
        ru: "Что написано на чеке: «Приход» или «Возврат прихода»?",
        en: "What does the receipt say: “Приход” (a sale) or “Возврат прихода” (a return)?",
        read: |text| {
            fields::operation(text).map(drop).map_err(|flaw| Wrong { field: fields::Field::Operation, flaw })
        },
    },
];

struct Question {
    ru: &'static str,
    en: &'static str,
    read: fn(&str) -> Result<(), Wrong>,
}

/// The screen: asks for the next field, or hears it.
pub(super) async fn show(
    visit: &mut Visit,
    promotion: &Promotion,
    standing: &mut Standing,
    look: Look<'_>,
) -> Result<Shown, Fail> {
    let (id, contact) = (promotion.id, visit.contact.id);
    let mut form = load(&visit.tx, id, contact, visit).await?;
    let ru = visit.contact.locale.starts_with("ru");
    let mut complaint = None;
    match (look.pressed, look.said) {
        (Some(CANCEL), _) => {
            save(visit, id, &Form::default());
            return Ok(Shown::Left(Outcome::named("cancelled")));
        }
        (Some(BACK), _) => drop(form.0.pop()),
        (Some(answer @ (SALE | RETURN)), _) if form.0.len() + 1 == QUESTIONS.len() => {
            form.0.push(answer.into())
        }
        (None, Some(Said::Text(text))) if is_code(text) => {
            return hear(visit, promotion, standing, Said::Text(text)).await;
        }
        (None, Some(Said::Text(text))) => {
            match QUESTIONS.get(form.0.len()).map(|question| (question.read)(text)) {
                Some(Ok(())) => form.0.push(text.to_owned()),
                Some(Err(wrong)) => {
                    let [said_ru, said_en] = wrong.says();
                    complaint = Some(if ru { said_ru } else { said_en });
                }
                None => form = Form::default(),
            }
        }
        (None, Some(said)) => return hear(visit, promotion, standing, said).await,
        _ => {}
    }
    if let Some(complaint) = complaint {
        let Shown::View { body, .. } = asked(&form, Some(complaint), ru) else {
            return Ok(asked(&form, None, ru));
        };
        return Ok(Shown::Misheard(body));
    }
    if form.0.len() < QUESTIONS.len() {
        save(visit, id, &form);
        return Ok(asked(&form, None, ru));
    }
    save(visit, id, &Form::default());
    whole(visit, promotion, standing, &form).await
}

/// A code that is pasted while fields are asked for is a code.
fn is_code(text: &str) -> bool {
    text.len() > 40 && read_all(text).iter().any(Result::is_ok)
}

/// All fields are there.
async fn whole(
    visit: &mut Visit,
    promotion: &Promotion,
    standing: &mut Standing,
    form: &Form,
) -> Result<Shown, Fail> {
    let part = |at: usize| form.0.get(at).map_or("", String::as_str);
    let typed = Typed {
        date: part(0),
        time: part(1),
        sum: part(2),
        drive: part(3),
        document: part(4),
        sign: part(5),
        operation: part(6),
    };
    let ru = visit.contact.locale.starts_with("ru");
    let taken = match fields::of_fields(&typed) {
        Ok(code) => {
            let arrival = arrival(visit, Source::Fields);
            receive::take(&visit.app, &visit.tx, promotion, standing, &arrival, &code).await?
        }
        // Each part was read before: this is a form of an older program.
        Err(_) => return Ok(asked(&Form::default(), None, ru)),
    };
    let zone = visit.channel.tenant.time_zone();
    let queued = matches!(taken, Taken::Queued { .. });
    let said = say::taken(promotion, &[taken], visit.arrived_at, &visit.contact.locale, &zone);
    if !queued {
        let Shown::View { body, more } = asked(&Form::default(), None, ru) else { return Ok(view(said)) };
        return Ok(Shown::View { body: Body { text: format!("{said}\n\n{}", body.text), ..body }, more });
    }
    let mut outcome = Outcome::named("done");
    outcome.values.insert("text".into(), said.into());
    Ok(Shown::Left(outcome))
}

fn asked(form: &Form, complaint: Option<&str>, ru: bool) -> Shown {
    let at = form.0.len().min(QUESTIONS.len() - 1);
    let question = if ru { QUESTIONS[at].ru } else { QUESTIONS[at].en };
    let step = format!("{} / {}", at + 1, QUESTIONS.len());
    let text = match complaint {
        Some(complaint) => format!("{complaint}\n\n{step}"),
        None => format!("{question}\n\n{step}"),
    };
    let button = |ru_label: &str, en_label: &str, carries: &str| Button {
        label: if ru { ru_label } else { en_label }.to_owned(),
        action: Action::Press(carries.to_owned()),
    };
    let mut rows = Vec::new();
    if at + 1 == QUESTIONS.len() {
        rows.push(vec![
            button("Приход", "Приход: a sale", SALE),
            button("Возврат", "Возврат: a return", RETURN),
        ]);
    }
    let mut last = vec![button("Отмена", "Cancel", CANCEL)];
    if at > 0 {
        last.insert(0, button("Назад", "Back", BACK));
    }
    rows.push(last);
    Shown::View { body: Body { text, buttons: rows, ..Body::default() }, more: false }
}

async fn load(
    tx: &Tx,
    promotion: PromotionId,
    contact: ContactId,
    visit: &Visit,
) -> Result<Form, StoreError> {
    let Some(row) = tx.one(&FORM, params![promotion, contact]).await? else { return Ok(Form::default()) };
    let old = visit.now.millis_since(row.instant(1)?) > FORGOTTEN_MS;
    Ok(if old { Form::default() } else { row.json(0).unwrap_or_default() })
}

fn save(visit: &Visit, promotion: PromotionId, form: &Form) {
    let fields = serde_json::to_string(form).unwrap_or_default();
    visit.tx.put(&FORM_SAVE, params![promotion, visit.contact.id, fields, visit.now]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_takes_what_it_gives_as_an_example() {
        let answers = ["17.09.2026", "18:01", "1285.21", "7281440500751551", "30526", "1168453787", "1"];
        assert!(QUESTIONS.iter().zip(answers).all(|(question, answer)| (question.read)(answer).is_ok()));
        assert!(QUESTIONS.iter().all(|question| (question.read)("?").is_err()));
    }
}
