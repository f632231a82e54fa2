//! Every way in which a check can end, against the strict fake.

use samovar_base::{Clock, Instant, ManualClock};
use samovar_connectors::receipt_check::{
    Account, Answer, Kind, Kkt, Proverkacheka, Question, ReceiptCheck, Services,
};
use samovar_fakes::receipt_check::{Checks, Config, Fate, Invented};
use samovar_fiscal::read;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

const CODE: &str = "t=20240917T1801&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1";
const TOKEN: &str = "100.Secret-Tea";

fn receipt() -> Value {
    json!({
        "user": "ООО \"Агроторг\"", "userInn": "7825706086  ", "dateTime": "2024-09-17T18:01:00", "operationType": 1,
        "totalSum": 128_521, "fiscalDriveNumber": "7281440500751551", "fiscalDocumentNumber": 30_526,
        "fiscalSign": 1_168_453_787, "operator": "КАССИР", "items": [{"name": "Молоко \"Наше\" <3,2%>", "sum": 128_521}],
    })
}

struct Scene {
    checks: Checks,
    clock: Arc<ManualClock>,
    account: Account,
    services: [Box<dyn ReceiptCheck>; 2],
}

const PATIENCE: Duration = Duration::from_millis(600);

impl Scene {
    async fn new() -> Self {
        Self::with(Config::default()).await
    }

    async fn with(config: Config) -> Self {
        let clock = Arc::new(ManualClock::new(Instant::from_seconds(1_800_000_000)));
        let checks = Checks::start(Config { clock: clock.clone(), ..config }).await.expect("a free port");
        checks.knows(CODE, &receipt());
        let account = Account {
            address: Some(checks.base_url().parse().expect("an address")),
            token: SecretString::from(TOKEN),
            proxy: None,
        };
        let pauses = [Duration::from_millis(5); 4];
        let services: [Box<dyn ReceiptCheck>; 2] = [
            Box::new(Proverkacheka::new().expect("a client").with_patience(PATIENCE)),
            Box::new(Kkt::new().expect("a client").with_patience(PATIENCE).with_pauses(&pauses)),
        ];
        Self { checks, clock, account, services }
    }

    async fn ask(&self, service: usize, code: &str) -> Answer {
        let question = Question { code: read(code).expect("a code") };
        self.services[service].check(&self.account, &question).await
    }

    /// Both services, each asked while this happens to its question.
    async fn both(&self, fate: Fate) -> [Answer; 2] {
        self.checks.next(std::slice::from_ref(&fate));
        let first = self.ask(0, CODE).await;
        self.checks.next(&[fate]);
        [first, self.ask(1, CODE).await]
    }
}

fn names(answers: &[Answer; 2]) -> [&'static str; 2] {
    [answers[0].name(), answers[1].name()]
}

#[tokio::test]
async fn a_known_receipt_is_found_and_nothing_personal_with_it() {
    let scene = Scene::new().await;
    for (service, asked_before) in [(0, Some(false)), (0, Some(true)), (1, None)] {
        let Answer::Found(found) = scene.ask(service, CODE).await else { panic!("{service}") };
        assert_eq!(found.receipt.key, read(CODE).expect("a code").key);
        assert_eq!(
            (found.receipt.total, found.receipt.items[0].name.as_str()),
            (128_521, "Молоко \"Наше\" <3,2%>")
        );
        assert_eq!(found.asked_before, asked_before);
        assert!(!format!("{found:?}").contains("КАССИР"));
    }
    assert_eq!(scene.checks.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn every_answer_has_its_outcome() {
    let scene = Scene::with(Config { per_receipt: 1_000, ..Config::default() }).await;
    for (fate, expected) in [
        (Fate::Answered, ["found", "found"]),
        (Fate::Packed, ["found", "found"]),
        (Fate::Words, ["error", "error"]),
        (Fate::Another, ["error", "error"]),
        (Fate::Hollow, ["error", "error"]),
        (Fate::Garbage, ["error", "error"]),
        (Fate::Truncated, ["error", "error"]),
        (Fate::Huge, ["error", "error"]),
        (Fate::Strange, ["error", "error"]),
        (Fate::NotYet, ["not_yet", "not_yet"]),
        (Fate::Other, ["not_yet", "error"]),
        (Fate::Wait(7), ["later", "later"]),
        (Fate::Quota, ["quota", "quota"]),
        (Fate::TooMany(9), ["later", "later"]),
        (Fate::Status(402), ["quota", "quota"]),
        (Fate::Status(404), ["error", "error"]),
        (Fate::Status(302), ["error", "error"]),
        (Fate::Status(500), ["error", "error"]),
        (Fate::Status(502), ["error", "error"]),
        (Fate::Status(503), ["error", "error"]),
        (Fate::Cut, ["error", "error"]),
        (Fate::Hang(Duration::from_secs(5)), ["error", "error"]),
    ] {
        let answers = scene.both(fate.clone()).await;
        assert_eq!(names(&answers), expected, "{fate:?} {answers:?}");
        for said in answers.iter().filter_map(Answer::said) {
            assert!(!said.words.contains("Secret-Tea") && said.words.chars().count() <= 200, "{said:?}");
        }
    }
    assert_eq!(scene.checks.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn pauses_are_as_long_as_told() {
    let scene = Scene::new().await;
    let after = |answer: Answer| answer.said().and_then(|said| said.after_ms);
    for (fate, expected) in [
        (Fate::Wait(7), Some(7_000)),
        (Fate::TooMany(9), Some(9_000)),
        (Fate::NotYet, Some(3_600_000)),
        (Fate::TooMany(u64::MAX), None),
        (Fate::Wait(9_000_000), Some(86_400_000)),
    ] {
        scene.checks.next(std::slice::from_ref(&fate));
        assert_eq!(after(scene.ask(0, CODE).await), expected, "{fate:?}");
    }
    scene.checks.next(&[Fate::TooMany(11)]);
    assert_eq!(after(scene.ask(1, CODE).await), Some(11_000));
}

#[tokio::test]
async fn receipts_that_arrive_late_and_receipts_that_never_do() {
    let scene = Scene::new().await;
    let late = CODE.replace("30526", "30527");
    let mut document = receipt();
    document["fiscalDocumentNumber"] = json!(30_527);
    scene.checks.knows_from(&late, &document, scene.clock.now().plus_seconds(3_600));
    for service in [0, 1] {
        assert_eq!(scene.ask(service, &late).await.name(), "not_yet");
        assert_eq!(scene.ask(service, &CODE.replace("30526", "1")).await.name(), "unknown");
        assert_eq!(
            scene.ask(service, &CODE.replace("1285.21", "1285.22")).await.name(),
            "unknown",
            "another sum"
        );
        assert_eq!(scene.ask(service, &CODE.replace("n=1", "n=2")).await.name(), "unknown", "not a return");
    }
    scene.clock.advance_seconds(3_600);
    for service in [0, 1] {
        assert_eq!(scene.ask(service, &late).await.name(), "found");
    }
}

#[tokio::test]
async fn a_token_that_is_not_accepted() {
    let scene = Scene::new().await;
    assert_eq!(scene.ask(1, CODE).await.name(), "found", "with a session");
    scene.checks.revoke(TOKEN);
    for service in [0, 1] {
        let answer = scene.ask(service, CODE).await;
        assert_eq!(answer.name(), "refused", "{answer:?}");
    }
    assert!(!format!("{:?}", scene.account).contains("Secret-Tea"));
}

#[tokio::test]
async fn plans_end_and_paces_are_kept() {
    let scene = Scene::with(Config { plan: Some(0), ..Config::default() }).await;
    for service in [0, 1] {
        assert_eq!(scene.ask(service, CODE).await.name(), "quota");
    }
    let scene = Scene::with(Config { per_receipt: 1, ..Config::default() }).await;
    let answers = [scene.ask(0, CODE).await, scene.ask(0, CODE).await];
    assert_eq!(names(&answers), ["found", "not_yet"], "it is about this receipt, not about the plan");
    let scene = Scene::with(Config { per_second: Some(1), ..Config::default() }).await;
    let answers = [scene.ask(0, CODE).await, scene.ask(0, CODE).await];
    assert_eq!(names(&answers), ["found", "later"], "the clock stands still");
    assert_eq!(scene.ask(1, CODE).await.name(), "later");
}

#[tokio::test]
async fn nobody_is_there() {
    let scene = Scene::new().await;
    scene.checks.set_down(true);
    for service in [0, 1] {
        assert_eq!(scene.ask(service, CODE).await.name(), "error");
    }
    scene.checks.set_down(false);
    for service in [0, 1] {
        assert_eq!(scene.ask(service, CODE).await.name(), "found");
    }
    let mut elsewhere = scene.account.clone();
    elsewhere.address = Some("http://nobody.invalid/".parse().expect("an address"));
    let question = Question { code: read(CODE).expect("a code") };
    for service in &scene.services {
        let answer = service.check(&elsewhere, &question).await;
        assert_eq!(answer.name(), "error");
        assert!(!format!("{answer:?}").contains("Secret-Tea"));
    }
}

#[tokio::test]
async fn sessions_of_the_tax_service_are_shared_and_renewed() {
    let scene = Scene::new().await;
    assert_eq!(scene.ask(1, CODE).await.name(), "found");
    // The service has forgotten the session, or an hour went by: one more question, not a refusal.
    scene.checks.forget_sessions();
    assert_eq!(scene.ask(1, CODE).await.name(), "found");
    scene.clock.advance_seconds(2 * 3_600);
    assert_eq!(scene.ask(1, CODE).await.name(), "found");
    let together = futures::future::join_all((0..16).map(|_| scene.ask(1, CODE))).await;
    assert!(together.iter().all(|answer| answer.name() == "found"), "{together:?}");
    assert_eq!(scene.checks.asked(), 19, "one question for each");
}

#[tokio::test]
async fn the_tax_service_takes_its_time_and_is_asked_once() {
    let scene = Scene::with(Config { looks: 6, ..Config::default() }).await;
    let first = scene.ask(1, CODE).await;
    assert_eq!((first.name(), first.said().and_then(|said| said.after_ms)), ("later", Some(30_000)));
    assert_eq!(scene.ask(1, CODE).await.name(), "found", "the answer to the first question");
    assert_eq!(scene.checks.asked(), 1);
}

#[tokio::test]
async fn what_goes_wrong_now_and_then_never_becomes_a_wrong_answer() {
    let faults = [
        Fate::Garbage,
        Fate::Truncated,
        Fate::Words,
        Fate::Another,
        Fate::Hollow,
        Fate::Cut,
        Fate::Status(500),
        Fate::Quota,
        Fate::NotYet,
        Fate::Wait(1),
    ];
    let config = Config {
        invented: Some(Invented { unknown: 100, ..Invented::default() }),
        per_receipt: 1_000,
        ..Config::default()
    };
    let scene = Scene::with(config).await;
    let codes: Vec<String> = (1..40).map(|number| CODE.replace("30526", &number.to_string())).collect();
    let mut truth = Vec::new();
    for code in &codes {
        truth.push(scene.ask(0, code).await.name());
    }
    assert!(truth.contains(&"found") && truth.contains(&"unknown"));
    let rates: Vec<(Fate, u64)> = faults.into_iter().map(|fate| (fate, 60)).collect();
    scene.checks.set_faults(&rates);
    for (code, truth) in codes.iter().zip(&truth) {
        for service in [0, 1] {
            let said = scene.ask(service, code).await.name();
            assert!(
                said == *truth || !matches!(said, "found" | "unknown"),
                "{code} {said} instead of {truth}"
            );
        }
    }
}

#[test]
fn kinds_have_names() {
    for kind in Kind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
        let service = Services::new().expect("clients");
        assert_eq!(service.of(kind).kind(), kind);
        assert_eq!(service.of(kind).address().scheme(), "https");
    }
    assert!("none".parse::<Kind>().is_err());
}
