//! The jobs of draws: freezing a list, telling winners, and passing prizes on that nobody answered for.

use super::model::{DrawState, WinnerState};
use super::{freeze, load, store, unit_key, winners};
use crate::access::{Actor, audit};
use crate::app::App;
use crate::problem::Fail;
use crate::work::{After, Job, JobError, Retry, enqueue};
use futures::future::BoxFuture;
use samovar_base::{DrawId, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Pieces of a list that one turn of the job writes; then others have theirs.
const PIECES: u32 = 50;
/// Winners of one unit.
const PORTION: u32 = 100;

/// Writes the list of a draw piece by piece, and announces it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Freeze {
    /// Which.
    pub draw: DrawId,
}

impl Job for Freeze {
    const NAME: &'static str = "draws.freeze";
    const RETRY: Retry = Retry { first_ms: 1_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            for _ in 0..PIECES {
                if !freeze::step(app, tenant, self.draw).await? {
                    return Ok(After::Done);
                }
            }
            Ok(After::Again(app.clock.now()))
        })
    }
}

/// Tells those who won and were not told yet.
#[derive(Debug, Serialize, Deserialize)]
pub struct Tell {
    /// Winners of which draw.
    pub draw: DrawId,
}

impl Job for Tell {
    const NAME: &'static str = "draws.tell";
    const RETRY: Retry = Retry { first_ms: 1_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let (services, id, now) = (app.clone(), self.draw, app.clock.now());
            let more = app
                .store
                .run(tenant, unit_key(id), move |tx| {
                    let app = services.clone();
                    async move {
                        let draw = load(&tx, id).await?;
                        if draw.state != DrawState::Published {
                            return Ok(false);
                        }
                        let to = store::to_tell(&tx, id, PORTION).await?;
                        let count = to.len();
                        if count > 0 {
                            winners::tell(&app, &tx, &draw, to, now).await?;
                        }
                        Ok::<_, Fail>(count >= PORTION as usize)
                    }
                })
                .await?;
            Ok(if more { After::Again(now) } else { After::Done })
        })
    }
}

/// Passes prizes on whose winners did not answer in time.
#[derive(Debug, Serialize, Deserialize)]
pub struct Late {
    /// Winners of which draw.
    pub draw: DrawId,
}

impl Job for Late {
    const NAME: &'static str = "draws.late";
    const RETRY: Retry = Retry { first_ms: 1_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let (services, id, now) = (app.clone(), self.draw, app.clock.now());
            let more = app
                .store
                .run(tenant, unit_key(id), move |tx| {
                    let app = services.clone();
                    async move {
                        let draw = load(&tx, id).await?;
                        let mut late = store::late(&tx, id, now, PORTION).await?;
                        for winner in &mut late {
                            winner.state = WinnerState::Silent;
                            winner.ended_at = Some(now);
                        }
                        winners::pass_on(&app, &tx, &draw, &late, now).await?;
                        let actor = Actor::system(tx.tenant());
                        for winner in &mut late {
                            store::save_winner(&tx, winner);
                            audit(&tx, &app, &actor, "draw.silent", id, &json!({ "place": winner.place }));
                        }
                        if late.is_empty()
                            && let Some(next) = store::next_late(&tx, id).await?.filter(|next| *next > now)
                        {
                            enqueue(&app, &tx, &Self { draw: id }, next, Some(&format!("{id}:{}", next.0)))
                                .await?;
                        }
                        Ok::<_, Fail>(late.len() >= PORTION as usize)
                    }
                })
                .await?;
            Ok(if more { After::Again(now) } else { After::Done })
        })
    }
}
