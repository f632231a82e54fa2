//! What participants read. Each text has a key and a default in both languages; the terms of a promotion may say it
//! otherwise. Templates are over the values of the promotion and what the caller adds.

use super::model::Promotion;
use super::reason::Reason;
use crate::problem::Problem;
use jiff::tz::TimeZone;
use minijinja::value::{Serde, Value as View};
use minijinja::{Environment, UndefinedBehavior, context};
use samovar_base::Instant;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Longest text of one's own, in letters.
pub const TEXT_MAX: usize = 3_000;
/// Steps that a text of the company may take.
const FUEL: u64 = 20_000;

/// A text with its default.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// By which it is said otherwise.
    pub key: &'static str,
    /// For the staff: when it is said.
    pub about: (&'static str, &'static str),
    /// What it says.
    pub said: (&'static str, &'static str),
}

const fn known(
    key: &'static str,
    about: (&'static str, &'static str),
    said: (&'static str, &'static str),
) -> Known {
    Known { key, about, said }
}

/// All texts but those of reasons, whose keys are [`Reason::key`].
pub const ALL: &[Known] = &[
    known(
        "welcome",
        ("Приветствие на входе", "The greeting at the entry"),
        (
            "{% if about %}{{ about }}{% else %}Это акция «{{ name }}».{% endif %}\n\nЧеки принимаем с {{ starts }} по {{ last }}.{% if minimum %} Нужен чек от {{ minimum }}.{% endif %}",
            "{% if about %}{{ about }}{% else %}This is “{{ name }}”.{% endif %}\n\nReceipts are taken from {{ starts }} to {{ last }}.{% if minimum %} It takes a receipt of {{ minimum }} or more.{% endif %}",
        ),
    ),
    known(
        "rules_ask",
        ("Просьба принять правила", "Asking to accept the rules"),
        (
            "Чтобы участвовать, прочитайте правила и примите их. Без этого чеки не принимаем.{% if rules_url %}\n\nПолные правила: {{ rules_url }}{% endif %}",
            "To take part, read the rules and accept them. Without that no receipts are taken.{% if rules_url %}\n\nThe whole rules: {{ rules_url }}{% endif %}",
        ),
    ),
    known(
        "rules_declined",
        ("Правила не приняты", "The rules were not accepted"),
        (
            "Без согласия с правилами участвовать нельзя. Передумаете — напишите «акция».",
            "Nobody can take part without accepting the rules. If you change your mind, write “promotion”.",
        ),
    ),
    known(
        "joined",
        ("Правила приняты", "The rules were accepted"),
        (
            "Готово, вы участвуете. Пришлите фото QR-кода с чека: один принятый чек — один номер в розыгрыше.",
            "Done, you take part. Send a photo of the QR code of a receipt: one receipt taken is one number in the draw.",
        ),
    ),
    known("menu", ("Меню", "The menu"), ("Что дальше?", "What next?")),
    known(
        "send",
        ("Просьба прислать чек", "Asking for a receipt"),
        (
            "Пришлите фото QR-кода с чека. Можно несколько снимков сразу, файл или сам текст кода.",
            "Send a photo of the QR code of the receipt. Several pictures at once, a file or the text of the code will do.",
        ),
    ),
    known(
        "send_hint",
        ("Подсказка, если чек долго не присылают", "A hint when no receipt comes"),
        (
            "QR-код — это квадрат из точек внизу чека. Снимите его крупно, при хорошем свете. Если чека под рукой нет, пришлите позже: время есть до {{ ends }}.",
            "The QR code is the square of dots at the bottom of the receipt. Take it large and in good light. If the receipt is not at hand, send it later: there is time until {{ ends }}.",
        ),
    ),
    known(
        "received",
        ("Чек получен и ждёт проверки", "A receipt has arrived and waits for its check"),
        (
            "Чек получен {{ received }}. Номер в очереди на проверку: {{ place }}. Время получения сохранено: даже если проверка затянется, чек не опоздает.",
            "The receipt was received on {{ received }}. Its number in the queue is {{ place }}. The time of arrival is kept: however long the check takes, it will not be late.",
        ),
    ),
    known(
        "received_picture",
        ("Снимок чека получен", "A picture of a receipt has arrived"),
        (
            "Снимок получен {{ received }}, читаем код. Номер в очереди: {{ place }}. Время получения сохранено, результат придёт сюда.",
            "The picture was received on {{ received }} and is being read. Its number in the queue is {{ place }}. The time of arrival is kept; the result comes here.",
        ),
    ),
    known(
        "accepted",
        ("Чек принят", "A receipt was taken"),
        (
            "Чек на {{ sum }} принят. Ваш номер в розыгрыше: {{ ticket }}.",
            "The receipt of {{ sum }} is taken. Your number in the draw: {{ ticket }}.",
        ),
    ),
    known(
        "accepted_test",
        ("Чек принят в проверочном режиме", "A receipt was taken while the promotion is tried"),
        (
            "Чек на {{ sum }} прошёл проверку, пробный номер: {{ ticket }}. Акция ещё не началась: всё пробное сотрётся на старте.",
            "The receipt of {{ sum }} would be taken; its trial number is {{ ticket }}. The promotion has not begun: what was tried is wiped at its start.",
        ),
    ),
    known(
        "code",
        ("Промокод партнёра", "A partner's code"),
        (
            "Подарок за первый чек{% if partner %} — {{ partner }}{% endif %}. Ваш промокод: {{ code }}",
            "A gift for the first receipt{% if partner %}: {{ partner }}{% endif %}. Your code: {{ code }}",
        ),
    ),
    known(
        "codes_over",
        ("Промокоды закончились", "The codes are used up"),
        (
            "Подарочные промокоды сейчас закончились. Как только партнёр передаст новые, пришлём ваш сюда. На розыгрыш это не влияет.",
            "The gift codes are used up just now. As soon as the partner brings new ones, yours comes here. The draw is not affected.",
        ),
    ),
    known(
        "refused",
        ("Чек не принят", "A receipt was refused"),
        (
            "Чек{% if sum %} на {{ sum }}{% endif %} не принят. {{ reason }}",
            "The receipt{% if sum %} of {{ sum }}{% endif %} was not taken. {{ reason }}",
        ),
    ),
    known(
        "waits",
        ("Чек посмотрит сотрудник", "Somebody will look at a receipt"),
        ("{{ reason }}", "{{ reason }}"),
    ),
    known(
        "tickets_empty",
        ("Номеров ещё нет", "No numbers yet"),
        (
            "Номеров пока нет. Пришлите чек: за каждый принятый — номер в розыгрыше.",
            "There are no numbers yet. Send a receipt: each one taken gives a number in the draw.",
        ),
    ),
    known(
        "prizes",
        ("Призы", "The prizes"),
        (
            "{% if prizes %}{{ prizes }}{% else %}О призах расскажем скоро.{% endif %}",
            "{% if prizes %}{{ prizes }}{% else %}The prizes will be told soon.{% endif %}",
        ),
    ),
    known(
        "help",
        ("Помощь", "Help"),
        (
            "Пришлите фото QR-кода с чека, и мы проверим его в налоговой службе. За принятый чек — номер в розыгрыше. Если что-то не получается, напишите вопрос: ответит сотрудник.",
            "Send a photo of the QR code of a receipt, and it is checked with the tax service. A receipt taken gives a number in the draw. If something does not work, write your question: somebody will answer.",
        ),
    ),
    known(
        "closed",
        ("Акция не принимает чеки", "The promotion takes no receipts"),
        (
            "Акция «{{ name }}» сейчас чеки не принимает.{% if not_started %} Начнётся {{ starts }}.{% endif %}{% if over %} Она закончилась {{ ends }}; свои номера видны в «Мои номера».{% endif %}",
            "“{{ name }}” takes no receipts now.{% if not_started %} It begins on {{ starts }}.{% endif %}{% if over %} It ended on {{ ends }}; see your numbers under “My numbers”.{% endif %}",
        ),
    ),
    known(
        "extended",
        ("Акция продлена", "The promotion was extended"),
        (
            "Акция «{{ name }}» продлена: чеки принимаем до {{ ends }}.{% if note %} {{ note }}{% endif %}",
            "“{{ name }}” goes on: receipts are taken until {{ ends }}.{% if note %} {{ note }}{% endif %}",
        ),
    ),
];

/// Whether there is such a text.
pub fn is_known(key: &str) -> bool {
    ALL.iter().any(|one| one.key == key)
        || key.strip_prefix("reason.").is_some_and(|name| Reason::from_name(name).is_some())
}

/// The default of a text.
pub fn default_of(key: &str, locale: &str) -> Option<&'static str> {
    if let Some(reason) = key.strip_prefix("reason.").and_then(Reason::from_name) {
        return Some(reason.said(locale));
    }
    let one = ALL.iter().find(|one| one.key == key)?;
    Some(if locale.starts_with("ru") { one.said.0 } else { one.said.1 })
}

/// What a promotion says, in one language and zone.
#[derive(Debug)]
pub struct Speech<'p> {
    promotion: &'p Promotion,
    locale: &'p str,
    zone: &'p TimeZone,
    /// What all texts may name.
    names: View,
}

impl<'p> Speech<'p> {
    /// Of a promotion.
    pub fn new(promotion: &'p Promotion, locale: &'p str, zone: &'p TimeZone) -> Self {
        Self { promotion, locale, zone, names: names(promotion, locale, zone) }
    }

    /// The text of a key with these values; `{}` or `Null` when there are none. A template of one's own that fails is
    /// said by default.
    pub fn say(&self, key: &str, values: &Value) -> String {
        let names = self.with(values);
        let render = |text: &str| render(text, names.clone());
        let own = self.promotion.terms.texts.get(key).map(|wording| wording.text(self.locale));
        let own = own.filter(|text| !text.trim().is_empty()).and_then(|text| render(text).ok());
        own.or_else(|| render(default_of(key, self.locale)?).ok()).unwrap_or_default()
    }

    /// The text of a key with sample values.
    pub fn sample(&self, key: &str, now: Instant) -> String {
        let today = now.in_zone(self.zone);
        let ru = self.locale.starts_with("ru");
        let details = match key.strip_prefix("reason.").and_then(Reason::from_name) {
            Some(Reason::SmallNeeded) => rubles(32_000, self.locale),
            Some(Reason::Banned | Reason::DoubtGoods) if ru => "Пиво светлое".to_owned(),
            Some(Reason::Banned | Reason::DoubtGoods) => "Light beer".to_owned(),
            _ => String::new(),
        };
        let mut values = json!({
            "received": moment(today.datetime().with().second(58).build().unwrap_or_else(|_| today.datetime())),
            "place": 42,
            "sum": rubles(128_521, self.locale),
            "bought": day(today.date()),
            "ticket": 42,
            "code": "SALE-7319",
            "partner": if ru { "Кофейня «Уголок»" } else { "Corner Coffee" },
            "details": details,
            "note": self.promotion.terms.extension.as_ref().map_or("", |one| one.note.text(self.locale)),
            "over": true,
        });
        values["reason"] = json!(self.reason(Reason::SmallSum, "", &values));
        self.say(key, &values)
    }

    /// The sentence of a reason. `values` are those of the receipt, see [`receipt_values`].
    pub fn reason(&self, reason: Reason, details: &str, values: &Value) -> String {
        let mut names = values.as_object().cloned().unwrap_or_default();
        names.insert("details".into(), json!(details));
        self.say(&reason.key(), &Value::Object(names))
    }

    /// A template that is no text of the terms; none when it fails.
    pub fn template(&self, template: &str, values: &Value) -> Option<String> {
        render(template, self.with(values)).ok()
    }

    fn with(&self, values: &Value) -> View {
        context! { ..View::from(Serde(values)), ..self.names.clone() }
    }
}

/// What all texts may name.
fn names(promotion: &Promotion, locale: &str, zone: &TimeZone) -> View {
    let Promotion { name, terms, starts_at, ends_at, .. } = promotion;
    let ends = ends_at.in_zone(zone);
    let last = ends.datetime().saturating_sub(jiff::Span::new().seconds(1)).date();
    let shops: Vec<&str> = terms
        .shops
        .iter()
        .map(|shop| if shop.note.is_empty() { &shop.name } else { &shop.note })
        .map(String::as_str)
        .filter(|name| !name.is_empty())
        .collect();
    let minimum = if terms.minimum.sum > 0 { rubles(terms.minimum.sum, locale) } else { String::new() };
    context! {
        name,
        about => terms.about.text(locale),
        prizes => terms.prizes.text(locale),
        rules_url => terms.rules.url.as_deref().unwrap_or_default(),
        starts => day(starts_at.in_zone(zone).date()),
        ends => moment(ends.datetime()),
        last => day(last),
        minimum,
        limit => terms.limits.person,
        day_limit => terms.limits.day.unwrap_or_default(),
        shops => shops.join(", "),
    }
}

/// What texts about a receipt may name: `sum` and `bought`.
pub fn receipt_values(code: &samovar_fiscal::Code, locale: &str) -> Value {
    json!({ "sum": rubles(code.sum, locale), "bought": day(code.at.date()) })
}

/// `1 285,21 ₽`, with no-break spaces.
pub fn rubles(kopecks: i64, locale: &str) -> String {
    let (whole, rest) = (kopecks.unsigned_abs() / 100, kopecks.unsigned_abs() % 100);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    let sign = if kopecks < 0 { "−" } else { "" };
    let point = if locale.starts_with("ru") { ',' } else { '.' };
    if rest == 0 {
        format!("{sign}{grouped}\u{a0}₽")
    } else {
        format!("{sign}{grouped}{point}{rest:02}\u{a0}₽")
    }
}

/// `22.11.2026`.
pub fn day(date: jiff::civil::Date) -> String {
    date.strftime("%d.%m.%Y").to_string()
}

/// `22.11.2026 23:59`, with seconds when there are any.
pub fn moment(at: jiff::civil::DateTime) -> String {
    let form = if at.second() == 0 { "%d.%m.%Y %H:%M" } else { "%d.%m.%Y %H:%M:%S" };
    at.strftime(form).to_string()
}

/// Why a text of one's own cannot be.
pub fn problem_of(key: &str, field: &str, text: &str) -> Option<Problem> {
    if !is_known(key) {
        return Some(Problem::invalid(
            field,
            "unknown_text",
            format!("Текста с ключом «{key}» нет"),
            format!("There is no text of the key “{key}”"),
        ));
    }
    if text.chars().count() > TEXT_MAX {
        return Some(Problem::invalid(
            field,
            "text_too_long",
            format!("Текст длиннее {TEXT_MAX} знаков: сократите его"),
            format!("The text is longer than {TEXT_MAX} characters: make it shorter"),
        ));
    }
    render(text, context! {}).err().map(|error| {
        Problem::invalid(
            field,
            "bad_template",
            format!("Шаблон не читается: {error}. Проверьте скобки {{{{ }}}}"),
            format!("The template cannot be read: {error}. Look at the braces {{{{ }}}}"),
        )
    })
}

/// Reads templates, and has read all defaults.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut templates = Environment::new();
    templates.set_fuel(Some(FUEL));
    templates.set_undefined_behavior(UndefinedBehavior::Lenient);
    templates.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let of_reasons = Reason::ALL.iter().map(|reason| (reason.said("ru"), reason.said("en")));
    for (ru, en) in ALL.iter().map(|one| one.said).chain(of_reasons) {
        for said in [ru, en] {
            // One that cannot be read would be said as nothing: a test reads all.
            templates.add_template(said, said).ok();
        }
    }
    templates
});

fn render(text: &str, names: View) -> Result<String, minijinja::Error> {
    let said = match TEMPLATES.get_template(text) {
        Ok(default) => default.render(names),
        Err(_) => TEMPLATES.render_str(text, names),
    };
    Ok(said?.trim().to_owned())
}
