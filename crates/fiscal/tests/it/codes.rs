//! Codes as they come.

use crate::data;
use jiff::civil::{DateTime, date};
use samovar_fiscal::fields::{self, Typed};
use samovar_fiscal::{Code, Field, Flaw, Key, NotACode, Operation, Wrong, read, read_all};

const PLAIN: &str = "t=20240917T1801&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1";

fn plain() -> Code {
    Code {
        key: Key { drive: "7281440500751551".into(), document: 30_526, sign: 1_168_453_787 },
        at: date(2024, 9, 17).at(18, 1, 0, 0),
        sum: 128_521,
        operation: Operation::Sale,
    }
}

#[test]
fn every_code_that_was_met_is_read_as_it_should_be() {
    let mut count = 0;
    for row in data::rows("qr_strings.csv") {
        let [raw, note, expected] = row.as_slice() else { panic!("{row:?}") };
        let read = read(raw);
        match expected.as_str() {
            "ok" | "ok_after_repair" => {
                let code = read.unwrap_or_else(|error| panic!("{raw} {note}: {error:?}"));
                assert_eq!(samovar_fiscal::read(&code.canonical()), Ok(code));
            }
            "incomplete" => assert_eq!(read, Err(NotACode::OfdLink), "{raw}"),
            "invalid" => {
                let wrong = Wrong { field: Field::Operation, flaw: Flaw::NoSuch };
                assert_eq!(read, Err(NotACode::Wrong(wrong)), "{raw}");
            }
            other => panic!("{other}"),
        }
        count += 1;
    }
    assert_eq!(count, 24);
    for row in data::rows("fns_app_export_qr.csv") {
        let code = read(&row[0]).unwrap_or_else(|error| panic!("{row:?}: {error:?}"));
        assert_eq!(code.canonical(), row[0]);
    }
}

#[test]
fn the_scanner_with_russian_letters_says_what_it_would_say_with_latin_ones() {
    let typed = "е=20180425Е2054?ы=182ю41?ат=8710000101563436?ш=9576?аз=2295327241?т=1;";
    let meant = "t=20180425T2054&s=182.41&fn=8710000101563436&i=9576&fp=2295327241&n=1";
    assert_eq!(read(typed).expect("a code").canonical(), meant);
    assert_eq!(read(&typed.to_uppercase()).expect("a code").canonical(), meant);
    let link = format!("реезыЖ..сщтыгьукю1-щавюкг.ешслуе,{typed}");
    assert_eq!(read(&link).expect("a code").canonical(), meant);
    // Two of them, one after the other.
    let second = typed.replace("9576", "9577");
    assert_eq!(read_all(&format!("{typed}\n{second}")).into_iter().filter(Result::is_ok).count(), 2);
}

#[test]
fn the_same_code_in_many_clothes() {
    for text in [
        "t=20240917T180100&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1",
        "T=20240917T1801&S=1285.21&FN=7281440500751551&I=30526&FP=1168453787&N=1",
        "t=20240917t1801&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1",
        "n=1&fp=1168453787&i=30526&fn=7281440500751551&s=1285.21&t=20240917T1801",
        "t=20240917T1801&s=1285,21&fn=7281440500751551&i=30526&fp=1168453787&n=1",
        "t=20240917T1801&s=001285.21&fn=7281440500751551&i=0000030526&fp=001168453787&n=01",
        " t = 20240917T1801 & s = 1 285.21 & fn = 7281 4405 0075 1551 & i = 30526 & fp = 1168453787 & n = 1 ",
        "t=20240917T1801&s=1285.21&fn=728144050\r\n0751551&i=30526&fp=1168453787&n=1$",
        "t=20240917T1801;s=1285.21;fn=7281440500751551;i=30526;fp=1168453787;n=1;",
        "t=20240917T1801&amp;s=1285.21&amp;fn=7281440500751551&amp;i=30526&amp;fp=1168453787&amp;n=1",
        "t%3D20240917T1801%26s%3D1285.21%26fn%3D7281440500751551%26i%3D30526%26fp%3D1168453787%26n%3D1",
        "t%253D20240917T1801%2526s%253D1285.21%2526fn%253D7281440500751551%2526i%253D30526%2526fp%253D1168453787%2526n%253D1",
        "https://consumer.1-ofd.ru/ticket?t=20240917T1801&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1",
        "https://example.org/?utm=1&t=20240917T1801&s=1285.21&fn=7281440500751551&fd=30526&fpd=1168453787&n=1#top",
        "https://example.org/?t=2024-09-17T18%3A01%3A00&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1",
        "https://example.org/?t=20240917+1801&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1",
        "Вот мой чек: t=20240917T1801&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1 спасибо",
        "\u{feff}t=20240917Т1801&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1",
        "{\"qr\":\"t=20240917T1801&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1\"}",
    ] {
        assert_eq!(read(text), Ok(plain()), "{text}");
    }
    assert_eq!(plain().canonical(), PLAIN);
}

#[test]
fn sums_are_read_to_the_kopeck() {
    for (sum, kopecks) in
        [("35", 3_500), ("35.5", 3_550), ("35,50", 3_550), ("0.01", 1), ("0", 0), ("35.", 3_500)]
    {
        let text = PLAIN.replace("1285.21", sum);
        assert_eq!(read(&text).expect(sum).sum, kopecks, "{sum}");
    }
    for bad in ["", "-5.00", "1.234", "12a", "1.2.3", "99999999999.00", "1285.21.0"] {
        let text = PLAIN.replace("1285.21", bad);
        let wrong = NotACode::Wrong(Wrong { field: Field::Sum, flaw: Flaw::Unreadable });
        assert_eq!(read(&text), Err(wrong), "{bad}");
    }
}

#[test]
fn what_cannot_be_is_named() {
    let table = [
        ("20240917T1801", "20240931T1801", Field::Date, Flaw::NoSuch),
        ("20240917T1801", "20241317T1801", Field::Date, Flaw::NoSuch),
        ("20240917T1801", "20230229T1801", Field::Date, Flaw::NoSuch),
        ("20240917T1801", "20161231T2359", Field::Date, Flaw::TooOld),
        ("20240917T1801", "00000917T1801", Field::Date, Flaw::TooOld),
        ("20240917T1801", "240917T1801", Field::Date, Flaw::Unreadable),
        ("20240917T1801", "20240917T2460", Field::Time, Flaw::NoSuch),
        ("20240917T1801", "20240917T18", Field::Time, Flaw::Unreadable),
        ("20240917T1801", "20240917T180160", Field::Time, Flaw::NoSuch),
        ("7281440500751551", "728144050075155", Field::Drive, Flaw::Length),
        ("7281440500751551", "72814405007515510", Field::Drive, Flaw::Length),
        ("7281440500751551", "728144050075155O", Field::Drive, Flaw::Unreadable),
        ("i=30526", "i=12345678901", Field::Document, Flaw::Length),
        ("i=30526", "i=0", Field::Document, Flaw::NoSuch),
        ("i=30526", "i=", Field::Document, Flaw::Unreadable),
        ("1168453787", "11684537871", Field::Sign, Flaw::Length),
        ("1168453787", "116845378x", Field::Sign, Flaw::Unreadable),
        ("n=1", "n=13", Field::Operation, Flaw::NoSuch),
        ("n=1", "n=0", Field::Operation, Flaw::NoSuch),
        ("n=1", "n=5", Field::Operation, Flaw::NoSuch),
        ("n=1", "n=one", Field::Operation, Flaw::Unreadable),
    ];
    for (right, bad, field, flaw) in table {
        let text = PLAIN.replace(right, bad);
        assert_eq!(read(&text), Err(NotACode::Wrong(Wrong { field, flaw })), "{text}");
    }
    for number in 1..=4 {
        let code = read(&PLAIN.replace("n=1", &format!("n={number}"))).expect("one of the four");
        assert_eq!(code.operation.number(), number);
    }
}

#[test]
fn a_code_that_is_cut_short_is_not_read_as_another() {
    for end in PLAIN.len() - 40..PLAIN.len() {
        assert!(
            matches!(read(&PLAIN[..end]), Err(NotACode::Incomplete(_) | NotACode::Wrong(_))),
            "{}",
            &PLAIN[..end]
        );
    }
    let without = PLAIN.replace("&n=1", "");
    assert_eq!(read(&without), Err(NotACode::Incomplete(vec![Field::Operation])));
}

#[test]
fn what_is_no_code_is_named() {
    let table = [
        ("https://check.yandex.ru/?n=169111&fn=7380440801185382&fpd=3769337301", "ofd_link"),
        ("https://check.ofd.ru/rec/7281440500751551/30526/1168453787", "ofd_link"),
        ("https://receipt.taxcom.ru/v01/show?fp=1168453787&s=1285.21&sf=False", "ofd_link"),
        ("https://youtu.be/watch?t=42&s=1", "link"),
        ("www.example.org", "link"),
        ("https://example.org/?t=20240917T1801&s=1&x=2", "link"),
        ("ST00012|Name=ООО Ромашка|PersonalAcc=40702810|Sum=128521", "payment"),
        (
            "https://qr.nspk.ru/AS10003P3RH0LJ2A9ROO038L6NT5RU1M?type=01&bank=000000000001&sum=10000&cur=RUB&crc=F3D0",
            "payment",
        ),
        ("0104606419014681215*ttfD\u{1d}93abcd", "marking"),
        ("\u{1d}0104606419014681215N'Ujl", "marking"),
        ("(01)04606419014681(21)5Rbbl1", "marking"),
        ("4606419014681", "barcode"),
        ("46064190", "nothing"),
        ("привет", "nothing"),
        ("", "nothing"),
        ("fn", "nothing"),
        ("a=b&c=d", "nothing"),
    ];
    for (text, name) in table {
        let error = read(text).expect_err(text);
        assert_eq!(error.name(), name, "{text} {error:?}");
        let [russian, english] = error.says();
        assert!(russian.ends_with('.') && english.ends_with('.'));
    }
}

#[test]
fn several_codes_in_one_text_are_all_read_and_each_once() {
    let second = PLAIN.replace("30526", "30527");
    let bad = PLAIN.replace("n=1", "n=13");
    for between in ["\n", " ", "", ", ", "\n\nи ещё: ", "&"] {
        let text = [PLAIN, &second, &bad, PLAIN].join(between);
        let all = read_all(&text);
        let good: Vec<i64> = all.iter().flatten().map(|code| code.key.document).collect();
        assert_eq!(good, [30_526, 30_527], "{between:?} {all:?}");
        assert_eq!(all.len(), 3, "{all:?}");
    }
    let many: Vec<String> = (1..100).map(|number| PLAIN.replace("30526", &number.to_string())).collect();
    assert_eq!(read_all(&many.join("\n")).len(), samovar_fiscal::CODES_MAX);
    assert_eq!(read(&format!("{bad}\n{PLAIN}")), Ok(plain()), "a good one is found behind a bad one");
}

#[test]
fn the_future_is_for_the_caller_to_say() {
    let now: DateTime = date(2024, 9, 16).at(18, 0, 0, 0);
    assert!(plain().is_ahead_of(now));
    assert!(!plain().is_ahead_of(date(2024, 9, 16).at(18, 1, 0, 0)));
}

#[test]
fn parts_are_read_as_people_type_them() {
    let day = date(2024, 9, 17);
    for text in [
        "17.09.2024",
        "17.9.24",
        "17/09/24",
        "2024-09-17",
        "170924",
        "17092024",
        "20240917",
        "17 сентября 2024",
        "17 сент 2024 г.",
        "17-09-2024",
    ] {
        assert_eq!(fields::date(text), Ok(day), "{text}");
    }
    for (text, flaw) in [
        ("32.01.2024", Flaw::NoSuch),
        ("17.13.2024", Flaw::NoSuch),
        ("01.01.2016", Flaw::TooOld),
        ("вчера", Flaw::Unreadable),
        ("", Flaw::Unreadable),
        ("17.09", Flaw::Unreadable),
    ] {
        assert_eq!(fields::date(text), Err(flaw), "{text}");
    }
    for text in ["18:01", "18.01", "18 01", "18-01", "1801", "18:01:00", "180100"] {
        assert_eq!(fields::time(text).map(|time| (time.hour(), time.minute())), Ok((18, 1)), "{text}");
    }
    assert_eq!(fields::time("905").map(|time| (time.hour(), time.minute())), Ok((9, 5)));
    for (text, flaw) in [("25:00", Flaw::NoSuch), ("18", Flaw::Unreadable), ("вечером", Flaw::Unreadable)]
    {
        assert_eq!(fields::time(text), Err(flaw), "{text}");
    }
    for text in [
        "1285.21",
        "1285,21",
        "1 285,21 ₽",
        "1\u{a0}285,21 руб.",
        "=1285.21",
        "1285-21",
        "1285 руб. 21 коп.",
        "1,285.21",
        "1.285,21",
        "ИТОГ = 1285.21",
        "1285.21р",
    ] {
        assert_eq!(fields::sum(text), Ok(128_521), "{text}");
    }
    assert_eq!(fields::sum("1285 руб"), Ok(128_500));
    assert_eq!(fields::sum("5 руб 5 коп"), Ok(505));
    for text in ["", "много", "1,285", "12.345", "-5", "5 долларов"] {
        assert_eq!(fields::sum(text), Err(Flaw::Unreadable), "{text}");
    }
    for text in ["7281440500751551", "ФН 7281440500751551", "ФН № 7281 4405 0075 1551", "fn:7281440500751551"]
    {
        assert_eq!(fields::drive(text).as_deref(), Ok("7281440500751551"), "{text}");
    }
    assert_eq!(fields::drive("728144050075155"), Err(Flaw::Length));
    assert_eq!(fields::document("ФД: 0000030526"), Ok(30_526));
    assert_eq!(fields::sign("ФПД 0371532793"), Ok(371_532_793));
    assert_eq!(fields::document("0"), Err(Flaw::NoSuch));
    for (text, operation) in [
        ("1", Operation::Sale),
        ("Приход", Operation::Sale),
        ("возврат прихода", Operation::SaleReturn),
        ("Возврат", Operation::SaleReturn),
        ("расход", Operation::Purchase),
        ("возврат расхода", Operation::PurchaseReturn),
    ] {
        assert_eq!(fields::operation(text), Ok(operation), "{text}");
    }
}

#[test]
fn a_typed_code_is_the_same_as_a_read_one() {
    let typed = Typed {
        date: "17.09.24",
        time: "18:01",
        sum: "1 285,21",
        drive: "7281440500751551",
        document: "30526",
        sign: "1168453787",
        operation: "",
    };
    assert_eq!(fields::of_fields(&typed), Ok(plain()));
    let wrong = fields::of_fields(&Typed { sign: "нет", ..typed });
    assert_eq!(wrong, Err(Wrong { field: Field::Sign, flaw: Flaw::Unreadable }));
}

#[test]
fn the_words_of_the_receipt_are_understood_too() {
    for text in [
        "ФН 7281440500751551 ФД 30526 ФП 1168453787 17.09.24 18:01 ИТОГ 1285.21",
        "ИТОГ: =1 285,21\nПриход 17.09.2024 18:01\nФН № 7281440500751551\nФД № 30526\nФПД: 1168453787",
        "Сумма: 1285,21 руб.; дата 2024-09-17 18:01:00; фн:7281440500751551; фд:30526; фп:1168453787.",
    ] {
        assert_eq!(read(text), Ok(plain()), "{text}");
    }
    for (sum, kopecks) in
        [("1285 17.09.24 18:01", 128_500), ("1 285 17.09.24 18:01", 128_500), ("12.50 17.09.24 18:01", 1_250)]
    {
        let text = format!("ФН 7281440500751551 ФД 30526 ФП 1168453787 итог {sum}");
        assert_eq!(read(&text).map(|code| code.sum), Ok(kopecks), "{text}");
    }
    let back = read("Возврат прихода 17.09.24 18:01 ИТОГ 1285.21 ФН 7281440500751551 ФД 30526 ФП 1168453787");
    assert_eq!(back.map(|code| code.operation), Ok(Operation::SaleReturn));
    let numbers = "ФН 7281440500751551 ФД 30526 ФП 1168453787";
    assert_eq!(read(numbers), Err(NotACode::Incomplete(vec![Field::Date, Field::Time, Field::Sum])));
    let short = read("ФН 728144050075155 ФД 30526 ФП 1168453787 17.09.24 18:01 ИТОГ 1285.21");
    assert_eq!(short, Err(NotACode::Wrong(Wrong { field: Field::Drive, flaw: Flaw::Length })));
    assert_eq!(read("фнс, фд и фпд"), Err(NotACode::Nothing));
}
