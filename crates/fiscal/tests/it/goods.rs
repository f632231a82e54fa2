//! Alcohol and tobacco among goods, and goods that an operator looks for.

use crate::data;
use samovar_fiscal::document::decode_all;
use samovar_fiscal::goods::{Are, Excise, Goods, Why, Words};
use samovar_fiscal::{Item, Seller};

fn item(name: &str) -> Item {
    Item { name: name.into(), ..Item::default() }
}

fn excise(name: &str) -> Are {
    Excise::usual().judge(&item(name), &Seller::default()).are
}

fn goods(include: &[&str], exclude: &[&str]) -> Goods {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Goods::new(&Words { include: words(include), exclude: words(exclude) }, &["04606419014681".into()])
}

/// Names with what they are: how many were told rightly.
#[test]
fn labelled_names_are_told_apart() {
    let (mut found, mut doubted, mut missed, mut accused, mut suspected, mut free) = (0, 0, 0, 0, 0, 0);
    for row in data::rows("names_labelled.csv") {
        let [name, _, label] = row.as_slice() else { panic!("{row:?}") };
        let is = matches!(label.as_str(), "alcohol" | "tobacco");
        let count = match (is, excise(name)) {
            (true, Are::Yes) => &mut found,
            (true, Are::Doubt) => &mut doubted,
            (true, Are::No) => &mut missed,
            (false, Are::Yes) => &mut accused,
            (false, Are::Doubt) => &mut suspected,
            (false, Are::No) => &mut free,
        };
        *count += 1;
    }
    assert_eq!((found, doubted, missed), (142, 2, 0));
    assert_eq!((accused, suspected, free), (0, 0, 82));
}

/// A whole shop of 2575 names. The four outside of the class are alcohol that the shop filed elsewhere.
#[test]
fn names_of_a_whole_shop() {
    let (mut of_class, mut elsewhere, mut rest) = (0, Vec::new(), Vec::new());
    for row in data::rows("grocery_names.csv") {
        let [name, class] = row.as_slice() else { panic!("{row:?}") };
        match (class == "Алкоголь", excise(name)) {
            (true, Are::Yes) => of_class += 1,
            (true, _) => rest.push(name.clone()),
            (false, Are::No) => {}
            (false, _) => elsewhere.push(name.clone()),
        }
    }
    assert_eq!(of_class, 131);
    let not_certain = [
        "виски подарочной упаковке бокалом",
        "водка виноградная чача особая",
        "пиво безалкогольное фильтрованное",
    ];
    assert_eq!(rest, not_certain);
    let filed_elsewhere = [
        "пиво прага пилс бут интерпортфолио",
        "пиво черновар",
        "виски баллантайнс файнест шотландия",
        "водка золотая",
    ];
    assert_eq!(elsewhere, filed_elsewhere);
}

#[test]
fn alcohol_in_real_receipts() {
    let all = decode_all(&data::bytes("fns_app_export.json")).expect("an export");
    let (mut found, mut other) = (Vec::new(), Vec::new());
    for receipt in all.iter().flatten() {
        for item in &receipt.items {
            let judged = Excise::usual().judge(item, &receipt.seller);
            match judged.are {
                Are::Yes => found.push((item.name.clone(), judged.why)),
                Are::Doubt => other.push((item.name.clone(), judged.why)),
                Are::No => {}
            }
        }
    }
    found.sort_by(|left, right| left.0.cmp(&right.0));
    assert_eq!(
        found,
        [
            ("Нап SANTO STEFANO кр. п/сл. пивн 0.75L".to_owned(), Why::Kind(31)),
            ("Нап вин верм CINZANO Бьянко бел сл Ит 1L".to_owned(), Why::Kind(2)),
        ]
    );
    assert_eq!(other, []);
    // The words alone find them too.
    for (name, _) in &found {
        assert_eq!(excise(name), Are::Yes, "{name}");
    }
}

#[test]
fn words_and_what_speaks_against_them() {
    for (name, expected) in [
        ("ПИВО ЖИГУЛЕВСКОЕ 0,5Л", Are::Yes),
        ("Пиво Балтика 0 б/а 0,5л", Are::No),
        ("Пиво БАЛТИКА N0 безалк. ж/б", Are::No),
        ("Нап пив б/а БАЛТИКА Пшен N0 ж/б 0.45L", Are::No),
        ("Пиво CORONA 0,0% 0.33", Are::No),
        ("ПИВО 10,0 0,05Л", Are::Yes),
        ("Конфеты с коньяком", Are::No),
        ("Коньяк АРАРАТ + бокал", Are::Doubt),
        ("Бокал для вина 2шт", Are::No),
        ("Ром-баба 100г", Are::No),
        ("Ликер шоколадный", Are::Doubt),
        ("Цыпленок табака", Are::No),
        ("Уксус винный", Are::No),
        ("ВИНОГРАД КИШМИШ", Are::No),
        ("Вин.нап. \"ИЗАБЕЛЛА\" кр.п/сл", Are::Yes),
        ("Сигареты ВИНСТОН", Are::Yes),
        ("Стики HEETS Amber", Are::Yes),
        ("Молоко 3,2%", Are::No),
        ("ВОДKА ПЯТЬ ОЗЕР", Are::Yes),
    ] {
        assert_eq!(excise(name), expected, "{name}");
    }
}

#[test]
fn what_the_till_says_comes_first() {
    let seller = Seller::default();
    let told = |item: &Item| Excise::usual().judge(item, &seller);
    for kind in [2, 30, 31] {
        let judged = told(&Item { product_type: Some(kind), ..item("Светлое") });
        assert_eq!((judged.are, judged.why), (Are::Yes, Why::Kind(kind)));
    }
    assert_eq!(told(&Item { egais: true, ..item("Светлое") }).why, Why::Stamp);
    assert_eq!(told(&Item { draught: true, product_type: Some(33), ..item("Светлое") }).why, Why::Draught);
    assert_eq!(told(&Item { product_type: Some(33), ..item("Молоко") }).are, Are::No);
    assert_eq!(
        told(&Item { product_type: Some(1), ..item("Сигареты") }).are,
        Are::Yes,
        "as tills did in 2021"
    );
    assert_eq!(told(&Item { product_type: Some(4), ..item("Дегустация вино") }).are, Are::Doubt);
}

#[test]
fn in_a_bar_names_say_nothing() {
    let at = |place: &str, item: &Item| {
        Excise::usual().judge(item, &Seller { place: place.into(), ..Seller::default() })
    };
    for place in ["Бар «Дрова»", "Irish PUB", "Рюмочная №5", "Пивная лавка"] {
        assert_eq!(at(place, &item("Светлое 0.5")).are, Are::Doubt, "{place}");
    }
    for place in ["Суши-бар", "Барнаул, магазин", "Пятерочка", "Барбершоп"]
    {
        assert_eq!(at(place, &item("Светлое 0.5")).are, Are::No, "{place}");
    }
    let service = Item { product_type: Some(4), ..item("Доставка") };
    assert_eq!(at("Бар", &service).are, Are::No);
}

#[test]
fn an_operator_looks_for_goods() {
    let wanted = goods(&["сок* + добр*", "молок*", "б/алк*"], &["!кокос*", "шампун*"]);
    for (name, expected) in [
        ("СОК ДОБРЫЙ ЯБЛ 1Л", Are::Yes),
        ("Добрый сок яблочный", Are::Yes),
        ("Сок Любимый", Are::No),
        ("Молоко 3,2%", Are::Yes),
        ("Молоко кокосовое", Are::No),
        ("Шампунь с молоком", Are::No),
        ("Молоко и шампунь", Are::Doubt),
        ("Нечто Б/АЛКОГ", Are::Yes),
    ] {
        assert_eq!(wanted.judge_name(name).are, expected, "{name}");
    }
    let by_number = wanted.judge(&Item { gtin: "4606419014681".into(), ..item("СМЕТАНА") });
    assert_eq!((by_number.are, by_number.why), (Are::Yes, Why::Number("4606419014681".into())));
    assert_eq!(Goods::default().judge(&item("Молоко")).are, Are::No);
    assert_eq!(
        goods(&["", "*", "!", " + "], &[]).judge_name("Молоко * ! +").are,
        Are::No,
        "nothing finds nothing"
    );
}
