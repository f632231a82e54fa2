//! Many wallets in one unit come out as one by one would have left them, on both databases.

use crate::common::{Bed, both};
use futures::future::try_join_all;
use samovar_app::ledger::{self, Act, Operation, POINTS, Posted, Refusal, Shortfall, Wallet};
use samovar_app::visit::Cause;
use samovar_app::{Fail, contacts};
use samovar_base::{Chance, Clock, ContactId, HoldId, Instant, LotId, Points};

/// What is asked, without the ids that are made anew for each wallet.
#[derive(Debug, Clone, Copy)]
enum Ask {
    Earn(i64, Option<i64>),
    Spend(i64),
    Deduct(i64),
    Hold(i64),
    Capture(Option<i64>),
    Release,
    Expire,
    Reverse(usize, Shortfall),
}

/// What came of it, without ids.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Came {
    Now(i64, i64),
    Already(i64, i64),
    Refused(Refusal),
}

/// A wallet without ids.
#[derive(Debug, PartialEq, Eq)]
struct Shape {
    sums: (i64, i64, i64),
    lots: Vec<(i64, i64, i64, i64, Option<Instant>)>,
    holds: Vec<i64>,
}

impl Ask {
    fn any(chance: &Chance, round: usize) -> Self {
        let points = |most: u64| i64::try_from(chance.below(most)).unwrap_or(0);
        match chance.below(10) {
            0..=2 => Self::Earn(
                points(100),
                [None, Some(1), Some(3)][usize::try_from(chance.below(3)).unwrap_or(0)],
            ),
            3 => Self::Spend(points(80)),
            4 => Self::Deduct(points(40)),
            5 => Self::Hold(points(60)),
            6 => Self::Capture([None, Some(5)][usize::try_from(chance.below(2)).unwrap_or(0)]),
            7 => Self::Release,
            8 => Self::Expire,
            _ => {
                let shortfall = [Shortfall::Refuse, Shortfall::Forgive, Shortfall::Owe(Points(30))];
                let of = usize::try_from(chance.below(round as u64 + 1)).unwrap_or(0);
                Self::Reverse(of, shortfall[usize::try_from(chance.below(3)).unwrap_or(0)])
            }
        }
    }

    fn act(self, bed: &Bed, wallet: &Wallet, side: &str, number: usize) -> Act {
        let id = || bed.app.ids.next(bed.app.clock.as_ref());
        let hold = wallet.holds.first().map_or(HoldId(1), |hold| hold.id);
        let now = bed.clock.now();
        match self {
            Self::Earn(points, days) => Act::Earn {
                lot: LotId(id()),
                points: Points(points),
                expires_at: days.map(|days| now.plus_seconds(days * 86_400)),
            },
            Self::Spend(points) => Act::Spend { points: Points(points) },
            Self::Deduct(points) => Act::Deduct { points: Points(points) },
            Self::Hold(points) => Act::Hold { hold: HoldId(id()), points: Points(points), until: None },
            Self::Capture(points) => Act::Capture { hold, points: points.map(Points) },
            Self::Release => Act::Release { hold },
            Self::Expire => Act::Expire { lot: wallet.due(now).first().map_or(LotId(1), |lot| lot.id) },
            Self::Reverse(round, shortfall) => {
                Act::Reverse { key: key(side, round, number, 0), at_most: None, shortfall }
            }
        }
    }
}

fn key(side: &str, round: usize, number: usize, which: usize) -> String {
    format!("{side}:{round}:{number}:{which}")
}

fn came(posted: &Posted) -> Came {
    match posted {
        Posted::Now(entry) => Came::Now(entry.points.0, entry.balance.0),
        Posted::Already(entry) => Came::Already(entry.points.0, entry.balance.0),
        Posted::Refused(refusal) => Came::Refused(*refusal),
    }
}

fn shape(wallet: &Wallet) -> Shape {
    let mut lots: Vec<_> = wallet
        .lots
        .iter()
        .map(|lot| (lot.points.0, lot.remaining.0, lot.held.0, lot.expired.0, lot.expires_at))
        .collect();
    lots.sort_unstable();
    Shape {
        sums: (wallet.balance.0, wallet.held.0, wallet.debt.0),
        lots,
        holds: wallet.holds.iter().map(|hold| hold.points.0).collect(),
    }
}

/// Two operations for each wallet: the second sees what the first did.
fn operations(
    bed: &Bed,
    wallet: &Wallet,
    asks: [Ask; 2],
    side: &str,
    round: usize,
    number: usize,
) -> Vec<Operation> {
    let operation = |(which, ask): (usize, Ask)| Operation {
        key: key(side, round, number, which),
        kind: "test".into(),
        note: None,
        cause: Cause::new("job", "test"),
        act: ask.act(bed, wallet, side, number),
    };
    asks.into_iter().enumerate().map(operation).collect()
}

async fn wallets(bed: &Bed, people: &[ContactId]) -> Vec<Wallet> {
    let (app, people) = (bed.app.clone(), people.to_vec());
    let read = bed.app.store.read(bed.owner.tenant, move |tx| {
        let (app, people) = (app.clone(), people.clone());
        async move { Ok::<_, Fail>(ledger::load_many(&app, &tx, &people, POINTS).await?) }
    });
    read.await.expect("wallets can be read")
}

async fn together(bed: &Bed, asked: Vec<(ContactId, Vec<Operation>)>) -> Vec<Vec<Came>> {
    let (app, now) = (bed.app.clone(), bed.clock.now());
    let unit = bed.app.store.run(bed.owner.tenant, 1, move |tx| {
        let (app, asked) = (app.clone(), asked.clone());
        async move {
            let people: Vec<ContactId> = asked.iter().map(|(contact, _)| *contact).collect();
            let loaded = ledger::load_many(&app, &tx, &people, POINTS).await?;
            let asked = loaded.into_iter().zip(asked.into_iter().map(|(_, operations)| operations)).collect();
            ledger::post_many(&app, &tx, asked, now).await
        }
    });
    let posted = unit.await.expect("a unit of many wallets");
    posted.iter().map(|(_, posted)| posted.iter().map(came).collect()).collect()
}

async fn alone(bed: &Bed, contact: ContactId, operations: Vec<Operation>) -> Result<Vec<Came>, Fail> {
    let (app, now) = (bed.app.clone(), bed.clock.now());
    bed.app
        .store
        .run(bed.owner.tenant, contacts::unit_key(contact), move |tx| {
            let (app, operations) = (app.clone(), operations.clone());
            async move {
                let mut wallet = ledger::load(&app, &tx, contact, POINTS).await?;
                let mut all = Vec::new();
                for operation in operations {
                    all.push(came(&ledger::post(&app, &tx, &mut wallet, operation, now).await?));
                }
                Ok(all)
            }
        })
        .await
}

async fn people(bed: &Bed, count: usize) -> Vec<ContactId> {
    let add = || contacts::add(&bed.app, &bed.owner, Vec::new(), Vec::new());
    let added = try_join_all((0..count).map(|_| add())).await.expect("contacts can be added");
    added.into_iter().map(|contact| contact.id).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_wallets_in_one_unit_come_out_as_one_by_one() {
    const PEOPLE: usize = 40;
    const ROUNDS: usize = 12;
    both(async |bed: Bed| {
        let chance = Chance::from_seed(2_026);
        let (many, single) = (people(&bed, PEOPLE).await, people(&bed, PEOPLE).await);
        for round in 0..ROUNDS {
            let asks: Vec<[Ask; 2]> =
                (0..PEOPLE).map(|_| [Ask::any(&chance, round), Ask::any(&chance, round)]).collect();
            let of = |side: &'static str, loaded: Vec<Wallet>| -> Vec<(ContactId, Vec<Operation>)> {
                let each = loaded.into_iter().zip(&asks).enumerate();
                each.map(|(number, (wallet, asks))| {
                    (wallet.contact, operations(&bed, &wallet, *asks, side, round, number))
                })
                .collect()
            };
            let first = of("many", wallets(&bed, &many).await);
            let batch = together(&bed, first.clone()).await;
            let second = of("single", wallets(&bed, &single).await);
            let each = second.into_iter().map(|(contact, operations)| alone(&bed, contact, operations));
            let each = try_join_all(each).await.expect("no refusal is an error");
            assert_eq!(batch, each, "round {round}: {asks:?}");
            let shapes = async |people: &[ContactId]| -> Vec<Shape> {
                wallets(&bed, people).await.iter().map(shape).collect()
            };
            assert_eq!(shapes(&many).await, shapes(&single).await, "round {round}: {asks:?}");

            // What was refused may take effect when it is asked again; what was done does not.
            let done = |came: &[Came]| came.iter().all(|came| matches!(came, Came::Now(..)));
            let (again, before): (Vec<_>, Vec<_>) =
                first.into_iter().zip(batch).filter(|(_, came)| done(came)).unzip();
            let again = together(&bed, again).await;
            let already = |came: Came| match came {
                Came::Now(points, balance) => Came::Already(points, balance),
                other => other,
            };
            let before: Vec<Vec<Came>> =
                before.into_iter().map(|came| came.into_iter().map(already).collect()).collect();
            assert_eq!(again, before, "round {round}: nothing is done twice under a key");
            bed.clock.advance_seconds(40_000);
        }
        let found = bed
            .app
            .store
            .read(bed.owner.tenant, |tx| async move { ledger::check(&tx).await })
            .await
            .expect("books can be read");
        assert!(found.is_empty(), "{found:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_of_many_wallets_and_the_people_who_pay_meanwhile_do_not_disturb_each_other() {
    both(async |bed: Bed| {
        let people = people(&bed, 60).await;
        let earn = |key: String| Operation {
            key,
            kind: "test".into(),
            note: None,
            cause: Cause::new("job", "test"),
            act: Act::Earn {
                lot: LotId(bed.app.ids.next(bed.app.clock.as_ref())),
                points: Points(10),
                expires_at: None,
            },
        };
        let mass = async {
            for chunk in people.chunks(20) {
                let asked =
                    chunk.iter().map(|contact| (*contact, vec![earn(format!("mass:{contact}"))])).collect();
                together(&bed, asked).await;
            }
        };
        let tills = try_join_all(
            people.iter().map(|contact| alone(&bed, *contact, vec![earn(format!("till:{contact}"))])),
        );
        let ((), tills) = futures::future::join(mass, tills).await;
        tills.expect("a unit that lost a race runs again");
        let sums: Vec<i64> = wallets(&bed, &people).await.iter().map(|wallet| wallet.balance.0).collect();
        assert_eq!(sums, vec![20; people.len()]);
        let under = bed
            .app
            .store
            .read(bed.owner.tenant, |tx| async move {
                let mut walked = Vec::new();
                let mut after = ContactId(0);
                loop {
                    let page = ledger::contacts_under(&tx, "mass:", after, 7).await?;
                    let Some(last) = page.last() else { break };
                    after = *last;
                    walked.extend(page);
                }
                Ok::<_, Fail>((walked, ledger::count_under(&tx, "mass:").await?))
            })
            .await
            .expect("operations can be walked");
        assert_eq!(under, (people.clone(), (60, 600)));
    })
    .await;
}
