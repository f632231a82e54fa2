//! Reports, on both databases: every figure is counted once more from the postings.

use crate::common::{Bed, both};
use jiff::civil::date;
use samovar_app::access::{Actor, Role};
use samovar_app::loyalty::{self, Programme};
use samovar_app::reports::{self, Group, Period};
use samovar_app::{Fail, contacts, ledger};
use samovar_base::{Chance, ContactId, Points, StaffId};
use samovar_store::{params, query, table_write};

query! {
    static COUNTED =
        "SELECT kind, debit, credit, points, lot_id FROM ledger_posting WHERE tenant_id = $1 ORDER BY id";
}
table_write! {
    static WARNED = insert loyalty_warning key(contact_id int, day text, kind text)
        set(points int, told bool, at int);
}

async fn people(bed: &Bed, many: usize) -> Vec<ContactId> {
    let mut all = Vec::new();
    for at in 0..many {
        let name = vec![("name".to_owned(), format!("К{at}").into())];
        all.push(contacts::add(&bed.app, &bed.owner, name, Vec::new()).await.expect("added").id);
    }
    all
}

/// Sums of the postings: earned, expired, gone by other ways, and what is in lots.
async fn counted(bed: &Bed) -> (i64, i64, i64) {
    let rows = bed
        .app
        .store
        .read(bed.owner.tenant, |tx| async move { Ok::<_, Fail>(tx.all(&COUNTED, params![]).await?) });
    let (mut earned, mut expired, mut left) = (0, 0, 0);
    for row in rows.await.expect("postings") {
        let (kind, credit, points) = (
            row.text(0).expect("a kind").to_owned(),
            row.int(2).expect("an account"),
            row.int(3).expect("points"),
        );
        earned += if kind == "earn" { points } else { 0 };
        expired += if kind == "expire" { points } else { 0 };
        if row.opt_int(4).expect("a lot").is_some() {
            left += if credit > 4 { points } else { -points };
        }
    }
    (earned, expired, left)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_equal_the_ledger_to_the_point() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let (people, chance) = (people(&bed, 8).await, Chance::from_seed(11));
        for month in 0..5 {
            let days = if month % 2 == 0 { Some(40) } else { None };
            let programme = Programme { expiry_days: days, ..Programme::default() };
            loyalty::set_programme(app, owner, None, programme).await.expect("it is right");
            for turn in 0..30 {
                let person = people[usize::try_from(chance.below(8)).expect("small")];
                let (points, key) =
                    (Points(1 + i64::try_from(chance.below(500)).expect("small")), format!("{month}-{turn}"));
                let done = match chance.below(4) {
                    0 | 1 => loyalty::grant_by_hand(app, owner, person, points, None, key).await,
                    2 => loyalty::deduct_by_hand(app, owner, person, points, None, key).await,
                    _ => loyalty::hold_points(app, owner, person, points, None, None, key).await,
                };
                assert!(done.is_ok() || done.is_err_and(|fail| fail.code() == "not_enough_points"));
                bed.clock.advance_seconds(86_400);
                app.pipeline.look(app).await.expect("due jobs run");
            }
        }
        let (earned, expired, left) = counted(&bed).await;
        let liability = reports::liability(app, owner).await.expect("a report");
        assert_eq!(liability.points, left, "{liability:?}");
        let mut held = 0;
        for person in &people {
            held += ledger::wallet(app, owner, *person).await.expect("a wallet").held.0;
        }
        assert_eq!(liability.held, held);
        assert!(held > 0 && liability.never.points > 0 && !liability.months.is_empty());
        let breakage = reports::breakage(app, owner).await.expect("a report").cohorts;
        let sum = |of: fn(&reports::Cohort) -> i64| breakage.iter().map(of).sum::<i64>();
        assert_eq!((sum(|c| c.earned), sum(|c| c.expired), sum(|c| c.left)), (earned, expired, left));
        assert_eq!(sum(|c| c.used), earned - expired - left);
        let period = Period { from: date(2026, 11, 21), to: date(2027, 5, 1) };
        let flow = reports::flow(app, owner, period).await.expect("a report");
        assert_eq!(flow.came - flow.went, left, "no debt here: what came and did not go is in the lots");
        let gone: i64 = flow.lines.iter().filter(|line| line.kind == "expire").map(|line| line.went).sum();
        assert_eq!((gone, flow.came), (expired, earned));
        assert!(expired > 0 && flow.lines.iter().all(|line| line.who == "setup" || line.who == "program"));
        let day = flow.lines[0].day;
        let one = reports::flow(app, owner, Period { from: day, to: day }).await.expect("a report");
        assert!(one.lines.iter().all(|line| line.day == day) && one.operations < flow.operations);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_were_warned_are_told_from_those_who_were_not() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let people = people(&bed, 4).await;
        for (at, person) in people.iter().enumerate() {
            loyalty::grant_by_hand(app, owner, *person, Points(100), None, format!("{at}"))
                .await
                .expect("in range");
        }
        let (now, who) = (app.clock.now(), people.clone());
        app.store
            .run(owner.tenant, 1, move |tx| {
                for (at, day) in [
                    (0, "2026-11-20"),
                    (0, "2026-11-23"),
                    (1, "2026-11-20"),
                    (2, "2026-11-20"),
                    (3, "2026-12-20"),
                ] {
                    tx.put(&WARNED, params![who[at], day, "expiring", 100_i64, at != 2, now]);
                }
                std::future::ready(Ok::<_, Fail>(()))
            })
            .await
            .expect("rows");
        bed.clock.advance_seconds(86_400);
        let hold = loyalty::hold_points(app, owner, people[0], Points(30), None, None, "h".into())
            .await
            .expect("enough");
        loyalty::capture_hold(app, owner, people[0], hold.entry.hold().expect("a hold"), None, "c".into())
            .await
            .expect("held");
        let period = Period { from: date(2026, 11, 1), to: date(2026, 11, 30) };
        let told = reports::returning(app, owner, period, 30).await.expect("a report");
        assert_eq!(told.warned, Group { customers: 2, returned: 1, points: 200 });
        assert_eq!(told.not_warned, Group { customers: 1, returned: 0, points: 100 });
        let cashier = Actor::staff(owner.tenant, StaffId(1), Role::Cashier, "ru");
        assert_eq!(reports::liability(app, &cashier).await.err().map(|fail| fail.code()), Some("forbidden"));
        let late = reports::returning(app, owner, period, 366).await;
        assert_eq!(late.err().map(|fail| fail.code()), Some("out_of_range"));
    })
    .await;
}
