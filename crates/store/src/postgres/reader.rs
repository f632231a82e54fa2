//! A connection that reads, beside the lanes.

use super::Server;
use super::link::Link;
use super::plan::rounds;
use super::session::READING;
use super::values::Fault;
use crate::StoreError;
use crate::queue::Queue;
use crate::unit::{Job, Live};
use std::sync::Arc;

/// Few, so that a slow read holds up few others.
const READS_MAX: usize = 16;

pub(super) struct Reader(Link);

impl Reader {
    pub(super) fn new(server: Server, queue: Arc<Queue>) -> Self {
        Self(Link::new(server, queue, &READING))
    }

    pub(super) async fn run(mut self) {
        while let Some(jobs) = self.0.next(READS_MAX).await {
            let refused = self.read(jobs).await;
            for job in refused {
                for job in self.read(vec![job]).await {
                    job.refuse(StoreError::Unavailable("the read was interrupted".to_owned()));
                }
            }
        }
    }

    /// Answers the units; gives them back when one of them spoiled it for all.
    async fn read(&mut self, jobs: Vec<Job>) -> Vec<Job> {
        let Some(session) = self.0.session() else {
            self.0.give_back(jobs);
            return Vec::new();
        };
        let learned = session.learn().await;
        let mut lives: Vec<Live> = jobs.into_iter().map(Job::start).collect();
        let read = match learned {
            Err(Fault::Lost(why)) => Err(Fault::Lost(why)),
            _ => rounds(session, &mut lives).await,
        };
        match read {
            Ok(_) => {
                lives.into_iter().for_each(Live::answer);
                let ended = session.roll_back().await;
                self.0.succeeded();
                if let Err(Fault::Lost(why)) = ended {
                    self.0.lose(Vec::new(), &why);
                }
                Vec::new()
            }
            Err(Fault::Lost(why)) => {
                self.0.lose(lives.into_iter().map(|live| live.job).collect(), &why);
                Vec::new()
            }
            Err(_) => {
                if let Err(Fault::Lost(why)) = session.roll_back().await {
                    self.0.lose(Vec::new(), &why);
                }
                lives.into_iter().map(|live| live.job).collect()
            }
        }
    }
}
