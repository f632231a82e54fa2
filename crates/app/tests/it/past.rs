//! Years that were written down at once stand in the books like any other.

use crate::common::{Bed, both};
use samovar_app::contacts::{self, Contact};
use samovar_app::past::{self, Deed, Happened, Newcomer};
use samovar_app::visit::Cause;
use samovar_app::{Fail, insights, ledger, loyalty};
use samovar_base::{ContactId, Instant, Points, Rate};

const DAY: i64 = 86_400;

fn happened(at: Instant, deed: Deed) -> Happened {
    Happened { at, cause: Cause::new("setup", "past"), deed }
}

fn comes(bed: &Bed, at: Instant, name: &str) -> (ContactId, Happened) {
    let id = ContactId::new(&bed.app.ids, bed.app.clock.as_ref());
    let mut contact = Contact::new(id, "ru", at);
    contact.name = name.into();
    contact.registered_at = Some(at);
    let newcomer = Newcomer { contact, identity: None, blocked: false, consent: None };
    (id, happened(at, Deed::Comes(Box::new(newcomer))))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_books_of_years_gone_by_are_right() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let programme = loyalty::Programme {
            welcome_points: Points(100),
            expiry_days: Some(30),
            earning: loyalty::Earning { percent_bp: Rate(500), ..Default::default() },
            ..loyalty::Programme::default()
        };
        loyalty::set_programme(app, owner, None, programme).await.expect("it is right");
        let now = app.clock.now();
        let ago = |days: i64| now.minus_seconds(days * DAY);
        let (anna, anna_comes) = comes(&bed, ago(20), "Анна");
        let (boris, boris_comes) = comes(&bed, ago(10), "Борис");
        let bought = Deed::Buys { contact: anna, sum_minor: 100_000, with_points: false, note: None };
        let given = Deed::Given { contact: boris, kind: "grant", points: Points(40), note: None };
        let all = vec![anna_comes, boris_comes, happened(ago(5), bought), happened(ago(2), given)];
        past::write(app, owner, all).await.expect("written");
        assert_eq!(contacts::get(app, owner, anna).await.expect("Anna").created_at, ago(20));
        let standing = loyalty::balance(app, owner, boris).await.expect("a balance");
        assert_eq!(standing.balance, Points(140));
        let board = insights::dashboard(app, owner, None).await.expect("figures");
        assert_eq!((board.now.came, board.now.registered, board.now.purchases), (2, 2, 1));
        assert_eq!((board.funnel.bought, board.funnel.again, board.reach.contacts), (1, 0, 2));
        let wrong =
            app.store.read(owner.tenant, |tx| async move { Ok::<_, Fail>(ledger::check(&tx).await?) });
        assert_eq!(wrong.await.expect("read"), vec![]);
    })
    .await;
}
