//! Names by which goods are counted.

use crate::data;
use proptest::prelude::*;
use samovar_fiscal::document::decode_all;
use samovar_fiscal::name::normal;
use std::collections::HashSet;

#[test]
fn equal_goods_have_one_name() {
    for (names, expected) in [
        (&["*Тыква                       1кг", "ТЫКВА", "Тыква вес", "тыква 2.5 кг"][..], "тыква"),
        (
            &["900Г СМЕТАНА 15% METRO CHEF БЗМЖ", "Сметана Metro Chef 15 %", "смет. METRO CHEF 15%"],
            "сметана 15% metro chef",
        ),
        (&["100ШТХ1,8Г ЧАЙ ЗЕЛЁНЫЙ GREENFIELD", "Чай зеленый Greenfield 100шт"], "чай зеленый greenfield"),
        (&["Пиво БАЛТИКА 7 ж/б 0.45L", "ПИВО БАЛТИКА 7 0,5Л"], "пиво балтика 7"),
        (&["Вино ИЗАБЕЛЛА п/сл 0,75л", "вино изабелла полусладкое"], "вино изабелла полусладкое"),
        (&["Фольга ФРЕКЕН БОК Арт. 14803000"], "фольга фрекен бок"),
    ] {
        let different = |name: &&&str| {
            normal(name) != expected
                && normal(name).split(' ').collect::<HashSet<_>>()
                    != expected.split(' ').collect::<HashSet<_>>()
        };
        let odd: Vec<String> = names.iter().filter(different).map(|name| normal(name)).collect();
        assert!(odd.is_empty(), "{odd:?} instead of {expected}");
    }
    assert_eq!(normal("1кг"), "1 кг", "what is nothing else stays");
    assert_eq!(normal(""), "");
    assert_ne!(normal("Молоко 2,5%"), normal("Молоко 3,2%"));
    assert_ne!(normal("Балтика 0"), normal("Балтика 7"));
}

/// Names of 45 goods as tills print them: the product, or its beginning, is in the normal name.
#[test]
fn the_product_is_found_in_the_name() {
    let rows = data::rows("receipt_names_benchmark.csv");
    let found = rows.iter().filter(|row| {
        let normal = normal(&row[1]);
        let product = row[2].split(' ').next().unwrap_or_default();
        let stem: String = product.chars().take(4).collect();
        normal.split(' ').any(|word| word.starts_with(&stem))
    });
    assert_eq!((found.count(), rows.len()), (41, 45));
}

#[test]
fn real_receipts_have_fewer_names_than_lines() {
    let all = decode_all(&data::bytes("fns_app_export.json")).expect("an export");
    let items = || all.iter().flatten().flat_map(|receipt| &receipt.items);
    let printed: HashSet<&str> = items().map(|item| item.name.as_str()).collect();
    let normal: HashSet<String> = items().map(|item| normal(&item.name)).collect();
    assert_eq!((items().count(), printed.len(), normal.len()), (242, 95, 94));
}

proptest! {
    #[test]
    fn naming_twice_changes_nothing(name in "[а-яёА-Яa-zA-Z0-9 .,/%*№\\-]{0,80}") {
        let once = normal(&name);
        prop_assert_eq!(normal(&once), once);
    }

    #[test]
    fn no_name_makes_it_panic(name in ".{0,300}") {
        prop_assert!(normal(&name).chars().count() <= 120);
    }
}
