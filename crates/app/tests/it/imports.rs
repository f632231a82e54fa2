//! Imports, on both databases.

use crate::common::{Bed, both};
use samovar_app::access::{Actor, Role};
use samovar_app::imports::{self, Counts, Fate, Field, Import, State};
use samovar_app::sheets::{Book, Cell, Column, Language};
use samovar_app::{Fail, contacts, exports, ledger, loyalty};
use samovar_base::{Points, StaffId};
use samovar_testkit::{TestApp, on_both};
use serde_json::json;

const FILE: &str = "ФИО;Телефон;Дата рождения;Бонусы;Годны до;Метки;Согласие;Город\r\n\
    Анна Каренина;8 916 123-45-67;28.02.1990;1 500;31.12.2026;vip, утро;да;Тверь\r\n\
    Борис;+7 903 000-00-01;;0;;;нет;\r\n\
    Вера;12;31.02.1990;5,5;;;может;\r\n\
    Анна ещё раз;79161234567;;10;;;;\r\n\
    ;;;7;;;;\r\n";

async fn brought(bed: &Bed, file: &[u8]) -> Import {
    imports::bring(&bed.app, &bed.owner, "клиенты.csv", file.to_vec().into()).await.expect("a table")
}

async fn taken(bed: &Bed, import: &Import) -> Import {
    imports::start(&bed.app, &bed.owner, import.id).await.expect("a draft with a key");
    bed.app.pipeline.look(&bed.app).await.expect("due jobs run");
    imports::get(&bed.app, &bed.owner, import.id).await.expect("it is there")
}

async fn books(bed: &Bed) {
    let found =
        bed.app.store.read(bed.owner.tenant, |tx| async move { Ok::<_, Fail>(ledger::check(&tx).await?) });
    assert!(found.await.expect("books").is_empty());
}

async fn anna(bed: &Bed) -> contacts::Contact {
    let found =
        contacts::list(&bed.app, &bed.owner, &contacts::Filter::Query("89161234567".into()), None, 5).await;
    let mut found = found.expect("a list");
    assert_eq!(found.len(), 1);
    found.pop().expect("one")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn customers_come_with_their_balances_once_and_bad_rows_are_told() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let (old, ..) = encoding(FILE);
        let import = brought(&bed, &old).await;
        let names: Vec<String> = import.mapping.iter().map(ToString::to_string).collect();
        assert_eq!(
            names,
            ["name", "phone", "birthday", "points", "expires_on", "tags", "consent.loyalty", "skip"]
        );
        let mut mapping = import.mapping.clone();
        mapping[7] = Field::Own("city".into());
        let import = imports::map(app, owner, import.id, mapping.clone()).await.expect("it fits");

        let preview = imports::preview(app, owner, import.id).await.expect("it can be said");
        let wanted = Counts { created: 2, changed: 0, unchanged: 0, bad: 3, points: 1_500 };
        assert_eq!(preview.counts, wanted);
        assert_eq!((preview.rows[0].fate, preview.rows[0].name.as_str()), (Fate::Created, "Анна Каренина"));
        assert_eq!((preview.rows[2].fate, preview.rows[2].bad.len()), (Fate::Bad, 4));
        let nobody = contacts::list(app, owner, &contacts::Filter::All, None, 5).await.expect("a list");
        assert!(nobody.is_empty(), "a preview writes nothing");

        let done = taken(&bed, &import).await;
        assert_eq!((done.state, done.counts), (State::Done, wanted));
        let person = anna(&bed).await;
        assert_eq!((person.name.as_str(), person.phone_proved), ("Анна Каренина", false));
        assert_eq!(person.fields["city"], json!("Тверь"));
        assert!(person.tags.contains("vip") && contacts::consent_given(&person, "loyalty"));
        let wallet = ledger::wallet(app, owner, person.id).await.expect("a wallet");
        assert_eq!(wallet.balance, Points(1_500));
        let end: samovar_base::Instant =
            "2026-12-31T21:00:00Z".parse::<jiff::Timestamp>().expect("RFC 3339").into();
        assert_eq!(wallet.lots[0].expires_at, Some(end), "the whole last day in Moscow");
        let bad = imports::bad(app, owner, import.id, Language::Ru, false).await.expect("a list");
        let bad = String::from_utf8(bad).expect("UTF-8");
        for line in [
            "4;Телефон;12;Это не похоже на номер телефона",
            "4;Бонусы;5,5;Баллы — целое число",
            "5;Телефон;79161234567;\"Этот клиент уже был в файле выше",
            "6;Телефон;;Неизвестно, кто это",
        ] {
            assert!(bad.contains(line), "{line}\n{bad}");
        }

        // The same file once more: nobody is new, nothing is posted.
        let again = brought(&bed, &old).await;
        let again = imports::map(app, owner, again.id, mapping).await.expect("it fits");
        let again = taken(&bed, &again).await;
        assert_eq!(again.counts, Counts { unchanged: 2, created: 0, points: 0, ..wanted });
        assert_eq!(anna(&bed).await.revision, person.revision);
        bed.clock.set(end);
        app.pipeline.look(app).await.expect("due jobs run");
        assert_eq!(loyalty::balance(app, owner, person.id).await.expect("a balance").balance, Points(0));
        books(&bed).await;

        bed.clock.advance_seconds(8 * 86_400);
        app.pipeline.look(app).await.expect("due jobs run");
        let bad = imports::bad(app, owner, import.id, Language::En, false).await.expect("a list");
        assert_eq!(
            String::from_utf8(bad).expect("UTF-8").lines().count(),
            1,
            "personal data goes at its term"
        );
    })
    .await;
}

fn encoding(text: &str) -> (Vec<u8>, ()) {
    (encoding_rs::WINDOWS_1251.encode(text).0.into_owned(), ())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workbook_of_many_customers_is_taken_whole_whoever_does_the_portions() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let many: i64 = 1_030;
        let (mut book, mut pieces) = (Book::default(), Vec::new());
        let columns = ["Имя", "Телефон", "Баллы", "Дата рождения"].map(|title| Column::new(title, 10));
        book.begin("Лист", &columns, &mut pieces);
        let rows: Vec<Vec<Cell>> = (0..many)
            .map(|at| {
                vec![
                    Cell::text(format!("К{at}")),
                    Cell::Whole(89_160_000_000 + at),
                    Cell::Whole(at % 7),
                    Cell::Day(jiff::civil::date(1990, 1, 1)),
                ]
            })
            .collect();
        book.rows(&rows, Language::Ru, &mut pieces);
        assert!(book.finish(&mut pieces));
        pieces.sort_by_key(|(number, _)| *number);
        let file: Vec<u8> = pieces.into_iter().flat_map(|(_, bytes)| bytes).collect();

        let import = brought(&bed, &file).await;
        imports::start(app, owner, import.id).await.expect("a draft with a key");
        loop {
            // Two nodes that believe to have the job.
            let (one, two) = tokio::join!(
                imports::work::step(app, owner.tenant, import.id),
                imports::work::step(app, owner.tenant, import.id)
            );
            let (one, two) = (one.expect("a portion"), two.expect("a portion"));
            if one.state == State::Done && two.state == State::Done {
                break;
            }
        }
        let done = imports::get(app, owner, import.id).await.expect("it is there");
        let sum: i64 = (0..many).map(|at| at % 7).sum();
        assert_eq!(done.counts, Counts { created: many, points: sum, ..Counts::default() });
        books(&bed).await;

        // What was exported comes in again and changes nothing.
        let request = exports::Request {
            locale: Some("ru".into()),
            ..exports::Request::new(exports::What::Contacts, exports::Format::Csv)
        };
        let export = exports::start(app, owner, request).await.expect("it may");
        app.pipeline.look(app).await.expect("due jobs run");
        let (_, bytes) = exports::download(app, owner, export.id).await.expect("a file");
        let bytes: Vec<_> = futures::TryStreamExt::try_collect(bytes).await.expect("bytes");
        let import = brought(&bed, &bytes.concat()).await;
        let mut mapping = import.mapping.clone();
        for field in mapping.iter_mut().filter(|field| **field == Field::Points) {
            *field = Field::Skip;
        }
        let import = imports::map(app, owner, import.id, mapping).await.expect("it fits");
        let done = taken(&bed, &import).await;
        assert_eq!(done.counts, Counts { unchanged: many, ..Counts::default() });
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_brought_by_who_may_and_started_when_it_can_be() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let manager = Actor::staff(owner.tenant, StaffId(1), Role::Manager, "ru");
        let code = |result: Result<_, Fail>| result.map(drop).map_err(|fail| fail.code());
        let bring = |actor, bytes: &'static [u8]| imports::bring(app, actor, "f", bytes.into());
        assert_eq!(code(bring(&manager, b"a;b\n1;2").await), Err("forbidden"));
        assert_eq!(code(bring(owner, b"\x89PNG\0").await), Err("not_a_table"));
        assert_eq!(code(bring(owner, b"PK\x03\x04").await), Err("damaged"));
        let import = bring(owner, b"a;b\n1;2").await.expect("a table");
        assert_eq!(code(imports::start(app, owner, import.id).await), Err("no_key"));
        let twice = vec![Field::Phone, Field::Phone];
        assert_eq!(code(imports::map(app, owner, import.id, twice).await), Err("field_twice"));
        let key = vec![Field::ExternalId, Field::Name];
        imports::map(app, owner, import.id, key).await.expect("it fits");
        assert_eq!(taken(&bed, &import).await.counts.created, 1);
        let late = imports::preview(app, owner, import.id).await;
        assert_eq!(late.err().map(|fail| fail.code()), Some("import_started"));

        // The other program's id finds the same person again.
        let again = bring(owner, b"external_id;name\n1;Olga").await.expect("a table");
        assert_eq!(taken(&bed, &again).await.counts.changed, 1);
        let all = contacts::list(app, owner, &contacts::Filter::All, None, 5).await.expect("a list");
        assert_eq!((all.len(), all[0].name.as_str()), (1, "Olga"));
    })
    .await;
}

on_both! {
    async fn a_file_is_imported_by_the_api(app: TestApp) {
        let api = app.api();
        let brought = api.upload("/imports?file_name=people.csv", FILE.as_bytes()).await;
        assert_eq!(brought.status, 201, "{}", brought.body);
        let id = brought.body["id"].as_str().expect("an id").to_owned();
        let preview = api.get(&format!("/imports/{id}/preview")).await.body;
        assert_eq!(preview["counts"], json!({"created": 2, "changed": 0, "unchanged": 0, "bad": 3, "points": 1500}));
        let started = api.post(&format!("/imports/{id}/start"), &json!({})).await;
        assert_eq!(started.status, 202, "{}", started.body);
        app.advance(std::time::Duration::from_secs(1)).await;
        let done = api.get(&format!("/imports/{id}")).await.body;
        assert_eq!((&done["state"], &done["rows_done"]), (&json!("done"), &json!(5)), "{done}");
        app.finish().await;
    }
}
