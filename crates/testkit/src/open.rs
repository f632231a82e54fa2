//! What is left to do, and what went wrong, as the tables tell it.

use samovar_app::{App, Fail, ledger};
use samovar_base::TenantId;
use samovar_store::{params, query};

query! {
    instance static OPEN =
        "SELECT (SELECT COUNT(*) FROM inbound WHERE state = 0), \
                (SELECT COUNT(*) FROM outbound WHERE state = 1), \
                (SELECT COUNT(*) FROM outbound o WHERE o.state = 0 AND o.due_at <= $1 AND NOT EXISTS \
                    (SELECT 1 FROM channel c WHERE c.tenant_id = o.tenant_id AND c.id = o.channel_id AND c.state <> 'on')), \
                (SELECT COUNT(*) FROM timer WHERE due_at <= $1), \
                (SELECT COUNT(*) FROM job WHERE state < 2 AND due_at <= $1 AND held_until <= $1)";
    instance static DEAD =
        "SELECT 'inbound ' || dedup, note FROM inbound WHERE state = 3 \
         UNION ALL SELECT 'job ' || name, note FROM job WHERE state = 3";
}

/// Work that could be done now and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Open {
    /// Events that nobody has handled.
    pub inbound: i64,
    /// Messages in the hands of a node.
    pub sending: i64,
    /// Messages whose time has come, by channels that work.
    pub due: i64,
    /// Timers whose time has come.
    pub timers: i64,
    /// Jobs whose time has come and that no node runs.
    pub jobs: i64,
}

impl Open {
    /// As the tables stand.
    pub async fn read(app: &App) -> Self {
        let now = app.clock.now();
        let row = app
            .store
            .read_instance(move |tx| async move { Ok::<_, Fail>(tx.one(&OPEN, params![now]).await?) })
            .await;
        let row = row.expect("a database").expect("a row");
        let count = |at| row.int(at).expect("a count");
        Self { inbound: count(0), sending: count(1), due: count(2), timers: count(3), jobs: count(4) }
    }

    /// No event waits and no message is to be sent now.
    pub fn is_quiet(self) -> bool {
        self.inbound + self.sending + self.due == 0
    }

    /// Nor is any timer or job.
    pub fn is_nothing(self) -> bool {
        self.is_quiet() && self.timers + self.jobs == 0
    }
}

/// Events and jobs that were given up, with the reason.
pub async fn dead(app: &App) -> Vec<String> {
    let rows =
        app.store.read_instance(|tx| async move { Ok::<_, Fail>(tx.all(&DEAD, params![]).await?) }).await;
    let rows = rows.expect("a database");
    rows.iter()
        .map(|row| {
            format!("{}: {}", row.text(0).unwrap_or("?"), row.opt_text(1).ok().flatten().unwrap_or(""))
        })
        .collect()
}

/// Everything in a company's books that does not agree.
pub async fn discrepancies(app: &App, tenant: TenantId) -> Vec<String> {
    let found = app.store.read(tenant, |tx| async move { Ok::<_, Fail>(ledger::check(&tx).await?) }).await;
    found.expect("a database").iter().map(ToString::to_string).collect()
}
