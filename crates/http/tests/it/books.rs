//! Reports and backups through the API.

use crate::face::{Face, READER, on_both};
use samovar_app::backups;
use samovar_store::Engine;
use serde_json::json;

async fn granted(face: &Face) {
    let made = face.api("POST", "/contacts").json(&json!({ "name": "Анна" })).expect(201).await;
    let wallet = format!("/contacts/{}/wallet", made["id"].as_str().expect("an id"));
    let change = async |path: &str, points: i64| {
        let ask = face.api("POST", &format!("{wallet}/{path}")).header("idempotency-key", path);
        ask.json(&json!({ "points": points })).expect(200).await;
    };
    change("grant", 100).await;
    change("deduct", 30).await;
    change("holds", 20).await;
}

on_both! {
    async fn reports_are_answers_and_files(face) {
        granted(&face).await;
        let liability = face.api("GET", "/reports/liability").expect(200).await;
        assert_eq!((&liability["points"], &liability["held"]), (&json!(70), &json!(20)), "{liability}");
        let breakage = face.api("GET", "/reports/breakage").expect(200).await;
        let cohort = &breakage["cohorts"][0];
        assert_eq!((&cohort["month"], &cohort["earned"], &cohort["left"]), (&json!("2026-11"), &json!(100), &json!(70)));
        let flow = face.api("GET", "/reports/flow?from=2026-11-21&to=2026-11-21").expect(200).await;
        assert_eq!((&flow["came"], &flow["went"]), (&json!(100), &json!(30)), "{flow}");
        assert_eq!(flow["lines"][0]["name"], "all", "the key by its name");
        let period = "from=2026-11-01&to=2026-11-30";
        let returning = face.api("GET", &format!("/reports/returning?{period}")).expect(200).await;
        assert_eq!(returning["warned"]["customers"], 0, "{returning}");

        let csv = face.api("GET", &format!("/reports/flow?{period}&format=csv&locale=ru")).answer().await;
        assert_eq!((csv.status.as_u16(), csv.header("content-type")), (200, "text/csv; charset=utf-8"));
        assert_eq!(csv.header("content-disposition"), "attachment; filename=\"flow.csv\"");
        assert!(csv.text.contains("21.11.2026;"), "{}", csv.text);
        let xlsx = face.api("GET", "/reports/liability?format=xlsx").answer().await;
        assert_eq!((xlsx.status.as_u16(), &xlsx.text[..2]), (200, "PK"));

        let asked = async |path: &str| face.api("GET", path).refusal().await;
        assert_eq!(asked("/reports/flow").await, (422, "bad_date".into()));
        assert_eq!(asked("/reports/flow?from=2026-11-32&to=2026-11-30").await, (422, "bad_date".into()));
        assert_eq!(asked("/reports/liability?format=pdf").await, (422, "unknown_format".into()));
        let reader = face.ask("GET", "/api/v1/reports/liability").key(READER).refusal().await;
        assert_eq!(reader, (403, "forbidden".into()));
    }

    async fn a_backup_cannot_be_asked_for_where_there_can_be_none(face) {
        let reader = face.ask("POST", "/api/v1/backups").key(READER).refusal().await;
        assert_eq!(reader, (403, "forbidden".into()));
        if face.app.store.engine() == Engine::Postgres {
            let (_, code) = face.api("POST", "/backups").refusal().await;
            assert_eq!(code, "use_pg_dump");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_made_listed_and_taken() {
    let folder = std::env::temp_dir().join(format!("samovar-http-backup-{}", std::process::id()));
    std::fs::create_dir(&folder).expect("a new folder");
    let face = Face::open(&format!("sqlite:{}", folder.join("face.sqlite").display())).await;
    granted(&face).await;
    assert_eq!(face.api("GET", "/backups").expect(200).await, json!({ "failure": null, "items": [] }));
    let name = face.api("POST", "/backups").expect(202).await["name"].as_str().expect("a name").to_owned();
    face.app.pipeline.look(&face.app).await.expect("due jobs run");
    let list = face.api("GET", "/backups").expect(200).await;
    assert_eq!(
        (&list["items"][0]["name"], &list["items"][0]["making"]),
        (&json!(name), &json!(false)),
        "{list}"
    );

    let file = face.api("GET", &format!("/backups/{name}/file")).answer().await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/gzip"));
    assert_eq!(file.header("content-length"), list["items"][0]["size"].to_string());
    assert_eq!(file.header("content-disposition"), format!("attachment; filename=\"{name}\""));
    assert!(backups::folder(&face.app.store).expect("SQLite").join(&name).exists());
    for foreign in ["..%2Fface.sqlite", "samovar-20200101T000000Z.sqlite.gz"] {
        let refusal = face.api("GET", &format!("/backups/{foreign}/file")).refusal().await;
        assert_eq!(refusal, (404, "not_found".into()), "{foreign}");
    }
    let audit = face.api("GET", "/audit").expect(200).await.to_string();
    assert!(audit.contains("backup."), "{audit}");
    face.close().await;
    std::fs::remove_dir_all(folder).expect("a folder of this test");
}
