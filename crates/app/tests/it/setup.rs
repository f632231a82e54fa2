//! A company made by its file: twice is as once, and what is wrong is said before anything is half done.

use crate::common::{Bed, both};
use samovar_app::channels::Put;
use samovar_app::setup::{self, Applied, CompanyFile};
use samovar_app::{channels, tenants};
use samovar_testkit::{Engine, Setting, TestApp, on_both};
use std::path::{Path, PathBuf};
use std::time::Duration;

on_both! {
    async fn the_same_file_again_changes_nothing(engine: Engine) {
        let setting = Setting::new(engine);
        let app = TestApp::set(setting.clone()).await;
        let again = apply(&app, &setting).await;
        assert!(again.changes.iter().all(|change| change.put == Put::Kept), "{:#?}", again.changes);
        assert!(again.connect.is_empty());
        app.finish().await;
    }

    async fn only_what_differs_is_changed(engine: Engine) {
        let setting = Setting::new(engine);
        let app = TestApp::set(setting.clone()).await;
        let mut faster = setting;
        faster.pace.bot_per_second = 30;
        let again = apply(&app, &faster).await;
        let changed: Vec<&str> = again.changes.iter().filter(|change| change.put != Put::Kept).map(|change| change.what.as_str()).collect();
        assert_eq!(changed, ["channel telegram"]);
        assert_eq!(again.connect, [app.channel("telegram").id]);
        assert_eq!(app.channel("telegram").pace.bot_per_second, 30);
        app.finish().await;
    }

    /// The messenger is told the hook with its secret, and the commands in the company's language.
    async fn a_channel_is_connected_once(app: TestApp) {
        let id = app.channel("telegram").id;
        let again = channels::connect(&app.app(), id, Some(&app.url())).await.expect("a connection");
        assert_eq!(again.identity.handle.as_deref(), Some("coffee_bot"));
        assert_eq!((again.receive, again.commands), (samovar_connectors::Setup::Kept, samovar_connectors::Setup::Kept));
        let commands = app.bot.commands("default", "");
        assert_eq!(commands[0]["command"], "start", "{commands}");
        app.finish().await;
    }

    async fn a_bot_that_is_asked_answers_as_one_that_is_called(engine: Engine) {
        let app = TestApp::set(Setting { receive: "polling", ..Setting::new(engine) }).await;
        let anna = app.telegram("Анна");
        anna.starts(None).await;
        anna.presses("Согласен, начнём").await;
        anna.says("Анна").await;
        anna.shares_phone().await;
        let said = anna.transcript().await;
        assert!(said.contains("у вас 100"), "{said}");
        app.finish().await;
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_and_nothing_is_half_done() {
    let table = [
        (r#"[company]"#, "bad_company_file"),
        (r#"nonsense = 1"#, "bad_company_file"),
        (&company("zone = \"Mars/Base\"", ""), "unknown_zone"),
        (&company("zone = \"Europe/Moscow\"", "[[api_keys]]\nname = \"a\"\nscopes = [\"fly\"]\nsecret = { value = \"sv_01234567890123456789\" }"), "unknown_right"),
        (&company("zone = \"Europe/Moscow\"", "[[api_keys]]\nname = \"a\"\nscopes = [\"*\"]\nsecret = { env = \"SAMOVAR_NO_SUCH\" }"), "secret_missing"),
        (&company("zone = \"Europe/Moscow\"", "[[scenarios]]\nfile = \"no-such.toml\""), "file_unreadable"),
        (&company("zone = \"Europe/Moscow\"", "[[channels]]\nkey = \"a\"\nmessenger = \"pigeon\"\nname = \"A\"\nscenarios = []"), "unknown_messenger"),
        (&company("zone = \"Europe/Moscow\"", "[[channels]]\nkey = \"a\"\nmessenger = \"telegram\"\nname = \"A\"\nscenarios = []"), "token_needed"),
        (&company("zone = \"Europe/Moscow\"", "[[channels]]\nkey = \"a\"\nmessenger = \"webchat\"\nname = \"A\"\nscenarios = [\"none\"]"), "not_found"),
        (&company("zone = \"Europe/Moscow\"", "[[channels]]\nkey = \"a\"\nmessenger = \"webchat\"\nname = \"A\"\nreceive = \"shouting\"\nscenarios = []"), "bad_company_file"),
    ]
    .map(|(file, code)| (file.to_owned(), code));
    both(async |bed: Bed| {
        for (file, code) in &table {
            let refused = match CompanyFile::parse(file) {
                Ok(file) => {
                    setup::apply(&bed.app, &file, Path::new("/nowhere")).await.expect_err("a refusal")
                }
                Err(fail) => fail,
            };
            assert_eq!(refused.code(), *code, "{file}\n{refused}");
        }
        assert!(
            tenants::find(&bed.app, "shop").await.expect("a look").is_some(),
            "what came before the mistake stays"
        );
    })
    .await;
}

async fn apply(app: &TestApp, setting: &Setting) -> Applied {
    let file = setting.company_file(&app.telegram.base_url());
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    app.pass(Duration::from_secs(1)).await;
    setup::apply(&app.app(), &file, &folder).await.expect("it is applied")
}

fn company(zone: &str, rest: &str) -> String {
    format!(
        "[company]\nkey = \"shop\"\nname = \"Shop\"\nlocale = \"en\"\n{zone}\n\n[owner]\nemail = \"a@b.example\"\nname = \"A\"\n\n{rest}\n"
    )
}
