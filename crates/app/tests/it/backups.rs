//! Backups: made while the program works, and restored.

use crate::common::{Bed, both};
use flate2::read::GzDecoder;
use futures::TryStreamExt;
use samovar_app::access::{Actor, Role};
use samovar_app::app::Parts;
use samovar_app::backups::Schedule;
use samovar_app::exports::Chat;
use samovar_app::tenants::{self, NewTenant};
use samovar_app::{App, Fail, backups, contacts, loyalty};
use samovar_base::{Chance, Points, StaffId, Vault};
use samovar_connectors::beacon::Beacon;
use samovar_connectors::webchat::Hub;
use samovar_store::{Engine, Store, StoreOptions};
use samovar_testkit::{Setting, TestApp};
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_restored_with_equal_books() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let code = |result: Result<_, Fail>| result.map(drop).map_err(|fail| fail.code());
        if app.store.engine() == Engine::Postgres {
            assert_eq!(code(backups::start(app, owner, None).await), Err("use_pg_dump"));
            return;
        }
        let administrator = Actor::staff(owner.tenant, StaffId(1), Role::Administrator, "ru");
        assert_eq!(code(backups::start(app, &administrator, None).await), Err("forbidden"));
        let anna = contacts::add(app, owner, vec![("name".into(), "Анна".into())], Vec::new())
            .await
            .expect("added")
            .id;
        loyalty::grant_by_hand(app, owner, anna, Points(150), None, "one".into()).await.expect("in range");

        let name = backups::start(app, owner, None).await.expect("it may be made");
        app.pipeline.look(app).await.expect("due jobs run");
        loyalty::grant_by_hand(app, owner, anna, Points(1), None, "two".into()).await.expect("in range");
        assert_eq!(backups::list(app, owner).await.expect("a list")[0].name, name);
        let foreign = backups::download(app, owner, "../samovar.key").await;
        assert_eq!(foreign.err().map(|fail| fail.code()), Some("not_found"));
        let (backup, bytes) = backups::download(app, owner, &name).await.expect("it is there");
        let packed: Vec<u8> = bytes.try_collect::<Vec<_>>().await.expect("bytes").concat();
        assert_eq!(backup.size, packed.len() as u64);

        let mut raw = Vec::new();
        GzDecoder::new(packed.as_slice()).read_to_end(&mut raw).expect("gzip");
        let folder = backups::folder(&app.store).expect("SQLite");
        let path = folder.join("restored.sqlite");
        std::fs::write(&path, raw).expect("room on the disk");
        assert_eq!(backups::check(&path).await.expect("a whole copy"), 1);
        let restored = opened(&bed, &format!("sqlite:{}", path.display())).await;
        let there = loyalty::balance(&restored, owner, anna).await.expect("a balance");
        assert_eq!(there.balance, Points(150), "as it was at the moment of the backup");
        restored.store.clone().close().await;

        std::fs::write(&path, b"SQLite format 3\0 and then nothing").expect("room");
        assert!(backups::check(&path).await.is_err(), "what is no database does not pass");
        std::fs::remove_dir_all(folder).expect("a folder of this test");
    })
    .await;
}

async fn opened(bed: &Bed, url: &str) -> App {
    let parts = Parts {
        store: Store::open(StoreOptions::new(url)).await.expect("a database"),
        clock: Arc::<samovar_base::ManualClock>::clone(&bed.clock),
        chance: Arc::new(Chance::from_seed(7)),
        vault: Arc::new(Vault::new([7; 32])),
        messengers: Vec::new(),
        beacon: Beacon::new(Vec::new()),
        hub: Hub::new(10),
    };
    App::open(parts).await.expect("the services")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_comes_into_the_chat_of_the_owner() {
    let app = TestApp::start(Engine::Sqlite).await;
    let anna = app.telegram("Анна");
    anna.registers().await;
    let chat = Chat {
        channel: app.channel("telegram").id,
        chat: anna.person.id().to_string(),
        contact: anna.contact_id().await,
    };
    let owner = Actor { locale: "ru".into(), ..app.owner() };
    let name = backups::start(&app.app(), &owner, Some(chat)).await.expect("it may be made");
    app.advance(Duration::from_secs(1)).await;
    let seen = anna.looks().await;
    assert!(seen.contains("Резервная копия готова и проверена."), "{seen}");
    let document = anna.last().document.expect("a document");
    assert_eq!(document.name.as_deref(), Some(name.as_str()));
    let bytes = anna.file(&document.file).await;
    let mut raw = Vec::new();
    GzDecoder::new(bytes.as_slice()).read_to_end(&mut raw).expect("gzip");
    assert!(raw.starts_with(b"SQLite format 3"));
    std::fs::remove_dir_all(backups::folder(&app.app().store).expect("SQLite"))
        .expect("a folder of this test");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_made_every_day_and_the_oldest_go() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let code = |result: Result<_, Fail>| result.map(drop).map_err(|fail| fail.code());
        let daily = |hour, keep| Schedule { hour, keep };
        if app.store.engine() == Engine::Postgres {
            assert_eq!(code(backups::set_schedule(app, owner, daily(Some(4), 2)).await), Err("use_pg_dump"));
            return;
        }
        let administrator = Actor::staff(owner.tenant, StaffId(1), Role::Administrator, "ru");
        assert_eq!(
            code(backups::set_schedule(app, &administrator, daily(Some(4), 2)).await),
            Err("forbidden")
        );
        assert_eq!(code(backups::set_schedule(app, owner, daily(Some(24), 2)).await), Err("bad_hour"));
        assert_eq!(backups::schedule(app, owner).await.expect("the default"), Schedule::default());
        backups::set_schedule(app, owner, daily(Some(4), 2)).await.expect("settled");

        let made = async || {
            app.pipeline.look(app).await.expect("due jobs run");
            app.pipeline.look(app).await.expect("what they asked for runs");
            let found = backups::list(app, owner).await.expect("a list");
            found.into_iter().map(|backup| backup.name).collect::<Vec<_>>()
        };
        // It is 13:00 in Moscow and nothing was made since 4:00: the first is made at once.
        let first = "samovar-20261121T100000Z.sqlite.gz";
        assert_eq!(made().await, [first]);
        bed.clock.advance_seconds(14 * 3_600);
        assert_eq!(made().await, [first], "it is 3:00");
        bed.clock.advance_seconds(3_600);
        let second = "samovar-20261122T010000Z.sqlite.gz";
        assert_eq!(made().await, [second, first]);
        bed.clock.advance_seconds(86_400);
        let third = "samovar-20261123T010000Z.sqlite.gz";
        assert_eq!(made().await, [third, second], "two are kept");

        backups::set_schedule(app, owner, daily(None, 2)).await.expect("settled");
        bed.clock.advance_seconds(3 * 86_400);
        assert_eq!(made().await, [third, second], "nothing by itself any more");
        std::fs::remove_dir_all(backups::folder(&app.store).expect("SQLite")).expect("a folder of this test");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_ends_aloud_when_a_second_company_comes() {
    let app = TestApp::set(Setting { staff: true, ..Setting::new(Engine::Sqlite) }).await;
    let (services, owner) = (app.app(), app.owner());
    let vera = app.member("Вера", Role::Owner).await;
    let told = async || vera.transcript().await.matches("Копии по расписанию больше не делаются").count();
    backups::set_schedule(&services, &owner, Schedule { hour: Some(4), keep: 2 }).await.expect("settled");
    app.advance(Duration::from_secs(2)).await;
    assert_eq!(backups::list(&services, &owner).await.expect("a list").len(), 1);

    let neighbours = NewTenant {
        key: "neighbours".into(),
        name: "Соседи".into(),
        zone: "Europe/Moscow".into(),
        locale: "ru".into(),
        settings: tenants::Settings::default(),
    };
    tenants::create(&services, neighbours).await.expect("a company");
    app.advance(Duration::from_secs(86_400)).await;
    assert_eq!(told().await, 1, "{}", vera.transcript().await);
    assert!(vera.transcript().await.contains("В этом экземпляре несколько компаний"));
    let company = tenants::get(&services, &owner).await.expect("it is known");
    assert_eq!(company.settings.backups, Schedule { hour: None, keep: 2 });
    app.advance(Duration::from_secs(2 * 86_400)).await;
    assert_eq!(told().await, 1, "once, and not every day");

    std::fs::remove_dir_all(backups::folder(&services.store).expect("SQLite"))
        .expect("a folder of this test");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_that_fails_is_told_to_the_owners_until_one_is_made() {
    let app = TestApp::set(Setting { staff: true, ..Setting::new(Engine::Sqlite) }).await;
    let (services, owner) = (app.app(), Actor { locale: "ru".into(), ..app.owner() });
    let vera = app.member("Вера", Role::Owner).await;
    let folder = backups::folder(&services.store).expect("SQLite");
    let failure = async || backups::failure(&services, &owner).await.expect("an answer");
    let told = async || vera.transcript().await.matches("Резервная копия не сделана").count();
    assert_eq!(failure().await, None);

    std::fs::write(&folder, b"where the folder should be").expect("room");
    backups::set_schedule(&services, &owner, Schedule { hour: Some(4), keep: 2 }).await.expect("settled");
    app.advance(Duration::from_secs(2)).await;
    let first = failure().await.expect("it went wrong");
    assert!(first.why.starts_with("Диск не даёт работать с копией"), "{first:?}");
    assert_eq!(told().await, 1);
    let cashier = Actor::staff(owner.tenant, StaffId(1), Role::Cashier, "ru");
    assert_eq!(backups::failure(&services, &cashier).await.expect("an answer"), None);
    backups::start(&services, &owner, None).await.expect("it may be tried");
    app.advance(Duration::from_secs(2)).await;
    assert_eq!(told().await, 1, "once a day");
    app.advance(Duration::from_secs(86_400)).await;
    assert_eq!(told().await, 2);
    assert!(failure().await.expect("still").at > first.at);

    std::fs::remove_file(&folder).expect("it is there");
    backups::start(&services, &owner, None).await.expect("it may be made");
    app.advance(Duration::from_secs(2)).await;
    assert_eq!(failure().await, None);
    assert_eq!(backups::list(&services, &owner).await.expect("a list").len(), 1);
    std::fs::remove_dir_all(folder).expect("a folder of this test");
    app.finish().await;
}
