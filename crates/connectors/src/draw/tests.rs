use super::*;
use crate::messenger::{Buttons, List, Pace};
use samovar_base::message::{Action, FileKind};
use std::fmt::Write as _;

const PACE: Pace = Pace { bot_per_second: 30, chat_per_second: 1, chat_burst: 3, group_per_minute: 20 };

/// A messenger with everything, as Telegram is.
const FULL: Limits = Limits {
    text_max: 4096,
    caption_max: 60,
    buttons: Some(Buttons {
        rows: 6,
        per_row: 3,
        total: 12,
        label_max: 20,
        token_bytes: 64,
        links_per_row: 1,
    }),
    list: None,
    phone_button: PhoneButton::Keyboard,
    edits: true,
    uploads: true,
    photo_bytes_max: 1,
    document_bytes_max: 1,
    fetch_bytes_max: 1,
    pace: PACE,
};
/// Two buttons at most, else a list of ten, as WhatsApp nearly is.
const LIST: Limits = Limits {
    buttons: Some(Buttons {
        rows: 1,
        per_row: 2,
        total: 2,
        label_max: 20,
        token_bytes: 64,
        links_per_row: 0,
    }),
    list: Some(List { rows: 4, label_max: 12, token_bytes: 64 }),
    phone_button: PhoneButton::None,
    edits: false,
    ..FULL
};
/// Only words.
const BARE: Limits =
    Limits { buttons: None, list: None, phone_button: PhoneButton::None, edits: false, ..FULL };

fn press(label: &str) -> Button {
    Button { label: label.into(), action: Action::Press(format!("t:{label}").chars().take(20).collect()) }
}

fn open(label: &str, address: &str) -> Button {
    Button { label: label.into(), action: Action::Open(address.into()) }
}

fn phone() -> Button {
    Button { label: "Поделиться номером".into(), action: Action::SharePhone }
}

fn menu() -> Body {
    Body {
        text: "Что показать?".into(),
        buttons: vec![vec![press("Баланс"), press("Моя карта")], vec![press("История")]],
        ..Body::default()
    }
}

/// As a person would see it.
fn show(parts: &[Drawn]) -> String {
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        let _ = writeln!(
            out,
            "--- {}{}",
            at + 1,
            part.replaces.as_ref().map_or(String::new(), |id| format!(" replaces {id}"))
        );
        if let Some(media) = &part.media {
            let _ = writeln!(out, "<{}>", media.key);
        }
        if !part.text.is_empty() {
            let _ = writeln!(out, "{}", part.text);
        }
        let face = |button: &Button| match &button.action {
            Action::Press(_) => format!("[{}]", button.label),
            Action::Open(address) => format!("[{} → {address}]", button.label),
            Action::SharePhone => format!("[{} ☎]", button.label),
        };
        let row = |row: &Vec<Button>| row.iter().map(face).collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = match &part.keys {
            Keys::None => vec![],
            Keys::Buttons(rows) => rows.iter().map(row).collect(),
            Keys::List(rows) => rows.iter().map(|one| format!("* {}", face(one))).collect(),
            Keys::Keyboard(rows) => rows.iter().map(|one| format!("⌨ {}", row(one))).collect(),
            Keys::Hide => vec!["⌨ hidden".into()],
        };
        lines.iter().for_each(|line| out.extend([line, "\n"]));
    }
    out
}

#[test]
fn buttons_where_there_are_buttons() {
    insta::assert_snapshot!(show(&draw(&menu(), &FULL, "ru")), @r"
    --- 1
    Что показать?
    [Баланс] [Моя карта]
    [История]
    ");
}

#[test]
fn a_list_where_buttons_are_too_few() {
    insta::assert_snapshot!(show(&draw(&menu(), &LIST, "ru")), @r"
    --- 1
    Что показать?
    * [Баланс]
    * [Моя карта]
    * [История]
    ");
    let two =
        Body { buttons: vec![vec![press("Да")], vec![press("Нет")]], ..Body::text("Согласны?") };
    insta::assert_snapshot!(show(&draw(&two, &LIST, "ru")), @r"
    --- 1
    Согласны?
    [Да] [Нет]
    ");
}

#[test]
fn numbered_text_where_there_is_neither() {
    insta::assert_snapshot!(show(&draw(&menu(), &BARE, "ru")), @r"
    --- 1
    Что показать?

    1 — Баланс
    2 — Моя карта
    3 — История

    Отправьте цифру, чтобы выбрать.
    ");
    insta::assert_snapshot!(show(&draw(&menu(), &BARE, "en-GB")), @r"
    --- 1
    Что показать?

    1 — Баланс
    2 — Моя карта
    3 — История

    Send a digit to choose.
    ");
    let many = Body {
        buttons: (1..=11).map(|n| vec![press(&format!("Дом {n}"))]).collect(),
        ..Body::text("Какой дом?")
    };
    assert!(
        show(&draw(&many, &LIST, "ru"))
            .ends_with("10 — Дом 10\n11 — Дом 11\n\nОтправьте номер, чтобы выбрать.\n")
    );
}

#[test]
fn wide_rows_are_folded_and_many_rows_made_dense() {
    let wide = Body {
        buttons: vec![(1..=5).map(|n| press(&n.to_string())).collect()],
        ..Body::text("Оценка?")
    };
    insta::assert_snapshot!(show(&draw(&wide, &FULL, "ru")), @r"
    --- 1
    Оценка?
    [1] [2] [3]
    [4] [5]
    ");
    let tall = Body {
        buttons: (1..=8).map(|n| vec![press(&n.to_string())]).collect(),
        ..Body::text("Оценка?")
    };
    insta::assert_snapshot!(show(&draw(&tall, &FULL, "ru")), @r"
    --- 1
    Оценка?
    [1] [2] [3]
    [4] [5] [6]
    [7] [8]
    ");
}

#[test]
fn the_phone_button_stands_on_a_keyboard_of_its_own() {
    let ask = Body {
        buttons: vec![vec![phone()], vec![press("Пропустить"), open("Зачем это", "https://example.org/why")]],
        ..Body::text("Ваш телефон?")
    };
    insta::assert_snapshot!(show(&draw(&ask, &FULL, "ru")), @r"
    --- 1
    Ваш телефон?

    Зачем это: https://example.org/why
    ⌨ [Поделиться номером ☎]
    ⌨ [Пропустить]
    ");
    insta::assert_snapshot!(show(&draw(&ask, &BARE, "ru")), @r"
    --- 1
    Ваш телефон?

    Зачем это: https://example.org/why

    1 — Пропустить

    Отправьте цифру, чтобы выбрать.
    ");
    let inline = Limits { phone_button: PhoneButton::Inline, ..FULL };
    insta::assert_snapshot!(show(&draw(&ask, &inline, "ru")), @r"
    --- 1
    Ваш телефон?
    [Поделиться номером ☎]
    [Пропустить]
    [Зачем это → https://example.org/why]
    ");
}

#[test]
fn a_keyboard_is_hidden_by_the_first_part_without_buttons() {
    let thanks = Body { clears_keyboard: true, replaces: Some("7".into()), ..Body::text("Спасибо!") };
    insta::assert_snapshot!(show(&draw(&thanks, &FULL, "ru")), @r"
    --- 1
    Спасибо!
    ⌨ hidden
    ");
    assert_eq!(draw(&thanks, &BARE, "ru")[0].keys, Keys::None);
    let with_menu = Body { clears_keyboard: true, ..menu() };
    assert!(matches!(draw(&with_menu, &FULL, "ru")[0].keys, Keys::Buttons(_)));
}

#[test]
fn an_address_that_would_be_refused_becomes_a_line() {
    let body = Body {
        buttons: vec![vec![
            open("Политика", "https://example.org/policy"),
            open("Касса", "http://localhost/pay"),
            open("Почта", "mailto:shop@example.org"),
        ]],
        ..Body::text("Прочитайте.")
    };
    insta::assert_snapshot!(show(&draw(&body, &FULL, "ru")), @r"
    --- 1
    Прочитайте.

    Касса: http://localhost/pay
    Почта: mailto:shop@example.org
    [Политика → https://example.org/policy]
    ");
}

#[test]
fn a_picture_takes_a_short_text_as_caption_and_leaves_a_long_one_apart() {
    let media = Some(Media { kind: FileKind::Photo, key: "card/con_1/gold".into() });
    let short =
        Body {
            text: "Ваша карта".into(), media: media.clone(), replaces: Some("7".into()), ..menu()
        };
    insta::assert_snapshot!(show(&draw(&short, &FULL, "ru")), @r"
    --- 1 replaces 7
    <card/con_1/gold>
    Ваша карта
    [Баланс] [Моя карта]
    [История]
    ");
    let long =
        Body {
            text: "Покажите карту на кассе. ".repeat(3), media, replaces: Some("7".into()), ..menu()
        };
    insta::assert_snapshot!(show(&draw(&long, &FULL, "ru")), @r"
    --- 1 replaces 7
    <card/con_1/gold>
    --- 2
    Покажите карту на кассе. Покажите карту на кассе. Покажите карту на кассе.
    [Баланс] [Моя карта]
    [История]
    ");
}

#[test]
fn a_long_text_carries_its_buttons_under_the_last_part() {
    let small = Limits { text_max: 40, ..FULL };
    let body = Body {
        text: "Первый абзац, не очень длинный.\n\nВторой абзац, тоже недлинный.".into(),
        replaces: Some("7".into()),
        ..menu()
    };
    insta::assert_snapshot!(show(&draw(&body, &small, "ru")), @r"
    --- 1 replaces 7
    Первый абзац, не очень длинный.
    --- 2
    Второй абзац, тоже недлинный.
    [Баланс] [Моя карта]
    [История]
    ");
}

#[test]
fn odd_bodies_are_drawn_or_left_out() {
    assert_eq!(draw(&Body::default(), &FULL, "ru"), []);
    assert_eq!(draw(&Body::text(" \n "), &FULL, "ru"), []);
    let only_buttons = Body {
        text: String::new(),
        buttons: vec![vec![], vec![press("Да"), press("  ")]],
        ..Body::default()
    };
    insta::assert_snapshot!(show(&draw(&only_buttons, &FULL, "en")), @r"
    --- 1
    Choose:
    [Да] [•]
    ");
    let token = Button { label: "Да".into(), action: Action::Press("x".repeat(65)) };
    let long_token = Body { buttons: vec![vec![token]], ..Body::text("Согласны?") };
    insta::assert_snapshot!(show(&draw(&long_token, &FULL, "ru")), @r"
    --- 1
    Согласны?

    1 — Да

    Отправьте цифру, чтобы выбрать.
    ");
    let long_label = Body {
        buttons: vec![vec![press("Очень длинная подпись кнопки")]],
        ..Body::text("Так?")
    };
    insta::assert_snapshot!(show(&draw(&long_label, &FULL, "ru")), @r"
    --- 1
    Так?
    [Очень длинная подпи…]
    ");
}
