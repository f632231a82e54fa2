use super::model::CatalogueTexts;
use super::rules::label;
use super::*;
use crate::loyalty::{Units, Wording};
use samovar_base::Points;

fn coffee() -> ItemFields {
    let text = r#"{ "name": { "ru": "Кофе", "en": "Coffee" }, "points": 50 }"#;
    serde_json::from_str(text).expect("an item")
}

#[test]
fn a_short_item_is_a_good_one() {
    let item = coffee();
    assert!(item.active && item.kind == ItemKind::Service && item.problems().is_empty());
    assert_eq!(CatalogueTexts::default().problems(&Units::default()), []);
}

#[test]
fn what_is_wrong_is_told_by_field() {
    let item = ItemFields {
        name: Wording::new("", "x".repeat(61)),
        picture: Some("https://example.ru/cat.png".into()),
        points: Some(Points(0)),
        money: Some(-1),
        weight: Points(-1),
        per_person: Some(PerPerson { count: 0, days: Some(0) }),
        category: Some("Кофе".into()),
        ..coffee()
    };
    let found = item.problems();
    let fields: Vec<_> = found.iter().filter_map(|problem| problem.field.as_deref()).collect();
    assert_eq!(
        fields,
        [
            "item.name.ru",
            "item.name.en",
            "item.points",
            "item.money",
            "item.weight",
            "item.per_person.count",
            "item.per_person.days",
            "item.picture",
            "item.category",
        ]
    );
}

#[test]
fn sums_are_written_as_people_read_them() {
    let table = [(0, "0 ₽"), (9_990, "99,90 ₽"), (150_000, "1 500 ₽"), (123_456_789, "1 234 567,89 ₽")];
    for (minor, text) in table {
        assert_eq!(roubles(minor).replace('\u{a0}', " "), text);
    }
    assert_eq!(label(&"о".repeat(50)).chars().count(), 40);
    assert_eq!(weight_of([(Points(10), 2), (Points(5), 1)]), Points(25));
}

#[test]
fn a_place_in_the_list_is_read_back() {
    let place = ItemPlace { position: -5, id: ItemId(7) };
    assert_eq!(place.to_string().parse(), Ok(place));
    assert!("5".parse::<ItemPlace>().is_err() && "x/y".parse::<ItemPlace>().is_err());
}
