//! Running the units of a batch side by side, and what is to be written at their end.

use super::gather::{self, Clash, Gathering, Group};
use super::session::Session;
use super::values::Fault;
use crate::Wake;
use crate::unit::{Ending, Job, Live, Progress};

/// What a batch comes to once its units have ended.
pub(super) struct Plan {
    pub(super) lives: Vec<Live>,
    /// Units that meet others of the batch on a row: they follow in a later one.
    pub(super) left: Vec<Job>,
    pub(super) groups: Vec<Group>,
    pub(super) wakes: Vec<Wake>,
    pub(super) writes: bool,
}

/// Units that cannot be committed together.
pub(super) struct Spoiled {
    pub(super) innocent: Vec<Job>,
    /// They wrote already and must not, or must be by themselves.
    pub(super) guilty: Vec<Job>,
}

/// Lets units run to their ends. Each round answers what all of them ask for at that moment.
///
/// A statement that is refused spoils the transaction, and so the batch; a unit that is alone is told of it.
pub(super) async fn rounds(session: &mut Session, lives: &mut [Live]) -> Result<Vec<Ending>, Fault> {
    let mut endings: Vec<Option<Ending>> = lives.iter().map(|_| None).collect();
    loop {
        let (mut askers, mut asks) = (Vec::new(), Vec::new());
        for (at, live) in
            lives.iter_mut().enumerate().filter(|(at, _)| endings[*at].is_none()).collect::<Vec<_>>()
        {
            match live.go_on() {
                Progress::Ended(ending) => endings[at] = Some(ending),
                Progress::Asks => {
                    for ask in live.tx.take_asks() {
                        askers.push(at);
                        asks.push(ask);
                    }
                }
            }
        }
        if asks.is_empty() {
            return Ok(endings.into_iter().flatten().collect());
        }
        match session.replies(&asks).await {
            Ok(replies) => {
                for ((at, ask), reply) in askers.iter().zip(&asks).zip(replies) {
                    lives[*at].tx.answer(ask, Ok(reply));
                }
            }
            Err(Fault::Refused(error)) if lives.len() == 1 => {
                asks.iter().for_each(|ask| lives[0].tx.answer(ask, Err(error.clone())));
            }
            Err(fault) => return Err(fault),
        }
    }
}

impl Plan {
    /// Of a unit that is alone.
    pub(super) fn of_one(lives: Vec<Live>, ending: Ending) -> Self {
        let writes = ending.touched || !ending.puts.is_empty();
        Self { lives, left: Vec::new(), groups: gather::of_unit(ending.puts), wakes: ending.wakes, writes }
    }

    /// Of several units, if they can be committed together.
    pub(super) fn of_many(lives: Vec<Live>, endings: Vec<Ending>) -> Result<Self, Spoiled> {
        let mut gathering = Gathering::default();
        let (mut wakes, mut writes) = (Vec::new(), false);
        let (mut stay, mut left, mut guilty) = (Vec::new(), Vec::new(), Vec::new());
        for (live, ending) in lives.into_iter().zip(endings) {
            writes |= ending.touched;
            let taken = if ending.good { gathering.take(ending.puts) } else { Ok(()) };
            match taken {
                Ok(()) if ending.good => {
                    wakes.extend(ending.wakes);
                    stay.push(live);
                }
                Err(Clash::WithAnother) if !ending.touched => left.push(live.job),
                Ok(()) if !ending.touched => stay.push(live),
                Ok(()) | Err(_) => guilty.push(live.job),
            }
        }
        if !guilty.is_empty() {
            let innocent = stay.into_iter().map(|live| live.job).chain(left).collect();
            return Err(Spoiled { innocent, guilty });
        }
        let groups = gathering.into_groups();
        writes |= !groups.is_empty();
        Ok(Self { lives: stay, left, groups, wakes, writes })
    }

    pub(super) fn into_jobs(self) -> Vec<Job> {
        self.lives.into_iter().map(|live| live.job).chain(self.left).collect()
    }
}
