//! The services of checks, spoken to as their clients do.

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use samovar_fakes::receipt_check::{Checks, Config, Fate, Invented};
use serde_json::{Value, json};

const CODE: &str = "t=20240917T1801&s=1285.20&fn=7281440500751551&i=30526&fp=1168453787&n=1";
const TOKEN: &str = "100.tea";

struct Asker {
    checks: Checks,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Asker {
    async fn new(config: Config) -> Self {
        let checks = Checks::start(config).await.expect("a free port");
        Self { checks, client: Client::builder(TokioExecutor::new()).build_http() }
    }

    async fn post(&self, kind: &str, body: String) -> Option<(u16, Value)> {
        let request = Request::post(format!("{}/api/v1/check/get", self.checks.base_url()))
            .header("content-type", kind)
            .body(Full::new(body.into()))
            .expect("a request");
        let (head, body) = self.client.request(request).await.ok()?.into_parts();
        let bytes = body.collect().await.ok()?.to_bytes();
        Some((head.status.as_u16(), serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    async fn form(&self, parts: &[(&str, &str)]) -> (u16, Value) {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parts).finish();
        self.post("application/x-www-form-urlencoded", body).await.expect("an answer")
    }

    async fn code(&self, code: &str) -> Value {
        let (status, body) = self.form(&[("token", TOKEN), ("qrraw", code)]).await;
        assert_eq!(status, 200);
        body
    }
}

#[tokio::test]
async fn questions_of_all_forms_are_understood() {
    let asker = Asker::new(Config::default()).await;
    asker.checks.knows(CODE, &json!({"fiscalSign": 1_168_453_787}));
    let first = asker.code(CODE).await;
    assert_eq!(
        (&first["code"], &first["first"], &first["data"]["json"]["fiscalSign"]),
        (&json!(1), &json!(1), &json!(1_168_453_787))
    );
    assert_eq!(first["request"]["qrraw"], json!(CODE.replace('T', "t")));
    assert_eq!(first["request"]["manual"]["sum"], json!("1285.2"));
    let parts = [
        ("token", TOKEN),
        ("fn", "7281440500751551"),
        ("fd", "30526"),
        ("fp", "1168453787"),
        ("t", "20240917T1801"),
        ("n", "1"),
        ("s", "1285.20"),
        ("qr", "0"),
    ];
    let (_, second) = asker.form(&parts).await;
    assert_eq!((&second["code"], &second["first"]), (&json!(1), &json!(0)));
    let as_json = json!({"token": TOKEN, "qrraw": CODE}).to_string();
    assert_eq!(asker.post("application/json", as_json).await.expect("an answer").1["code"], json!(1));
    let multipart = format!(
        "--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n{TOKEN}\r\n--b\r\nContent-Disposition: form-data; name=\"qrraw\"\r\n\r\n{CODE}\r\n--b--\r\n"
    );
    assert_eq!(
        asker.post("multipart/form-data; boundary=b", multipart).await.expect("an answer").1["code"],
        json!(1)
    );
    assert_eq!(
        (
            asker.checks.asked(),
            asker.checks.asked_about("7281440500751551", 30_526, 1_168_453_787),
            asker.checks.given()
        ),
        (4, 4, 4)
    );
    assert_eq!(asker.checks.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn malformed_questions_are_refused_and_remembered() {
    let asker = Asker::new(Config::default()).await;
    asker.checks.knows(CODE, &json!({}));
    for wrong in [
        CODE.replace("&n=1", ""),
        CODE.replace("n=1", "n=13"),
        CODE.replace("7281440500751551", "728"),
        CODE.replace("1285.20", "1285,20"),
        CODE.replace("20240917T1801", "17.09.2024"),
        format!("{CODE}&n=1"),
    ] {
        assert_eq!(asker.code(&wrong).await["code"], json!(0), "{wrong}");
    }
    assert_eq!(asker.checks.complaints().len(), 6);
    for (parts, status) in [(&[("qrraw", CODE)][..], 401), (&[("token", "tea"), ("qrraw", CODE)], 401)] {
        assert_eq!(asker.form(parts).await.0, status);
    }
    assert_eq!(asker.post("text/plain", CODE.into()).await.expect("an answer").0, 400);
    // Well-formed, but the tax service knows another sum.
    assert_eq!(asker.code(&CODE.replace("1285.20", "1285.21")).await["code"], json!(0));
}

#[tokio::test]
async fn plans_paces_and_receipts_have_their_limits() {
    let config =
        Config { plan: Some(3), per_receipt: 2, invented: Some(Invented::default()), ..Config::default() };
    let asker = Asker::new(config).await;
    let codes =
        |answer: &Value| (answer["code"].clone(), answer["data"].as_str().unwrap_or_default().to_owned());
    assert_eq!(asker.code(CODE).await["data"]["json"]["totalSum"], json!(128_520));
    assert_eq!(asker.code(CODE).await["code"], json!(1));
    assert_eq!(codes(&asker.code(CODE).await), (json!(3), "Превышено количество запросов по чеку".into()));
    assert_eq!(codes(&asker.code(CODE).await), (json!(3), "Превышено количество запросов по тарифу".into()));
    asker.checks.set_plan(None);
    asker.checks.next(&[Fate::Other, Fate::Answered]);
    assert_eq!(asker.code(&CODE.replace("30526", "1")).await["code"], json!(5));
    assert_eq!(asker.code(&CODE.replace("30526", "1")).await["code"], json!(1));
    asker.checks.revoke(TOKEN);
    assert_eq!(asker.form(&[("token", TOKEN), ("qrraw", CODE)]).await.0, 401);
    asker.checks.set_down(true);
    assert!(asker.post("application/json", "{}".into()).await.is_none());
}

#[tokio::test]
async fn made_up_receipts_add_up_and_stay_the_same() {
    let invented = Invented { alcohol: 300, foreign: 200, unknown: 100, ..Invented::default() };
    let asker = Asker::new(Config { invented: Some(invented), ..Config::default() }).await;
    let (mut bottles, mut others, mut unknown) = (0, 0, 0);
    for number in 1..=400 {
        let code = CODE.replace("30526", &number.to_string());
        let (answer, again) = (asker.code(&code).await, asker.code(&code).await);
        assert_eq!(answer["data"], again["data"]);
        if answer["code"] == json!(0) {
            unknown += 1;
            continue;
        }
        let receipt = &answer["data"]["json"];
        let items = receipt["items"].as_array().expect("items");
        assert_eq!(items.iter().filter_map(|item| item["sum"].as_u64()).sum::<u64>(), 128_520);
        bottles += i32::from(items.iter().any(|item| item["productType"] == json!(31)));
        others += i32::from(receipt["userInn"] != json!("7300000011  "));
    }
    assert!(
        (80..160).contains(&bottles) && (45..115).contains(&others) && (20..65).contains(&unknown),
        "{bottles} {others} {unknown}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_no_bottleneck() {
    let config = Config { invented: Some(Invented::default()), ..Config::default() };
    let asker = std::sync::Arc::new(Asker::new(config).await);
    let tasks: Vec<_> = (0..32)
        .map(|lane: u32| {
            let asker = asker.clone();
            tokio::spawn(async move {
                for number in 0..50 {
                    let code = CODE.replace("30526", &(1 + lane * 50 + number).to_string());
                    assert_eq!(asker.code(&code).await["code"], json!(1));
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    assert_eq!(asker.checks.given(), 1_600);
}
