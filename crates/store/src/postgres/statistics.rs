//! Statistics of tables that grow fast, made as they grow.
//!
//! The server makes them once a minute. Until then it takes a table that was empty a moment ago for small, finds all its
//! indexes equally good, and may read the whole table by the wrong one for each row of a batch; and a lane that prepared
//! its statements on the first day keeps such plans until new statistics come.

use super::connect::Address;
use super::values;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(2);

/// Tables that have more than doubled since their statistics were made. Of smaller ones any plan is good.
const GROWN: &str = "
    SELECT quote_ident(s.schemaname) || '.' || quote_ident(s.relname)
    FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
    WHERE s.schemaname = current_schema() AND s.n_live_tup >= 200 AND s.n_live_tup > 2 * c.reltuples";

/// Until the store closes.
pub(super) async fn run(address: Arc<Address>, stop: CancellationToken) {
    let keep = async {
        let mut client = None;
        loop {
            tokio::time::sleep(EVERY).await;
            client = look(&address, client).await;
        }
    };
    tokio::select! {
        () = keep => {}
        () = stop.cancelled() => {}
    }
}

/// On the connection there is, or a new one; none when it was lost.
async fn look(address: &Address, client: Option<Client>) -> Option<Client> {
    let client = match client {
        Some(client) => Ok(client),
        None => address.connect().await.map(|(client, _)| client),
    };
    let looked = async {
        let client = client?;
        for row in client.query(GROWN, &[]).await? {
            let table: &str = row.get(0);
            // One that the server or another node is looking at right now needs nobody else.
            client.batch_execute(&format!("ANALYZE (SKIP_LOCKED) {table}")).await?;
        }
        Ok::<_, tokio_postgres::Error>(client)
    };
    looked
        .await
        .inspect_err(|error| tracing::debug!(error = values::message(error), "statistics were not made"))
        .ok()
}
