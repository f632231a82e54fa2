//! The site of the demo's shop: a page that is not ours, with the chat on it by its one script tag.

use crate::pages;
use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use samovar_app::App;
use serde::Deserialize;
use std::sync::Arc;

/// What the page says, by the names of its places: in Russian and in English.
const WORDS: [(&str, [&str; 2]); 24] = [
    ("lang", ["ru", "en"]),
    ("other", ["en", "ru"]),
    ("other_name", ["English", "Русский"]),
    ("sections", ["Разделы", "Sections"]),
    ("goods", ["Товары", "Goods"]),
    ("terms", ["Доставка и баллы", "Delivery and points"]),
    ("headline", ["Всё для маникюра, который хочется показать", "Everything for nails worth looking at"]),
    (
        "lead",
        [
            "Гель-лаки, лампы и кисти для мастеров. Привезём завтра, а с\u{a0}каждой покупки вернём 5\u{a0}% баллами.",
            "Gel polish, lamps and brushes for professionals. With you tomorrow, and 5% of each purchase comes back as points.",
        ],
    ),
    ("look", ["Посмотреть товары", "See the goods"]),
    ("polish", ["Гель-лак «Вишня»", "Gel polish “Cherry”"]),
    ("polish_price", ["640\u{a0}₽", "₽640"]),
    ("lamp", ["Лампа 48\u{a0}Вт", "48\u{a0}W lamp"]),
    ("lamp_price", ["3\u{a0}900\u{a0}₽", "₽3,900"]),
    ("brushes", ["Набор кистей", "Set of brushes"]),
    ("brushes_price", ["1\u{a0}250\u{a0}₽", "₽1,250"]),
    ("oil", ["Масло для кутикулы", "Cuticle oil"]),
    ("oil_price", ["420\u{a0}₽", "₽420"]),
    ("delivery", ["Доставка", "Delivery"]),
    (
        "delivery_text",
        [
            "По городу — на следующий день, по стране — за три–пять дней.",
            "The next day in town, three to five days elsewhere.",
        ],
    ),
    ("points", ["Баллы", "Points"]),
    (
        "points_text",
        [
            "150 баллов за знакомство. Счёт и карта — в чате или в Telegram.",
            "150 points for a start. Your balance and card are in the chat, or in Telegram.",
        ],
    ),
    ("help", ["Вопросы", "Questions"]),
    (
        "help_text",
        [
            "Напишите нам в чат в углу этой страницы: отвечаем каждый день.",
            "Write to us in the chat in the corner of this page: we answer every day.",
        ],
    ),
    (
        "made_up",
        [
            "Магазин придуман: это страница демонстрации Самовара. Чат в углу настоящий и стоит здесь одной строкой кода.",
            "The shop is made up: this is a page of Samovar’s demo. The chat in its corner is real and takes one line of code.",
        ],
    ),
];

#[derive(Deserialize)]
struct Asked {
    lang: Option<String>,
}

/// The page, for a chat whose name is `channel`, in the language that is asked for or else in `lang`.
pub fn routes(lang: &str, name: &str, channel: &str) -> Router<App> {
    let both: Arc<[String; 2]> = Arc::new([0, 1].map(|nth| page(nth, name, channel)));
    let first = usize::from(lang != "ru");
    Router::new().route(
        "/demo/shop",
        get(move |Query(asked): Query<Asked>| async move {
            let nth = asked.lang.map_or(first, |lang| usize::from(lang != "ru"));
            pages::served(both[nth].clone(), "text/html; charset=utf-8")
        }),
    )
}

fn page(nth: usize, name: &str, channel: &str) -> String {
    let own = [("name", name), ("channel", channel)];
    let words = WORDS.iter().map(|(place, words)| (*place, words[nth])).chain(own);
    words.fold(include_str!("../../pages/shop.html").to_owned(), |page, (place, word)| {
        page.replace(&format!("{{{place}}}"), word)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_place_of_the_page_is_filled() {
        for nth in [0, 1] {
            let page = super::page(nth, "Лак и кисть", "site-k3m9q2");
            assert!(!page.contains('{') && page.contains(r#"data-channel="site-k3m9q2""#), "{page}");
        }
    }
}
