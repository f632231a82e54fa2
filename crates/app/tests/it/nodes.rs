//! Several nodes on one database: they share the conversations, and one takes over what another leaves.

use samovar_app::Fail;
use samovar_app::pipeline::Ownership;
use samovar_app::pipeline::bucket::BUCKETS;
use samovar_fakes::telegram::Faults;
use samovar_store::{Query, params, query};
use samovar_testkit::{Engine, Guest, TestApp, on_both};
use serde_json::json;
use std::time::Duration;

/// Guests whose conversations spread over the nodes.
const GUESTS: usize = 12;
query! {
    static BEGUN = "SELECT COUNT(*) FROM outbound WHERE tenant_id = $1 AND state = 1 AND attempts = 1";
    static UNSURE = "SELECT COUNT(*) FROM outbound WHERE tenant_id = $1 AND state = 3";
}

const LEASE_ENDS: Duration = Duration::from_secs(10);

#[tokio::test]
async fn nodes_share_the_conversations_evenly() {
    let app = TestApp::start(Engine::Postgres).await;
    assert_eq!(held(&app), [BUCKETS]);
    app.join().await;
    share(&app).await;
    assert_eq!(held(&app), [16, 16]);
    app.join().await;
    share(&app).await;
    assert_eq!(held(&app).iter().sum::<usize>(), BUCKETS);
    assert!(held(&app).iter().all(|count| (10..=11).contains(count)), "{:?}", held(&app));
    app.finish().await;
}

/// The messenger calls the first node; what belongs to conversations of the second is answered by the second.
#[tokio::test]
async fn an_update_taken_by_one_node_is_answered_by_another() {
    let app = TestApp::start(Engine::Postgres).await;
    app.join().await;
    share(&app).await;
    let guests = guests(&app);
    for guest in &guests {
        guest.chat.starts(None).expect("a start");
    }
    app.settle().await;
    for guest in &guests {
        assert_eq!(guest.looks().await.matches("bot: Здравствуйте!").count(), 1);
    }
    app.finish().await;
}

#[tokio::test]
async fn what_a_dead_node_had_accepted_is_done_by_another() {
    let app = TestApp::start(Engine::Postgres).await;
    app.join().await;
    share(&app).await;
    app.crash(1).await;
    let guests = guests(&app);
    for guest in &guests {
        guest.chat.starts(None).expect("a start");
    }
    app.until("every update is stored", async || app.bot.pending() == 0).await;
    app.app().pipeline.idle().await;
    assert!(app.open().await.inbound > 0, "some belong to the dead node");
    app.pass(LEASE_ENDS).await;
    app.settle().await;
    assert_eq!(held(&app), [BUCKETS]);
    for guest in &guests {
        assert_eq!(guest.looks().await.matches("bot: Здравствуйте!").count(), 1);
    }
    app.finish().await;
}

/// A node that stops in peace gives its conversations away at once: nobody waits for a lease to end.
#[tokio::test]
async fn a_node_that_stops_hands_over_at_once() {
    let app = TestApp::start(Engine::Postgres).await;
    let second = app.join().await;
    share(&app).await;
    second.stop().await;
    let first = app.nodes().remove(0);
    app.until("the first node has everything", async || first.app.pipeline.ownership.held().len() == BUCKETS)
        .await;
    app.leave(1);
    let anna = app.telegram("Анна");
    assert!(anna.starts(None).await.contains("Здравствуйте!"));
    app.finish().await;
}

on_both! {
    /// A node dies while it sends: an answer comes once more, news about points are shown as unsure.
    async fn a_message_that_was_being_sent_is_repeated_or_unsure(app: TestApp) {
        let (anna, boris) = (app.telegram("Анна"), app.telegram("Борис"));
        anna.registers().await;
        boris.registers().await;
        let path = format!("/contacts/{}/wallet/grant", boris.contact_id().await);
        app.telegram.set_faults(Faults { hanging: 1_000, hang_ms: 60_000, ..Faults::default() });
        anna.chat.says("баланс").expect("a question");
        assert_eq!(app.api().post(&path, &json!({"points": 50})).await.status, 200);
        app.until("both messages hang", async || count(&app, &BEGUN).await == 2).await;
        app.crash(0).await;
        app.telegram.set_faults(Faults::default());
        app.clock.advance_seconds(10);
        app.revive().await;
        let (answers, news) = (anna.looks().await, boris.looks().await);
        let answers = answers.matches("У вас 100").count();
        assert!((1..=2).contains(&answers), "the first try may have come through: {answers}");
        assert!(news.matches("Вам начислено").count() <= 1, "{news}");
        assert_eq!(count(&app, &UNSURE).await, 1);
        app.finish().await;
    }

    /// What waited behind the message that was being sent was surely not sent: it is sent now, news about points too.
    async fn a_message_that_waited_when_the_node_died_is_sent(app: TestApp) {
        let boris = app.telegram("Борис");
        boris.registers().await;
        let path = format!("/contacts/{}/wallet/grant", boris.contact_id().await);
        app.telegram.set_faults(Faults { hanging: 1_000, hang_ms: 60_000, ..Faults::default() });
        boris.chat.says("баланс").expect("a question");
        app.until("the answer hangs", async || count(&app, &BEGUN).await == 1).await;
        assert_eq!(app.api().post(&path, &json!({"points": 50})).await.status, 200);
        app.crash(0).await;
        app.telegram.set_faults(Faults::default());
        app.clock.advance_seconds(10);
        app.revive().await;
        let news = boris.looks().await;
        assert_eq!(news.matches("Вам начислено").count(), 1, "{news}");
        assert_eq!(count(&app, &UNSURE).await, 0);
        app.finish().await;
    }
}

async fn count(app: &TestApp, query: &'static Query) -> i64 {
    let services = app.app();
    let found = services
        .store
        .read(app.tenant, move |tx| async move { Ok::<_, Fail>(tx.one(query, params![]).await?) });
    found.await.expect("a database").expect("a row").int(0).expect("a count")
}

/// A program that only has a place, as commands of the terminal do, takes no conversations from the one who serves.
#[tokio::test]
async fn who_does_not_serve_gets_no_share() {
    let app = TestApp::start(Engine::Postgres).await;
    let store = app.app().store.clone();
    let taken = Ownership::take_node_number(&store, app.clock.as_ref(), "a command").await;
    assert_eq!(taken.expect("a place"), 1);
    share(&app).await;
    assert_eq!(held(&app), [BUCKETS]);
    app.finish().await;
}

/// Renews until the leases lie still.
async fn share(app: &TestApp) {
    for _ in 0..3 {
        for node in app.nodes() {
            node.app.pipeline.renew(&node.app).await.expect("leases");
        }
    }
}

/// How many buckets each node holds.
fn held(app: &TestApp) -> Vec<usize> {
    app.nodes().iter().map(|node| node.app.pipeline.ownership.held().len()).collect()
}

fn guests(app: &TestApp) -> Vec<Guest> {
    (0..GUESTS).map(|_| app.telegram("Анна")).collect()
}
