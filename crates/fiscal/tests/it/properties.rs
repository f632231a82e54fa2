//! What holds for every code and every input.

use crate::data;
use jiff::civil::{DateTime, date};
use proptest::prelude::*;
use samovar_fiscal::goods::Excise;
use samovar_fiscal::{Code, Key, Operation, document, name, read, read_all};
use serde_json::{Value, json};

fn moments() -> impl Strategy<Value = DateTime> {
    (2017i16..2099, 1i8..=12, 1i8..=28, 0i8..24, 0i8..60, 0i8..60).prop_map(
        |(year, month, day, hour, minute, second)| date(year, month, day).at(hour, minute, second, 0),
    )
}

fn codes() -> impl Strategy<Value = Code> {
    let numbers = ("[0-9]{16}", 1i64..10_000_000_000, 0i64..10_000_000_000);
    (numbers, moments(), 0i64..=100_000_000_000, 1i64..=4).prop_map(
        |((drive, document, sign), at, sum, number)| {
            let operation = Operation::of(number).expect("one of the four");
            Code { key: Key { drive, document, sign }, at, sum, operation }
        },
    )
}

/// As the keys of the Russian keyboard print it.
fn russian(text: &str) -> String {
    let latin = "tsfnipTSFNIP.&?:/";
    let typed = "еыатшзЕЫАТШЗю?,Ж.";
    let key =
        |letter: char| latin.chars().position(|known| known == letter).and_then(|at| typed.chars().nth(at));
    text.chars().map(|letter| key(letter).unwrap_or(letter)).collect()
}

/// Any value that JSON has, none of them where it belongs.
fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!([])),
        Just(json!({})),
        Just(json!([{"gtin": [], "sum": {}}])),
        Just(json!({"gs1m": {"gtin": -1, "rawProductCode": "01"}})),
    ]
}

/// Puts a value in the place of the one that is met after so many steps through the document.
fn spoil(value: &mut Value, steps: &mut usize, with: &Value) {
    if *steps == 0 {
        *value = with.clone();
    }
    *steps = steps.wrapping_sub(1);
    match value {
        Value::Array(all) => all.iter_mut().for_each(|inner| spoil(inner, steps, with)),
        Value::Object(all) => all.values_mut().for_each(|inner| spoil(inner, steps, with)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn a_spoilt_document_is_read_or_refused(place in 0usize..120, with in values(), file in 0usize..3) {
        let file = ["proverkacheka_ok_2024.json", "fns_mobile_ozon_2023.json", "fns_old_2019.json"][file];
        let mut value: Value = serde_json::from_slice(&data::bytes(file)).expect("JSON");
        let mut steps = place;
        spoil(&mut value, &mut steps, &with);
        if let Ok(receipt) = document::decode(value.to_string().as_bytes()) {
            prop_assert!(receipt.total >= 0 && receipt.key.drive.len() == 16);
            for item in &receipt.items {
                prop_assert!(item.sum >= 0 && item.price >= 0);
                let _ = (Excise::usual().judge(item, &receipt.seller), name::normal(&item.name));
            }
        }
    }

    #[test]
    fn what_is_written_is_read(code in codes()) {
        prop_assert_eq!(read(&code.canonical()), Ok(code));
    }

    #[test]
    fn order_case_blanks_and_keyboard_do_not_matter(
        code in codes(),
        order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
        gaps in prop::collection::vec(0usize..3, 6),
        upper in any::<bool>(),
        by_scanner in any::<bool>(),
        around in 0usize..4,
    ) {
        let text = code.canonical();
        let parts: Vec<&str> = text.split('&').collect();
        let blanks = ["", " ", "\n"];
        let shuffled: Vec<String> =
            order.iter().zip(&gaps).map(|(part, gap)| format!("{}{}", parts[*part], blanks[*gap])).collect();
        let mut text = shuffled.join("&");
        if upper {
            text = text.to_uppercase();
        }
        text = match around {
            0 => text,
            1 => format!("{text};"),
            2 => format!("https://consumer.1-ofd.ru/ticket?{text}"),
            _ => format!("  {text} $"),
        };
        if by_scanner {
            text = russian(&text);
        }
        prop_assert_eq!(read(&text), Ok(code), "{}", text);
    }

    #[test]
    fn several_are_all_read(first in codes(), second in codes()) {
        let both = read_all(&format!("{first}\n{second}"));
        let expected = if first.key == second.key { vec![first] } else { vec![first, second] };
        prop_assert_eq!(both.into_iter().flatten().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,400}") {
        prop_assert!(!read_all(&text).is_empty());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert!(!read_all(&String::from_utf8_lossy(&bytes)).is_empty());
        let _ = document::decode(&bytes);
    }

    #[test]
    fn no_words_make_it_panic(text in "(ФН|фд|ФПД|фп|итог|сумма|[0-9]{1,16}|[.,:№= ]|17\\.09\\.24|18:01|ё){0,30}") {
        prop_assert!(!read_all(&text).is_empty());
    }

    #[test]
    fn no_likeness_makes_it_panic(text in "[tsfnip=&?;%0-9TЕеыатшзю., \\-:/]{0,200}") {
        for code in read_all(&text).into_iter().flatten() {
            prop_assert_eq!(read(&code.canonical()), Ok(code));
        }
    }
}
