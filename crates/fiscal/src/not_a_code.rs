//! What a text is, if it is not the code of a receipt.

use crate::fields::{Field, Wrong};
use serde::Serialize;

/// Why no receipt can be read from a text, said so that a person can do something about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "kind", content = "of")]
pub enum NotACode {
    /// A code of a receipt, but one of its parts cannot be right.
    #[error("a part of the code is wrong: {0}")]
    Wrong(Wrong),
    /// A code of a receipt that is cut short: these parts are not there.
    #[error("parts of the code are missing")]
    Incomplete(Vec<Field>),
    /// A link to a receipt at an operator of fiscal data, without date and sum: not enough for a check.
    #[error("a link to a receipt without date and sum")]
    OfdLink,
    /// Some other link.
    #[error("a link that is not one of a receipt")]
    Link,
    /// A code by which something is to be paid.
    #[error("a code for a payment")]
    Payment,
    /// A mark of a single piece of goods, or an excise stamp.
    #[error("a mark of goods")]
    Marking,
    /// The bar code of goods.
    #[error("a bar code of goods")]
    Barcode,
    /// Nothing of the kind.
    #[error("nothing like a code of a receipt")]
    Nothing,
}

impl NotACode {
    /// A short name, for keys of texts and for counting.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Wrong(_) => "wrong",
            Self::Incomplete(_) => "incomplete",
            Self::OfdLink => "ofd_link",
            Self::Link => "link",
            Self::Payment => "payment",
            Self::Marking => "marking",
            Self::Barcode => "barcode",
            Self::Nothing => "nothing",
        }
    }

    /// What is said to the person, and what to do next: in Russian, in English.
    pub const fn says(&self) -> [&'static str; 2] {
        match self {
            Self::Wrong(wrong) => wrong.says(),
            Self::Incomplete(_) => [
                "Код прочитался не целиком. Пришлите фото QR-кода ещё раз: весь код в кадре, чек лежит ровно, без бликов.",
                "The code was read only in part. Send the photo of the QR code again: the whole code in the picture, the receipt flat, no glare.",
            ],
            Self::OfdLink => [
                "В этой ссылке нет даты и суммы чека, по ней его не проверить. Пришлите фото QR-кода с самого чека или введите данные вручную.",
                "This link has neither the date nor the sum, so the receipt cannot be checked by it. Send a photo of the QR code on the receipt itself, or type the data.",
            ],
            Self::Link => [
                "Это ссылка, но не на чек. Пришлите фото QR-кода с кассового чека.",
                "This is a link, but not one of a receipt. Send a photo of the QR code on the till receipt.",
            ],
            Self::Payment => [
                "Это QR-код для оплаты. Нужен другой: он напечатан внизу кассового чека, который выдают после оплаты.",
                "This is a QR code for paying. The other one is needed: it stands at the bottom of the till receipt given after the payment.",
            ],
            Self::Marking => [
                "Это код маркировки товара. Нужен QR-код с кассового чека: обычно он внизу, рядом с «ФН», «ФД» и «ФП».",
                "This is a mark of the goods. The QR code of the till receipt is needed: usually at the bottom, near “ФН”, “ФД” and “ФП”.",
            ],
            Self::Barcode => [
                "Это штрихкод товара. Нужен QR-код с кассового чека: обычно он внизу, рядом с «ФН», «ФД» и «ФП».",
                "This is a bar code of goods. The QR code of the till receipt is needed: usually at the bottom, near “ФН”, “ФД” and “ФП”.",
            ],
            Self::Nothing => [
                "Здесь нет кода чека. Пришлите фото QR-кода с кассового чека или введите его данные вручную.",
                "There is no code of a receipt here. Send a photo of the QR code on the till receipt, or type its data.",
            ],
        }
    }
}
