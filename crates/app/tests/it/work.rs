//! Durable jobs: done once when nothing goes wrong, taken over when a node dies, set aside when they cannot be done.

use samovar_app::Fail;
use samovar_app::loyalty;
use samovar_base::{Clock, JobId, Points};
use samovar_store::{params, query};
use samovar_testkit::{TestApp, on_both};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

query! {
    static ADD = "INSERT INTO job (tenant_id, id, name, payload, state, due_at, attempts, held_until, created_at) \
        VALUES ($1, $2, $3, $4, 0, $5, 0, 0, $5)";
    static HOLD = "UPDATE job SET state = 1, attempts = attempts + 1, held_until = $3 WHERE tenant_id = $1 AND name = $2";
    static DEAD = "SELECT name, note FROM job WHERE tenant_id = $1 AND state = 3 ORDER BY id";
    static BURY = "DELETE FROM job WHERE tenant_id = $1 AND state = 3";
    static STATES = "SELECT name, state, COUNT(*) FROM job WHERE tenant_id = $1 GROUP BY name, state ORDER BY name";
    static OLD = "SELECT (SELECT COUNT(*) FROM inbound WHERE tenant_id = $1), (SELECT COUNT(*) FROM outbound WHERE tenant_id = $1)";
}

on_both! {
    async fn points_expire_by_themselves(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        let contact = anna.contact_id().await;
        app.advance(364 * DAY).await;
        assert_eq!(balance(&app, contact).await, 100);
        app.advance(2 * DAY).await;
        assert_eq!(balance(&app, contact).await, 0);
        app.books().await;
        app.finish().await;
    }

    async fn old_rows_of_the_queues_go(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.starts(None).await;
        assert_ne!(rows(&app).await, (0, 0));
        app.advance(91 * DAY).await;
        app.advance(DAY).await;
        let (inbound, _) = rows(&app).await;
        assert!(inbound <= 2, "what she wrote is kept longer, and the reminder of the silence is young: {inbound}");
        app.advance(731 * DAY).await;
        app.advance(DAY).await;
        assert_eq!(rows(&app).await.0, 0, "in two years what she wrote is gone too");
        app.finish().await;
    }

    /// A job that a dead node was running is done by another when its hold ends.
    async fn a_job_of_a_dead_node_is_taken_over(app: TestApp) {
        app.advance(Duration::from_secs(7_200)).await;
        let held = states(&app).await;
        let until = app.clock.now().plus_seconds(120);
        change(&app, move |tx| async move {
            tx.exec(&HOLD, params!["pipeline.sweep", until]).await?;
            Ok(())
        })
        .await;
        app.advance(2 * DAY).await;
        assert_eq!(states(&app).await, held, "it waits for its next day again");
        app.finish().await;
    }

    async fn a_job_that_cannot_be_done_is_set_aside(app: TestApp) {
        let (services, now) = (app.app(), app.clock.now());
        change(&app, move |tx| {
            let services = services.clone();
            async move {
                for (name, payload) in [("no.such", "{}"), ("pipeline.sweep", "{\"broken\""), ("ledger.expire", "7")] {
                    let id = JobId::new(&services.ids, services.clock.as_ref());
                    tx.exec(&ADD, params![id, name, payload, now]).await?;
                }
                Ok(())
            }
        })
        .await;
        app.advance(Duration::from_secs(1)).await;
        let services = app.app();
        let dead = services.store.read(app.tenant, |tx| async move { Ok::<_, Fail>(tx.all(&DEAD, params![]).await?) }).await.expect("rows");
        assert_eq!(dead.len(), 3);
        assert!(dead.iter().all(|row| !row.opt_text(1).expect("a note").unwrap_or_default().is_empty()));
        change(&app, |tx| async move {
            tx.exec(&BURY, params![]).await?;
            Ok(())
        })
        .await;
        app.finish().await;
    }
}

async fn balance(app: &TestApp, contact: samovar_base::ContactId) -> i64 {
    let Points(balance) =
        loyalty::balance(&app.app(), &app.owner(), contact).await.expect("a balance").balance;
    balance
}

async fn rows(app: &TestApp) -> (i64, i64) {
    let services = app.app();
    let row = services
        .store
        .read(app.tenant, |tx| async move { Ok::<_, Fail>(tx.one(&OLD, params![]).await?) })
        .await;
    let row = row.expect("a database").expect("a row");
    (row.int(0).expect("a count"), row.int(1).expect("a count"))
}

async fn states(app: &TestApp) -> Vec<(String, i64, i64)> {
    let services = app.app();
    let rows = services
        .store
        .read(app.tenant, |tx| async move { Ok::<_, Fail>(tx.all(&STATES, params![]).await?) })
        .await;
    let read = |row: &samovar_store::Row| {
        (row.text(0).expect("a name").to_owned(), row.int(1).expect("a state"), row.int(2).expect("a count"))
    };
    rows.expect("rows").iter().map(read).collect()
}

async fn change<F, Fut>(app: &TestApp, how: F)
where
    F: Fn(samovar_store::Tx) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(), Fail>> + Send + 'static,
{
    app.app().store.run(app.tenant, 1, how).await.expect("a change");
}
