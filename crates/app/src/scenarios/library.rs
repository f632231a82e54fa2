//! The library: ready bots that came with the program, to begin from. Their texts and steps are anybody's to change.

use super::rules;
use crate::access::{Actor, Right};
use crate::problem::Fail;
use samovar_engine::Draft;

/// A ready bot.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Its name in the library.
    pub key: &'static str,
    /// In the language asked for.
    pub title: &'static str,
    /// What it does.
    pub about: &'static str,
    /// What the company needs for it: names of capabilities.
    pub needs: &'static [&'static str],
    /// What it says and does.
    pub draft: Draft,
}

struct Known {
    key: &'static str,
    ru: (&'static str, &'static str, &'static str),
    en: (&'static str, &'static str, &'static str),
    needs: &'static [&'static str],
}

/// The texts of a ready bot are the files of its example.
macro_rules! library {
    ($($key:literal needs $needs:expr, ru $ru:expr, en $en:expr;)*) => {
        &[$(Known {
            key: $key,
            ru: ($ru.0, $ru.1, include_str!(concat!("../../../../examples/", $key, "/ru.toml"))),
            en: ($en.0, $en.1, include_str!(concat!("../../../../examples/", $key, "/en.toml"))),
            needs: &$needs,
        }),*]
    };
}

const LIBRARY: &[Known] = library! {
    "coffee-loyalty" needs ["loyalty", "consent"],
        ru ("Бонусы кофейни",
            "Регистрация за минуту, приветственные баллы, баланс и карта в чате, связь с сотрудником"),
        en ("Coffee shop bonuses",
            "Sign-up in a minute, welcome points, balance and card in the chat, a person on request");
    "nail-shop-loyalty" needs ["loyalty", "consent"],
        ru ("Магазин: баллы со сроком",
            "Баллы сгорают и об этом предупреждают заранее, подарок ко дню рождения, карта и история"),
        en ("A shop: points with a term",
            "Points expire and people are warned beforehand, a birthday gift, card and history");
    "service-points" needs ["loyalty", "consent", "catalogue", "deals"],
        ru ("Студия услуг: каталог за баллы",
            "Баллы по весу услуги, каталог подарков, заказ и ответ студии в чате"),
        en ("A studio: a catalogue for points",
            "Points by the weight of a service, a catalogue of gifts, orders and answers in the chat");
    "receipt-draw" needs ["promo", "receipts"],
        ru ("Акция с чеками",
            "Правила, приём чеков по фото и тексту, номера в розыгрыше, подсказки тем, у кого не получается"),
        en ("A receipt promotion",
            "Rules, receipts by photo and text, numbers in the draw, hints for those who are stuck");
    "prize-delivery" needs ["draws"],
        ru ("Доставка приза",
            "Победитель розыгрыша пишет, кому и куда отправить приз; работает рядом с ботом акции"),
        en ("Delivery of a prize",
            "Whoever wins a draw says to whom and where the prize goes; runs beside the bot of a promotion");
    "counter" needs ["loyalty", "counter"],
        ru ("Бот для сотрудников",
            "Касса в телефоне: найти гостя, начислить, списать по коду, заказы, ответы гостям"),
        en ("A bot for the staff",
            "The till in a phone: find a guest, book, redeem by a code, orders, answers to guests");
};

/// The ready bots, in a language.
pub fn templates(actor: &Actor, locale: &str) -> Result<Vec<Template>, Fail> {
    actor.require(Right::ScenariosRead)?;
    let template = |known: &Known| {
        let (title, about, file) = if locale.starts_with("ru") { known.ru } else { known.en };
        let (draft, unread) = Draft::from_toml(file);
        debug_assert!(!rules::has_errors(&unread), "{}: {unread:?}", known.key);
        Template { key: known.key, title, about, needs: known.needs, draft }
    };
    Ok(LIBRARY.iter().map(template).collect())
}
