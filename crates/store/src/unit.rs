//! A unit of work as its driver sees it: without its types.

use crate::tx::{Desk, Put, coalesce};
use crate::{StoreError, Tx, Wake};
use samovar_base::TenantId;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// Units of one key run in their order, one in a batch. A key belongs to its tenant.
pub(crate) type Key = (i64, u64);

/// A unit waiting or running.
pub(crate) struct Job {
    pub(crate) key: Key,
    tenant: Option<TenantId>,
    reads: bool,
    unit: Box<dyn Unit>,
    pub(crate) queued_at: Instant,
}

/// A running unit.
pub(crate) struct Live {
    pub(crate) job: Job,
    pub(crate) tx: Tx,
}

/// How far a unit came when it was let run.
pub(crate) enum Progress {
    /// It waits for answers to its asks.
    Asks,
    /// It came to its end.
    Ended(Ending),
}

/// What a unit left behind.
pub(crate) struct Ending {
    /// Whether its writes are wanted: it returned `Ok` and nothing failed under it.
    pub(crate) good: bool,
    /// Whether a statement of it changed anything already.
    pub(crate) touched: bool,
    pub(crate) puts: Vec<Put>,
    pub(crate) wakes: Vec<Wake>,
}

pub(crate) trait Unit: Send {
    fn start(&mut self, tx: Tx);
    /// Ready with whether it succeeded.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<bool>;
    fn fail(&mut self, error: StoreError);
    fn answer(&mut self);
}

struct Typed<T, E, F, Fut> {
    make: F,
    running: Option<Pin<Box<Fut>>>,
    outcome: Option<Result<T, E>>,
    reply: Option<oneshot::Sender<Result<T, E>>>,
}

impl<T, E, F, Fut> Unit for Typed<T, E, F, Fut>
where
    F: Fn(Tx) -> Fut + Send,
    Fut: Future<Output = Result<T, E>> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn start(&mut self, tx: Tx) {
        self.outcome = None;
        self.running = None;
        self.running = Some(Box::pin((self.make)(tx)));
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        let Some(running) = &mut self.running else {
            return Poll::Ready(matches!(self.outcome, Some(Ok(_))));
        };
        let outcome = std::task::ready!(running.as_mut().poll(context));
        self.running = None;
        Poll::Ready(self.outcome.insert(outcome).is_ok())
    }

    fn fail(&mut self, error: StoreError) {
        self.outcome = Some(Err(error.into()));
    }

    fn answer(&mut self) {
        let outcome = self.outcome.take().unwrap_or_else(|| Err(StoreError::Closed.into()));
        if let Some(reply) = self.reply.take() {
            // Nobody listens when the caller gave up meanwhile; the unit is done all the same.
            let _ = reply.send(outcome);
        }
    }
}

impl Job {
    pub(crate) fn new<T, E, F, Fut>(
        tenant: Option<TenantId>,
        key: u64,
        reads: bool,
        make: F,
    ) -> (Self, oneshot::Receiver<Result<T, E>>)
    where
        F: Fn(Tx) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let unit = Box::new(Typed { make, running: None, outcome: None, reply: Some(reply) });
        let key = (tenant.map_or(0, |tenant| tenant.0), key);
        (Self { key, tenant, reads, unit, queued_at: Instant::now() }, answer)
    }

    /// Begins the unit, or begins it again; nothing of an earlier run is left.
    pub(crate) fn start(mut self) -> Live {
        let tx = if self.reads { Tx::of_read(self.tenant) } else { Tx::of_write(self.tenant) };
        let begun = tx.clone();
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.unit.start(begun))) {
            self.unit.fail(panicked(panic.as_ref()));
        }
        Live { job: self, tx }
    }

    /// Answers the caller with an error of the store.
    pub(crate) fn refuse(mut self, error: StoreError) {
        self.unit.fail(error);
        self.unit.answer();
    }
}

impl Live {
    /// Lets the unit run until it ends or asks.
    pub(crate) fn go_on(&mut self) -> Progress {
        let mut context = Context::from_waker(Waker::noop());
        let polled = catch_unwind(AssertUnwindSafe(|| self.job.unit.poll(&mut context)));
        let good = match polled {
            Ok(Poll::Ready(good)) => good,
            Ok(Poll::Pending) if self.tx.has_asks() => return Progress::Asks,
            Ok(Poll::Pending) => {
                self.fail(StoreError::misused("unit", "waits for something else than its transaction"));
                false
            }
            Err(panic) => {
                self.fail(panicked(panic.as_ref()));
                false
            }
        };
        let Desk { mut puts, wakes, failure, touched, .. } = self.tx.end();
        if let (true, Some(failure)) = (good, &failure) {
            self.fail(failure.clone());
        }
        coalesce(&mut puts);
        Progress::Ended(Ending { good: good && failure.is_none(), touched, puts, wakes })
    }

    pub(crate) fn fail(&mut self, error: StoreError) {
        self.job.unit.fail(error);
    }

    pub(crate) fn answer(mut self) {
        self.job.unit.answer();
    }
}

fn panicked(panic: &(dyn Any + Send)) -> StoreError {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    StoreError::Panicked(text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default())
}
