//! Receipts from the message to the number: what people read, and what is left in the tables whatever the services of
//! checks do.

use samovar_app::promo::{self, Draft, Minimum, MinimumOf, Moderation, Rules, Terms, Wording};
use samovar_app::receipts::{self, Filter, NewProvider, ProviderSettings, State};
use samovar_base::{Clock, Instant, PromotionId};
use samovar_connectors::receipt_check::Kind;
use samovar_fakes::receipt_check::{Checks, Config, Fate};
use samovar_testkit::{Engine, Guest, Setting, TestApp, on_both};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const TOKEN: &str = "10001.samovarTestToken";

/// A shop with a promotion that runs, and a service of checks that knows what it is told.
pub struct Shop {
    pub app: TestApp,
    pub checks: Checks,
    pub promotion: PromotionId,
}

pub fn at(text: &str) -> Instant {
    samovar_base::ManualClock::at_rfc3339(text).now()
}

pub fn terms() -> Terms {
    Terms {
        minimum: Minimum { sum: 50_000, of: MinimumOf::Receipt },
        rules: Rules {
            text: Wording::new(
                "Участвуют чеки на 500 ₽ и больше. Один чек — один номер.",
                "Receipts of 500 ₽ and more take part. One receipt, one number.",
            ),
            ..Rules::default()
        },
        prizes: Wording::new("Самовар и двадцать пачек чая.", "A samovar and twenty packs of tea."),
        // Everybody here buys at one till, one receipt after another.
        moderation: Moderation { score: 101, ..Moderation::default() },
        ..Terms::default()
    }
}

pub async fn shop(engine: Engine, locale: &'static str, terms: Terms, settings: ProviderSettings) -> Shop {
    let setting = Setting { bot: "receipt-draw", locale, ..Setting::new(engine) };
    shop_as(setting, terms, settings).await
}

pub async fn shop_as(setting: Setting, terms: Terms, settings: ProviderSettings) -> Shop {
    let app = TestApp::set(setting).await;
    let clock = Arc::<samovar_base::ManualClock>::clone(&app.clock);
    let checks = Checks::start(Config { clock, ..Config::default() }).await.expect("a service of checks");
    let settings =
        ProviderSettings { address: Some(checks.base_url().parse().expect("an address")), ..settings };
    add(&app, "Первый", settings).await;
    let promotion = begin(&app, terms).await;
    Shop { app, checks, promotion }
}

async fn add(app: &TestApp, name: &str, settings: ProviderSettings) {
    let new = NewProvider {
        kind: Kind::Proverkacheka,
        name: name.into(),
        place: None,
        settings,
        token: TOKEN.to_owned().into(),
    };
    receipts::add_provider(&app.app(), &app.owner(), new).await.expect("a provider");
}

async fn begin(app: &TestApp, terms: Terms) -> PromotionId {
    let draft = Draft {
        key: "tea".into(),
        name: "Чай с призами".into(),
        starts_at: at("2026-11-20T21:00:00Z"),
        ends_at: at("2026-11-30T21:00:00Z"),
        terms,
        channel: None,
    };
    let made = promo::create(&app.app(), &app.owner(), draft).await.expect("a promotion");
    promo::start(&app.app(), &app.owner(), made.id).await.expect("a start");
    made.id
}

/// Fast enough not to be felt.
pub fn fast() -> ProviderSettings {
    ProviderSettings { per_minute: 60_000, at_once: 50, ..ProviderSettings::default() }
}

/// The code of a receipt of today, noon by the till.
pub fn code(number: i64, rubles: i64) -> String {
    code_of("20261121T1130", number, rubles)
}

fn code_of(time: &str, number: i64, rubles: i64) -> String {
    format!("t={time}&s={rubles}.00&fn=7281440500751551&i={number}&fp={}&n=1", 1_000_000 + number)
}

pub fn document(number: i64, rubles: i64) -> Value {
    json!({
        "user": "ООО «Чайная лавка»", "userInn": "7300000011", "retailPlace": "Магазин", "dateTime": "2026-11-21T11:30:00",
        "totalSum": rubles * 100, "operationType": 1, "fiscalDriveNumber": "7281440500751551",
        "fiscalDocumentNumber": number, "fiscalSign": 1_000_000 + number,
        "items": [{ "name": "Чай чёрный 100 г", "price": rubles * 100, "quantity": 1, "sum": rubles * 100 }]
    })
}

impl Shop {
    pub fn knows(&self, number: i64, rubles: i64) {
        self.checks.knows(&code(number, rubles), &document(number, rubles));
    }

    /// Says something and waits until everything that is due is done.
    pub async fn says(&self, guest: &Guest, words: &str) {
        guest.says(words).await;
        self.app.advance(Duration::from_secs(1)).await;
    }

    pub async fn states(&self) -> Vec<(State, Option<&'static str>, Option<i64>)> {
        let (app, owner) = (self.app.app(), self.app.owner());
        let all = receipts::receipts(&app, &owner, self.promotion, Filter::default(), None, 200);
        let mut all = all.await.expect("receipts");
        all.reverse();
        all.into_iter()
            .map(|one| (one.receipt.state, one.receipt.reason.map(promo::Reason::as_str), one.receipt.ticket))
            .collect()
    }
}

pub async fn joins(guest: &Guest) {
    guest.starts(None).await;
    guest.presses("Принимаю правила").await;
}

on_both! {
    /// The whole of it, word for word.
    async fn a_promotion_from_the_rules_to_the_numbers(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        let anna = shop.app.telegram("Анна");
        anna.starts(None).await;
        anna.presses("Не принимаю").await;
        anna.says("акция").await;
        anna.presses("Читать правила").await;
        anna.presses("Принимаю правила").await;
        shop.knows(101, 700);
        shop.says(&anna, &code(101, 700)).await;
        shop.says(&anna, &code(101, 700)).await;
        shop.says(&anna, &code(102, 300)).await;
        shop.says(&anna, "t=20261119T1130&s=900.00&fn=7281440500751551&i=103&fp=1000103&n=1").await;
        shop.says(&anna, "t=20261121T1130&s=900.00&fn=7281440500751551&i=104&fp=1000104&n=2").await;
        shop.says(&anna, "https://qr.nspk.ru/AS10003P3RH0LJ2A9").await;
        anna.presses("Мои номера").await;
        anna.presses("Призы").await;
        anna.presses("Правила").await;
        insta::assert_snapshot!("a_promotion_from_the_rules_to_the_numbers", anna.transcript().await);
        shop.app.finish().await;
    }

    async fn a_promotion_in_english(engine: Engine) {
        let shop = shop(engine, "en", terms(), fast()).await;
        let ann = shop.app.telegram("Ann");
        ann.starts(None).await;
        ann.presses("I accept the rules").await;
        shop.knows(101, 700);
        shop.says(&ann, &code(101, 700)).await;
        shop.says(&ann, "hello").await;
        ann.presses("Type it in").await;
        for answer in ["21.11.2026", "25:00", "11:30", "800", "7281440500751551", "102", "1000102"] {
            shop.says(&ann, answer).await;
        }
        shop.knows(102, 800);
        ann.presses("Приход: a sale").await;
        shop.app.advance(Duration::from_secs(1)).await;
        ann.presses("My numbers").await;
        insta::assert_snapshot!("a_promotion_in_english", ann.transcript().await);
        shop.app.finish().await;
    }

    /// What arrived two seconds before the end takes part, however late it is checked.
    async fn the_last_two_seconds(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        let anna = shop.app.telegram("Анна");
        joins(&anna).await;
        shop.checks.set_down(true);
        let last = at("2026-11-30T20:59:58Z").millis_since(shop.app.clock.now());
        shop.app.advance(Duration::from_millis(last.unsigned_abs())).await;
        let said = anna.says(&code(101, 700)).await;
        assert!(said.contains("23:59:58") && said.contains("очереди"), "{said}");
        shop.app.advance(Duration::from_secs(2)).await;
        let late = anna.says(&code(102, 700)).await;
        assert!(late.contains("закончился"), "{late}");
        shop.app.advance(Duration::from_secs(3 * 3_600)).await;
        assert_eq!(shop.states().await, [(State::Waiting, None, None), (State::Refused, Some("ended"), None)]);
        shop.checks.set_down(false);
        shop.knows(101, 700);
        for _ in 0..3 {
            shop.app.advance(Duration::from_secs(700)).await;
        }
        assert_eq!(shop.states().await[0], (State::Accepted, None, Some(1)));
        assert!(anna.looks().await.contains("Ваш номер в розыгрыше: 1"));
        shop.app.finish().await;
    }

    /// The tax service learns of a receipt late, or never.
    async fn patience(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        let anna = shop.app.telegram("Анна");
        joins(&anna).await;
        shop.checks.next(&[Fate::NotYet]);
        shop.knows(101, 700);
        shop.says(&anna, &code(101, 700)).await;
        assert_eq!(shop.states().await, [(State::Waiting, None, None)]);
        assert!(anna.presses("Мои номера").await.contains("пока не знает"));
        shop.app.advance(Duration::from_secs(3_600)).await;
        assert_eq!(shop.states().await, [(State::Accepted, None, Some(1))]);
        // Wrong is final only when it is said twice.
        shop.says(&anna, &code(102, 700)).await;
        assert_eq!(shop.states().await[1].0, State::Waiting);
        shop.app.advance(Duration::from_secs(5 * 3_600)).await;
        assert_eq!(shop.states().await[1].0, State::Waiting);
        shop.app.advance(Duration::from_secs(3_700)).await;
        assert_eq!(shop.states().await[1], (State::Refused, Some("unknown"), None));
        // Not yet for days: a person looks.
        shop.checks.set_faults(&[(Fate::NotYet, 1_000)]);
        shop.says(&anna, &code(103, 700)).await;
        for hours in [1, 3, 6, 12, 24] {
            assert_eq!(shop.states().await[2].0, State::Waiting, "before {hours} h");
            shop.app.advance(Duration::from_secs(hours * 3_600 + 60)).await;
        }
        assert_eq!(shop.states().await[2], (State::Person, Some("no_answer"), None));
        shop.app.finish().await;
    }

    /// Whatever a service answers instead of a receipt, nothing is lost and nothing is decided by it.
    async fn nonsense(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        let anna = shop.app.telegram("Анна");
        joins(&anna).await;
        shop.knows(101, 700);
        let fates = [
            Fate::Garbage, Fate::Truncated, Fate::Words, Fate::Another, Fate::Hollow, Fate::Strange, Fate::Status(502),
            Fate::Cut,
        ];
        shop.checks.next(&fates);
        shop.says(&anna, &code(101, 700)).await;
        for _ in 0..60 {
            if shop.states().await[0].0 == State::Accepted {
                break;
            }
            shop.app.advance(Duration::from_secs(600)).await;
        }
        assert_eq!(shop.states().await, [(State::Accepted, None, Some(1))]);
        // A document packed as a text is a document.
        shop.checks.next(&[Fate::Packed]);
        shop.knows(102, 700);
        shop.says(&anna, &code(102, 700)).await;
        assert_eq!(shop.states().await[1], (State::Accepted, None, Some(2)));
        shop.app.finish().await;
    }

    /// The quota ends: receipts wait, the staff reads why, and a second service takes over.
    async fn a_quota_and_the_second_of_the_ladder(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        let anna = shop.app.telegram("Анна");
        joins(&anna).await;
        shop.checks.set_plan(Some(0));
        shop.knows(101, 700);
        shop.says(&anna, &code(101, 700)).await;
        assert_eq!(shop.states().await, [(State::Waiting, None, None)]);
        let (services, owner) = (shop.app.app(), shop.app.owner());
        let told = receipts::providers(&services, &owner).await.expect("providers");
        assert_eq!(told[0].health.as_str(), "quota");
        assert!(told[0].words[0].contains("Чеки ждут"), "{:?}", told[0].words);
        let clock = Arc::<samovar_base::ManualClock>::clone(&shop.app.clock);
        let second = Checks::start(Config { clock, ..Config::default() }).await.expect("another service");
        second.knows(&code(101, 700), &document(101, 700));
        let address = Some(second.base_url().parse().expect("an address"));
        add(&shop.app, "Второй", ProviderSettings { address, ..fast() }).await;
        shop.app.advance(Duration::from_secs(60)).await;
        assert_eq!(shop.states().await, [(State::Accepted, None, Some(1))]);
        assert_eq!(second.asked(), 1);
        shop.app.finish().await;
    }

    /// No more is asked than the pace allows, and the queue is told.
    async fn the_pace_of_a_provider(engine: Engine) {
        let slow = ProviderSettings { per_minute: 6, at_once: 2, ..ProviderSettings::default() };
        let shop = shop(engine, "ru", terms(), slow).await;
        let anna = shop.app.telegram("Анна");
        joins(&anna).await;
        shop.checks.set_faults(&[]);
        (101..107).for_each(|number| shop.knows(number, 700));
        let all: Vec<String> = (101..107).map(|number| code(number, 700)).collect();
        anna.says(&all.join("\n")).await;
        shop.app.advance(Duration::from_secs(1)).await;
        assert_eq!(shop.checks.asked(), 2);
        shop.app.advance(Duration::from_secs(10)).await;
        assert_eq!(shop.checks.asked(), 3);
        for _ in 0..4 {
            shop.app.advance(Duration::from_secs(10)).await;
        }
        let numbers: Vec<_> = shop.states().await.into_iter().map(|(.., ticket)| ticket).collect();
        assert_eq!(numbers, (1..=6).map(Some).collect::<Vec<_>>(), "in the order of arrival");
        shop.app.finish().await;
    }

    /// Without any service people decide, or the code is believed, as the terms say.
    async fn no_provider(engine: Engine) {
        let app = TestApp::set(Setting { bot: "receipt-draw", ..Setting::new(engine) }).await;
        let promotion = begin(&app, terms()).await;
        let checks = Checks::start(Config::default()).await.expect("a service");
        let shop = Shop { app, checks, promotion };
        let anna = shop.app.telegram("Анна");
        joins(&anna).await;
        shop.says(&anna, &code(101, 700)).await;
        assert_eq!(shop.states().await, [(State::Person, Some("no_provider"), None)]);
        assert!(anna.looks().await.contains("посмотрит сотрудник"));
        shop.app.finish().await;
    }

    /// As an overlay: the loyalty bot goes on, and a receipt is understood wherever the person is.
    async fn an_overlay_on_a_loyalty_bot(engine: Engine) {
        let setting =
            Setting { bot: "nail-shop-loyalty", beside: Some("receipt-draw"), ..Setting::new(engine) };
        let shop = shop_as(setting, terms(), fast()).await;
        let anna = shop.app.telegram("Анна");
        anna.registers().await;
        anna.presses("Не хочу говорить").await;
        assert!(anna.says("меню").await.contains("Что показать?"));
        assert!(anna.says(&code(101, 700)).await.contains("примите их"));
        anna.presses("Принимаю правила").await;
        assert!(anna.says("меню").await.contains("Что показать?"));
        shop.knows(101, 700);
        let said = anna.says(&code(101, 700)).await;
        assert!(said.contains("Чек получен") && !said.contains("Пришлите фото"), "{said}");
        shop.app.advance(Duration::from_secs(1)).await;
        assert!(anna.says("баланс").await.contains("150"));
        assert!(anna.says("мои номера").await.contains("№ 1"));
        shop.app.finish().await;
    }
}
