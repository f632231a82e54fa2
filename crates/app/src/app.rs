//! The program's services, assembled once and shared by everything.

use crate::access::Keys;
use crate::capability::{self, Capabilities};
use crate::conversations::Presence;
use crate::directory::Directory;
use crate::live::Live;
use crate::loyalty::{Grounds, Programmes};
use crate::migrations;
use crate::pipeline::{Ownership, Pipeline};
use crate::problem::Fail;
use crate::promo::Promotions;
use crate::receipts::Checks;
use crate::scenarios::Passages;
use crate::users::Sessions;
use samovar_base::{Chance, Clock, IdMaker, Vault};
use samovar_connectors::beacon::Beacon;
use samovar_connectors::webchat::Hub;
use samovar_connectors::{Kind, Messenger};
use samovar_store::Store;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

/// A handle to the program's services; cloning is cheap.
#[derive(Clone)]
pub struct App(Arc<Services>);

/// What an [`App`] is made of.
pub struct Services {
    /// The database.
    pub store: Store,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<Chance>,
    /// Maker of ids.
    pub ids: Arc<IdMaker>,
    /// Sealing and signing.
    pub vault: Arc<Vault>,
    /// The protocols this program speaks.
    pub messengers: Messengers,
    /// The public randomness of draws.
    pub beacon: Beacon,
    /// Open pages of web chats, on this node.
    pub hub: Arc<Hub>,
    /// Open pages of the console, on this node.
    pub live: Live,
    /// Who of the team is in which conversation.
    pub presence: Presence,
    /// What scenarios may say, and who does it.
    pub capabilities: Capabilities,
    /// Companies, channels and published scenarios, held in memory.
    pub directory: Directory,
    /// The one flow.
    pub pipeline: Pipeline,
    /// Loyalty programmes that were read of late.
    pub programmes: Programmes,
    /// Promotions that were read of late.
    pub promotions: Promotions,
    /// Receipts that this node has in its hands to be checked.
    pub checks: Checks,
    /// Which steps of scenarios people went through of late.
    pub passages: Passages,
    /// Pictures behind cards that were drawn of late.
    pub grounds: Grounds,
    /// The holders of API keys that were seen of late.
    pub keys: Keys,
    /// The browsers in which somebody is signed in that were seen of late.
    pub sessions: Sessions,
}

/// The protocols this program speaks.
pub struct Messengers(HashMap<Kind, Arc<dyn Messenger>>);

/// What an [`App`] is made from.
pub struct Parts {
    /// An open database; its migrations are run.
    pub store: Store,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<Chance>,
    /// The instance's key.
    pub vault: Arc<Vault>,
    /// One of each protocol.
    pub messengers: Vec<Arc<dyn Messenger>>,
    /// The public randomness of draws.
    pub beacon: Beacon,
    /// Open pages of web chats.
    pub hub: Arc<Hub>,
}

impl App {
    /// Brings the tables up to date, takes a place among the nodes and reads the directory. Nothing runs yet:
    /// [`App::start`] does that.
    pub async fn open(parts: Parts) -> Result<Self, Fail> {
        let Parts { store, clock, chance, vault, messengers, beacon, hub } = parts;
        store.migrate(migrations::ALL, clock.as_ref()).await?;
        let holder = chance.token();
        let number = Ownership::take_node_number(&store, clock.as_ref(), &holder).await?;
        let app = Self(Arc::new(Services {
            ids: Arc::new(IdMaker::new(number)),
            keys: Keys::new(&store),
            live: Live::new(&store),
            sessions: Sessions::new(&store),
            presence: Presence::default(),
            programmes: Programmes::default(),
            promotions: Promotions::default(),
            checks: Checks::default(),
            passages: Passages::default(),
            grounds: Grounds::default(),
            pipeline: Pipeline::new(store.clone(), Arc::clone(&clock), holder, number),
            capabilities: Capabilities::new(capability::all()),
            directory: Directory::default(),
            messengers: Messengers(messengers.into_iter().map(|one| (one.kind(), one)).collect()),
            store,
            clock,
            chance,
            vault,
            beacon,
            hub,
        }));
        app.directory.load(&app).await?;
        Ok(app)
    }

    /// Begins to work: resumes what is open, and goes on until [`App::shut_down`].
    pub async fn start(&self) -> Result<(), Fail> {
        self.pipeline.start(self).await
    }

    /// Stops taking up work and finishes what is in hand, for up to `patience`.
    pub async fn shut_down(&self, patience: std::time::Duration) {
        self.hub.close();
        self.live.close();
        self.pipeline.shut_down(patience).await;
    }
}

impl Deref for App {
    type Target = Services;
    fn deref(&self) -> &Services {
        &self.0
    }
}

impl Messengers {
    /// The protocol of a kind.
    ///
    /// # Panics
    /// When the program was put together without it.
    pub fn get(&self, kind: Kind) -> Arc<dyn Messenger> {
        self.0.get(&kind).map_or_else(|| panic!("the program was put together without {kind}"), Arc::clone)
    }
}
