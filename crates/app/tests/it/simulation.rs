//! The flow under a seeded storm: hasty customers, doubled and disordered updates, failing and hanging sends, programs
//! that ask the API, and nodes that die at any moment. Whatever happens: every update is handled once, every effect is
//! there once, the books agree, and every message is sent or known to be unsure.
//!
//! `SAMOVAR_SEED=… cargo test -p samovar-app --test it simulation` repeats one storm, three times as long.

use samovar_app::{Fail, loyalty};
use samovar_base::{Chance, Points};
use samovar_fakes::telegram::Faults;
use samovar_store::{Query, params, query};
use samovar_testkit::{API_KEY, Engine, Guest, Setting, TestApp};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::JoinHandle;

const GUESTS: usize = 6;
const ROUNDS: usize = 10;
const SEEDS: u64 = 3;

query! {
    static UPDATES = "SELECT state, COUNT(*) FROM inbound WHERE tenant_id = $1 AND source = 'update' GROUP BY state";
    static MESSAGES = "SELECT state, COUNT(*) FROM outbound WHERE tenant_id = $1 GROUP BY state";
    static SHOWN_TWICE = "SELECT MIN(id), COUNT(*) FROM outbound WHERE tenant_id = $1 AND state = 2 \
        GROUP BY channel_id, chat, vendor_message HAVING COUNT(*) > 1";
    static GREETINGS = "SELECT contact_id, COUNT(*) FROM outbound WHERE tenant_id = $1 AND body LIKE '%Карта заведена%' GROUP BY contact_id";
    static NEWS = "SELECT 0, COUNT(*) FROM outbound WHERE tenant_id = $1 AND body LIKE '%Вам начислено%'";
}

#[tokio::test]
async fn one_node_on_sqlite() {
    storms(Engine::Sqlite, 1).await;
}

#[tokio::test]
async fn one_node_on_postgres() {
    storms(Engine::Postgres, 1).await;
}

#[tokio::test]
async fn two_nodes_on_postgres() {
    storms(Engine::Postgres, 2).await;
}

async fn storms(engine: Engine, nodes: usize) {
    let given =
        std::env::var("SAMOVAR_SEED").ok().map(|seed| seed.parse().expect("SAMOVAR_SEED is a number"));
    match given {
        Some(seed) => Storm::begin(engine, nodes, seed).await.rage(3 * ROUNDS).await,
        None => {
            for seed in 1..=SEEDS {
                Storm::begin(engine, nodes, seed).await.rage(ROUNDS).await;
            }
        }
    }
}

/// Tells the seed when the test dies in it.
struct Banner(u64);

impl Drop for Banner {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the storm repeats with SAMOVAR_SEED={}", self.0);
        }
    }
}

struct Storm {
    app: TestApp,
    chance: Chance,
    guests: Vec<Guest>,
    /// Updates that people have made.
    acts: i64,
    /// Points promised by the API, and whether it kept its word.
    grants: Vec<(usize, i64, JoinHandle<()>)>,
    _banner: Banner,
}

impl Storm {
    async fn begin(engine: Engine, nodes: usize, seed: u64) -> Self {
        let banner = Banner(seed);
        let patience = Duration::from_millis(150);
        let app = TestApp::set(Setting { seed, patience, ..Setting::new(engine) }).await;
        for _ in 1..nodes {
            app.revive().await;
        }
        app.telegram.set_faults(Faults {
            lost_answers: 40,
            bad_gateway: 15,
            too_many: 10,
            hanging: 20,
            hang_ms: 300,
            delayed: 100,
            delay_ms: 20,
            doubled: 150,
            reordered: 100,
            cut_webhooks: 50,
            seed,
            ..Faults::default()
        });
        let guests = (0..GUESTS).map(|number| app.telegram(&format!("Гость {number}"))).collect();
        Self { app, chance: Chance::from_seed(seed), guests, acts: 0, grants: Vec::new(), _banner: banner }
    }

    async fn rage(mut self, rounds: usize) {
        for _ in 0..rounds {
            for guest in 0..GUESTS {
                self.act(guest);
            }
            self.breathe().await;
            if self.strikes(3) {
                self.grant().await;
            }
            if self.strikes(4) {
                self.a_node_dies().await;
            }
        }
        self.calm().await;
        self.judge().await;
    }

    /// One guest does one thing and does not wait for what comes of it.
    fn act(&mut self, guest: usize) {
        let chat = &self.guests[guest].chat;
        let view = chat.view();
        let labels: Vec<String> = view
            .messages
            .iter()
            .rev()
            .take(3)
            .flat_map(|message| message.buttons.iter().flatten().map(|button| button.text.clone()))
            .collect();
        let label = labels.get(usize::try_from(self.chance.below(labels.len() as u64)).unwrap_or(0));
        let done = match (self.chance.below(10), label) {
            (0..=5, Some(label)) if view.started => chat.presses(label).map(drop),
            (6, _) if view.started => chat.shares_phone().map(drop),
            (7, _) if view.started => chat.says("баланс").map(drop),
            (8, _) if view.started => chat.says("Мария").map(drop),
            _ => chat.starts(None).map(drop),
        };
        done.expect("everybody may write");
        self.acts += 1;
    }

    /// A moment goes by, or none.
    async fn breathe(&self) {
        match self.chance.below(4) {
            0 => {}
            1 => tokio::task::yield_now().await,
            _ => tokio::time::sleep(Duration::from_millis(self.chance.below(25))).await,
        }
    }

    /// A program gives points, and asks again with the same key until it hears that it is done.
    async fn grant(&mut self) {
        let guest = usize::try_from(self.chance.below(GUESTS as u64)).unwrap_or(0);
        let Some(contact) = self.guests[guest].known().await else { return };
        let points = 1 + i64::try_from(self.chance.below(100)).unwrap_or(0);
        let key = format!("grant-{}", self.grants.len());
        let address = format!("{}api/v1/contacts/{contact}/wallet/grant", self.app.url());
        let asked = tokio::spawn(async move {
            let client = samovar_connectors::client(None).expect("an HTTP client");
            loop {
                let request = client.post(&address).bearer_auth(API_KEY).header("idempotency-key", &key);
                let answer =
                    request.json(&json!({"points": points})).timeout(Duration::from_secs(2)).send().await;
                match answer.map(|answer| answer.status().as_u16()) {
                    Ok(200) => return,
                    // The node died on it, or another holds the key meanwhile.
                    Ok(409 | 425 | 429 | 500..) | Err(_) => {
                        tokio::time::sleep(Duration::from_millis(20)).await
                    }
                    Ok(status) => panic!("the API answers {status}"),
                }
            }
        });
        self.grants.push((guest, points, asked));
    }

    async fn a_node_dies(&self) {
        let living = self.app.nodes().len() as u64;
        let number = usize::try_from(self.chance.below(living)).unwrap_or(0);
        self.app.crash(number).await;
        if self.strikes(2) {
            self.breathe().await;
        }
        // Its leases end; other nodes, if there are any, lapse too and must find themselves.
        self.app.pass(Duration::from_secs(10)).await;
        self.breathe().await;
        self.app.revive().await;
    }

    /// Everything that was begun comes to its end.
    async fn calm(&mut self) {
        self.app.telegram.set_faults(Faults::default());
        let acts = self.acts;
        self.app
            .until("every update is there", async || {
                counts(&self.app, &UPDATES).await.values().sum::<i64>() >= acts
            })
            .await;
        self.app.settle().await;
        // A request on which a node died keeps its key for a minute, a job its hold for two.
        self.app.pass(Duration::from_secs(121)).await;
        for (_, _, asked) in &mut self.grants {
            asked.await.expect("the API keeps its word");
        }
        self.app.settle().await;
    }

    async fn judge(self) {
        let updates = counts(&self.app, &UPDATES).await;
        assert_eq!(updates, BTreeMap::from([(1, self.acts)]), "every update is stored once and handled");
        let messages = counts(&self.app, &MESSAGES).await;
        assert!(
            messages.keys().all(|state| matches!(state, 2 | 3)),
            "every message is sent or unsure: {messages:?}"
        );
        assert_eq!(counts(&self.app, &SHOWN_TWICE).await, BTreeMap::new(), "two messages were never one");
        let greetings = counts(&self.app, &GREETINGS).await;
        assert!(greetings.values().all(|count| *count == 1), "nobody is greeted twice: {greetings:?}");
        let news = counts(&self.app, &NEWS).await[&0];
        assert!(
            news <= i64::try_from(self.grants.len()).expect("few"),
            "each grant is told once, or not at all to those who asked for silence"
        );
        for (number, guest) in self.guests.iter().enumerate() {
            let contact = guest.contact_id().await;
            let welcome = if greetings.contains_key(&contact.0) { 100 } else { 0 };
            let granted: i64 =
                self.grants.iter().filter(|(whom, ..)| *whom == number).map(|(_, points, _)| points).sum();
            let standing =
                loyalty::balance(&self.app.app(), &self.app.owner(), contact).await.expect("a balance");
            assert_eq!(standing.balance, Points(welcome + granted), "guest {number}");
        }
        self.app.finish().await;
    }

    /// Once in so many times.
    fn strikes(&self, one_in: u64) -> bool {
        self.chance.below(one_in) == 0
    }
}

/// A query of pairs: what, and how many.
async fn counts(app: &TestApp, query: &'static Query) -> BTreeMap<i64, i64> {
    let services = app.app();
    let rows = services
        .store
        .read(app.tenant, move |tx| async move { Ok::<_, Fail>(tx.all(query, params![]).await?) })
        .await;
    let pair = |row: &samovar_store::Row| (row.int(0).expect("what"), row.int(1).expect("how many"));
    rows.expect("rows").iter().map(pair).collect()
}
