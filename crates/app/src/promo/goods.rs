//! Which goods the terms mean: by words of their names, by codes, by what the till says. Pure.

use super::model::{Goods, Terms};
pub use samovar_fiscal::goods::Are;
use samovar_fiscal::goods::{Excise, Goods as Sought, Judged, Why, Words};
use samovar_fiscal::{Item, Seller};
use std::borrow::Cow;

/// What the terms say of goods, made ready once for a receipt.
#[derive(Debug)]
pub struct Judge {
    excise: Option<Cow<'static, Excise>>,
    banned: Sought,
    needed: Sought,
}

impl Judge {
    /// By these terms.
    pub fn new(terms: &Terms) -> Self {
        let banned = &terms.banned;
        let excise = banned.excise.then(|| match &banned.excise_words {
            None => Cow::Borrowed(Excise::usual()),
            Some(own) => {
                let words = Words { include: own.words.clone(), exclude: own.except.clone() };
                Cow::Owned(Excise::new(&words))
            }
        });
        Self { excise, banned: sought(&banned.goods), needed: sought(&terms.needed.goods) }
    }

    /// Whether a line is banned, and why.
    pub fn banned(&self, item: &Item, seller: &Seller) -> Judged {
        let own = self.banned.judge(item);
        let excise = self.excise.as_ref().map(|excise| excise.judge(item, seller));
        match excise {
            Some(excise) if excise.are > own.are => excise,
            _ => own,
        }
    }

    /// Whether a line is among those that are needed.
    pub fn needed(&self, item: &Item) -> Are {
        self.needed.judge(item).are
    }
}

fn sought(goods: &Goods) -> Sought {
    Sought::new(&Words { include: goods.words.clone(), exclude: goods.except.clone() }, &goods.gtins)
}

/// A line that was tried against the terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// As printed.
    pub name: String,
    /// Whether it is banned.
    pub banned: Are,
    /// Why it seems so.
    pub why: Why,
    /// Whether it is among those that are needed.
    pub needed: Are,
}

/// What the terms make of each of these lines.
pub fn tried(terms: &Terms, items: &[Item], seller: &Seller) -> Vec<Tried> {
    let judge = Judge::new(terms);
    let one = |item: &Item| {
        let Judged { are, why } = judge.banned(item, seller);
        Tried { name: item.name.clone(), banned: are, why, needed: judge.needed(item) }
    };
    items.iter().map(one).collect()
}
