//! Which goods the terms mean: by words of their names and by codes. Pure.

use super::model::{Goods, Terms};
use samovar_fiscal::Item;

/// Kinds of goods (tag 1212) that are under excise: with a marking code, and without one.
const EXCISE: [i64; 3] = [2, 30, 31];

/// Whether goods are of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// They are.
    Yes,
    /// They are not.
    No,
    /// They may be.
    Doubt,
}

/// What the terms say of goods, made ready once for a receipt.
#[derive(Debug)]
pub struct Judge<'t> {
    excise: bool,
    banned: Matcher<'t>,
    needed: Matcher<'t>,
}

impl<'t> Judge<'t> {
    /// By these terms.
    pub fn new(terms: &'t Terms) -> Self {
        Self {
            excise: terms.banned.excise,
            banned: Matcher::new(&terms.banned.goods),
            needed: Matcher::new(&terms.needed.goods),
        }
    }

    /// Whether a line is banned.
    pub fn banned(&self, item: &Item) -> Said {
        if self.banned.fits(item) {
            return Said::Yes;
        }
        let excise = item.egais || item.product_type.is_some_and(|kind| EXCISE.contains(&kind));
        if self.excise && excise { Said::Yes } else { Said::No }
    }

    /// Whether a line is among those that are needed.
    pub fn needed(&self, item: &Item) -> bool {
        self.needed.fits(item)
    }
}

#[derive(Debug)]
struct Matcher<'t> {
    words: Vec<String>,
    except: Vec<String>,
    gtins: &'t [String],
}

impl<'t> Matcher<'t> {
    fn new(goods: &'t Goods) -> Self {
        let made = |words: &[String]| words.iter().map(|word| plain(word)).collect();
        Self { words: made(&goods.words), except: made(&goods.except), gtins: &goods.gtins }
    }

    fn fits(&self, item: &Item) -> bool {
        if !item.gtin.is_empty()
            && self.gtins.iter().any(|gtin| gtin.trim_start_matches('0') == item.gtin.trim_start_matches('0'))
        {
            return true;
        }
        let name = plain(&item.name);
        let any = |words: &[String]| words.iter().any(|word| stands(&name, word));
        any(&self.words) && !any(&self.except)
    }
}

fn plain(text: &str) -> String {
    text.to_lowercase().replace('ё', "е")
}

/// Whether a word stands in a name from the beginning of a word on: a whole word, or its beginning with a `*`.
fn stands(name: &str, word: &str) -> bool {
    let (word, begins) = match word.strip_suffix('*') {
        Some(stem) => (stem, true),
        None => (word.trim_end_matches('.'), word.ends_with('.')),
    };
    if word.trim().is_empty() {
        return false;
    }
    name.match_indices(word).any(|(at, found)| {
        let free = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
        free(name[..at].chars().next_back()) && (begins || free(name[at + found.len()..].chars().next()))
    })
}
