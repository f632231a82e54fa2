//! Points for many at once, on both databases: once for each, across crashes, and back again.

use crate::common::{Bed, both};
use samovar_app::access::{Actor, Role};
use samovar_app::accruals::{self, Accrual, NewAccrual, State, Term, Undoing, work};
use samovar_app::contacts::{self, Contact};
use samovar_app::ledger::{self, Shortfall};
use samovar_app::loyalty;
use samovar_app::segments::Audience;
use samovar_app::{App, Fail};
use samovar_base::{ContactId, Points, StaffId};
use samovar_testkit::{TestApp, on_both};
use serde_json::json;
use std::time::Duration;

fn holiday(points: i64) -> NewAccrual {
    NewAccrual {
        audience: Audience::All,
        points: Points(points),
        comment: Some("С праздником".into()),
        term: Term::Days { days: 30 },
        notify: true,
    }
}

/// Contacts with names by their number, made in one unit.
async fn people(app: &App, actor: &Actor, count: usize) -> Vec<ContactId> {
    let now = app.clock.now();
    let made: Vec<Contact> = (0..count)
        .map(|number| {
            let mut contact = Contact::new(ContactId::new(&app.ids, app.clock.as_ref()), "ru", now);
            contact.name = format!("Гость {number}");
            contact
        })
        .collect();
    let ids = made.iter().map(|contact| contact.id).collect();
    app.store
        .run(actor.tenant, 1, move |tx| {
            made.iter().for_each(|contact| contacts::create(&tx, contact));
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await
        .expect("contacts can be made");
    ids
}

async fn balances(app: &App, actor: &Actor, people: &[ContactId]) -> Vec<i64> {
    let people = people.to_vec();
    let services = app.clone();
    app.store
        .read(actor.tenant, move |tx| {
            let (people, app) = (people.clone(), services.clone());
            async move {
                let mut all = Vec::new();
                for chunk in people.chunks(ledger::WALLETS_MAX) {
                    let wallets = ledger::load_many(&app, &tx, chunk, ledger::POINTS).await?;
                    all.extend(wallets.iter().map(|wallet| wallet.balance.0));
                }
                Ok::<_, Fail>(all)
            }
        })
        .await
        .expect("balances can be read")
}

impl Bed {
    async fn step(&self, run: &Accrual, size: u32) -> bool {
        work::step(&self.app, self.owner.tenant, run.id, size).await.expect("a chunk")
    }

    async fn run_as_it_is(&self, run: &Accrual) -> Accrual {
        accruals::get(&self.app, &self.owner, run.id).await.expect("the run")
    }

    async fn right_books(&self) {
        let found =
            self.app.store.read(self.owner.tenant, |tx| async move { ledger::check(&tx).await }).await;
        assert_eq!(found.expect("books"), Vec::new());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_points_once_and_they_are_taken_back_where_they_are() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let people = people(app, owner, 25).await;
        let seen = accruals::preview(app, owner, &holiday(100)).await.expect("a preview");
        assert_eq!((seen.contacts, seen.points, seen.sample.len()), (25, Points(2_500), 5));
        let notice = seen.notice.expect("a notice").replace('\u{a0}', " ");
        assert_eq!(notice, "Вам начислено 100 баллов: С праздником.\nТеперь у вас 100 баллов.");
        assert_eq!(balances(app, owner, &people).await, vec![0; 25], "a preview changes nothing");

        let run = accruals::start(app, owner, holiday(100), "ny".into()).await.expect("a run");
        let again = accruals::start(app, owner, holiday(100), "ny".into()).await.expect("the same run");
        assert_eq!(again, run);
        let other = accruals::start(app, owner, holiday(50), "ny".into()).await.expect_err("another run");
        assert_eq!(other.code(), "operation_key_reused");

        assert!(bed.step(&run, 10).await);
        accruals::pause(app, owner, run.id).await.expect("it runs");
        assert!(!bed.step(&run, 10).await, "a paused run does nothing");
        let paused = bed.run_as_it_is(&run).await;
        assert_eq!((paused.state, paused.done, paused.moved), (State::Paused, 10, Points(1_000)));
        let early = accruals::undo(app, owner, run.id, Undoing::default()).await.expect_err("not over");
        assert_eq!(early.code(), "cannot_undo");
        accruals::resume(app, owner, run.id).await.expect("it is paused");
        app.pipeline.look(app).await.expect("the job");
        let done = bed.run_as_it_is(&run).await;
        assert_eq!((done.state, done.done, done.refused, done.moved), (State::Done, 25, 0, Points(2_500)));
        assert_eq!(balances(app, owner, &people).await, vec![100; 25]);
        assert!(accruals::cancel(app, owner, run.id).await.is_err(), "what is done cannot be cancelled");

        for (contact, spent) in [(people[0], 30), (people[1], 100)] {
            let taken =
                loyalty::deduct_by_hand(app, owner, contact, Points(spent), None, contact.to_string());
            taken.await.expect("100 are there");
        }
        let undo = accruals::undo(app, owner, run.id, Undoing::default()).await.expect("an undoing");
        assert_eq!((undo.total, undo.undoes), (25, Some(run.id)));
        let same = accruals::undo(app, owner, run.id, Undoing { notify: true, ..Undoing::default() })
            .await
            .expect("the same undoing");
        assert_eq!(same.id, undo.id);
        assert!(bed.step(&undo, 7).await);
        app.pipeline.look(app).await.expect("the job");
        let undone = bed.run_as_it_is(&undo).await;
        assert_eq!(
            (undone.state, undone.done, undone.refused),
            (State::Done, 24, 1),
            "one had spent all of it"
        );
        assert_eq!(undone.moved, Points(-2_370));
        assert_eq!(balances(app, owner, &people).await, vec![0; 25]);
        bed.right_books().await;

        let cashier = Actor::staff(owner.tenant, StaffId(1), Role::Cashier, "ru");
        let refused =
            accruals::start(app, &cashier, holiday(1), "till".into()).await.expect_err("not at the till");
        assert_eq!(refused.code(), "forbidden");
        let zero = accruals::start(app, owner, holiday(0), "zero".into()).await.expect_err("nothing to give");
        assert_eq!(zero.code(), "out_of_range");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undoing_may_leave_debts_and_a_cancelled_run_is_undone_as_far_as_it_came() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let people = people(app, owner, 9).await;
        let run = accruals::start(app, owner, holiday(50), "ny".into()).await.expect("a run");
        assert!(bed.step(&run, 4).await);
        accruals::cancel(app, owner, run.id).await.expect("it runs");
        app.pipeline.look(app).await.expect("nothing to do");
        assert_eq!(balances(app, owner, &people).await, [50, 50, 50, 50, 0, 0, 0, 0, 0]);
        let spent = loyalty::deduct_by_hand(app, owner, people[0], Points(40), None, "x".into());
        spent.await.expect("50 are there");
        let owing = Undoing { shortfall: Shortfall::Owe(Points(500)), ..Undoing::default() };
        let undo = accruals::undo(app, owner, run.id, owing).await.expect("an undoing");
        app.pipeline.look(app).await.expect("the job");
        assert_eq!(balances(app, owner, &people).await, [-40, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bed.run_as_it_is(&undo).await.done, 4);
        let twice = accruals::undo(app, owner, undo.id, Undoing::default()).await.expect_err("an undoing");
        assert_eq!(twice.code(), "cannot_undo");
        bed.right_books().await;
    })
    .await;
}

on_both! {
    /// The node dies somewhere in the middle, at another place each time; the next one goes on.
    async fn a_run_survives_the_death_of_its_node(app: TestApp) {
        let people = people(&app.app(), &app.owner(), 3_300).await;
        let run = accruals::start(&app.app(), &app.owner(), holiday(10), "ny".into()).await.expect("a run");
        for death in 0..4_u64 {
            let node = app.app();
            let working = tokio::spawn(async move { node.pipeline.look(&node).await });
            tokio::time::sleep(Duration::from_millis(15 + 45 * death)).await;
            app.crash(0).await;
            working.abort();
            app.revive().await;
            // Until the dead node's hold on the job has ended.
            app.pass(Duration::from_secs(125)).await;
        }
        app.advance(Duration::from_secs(125)).await;
        let done = accruals::get(&app.app(), &app.owner(), run.id).await.expect("the run");
        assert_eq!((done.state, done.done, done.refused, done.moved), (State::Done, 3_300, 0, Points(33_000)));
        assert!(balances(&app.app(), &app.owner(), &people).await.iter().all(|points| *points == 10));
        app.finish().await;
    }

    async fn a_holiday_for_all_and_its_undoing(app: TestApp) {
        let (anna, boris, api) = (app.telegram("Анна"), app.telegram("Борис"), app.api());
        anna.registers().await;
        boris.registers().await;
        boris.says("стоп").await;
        boris.presses("Да, отписать").await;
        let asked = json!({
            "audience": { "to": "all" }, "points": 200, "comment": "С Новым годом", "term": { "ends": "days", "days": 30 },
        });
        let mut story = String::new();
        let mut tell = |line: String| story += &(line.replace('\u{a0}', " ") + "\n");
        let seen = api.post("/accruals/preview", &asked).await;
        assert_eq!(seen.status, 200, "{}", seen.body);
        let number = |reply: &samovar_testkit::Reply, name: &str| reply.body[name].as_i64().unwrap_or(-1);
        tell(format!("предпросмотр: клиентов {}, баллов {}", number(&seen, "contacts"), number(&seen, "points")));
        tell(format!("скажем: {}", seen.body["notice"].as_str().unwrap_or("ничего")));
        let run = api.post_as("new-year", "/accruals", &asked).await;
        assert_eq!(run.status, 200, "{}", run.body);
        app.advance(Duration::from_secs(2)).await;
        tell(format!("Анне пришло:\n{}", anna.looks().await));
        assert_eq!(boris.looks().await, "", "who asked for silence gets points and no message");
        let id = run.body["id"].as_str().expect("an id").to_owned();
        let done = api.get(&format!("/accruals/{id}")).await;
        tell(format!("итог: {}, {} из {}, сообщений {}", done.body["state"].as_str().unwrap_or_default(), number(&done, "done"), number(&done, "total"), number(&done, "notified")));
        tell(format!("Анна смотрит баланс:\n{}", anna.says("баланс").await));
        let undo = api.post(&format!("/accruals/{id}/undo"), &json!({ "notify": true, "comment": "начислили по ошибке" })).await;
        assert_eq!(undo.status, 200, "{}", undo.body);
        app.advance(Duration::from_secs(2)).await;
        tell(format!("Анне пришло:\n{}", anna.looks().await));
        let undo = api.get(&format!("/accruals/{}", undo.body["id"].as_str().expect("an id"))).await;
        tell(format!("отмена: {}, {} из {}, баллов {}", undo.body["state"].as_str().unwrap_or_default(), number(&undo, "done"), number(&undo, "total"), number(&undo, "moved")));
        tell(format!("Анна смотрит историю:\n{}", anna.says("история").await));
        insta::assert_snapshot!("a_holiday_for_all", story);
        app.finish().await;
    }
}
