//! Exports, on both databases.

use crate::common::{Bed, both};
use calamine::{Data, Range, Reader, Xlsx};
use futures::TryStreamExt;
use samovar_app::access::{Actor, Right, Rights, Role, Who};
use samovar_app::catalogue::{self, ItemFields};
use samovar_app::deals::{self, NewDeal, Source};
use samovar_app::exports::{self, Chat, Export, ExportId, Format, Request, State, What, work};
use samovar_app::{App, contacts, loyalty};
use samovar_base::{ApiKeyId, ContactId, Points, StaffId};
use samovar_testkit::{TestApp, on_both};
use serde_json::{Value, json};
use std::io::Cursor;

async fn add(bed: &Bed, fields: Value, tags: &[&str]) -> ContactId {
    let fields = fields.as_object().expect("fields").clone().into_iter().collect();
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    contacts::add(&bed.app, &bed.owner, fields, tags).await.expect("a contact can be added").id
}

async fn grant(bed: &Bed, contact: ContactId, points: i64, key: &str) {
    let note = Some("=за отзыв".to_owned());
    loyalty::grant_by_hand(&bed.app, &bed.owner, contact, Points(points), note, key.into())
        .await
        .expect("points in range");
}

async fn ended(app: &App, actor: &Actor, request: Request) -> Export {
    let export = exports::start(app, actor, request).await.expect("it may be asked for");
    app.pipeline.look(app).await.expect("due jobs run");
    exports::get(app, actor, export.id).await.expect("it is there")
}

async fn taken(app: &App, actor: &Actor, id: ExportId) -> Vec<u8> {
    let (head, bytes) = exports::download(app, actor, id).await.expect("there is a file");
    let bytes: Vec<_> = bytes.try_collect().await.expect("it can be read");
    let bytes = bytes.concat();
    assert_eq!(head.size, bytes.len() as i64);
    bytes
}

fn sheet(bytes: &[u8], title: &str) -> Range<Data> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.to_vec())).expect("a workbook");
    book.worksheet_range(title).expect("a sheet")
}

fn told(sheet: &Range<Data>, row: usize) -> Vec<String> {
    sheet.rows().nth(row).expect("a row").iter().map(ToString::to_string).collect()
}

fn ru(what: What, format: Format) -> Request {
    Request { locale: Some("ru".into()), ..Request::new(what, format) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn contacts_are_exported_as_they_stand() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let fields = json!({ "name": "=Анна", "phone": "8 916 123-45-67", "birthday": "1990-02-28",
            "fields.city": "Тверь", "fields.visits": 12 });
        let anna = add(&bed, fields, &["vip", "утро"]).await;
        let boris = add(&bed, json!({ "name": "Борис", "fields.city": "Клин" }), &[]).await;
        grant(&bed, anna, 1_500, "one").await;
        loyalty::hold_points(app, owner, anna, Points(200), None, None, "order".into())
            .await
            .expect("enough");
        let card = loyalty::card_of(app, owner, anna).await.expect("a card is issued");

        let export = ended(app, owner, ru(What::Contacts, Format::Xlsx)).await;
        assert_eq!((export.state, export.rows_done, export.rows_total), (State::Done, 3, Some(3)));
        let bytes = taken(app, owner, export.id).await;
        let people = sheet(&bytes, "Клиенты");
        let titles = told(&people, 0);
        assert_eq!(titles[..3], ["Код клиента", "Имя", "Телефон"]);
        assert_eq!(titles[titles.len() - 2..], ["city", "visits"]);
        let row = told(&people, 1);
        assert_eq!(row[..3], [anna.to_string(), "=Анна".into(), "+79161234567".into()]);
        assert_eq!(row[5..10], [card.digits(), "1500".into(), "1300".into(), "200".into(), "0".into()]);
        assert_eq!(row[12], "vip, утро");
        assert_eq!(row[row.len() - 2..], ["Тверь", "12"]);
        assert!(matches!(people.get((1, 4)), Some(Data::DateTime(_))), "a birthday is a date");
        assert_eq!(told(&people, 2)[0], boris.to_string());
        let lots = sheet(&bytes, "Партии баллов");
        assert_eq!(told(&lots, 1)[3..6], ["1500", "1500", "200"]);

        let export = ended(app, owner, ru(What::Contacts, Format::Csv)).await;
        let csv = String::from_utf8(taken(app, owner, export.id).await).expect("UTF-8");
        let line = csv.lines().nth(1).expect("a row");
        let card = card.to_string().replace(' ', "-");
        let start = format!("{anna};'=Анна;8 916 123-45-67;нет;28.02.1990;{card};1500;1300;200;0;");
        assert!(line.starts_with(&start), "{line}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_is_exported_to_the_moment_of_asking() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let anna = add(&bed, json!({ "name": "Анна" }), &[]).await;
        grant(&bed, anna, 100, "one").await;
        bed.clock.advance_seconds(60);
        loyalty::deduct_by_hand(app, owner, anna, Points(30), None, "two".into()).await.expect("enough");
        let export = exports::start(app, owner, ru(What::Ledger, Format::Xlsx)).await.expect("it may");
        bed.clock.advance_seconds(60);
        grant(&bed, anna, 7, "later").await;
        app.pipeline.look(app).await.expect("due jobs run");
        let bytes = taken(app, owner, export.id).await;
        let operations = sheet(&bytes, "Операции");
        assert_eq!(operations.height(), 3, "what came later is not in it");
        assert_eq!(
            told(&operations, 1)[3..9],
            ["Начисление", "grant", "100", "100", "=за отзыв", "файл компании"]
        );
        assert_eq!(told(&operations, 2)[3..7], ["Списание", "deduct", "-30", "70"]);
        let postings = sheet(&bytes, "Проводки");
        assert_eq!(told(&postings, 1)[3..7], ["начисление", "выпуск", &anna.to_string(), "100"]);
        assert_eq!(told(&postings, 2)[3..7], ["списание", &anna.to_string(), "корректировки", "30"]);
        assert_eq!(postings.height(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deals_are_exported_with_names_for_people() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let fields = json!({ "name": "Анна", "phone": "8 916 123-45-67" });
        let anna = add(&bed, fields, &[]).await;
        grant(&bed, anna, 100, "one").await;
        let mug = json!({ "name": { "ru": "Кружка", "en": "Mug" }, "points": 30, "weight": 7 });
        let mug: ItemFields = serde_json::from_value(mug).expect("an item");
        catalogue::put(app, owner, "mug", None, mug, None).await.expect("an item");
        let order = deals::order(app, owner, anna, "mug", 2, "order".into()).await.expect("enough points");
        deals::move_to(app, owner, order.id, None, "done", None).await.expect("handed over");
        let new = NewDeal {
            contact: anna,
            pipeline: None,
            stage: None,
            title: "=Маникюр; срочно".into(),
            sum: Some(150_050),
            items: vec![("mug".into(), 1)],
            source: Source::Api,
            responsible: None,
            key: "visit".into(),
        };
        let deal = deals::create(app, owner, new.clone()).await.expect("a deal");

        let export = exports::start(app, owner, ru(What::Deals, Format::Xlsx)).await.expect("it may");
        bed.clock.advance_seconds(1);
        deals::create(app, owner, NewDeal { key: "later".into(), ..new }).await.expect("a deal");
        app.pipeline.look(app).await.expect("due jobs run");
        let bytes = taken(app, owner, export.id).await;
        let sheet = sheet(&bytes, "Сделки");
        assert_eq!(sheet.height(), 3, "what was made later is not in it");
        let row = told(&sheet, 1);
        let (id, who) = (order.id.to_string(), anna.to_string());
        assert_eq!(row[..1], [id]);
        assert_eq!(row[2..8], ["Заказы из каталога", "Выдан", "успех", &who, "Анна", "+79161234567"]);
        assert_eq!(row[8..], ["Mug × 2", "", "60", "14", "Mug × 2", "каталог", ""]);
        let row = told(&sheet, 2);
        assert_eq!(
            (&row[0], &row[2..5]),
            (&deal.id.to_string(), &["Сделки", "Новая", "в работе"].map(String::from)[..])
        );
        assert_eq!(row[8..], ["=Маникюр; срочно", "1500.5", "", "", "Mug", "API", ""]);

        let rights = Rights::of(&[Right::ExportsMake, Right::ContactsRead, Right::PointsRead]);
        let program = Actor { rights, who: Who::ApiKey(ApiKeyId(5)), ..owner.clone() };
        let export = ended(app, &program, ru(What::Deals, Format::Csv)).await;
        assert_eq!((export.rows_done, export.rows_total), (3, Some(3)));
        let csv = String::from_utf8(taken(app, &program, export.id).await).expect("UTF-8");
        let line = csv.lines().nth(2).expect("a row");
        let end = "Сделки;Новая;в работе;{who};Анна;8 *** ***-45-67;\"'=Маникюр; срочно\";1500,50;;;Mug;API;";
        assert!(line.ends_with(&end.replace("{who}", &who)), "{line}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_rows_than_a_portion_are_each_written_once_by_whoever_does_the_portions() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let many = exports::PORTION as usize + 5;
        for some in (0..many).collect::<Vec<_>>().chunks(200) {
            futures::future::join_all(
                some.iter().map(|at| add(&bed, json!({ "name": format!("К{at}") }), &[])),
            )
            .await;
        }
        let export = exports::start(app, owner, ru(What::Contacts, Format::Csv)).await.expect("it may");
        let mut steps = 0;
        loop {
            // Two nodes that believe to have the job: only one of them writes a portion.
            let (one, two) = tokio::join!(
                work::step(app, owner.tenant, export.id),
                work::step(app, owner.tenant, export.id)
            );
            let (one, two) = (one.expect("a portion"), two.expect("a portion"));
            steps += 1;
            assert!(steps < 20, "it comes to its end");
            if !one.state.is_open() && !two.state.is_open() {
                break;
            }
        }
        let csv = String::from_utf8(taken(app, owner, export.id).await).expect("UTF-8");
        let mut names: Vec<&str> = csv.lines().skip(1).filter_map(|line| line.split(';').nth(1)).collect();
        assert_eq!(names.len(), many);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), many);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_not_see_phones_gets_none_and_a_file_goes_at_its_term() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let fields = json!({ "name": "Анна", "phone": "8 916 123-45-67", "birthday": "1990-02-28" });
        add(&bed, fields, &[]).await;
        let rights = Rights::of(&[Right::ExportsMake, Right::ContactsRead, Right::PointsRead]);
        let program = Actor { rights, who: Who::ApiKey(ApiKeyId(5)), ..owner.clone() };
        let export = ended(app, &program, ru(What::Contacts, Format::Csv)).await;
        let csv = String::from_utf8(taken(app, &program, export.id).await).expect("UTF-8");
        assert!(csv.contains(";8 *** ***-45-67;нет;;"), "{csv}");
        let full = ended(app, owner, Request { keep_days: Some(2), ..ru(What::Contacts, Format::Csv) }).await;
        let code = |result: Result<_, samovar_app::Fail>| result.map(drop).map_err(|fail| fail.code());
        assert_eq!(code(exports::download(app, &program, full.id).await.map(drop)), Err("forbidden"));
        let cashier = Actor::staff(owner.tenant, StaffId(1), Role::Cashier, "ru");
        let refused = exports::start(app, &cashier, Request::new(What::Contacts, Format::Csv)).await;
        assert_eq!(code(refused.map(drop)), Err("forbidden"));
        let long = Request { keep_days: Some(31), ..Request::new(What::Contacts, Format::Csv) };
        assert_eq!(code(exports::start(app, owner, long).await.map(drop)), Err("out_of_range"));

        bed.clock.advance_seconds(2 * 86_400);
        app.pipeline.look(app).await.expect("due jobs run");
        assert_eq!(code(exports::download(app, owner, full.id).await.map(drop)), Err("export_expired"));
        let gone = samovar_app::media::pieces::head(app, owner.tenant, full.file).await;
        assert_eq!(code(gone.map(drop)), Err("not_found"), "the file is removed");
        taken(app, &program, export.id).await;
        let cancelled = exports::cancel(app, owner, export.id).await.expect("it is there");
        assert_eq!(cancelled.state, State::Cancelled);
        assert_eq!(code(exports::download(app, &program, export.id).await.map(drop)), Err("export_ended"));
    })
    .await;
}

on_both! {
    async fn a_file_comes_into_the_chat_and_by_the_api(app: TestApp) {
        let (anna, api) = (app.telegram("Анна"), app.api());
        anna.registers().await;
        anna.looks().await;
        let chat = Chat {
            channel: app.channel("telegram").id,
            chat: anna.person.id().to_string(),
            contact: anna.contact_id().await,
        };
        let request = Request { chat: Some(chat), ..ru(What::Contacts, Format::Xlsx) };
        exports::start(&app.app(), &app.owner(), request).await.expect("it may be asked for");
        app.advance(std::time::Duration::from_secs(1)).await;
        let seen = anna.looks().await;
        assert!(seen.contains("Клиенты: выгрузка готова, строк: 2. Файл хранится до 28.11.2026."), "{seen}");
        let document = anna.last().document.expect("a document");
        let bytes = anna.file(&document.file).await;
        assert_eq!(told(&sheet(&bytes, "Клиенты"), 1)[1], "Анна");

        let started = api.post("/exports", &json!({ "what": "ledger", "format": "csv" })).await;
        assert_eq!((started.status, &started.body["state"]), (202, &json!("waiting")), "{}", started.body);
        app.advance(std::time::Duration::from_secs(1)).await;
        let id = started.body["id"].as_str().expect("an id").to_owned();
        let done = api.get(&format!("/exports/{id}")).await.body;
        assert_eq!((&done["state"], &done["rows_done"]), (&json!("done"), &json!(1)), "{done}");
        assert_eq!(api.get("/exports").await.body["items"][0]["id"], id);
        let deals = api.post("/exports", &json!({ "what": "deals", "format": "xlsx" })).await;
        assert_eq!((deals.status, &deals.body["what"]), (202, &json!("deals")), "{}", deals.body);
        let unknown = api.post("/exports", &json!({ "what": "secrets", "format": "csv" })).await;
        assert_eq!((unknown.status, &unknown.body["code"]), (422, &json!("unknown_what")));
        let entries = api.get("/audit").await.body;
        assert!(entries.to_string().contains("export.start"), "{entries}");
        app.finish().await;
    }
}
