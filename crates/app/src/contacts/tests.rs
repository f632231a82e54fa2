use super::*;
use samovar_base::{ContactId, Instant};
use serde_json::{Value, json};

fn anyone() -> Contact {
    Contact::new(ContactId(1), "ru", Instant(1))
}

fn set(contact: &mut Contact, path: &str, value: Value) -> Result<(), &'static str> {
    set_field(contact, path, &value, false).map_err(|problem| problem.code)
}

#[test]
fn fields_take_what_fits_them() {
    let mut anna = anyone();
    for (path, value) in [
        ("contact.name", json!("  Анна Каренина ")),
        ("phone", json!("8 (916) 123-45-67")),
        ("contact.birthday", json!("1990-02-28")),
        ("locale", json!("en")),
        ("fields.city", json!("Тверь")),
        ("contact.visits", json!(7)),
        ("agreed", json!(true)),
    ] {
        assert_eq!(set(&mut anna, path, value), Ok(()), "{path}");
    }
    assert_eq!((anna.name.as_str(), anna.first_name()), ("Анна Каренина", "Анна"));
    assert_eq!(anna.phone.as_deref(), Some("+79161234567"));
    assert_eq!(anna.birthday.map(|date| date.to_string()).as_deref(), Some("1990-02-28"));
    assert_eq!(Value::Object(anna.fields.clone()), json!({"city": "Тверь", "visits": 7, "agreed": true}));
    assert_eq!(anna.locale, "en");
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_is_changed() {
    let mut anna = anyone();
    let before = anna.clone();
    for (path, value, code) in [
        ("name", json!("x".repeat(201)), "bad_length"),
        ("name", json!(7), "bad_value"),
        ("name", json!("a\u{0}b"), "bad_value"),
        ("phone", json!("12345"), "bad_phone"),
        ("phone", json!(79_161_234_567_i64), "bad_value"),
        ("birthday", json!("1990-02-30"), "bad_date"),
        ("birthday", json!("1066-10-14"), "bad_date"),
        ("locale", json!("fr"), "unknown_locale"),
        ("locale", Value::Null, "unknown_locale"),
        ("fields.Город", json!("Тверь"), "bad_name"),
        ("fields.", json!("Тверь"), "bad_name"),
        ("fields.city", json!(["Тверь"]), "bad_value"),
        ("fields.city", json!("x".repeat(2_001)), "bad_length"),
    ] {
        assert_eq!(set(&mut anna, path, value), Err(code), "{path}");
    }
    assert_eq!(anna, before);
}

#[test]
fn null_and_empty_clear() {
    let mut anna = anyone();
    for path in ["name", "phone", "birthday", "city"] {
        let value = match path {
            "phone" => "89161234567",
            "birthday" => "1990-01-01",
            _ => "Анна",
        };
        set(&mut anna, path, json!(value)).unwrap();
        set(&mut anna, path, Value::Null).unwrap();
    }
    set(&mut anna, "source", json!("  ")).unwrap();
    assert_eq!(anna, anyone());
}

#[test]
fn a_phone_is_proved_by_the_messenger_until_it_changes() {
    let mut anna = anyone();
    set_field(&mut anna, "contact.phone", &json!("+79161234567"), true).unwrap();
    assert!(anna.phone_proved);
    set(&mut anna, "phone", json!("8 916 123 45 67")).unwrap();
    assert!(anna.phone_proved, "the same number typed again");
    set(&mut anna, "phone", json!("8 916 123 45 68")).unwrap();
    assert!(!anna.phone_proved);
}

#[test]
fn own_fields_and_tags_are_bounded() {
    let mut anna = anyone();
    for at in 0..100 {
        set(&mut anna, &format!("field_{at}"), json!(at)).unwrap();
        assert_eq!(add_tag(&mut anna, &format!("tag {at}")), Ok(true));
    }
    assert_eq!(set(&mut anna, "one_more", json!(1)), Err("too_many"));
    assert_eq!(set(&mut anna, "field_7", json!(2)), Ok(()));
    assert_eq!(add_tag(&mut anna, "one more").map_err(|problem| problem.code), Err("too_many"));
    assert_eq!(add_tag(&mut anna, " tag 7 "), Ok(false));
    assert!(remove_tag(&mut anna, "tag 7") && !remove_tag(&mut anna, "tag 7"));
    assert!(add_tag(&mut anna, " ").is_err() && add_tag(&mut anna, "a\tb").is_err());
}

#[test]
fn who_stops_takes_no_messages_until_resuming() {
    let mut anna = anyone();
    assert!(register(&mut anna, Instant(5)) && !register(&mut anna, Instant(9)));
    stop(&mut anna, Instant(6));
    stop(&mut anna, Instant(7));
    assert!(!anna.takes_messages() && anna.stopped_at == Some(Instant(6)));
    resume(&mut anna);
    assert!(anna.takes_messages() && anna.registered_at == Some(Instant(5)));
}

#[test]
fn erasure_leaves_nothing_that_tells_who_it_was() {
    let mut anna = anyone();
    anna.revision = 3;
    for (path, value) in
        [("name", "Анна"), ("phone", "89161234567"), ("birthday", "1990-01-01"), ("city", "Тверь")]
    {
        set(&mut anna, path, json!(value)).unwrap();
    }
    add_tag(&mut anna, "vip").unwrap();
    came_from(&mut anna, "poster");
    anna.consents.insert("loyalty".into(), 1);
    rules::erase(&mut anna, Instant(9));
    let empty =
        Contact { revision: 3, stopped_at: Some(Instant(9)), erased_at: Some(Instant(9)), ..anyone() };
    assert_eq!(anna, empty);
    assert!(!anna.takes_messages());
}

#[test]
fn the_first_source_stays() {
    let mut anna = anyone();
    came_from(&mut anna, " ");
    came_from(&mut anna, "poster");
    came_from(&mut anna, "leaflet");
    assert_eq!(anna.source.as_deref(), Some("poster"));
}

#[test]
fn names_are_searched_without_case_and_yo() {
    assert_eq!(search_key("  Фёдор   ЁЛКИН "), "федор елкин");
    assert_eq!(containing("100%_Ё!"), "%100!%!_е!!%");
}
