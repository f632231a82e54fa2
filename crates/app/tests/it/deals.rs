//! Deals on their way, and orders from the catalogue, on both databases.

use crate::common::{Bed, both};
use samovar_app::catalogue::{self, ItemFields};
use samovar_app::deals::{self, DealFilter, NewDeal, OrderState, PipelineFields, Source, StageKind};
use samovar_app::{Fail, contacts, loyalty};
use samovar_base::{ContactId, Points};
use samovar_testkit::{TestApp, on_both};
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

async fn person(bed: &Bed, points: i64) -> ContactId {
    let name = vec![("name".to_owned(), "Анна".into())];
    let id = contacts::add(&bed.app, &bed.owner, name, Vec::new()).await.expect("a contact").id;
    if points > 0 {
        loyalty::grant_by_hand(&bed.app, &bed.owner, id, Points(points), None, format!("start {id}"))
            .await
            .expect("points");
    }
    id
}

async fn item(bed: &Bed, key: &str, stock: Option<i64>, more: serde_json::Value) {
    let mut text = json!({ "name": { "ru": "Кружка", "en": "Mug" } });
    text.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let fields: ItemFields = serde_json::from_value(text).expect("an item");
    catalogue::put(&bed.app, &bed.owner, key, None, fields, Some(stock)).await.expect("an item");
}

async fn stock(bed: &Bed, key: &str) -> Option<i64> {
    catalogue::get(&bed.app, &bed.owner, key).await.expect("an item").stock
}

async fn order(bed: &Bed, contact: ContactId, item: &str, key: &str) -> Result<deals::Deal, &'static str> {
    deals::order(&bed.app, &bed.owner, contact, item, 1, key.into()).await.map_err(|fail| fail.code())
}

/// Free and held points.
async fn points(bed: &Bed, contact: ContactId) -> (i64, i64) {
    let standing = loyalty::balance(&bed.app, &bed.owner, contact).await.expect("a wallet");
    (standing.available.0, standing.held.0)
}

async fn stage(bed: &Bed, deal: &deals::Deal, stage: &str) -> Result<deals::Deal, Fail> {
    deals::move_to(&bed.app, &bed.owner, deal.id, None, stage, None).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_ten_who_want_the_last_piece_one_gets_it() {
    both(async |bed: Bed| {
        item(&bed, "mug", Some(1), json!({ "points": 50 })).await;
        let mut people = Vec::new();
        for _ in 0..10 {
            people.push(person(&bed, 60).await);
        }
        let orders =
            people.iter().map(|id| order(&bed, *id, "mug", Box::leak(format!("o {id}").into_boxed_str())));
        let outcomes = futures::future::join_all(orders).await;
        let taken = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        let refused = outcomes.iter().filter(|outcome| **outcome == Err("sold_out")).count();
        assert_eq!((taken, refused), (1, 9), "{outcomes:?}");
        assert_eq!(stock(&bed, "mug").await, Some(0));
        let mut held = 0;
        for id in people {
            held += points(&bed, id).await.1;
        }
        assert_eq!(held, 50, "only the winner's points are set aside");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_pays_at_success_and_gives_back_at_failure() {
    both(async |bed: Bed| {
        item(&bed, "mug", Some(3), json!({ "points": 40, "weight": 7 })).await;
        let anna = person(&bed, 100).await;
        let first = order(&bed, anna, "mug", "a").await.expect("an order");
        let again = order(&bed, anna, "mug", "a").await.expect("the same order");
        assert_eq!(
            (first.id, points(&bed, anna).await, stock(&bed, "mug").await),
            (again.id, (60, 40), Some(2))
        );
        let done = stage(&bed, &first, "done").await.expect("handed over");
        assert_eq!((done.kind, done.accrued), (StageKind::Success, Points(7)));
        assert_eq!((points(&bed, anna).await, stock(&bed, "mug").await), ((67, 0), Some(2)));
        for to in ["ready", "done", "ready", "done"] {
            stage(&bed, &first, to).await.expect("a move");
        }
        assert_eq!(points(&bed, anna).await, (67, 0), "back and forth gives nothing more");
        let back = stage(&bed, &first, "refused").await.expect("taken back");
        assert_eq!(back.order.map(|order| order.state), Some(OrderState::Refunded));
        assert_eq!((points(&bed, anna).await, stock(&bed, "mug").await), ((100, 0), Some(3)));
        assert_eq!(stage(&bed, &first, "done").await.expect_err("it is closed").code(), "order_over");

        let second = order(&bed, anna, "mug", "b").await.expect("an order");
        let refused = stage(&bed, &second, "refused").await.expect("a refusal");
        assert_eq!(refused.order.map(|order| order.state), Some(OrderState::Refused));
        assert_eq!((points(&bed, anna).await, stock(&bed, "mug").await), ((100, 0), Some(3)));
        let moves = deals::changes(&bed.app, &bed.owner, first.id, None, 50).await.expect("a history");
        assert_eq!((moves.len(), moves.last().map(|change| change.was.clone())), (7, Some(None)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_person_gets_no_more_than_one_person_may() {
    both(async |bed: Bed| {
        item(&bed, "mug", None, json!({ "points": 10, "per_person": { "count": 2, "days": 30 } })).await;
        let anna = person(&bed, 100).await;
        let keys = ["a", "b", "c", "d", "e"];
        let outcomes = futures::future::join_all(keys.iter().map(|key| order(&bed, anna, "mug", key))).await;
        let refused = outcomes.iter().filter(|outcome| **outcome == Err("person_limit")).count();
        assert_eq!((outcomes.len() - refused, refused), (2, 3), "{outcomes:?}");
        bed.clock.advance_seconds(31 * 86_400);
        order(&bed, anna, "mug", "f").await.expect("a month later");
        let poor = person(&bed, 5).await;
        assert_eq!(order(&bed, poor, "mug", "g").await.map(drop), Err("not_enough_points"));
        item(&bed, "talk", None, json!({})).await;
        assert_eq!(order(&bed, anna, "talk", "h").await.map(drop), Err("not_offered"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_nobody_cares_for_is_refused_by_itself() {
    both(async |bed: Bed| {
        item(&bed, "mug", Some(1), json!({ "points": 40 })).await;
        let anna = person(&bed, 100).await;
        let deal = order(&bed, anna, "mug", "a").await.expect("an order");
        bed.clock.advance_seconds(14 * 86_400 - 1);
        bed.app.pipeline.look(&bed.app).await.expect("due jobs run");
        assert_eq!(points(&bed, anna).await, (60, 40));
        bed.clock.advance_seconds(1);
        bed.app.pipeline.look(&bed.app).await.expect("due jobs run");
        let deal = deals::get(&bed.app, &bed.owner, deal.id).await.expect("it is there");
        assert_eq!(
            (deal.stage.as_str(), deal.order.map(|order| order.state)),
            ("refused", Some(OrderState::Expired))
        );
        assert_eq!((points(&bed, anna).await, stock(&bed, "mug").await), ((100, 0), Some(1)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deal_gives_the_weights_of_its_items_once_until_they_are_taken_back() {
    both(async |bed: Bed| {
        item(&bed, "haircut", None, json!({ "weight": 30 })).await;
        let anna = person(&bed, 0).await;
        let new = NewDeal {
            contact: anna,
            pipeline: None,
            stage: None,
            title: " Стрижка ".into(),
            sum: Some(250_000),
            items: vec![("haircut".into(), 2)],
            source: Source::Api,
            responsible: None,
            key: "visit".into(),
        };
        let make = || deals::create(&bed.app, &bed.owner, new.clone());
        let (deal, again) = (make().await.expect("a deal"), make().await.expect("the same"));
        assert_eq!((deal.id, deal.title.as_str(), deal.stage.as_str()), (again.id, "Стрижка", "new"));
        for (to, free) in
            [("won", 60), ("work", 60), ("won", 60), ("lost", 0), ("won", 60), ("lost", 0), ("lost", 0)]
        {
            stage(&bed, &deal, to).await.expect("a move");
            assert_eq!(points(&bed, anna).await.0, free, "{to}");
        }
        let stale = deals::move_to(&bed.app, &bed.owner, deal.id, Some(1), "won", None).await;
        assert_eq!(stale.expect_err("it moved since").code(), "revision_conflict");
        assert_eq!(stage(&bed, &deal, "nowhere").await.expect_err("no such stage").code(), "unknown_stage");
        let filter = DealFilter {
            kind: Some(StageKind::Failure),
            pipeline: Some("main".into()),
            ..DealFilter::default()
        };
        let lost = deals::list(&bed.app, &bed.owner, &filter, None, 10).await.expect("a list");
        assert_eq!(lost.iter().map(|deal| deal.id).collect::<Vec<_>>(), [deal.id]);
        let mut fields = PipelineFields::builtin(deals::MAIN);
        fields.stages.retain(|stage| stage.key != "lost");
        fields.stages.push(deals::Stage {
            key: "away".into(),
            kind: StageKind::Failure,
            ..fields.stages[0].clone()
        });
        let refused = deals::put_pipeline(&bed.app, &bed.owner, "main", None, fields).await;
        assert_eq!(refused.expect_err("a deal stands there").code(), "stage_in_use");
    })
    .await;
}

on_both! {
    async fn whoever_registers_gets_a_deal_where_a_pipeline_wants_it(app: TestApp) {
        let fields = PipelineFields { at_registration: true, ..PipelineFields::builtin(deals::MAIN) };
        deals::put_pipeline(&app.app(), &app.owner(), "newcomers", None, fields).await.expect("a pipeline");
        let anna = app.telegram("Анна");
        anna.registers().await;
        let found = app.api().get(&format!("/deals?contact_id={}", anna.contact_id().await)).await;
        assert_eq!(found.body["items"].as_array().map(Vec::len), Some(1), "{}", found.body);
        assert_eq!((&found.body["items"][0]["title"], &found.body["items"][0]["source"]), (&json!("Анна"), &json!("registration")));
        let (services, owner, contact) = (app.app(), app.owner(), anna.contact_id().await);
        contacts::erase(&services, &owner, contact).await.expect("erased");
        let filter = DealFilter { contact: Some(contact), ..DealFilter::default() };
        let left = deals::list(&services, &owner, &filter, None, 10).await.expect("a list");
        assert_eq!(left.iter().map(|deal| deal.title.as_str()).collect::<Vec<_>>(), ["—"], "the name goes with the person");
        app.advance(DAY).await;
        app.finish().await;
    }

    async fn the_catalogue_and_deals_by_the_api(app: TestApp) {
        let (anna, api) = (app.telegram("Анна"), app.api());
        anna.registers().await;
        let id = anna.contact_id().await;
        let fields = json!({ "name": { "ru": "Круассан", "en": "Croissant" }, "points": 90, "per_person": { "count": 1 } });
        let fields: ItemFields = serde_json::from_value(fields).expect("an item");
        catalogue::put(&app.app(), &app.owner(), "croissant", Some(0), fields, Some(Some(2))).await.expect("an item");
        let listed = api.get("/catalogue/items?active=true&limit=1").await;
        assert_eq!((&listed.body["items"][0]["key"], &listed.body["items"][0]["stock"]), (&json!("croissant"), &json!(2)));
        let more = api.post("/catalogue/items/croissant/stock", &json!({ "pieces": 3 })).await;
        assert_eq!(more.body["stock"], 5);
        let path = format!("/contacts/{id}/orders");
        let order = api.post_as("o1", &path, &json!({ "key": "croissant" })).await;
        assert_eq!((order.status, &order.body["order"]["state"], &order.body["points"]), (200, &json!("open"), &json!(90)), "{}", order.body);
        let second = api.post(&path, &json!({ "key": "croissant" })).await;
        assert_eq!((second.status, &second.body["code"]), (409, &json!("not_enough_points")), "{}", second.body);
        let deal = format!("/deals/{}", order.body["id"].as_str().expect("an id"));
        let done = api.post(&format!("{deal}/stage"), &json!({ "stage": "done", "note": "Выдано" })).await;
        assert_eq!((&done.body["kind"], &done.body["order"]["state"]), (&json!("success"), &json!("done")), "{}", done.body);
        app.settle().await;
        let told = anna.looks().await.replace('\u{a0}', " ");
        assert!(told.contains("«Круассан»: готово, списано 90 баллов."), "{told}");
        let history = api.get(&format!("{deal}/history")).await;
        assert_eq!((&history.body["items"][0]["note"], &history.body["items"][1]["stage"]), (&json!("Выдано"), &json!("new")));
        assert_eq!(api.get(&deal).await.body["revision"], 2);
        assert_eq!(api.get("/pipelines").await.body[0]["key"], "orders");
        app.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stages_are_counted_and_a_column_is_read_page_by_page() {
    both(async |bed: Bed| {
        item(&bed, "mug", None, json!({ "points": 1 })).await;
        let anna = person(&bed, 10).await;
        for number in 0..5 {
            order(&bed, anna, "mug", Box::leak(format!("o {number}").into_boxed_str()))
                .await
                .expect("an order");
        }
        let filter = DealFilter {
            pipeline: Some("orders".into()),
            stage: Some("new".into()),
            ..DealFilter::default()
        };
        let page = deals::list(&bed.app, &bed.owner, &filter, None, 3).await.expect("a column");
        let rest = deals::list(&bed.app, &bed.owner, &filter, Some(page[2].id), 9).await.expect("its rest");
        assert_eq!((page.len(), rest.len()), (3, 2));
        deals::update(
            &bed.app,
            &bed.owner,
            page[0].id,
            None,
            deals::DealChanges { sum: Some(Some(9_900)), ..deals::DealChanges::default() },
        )
        .await
        .expect("a sum");
        stage(&bed, &page[1], "done").await.expect("handed over");
        let mut totals = deals::totals(&bed.app, &bed.owner, "orders", None).await.expect("totals");
        totals.sort_by_key(|total| -total.deals);
        let told: Vec<_> =
            totals.iter().map(|total| (total.stage.as_str(), total.deals, total.sum)).collect();
        assert_eq!(told, [("new", 4, 9_900), ("done", 1, 0)]);
        let nobody = deals::totals(&bed.app, &bed.owner, "orders", Some(samovar_base::StaffId(1))).await;
        assert!(nobody.expect("totals").is_empty());
        let names = deals::names(&bed.app, &bed.owner, &page).await.expect("names");
        assert_eq!(names.get(&anna).map(String::as_str), Some("Анна"));
    })
    .await;
}
