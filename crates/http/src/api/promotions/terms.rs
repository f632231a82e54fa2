//! What the description says of the terms of a promotion. The values are read and written by the app's own types; a test
//! holds the two together.
#![allow(dead_code, reason = "a description")]

use super::word_of;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

/// Everything that can be set of a promotion. What is absent has its default: an empty object takes every sale of any shop.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct PromotionTerms {
    /// What it is, in a few sentences.
    about: Option<PromotionWording>,
    /// Where a receipt must come from: any of these; none: any shop.
    #[schema(max_items = 1_000)]
    shops: Option<Vec<PromotionShop>>,
    /// What must be bought at least.
    minimum: Option<PromotionMinimum>,
    /// What must not be among the goods.
    banned: Option<BannedGoods>,
    /// What must be among the goods.
    needed: Option<NeededGoods>,
    /// How many receipts of one person are taken.
    limits: Option<PromotionLimits>,
    /// How people come in.
    #[schema(max_items = 100)]
    entries: Option<Vec<PromotionEntry>>,
    /// What participants agree to.
    rules: Option<PromotionRules>,
    /// What can be won, as the bot tells it.
    prizes: Option<PromotionWording>,
    /// Days on which something is announced.
    #[schema(max_items = 50)]
    stages: Option<Vec<PromotionStage>>,
    /// Texts worded otherwise than by default, by their keys: see `/promotion-words`.
    texts: Option<std::collections::BTreeMap<String, PromotionWording>>,
    /// How receipts are checked.
    checks: Option<PromotionChecks>,
    /// When a person decides.
    moderation: Option<PromotionModeration>,
    /// For how many days pictures are kept after the receipt was decided; 90 when absent.
    #[schema(minimum = 1, maximum = 3_650)]
    keep_pictures_days: Option<i64>,
    /// Why and until when it was extended; written by the program.
    extension: Option<PromotionExtension>,
    /// The public page is shown; it is when absent.
    public: Option<bool>,
}

/// A text in both languages; one that is empty is said in the other language.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct PromotionWording {
    /// Russian.
    ru: Option<String>,
    /// English.
    en: Option<String>,
}

/// A seller, or a shop of theirs: whatever is given must fit. In a pattern `*` stands for anything.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct PromotionShop {
    /// Tax number; goods that an agent sold for it fit too.
    inn: Option<String>,
    /// Pattern of the seller's name or the name of the place.
    name: Option<String>,
    /// Pattern of the address.
    address: Option<String>,
    /// What it is, for the staff.
    note: Option<String>,
}

/// What must be bought at least.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct PromotionMinimum {
    /// In kopecks; zero: any sum.
    #[schema(minimum = 0)]
    sum: Option<i64>,
    /// Of the whole receipt, or of the needed goods in it.
    #[schema(schema_with = minimum_of)]
    of: Option<String>,
}

/// Goods told by words of their names and by codes. `водк*` begins a word, `вин.` is an abbreviation of a till, `пиво` is a
/// whole word, several words are a phrase.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct GoodsWords {
    /// Any of these.
    words: Option<Vec<String>>,
    /// But for names with any of these.
    except: Option<Vec<String>>,
    /// Or goods of these codes (GTIN).
    gtins: Option<Vec<String>>,
}

/// What must not be among the goods.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct BannedGoods {
    /// Alcohol and tobacco; banned when absent.
    excise: Option<bool>,
    /// The words by which they are told, instead of those that came with the program.
    excise_words: Option<ExciseGoodsWords>,
    /// What becomes of goods that may be such: a person decides, they are allowed, or they count as banned.
    #[schema(schema_with = doubt)]
    doubt: Option<String>,
    /// Others.
    goods: Option<GoodsWords>,
    /// Their receipt is refused, or they do not count towards the minimum.
    #[schema(schema_with = effect)]
    effect: Option<String>,
}

/// Words by which alcohol and tobacco are told.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct ExciseGoodsWords {
    /// Any of these.
    words: Option<Vec<String>>,
    /// But for names with any of these.
    except: Option<Vec<String>>,
}

/// What must be among the goods.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct NeededGoods {
    /// Any of these; none: nothing is needed.
    goods: Option<GoodsWords>,
    /// So much of them together, in thousandths: 1000 is one piece or one kilogram.
    #[schema(minimum = 1)]
    quantity: Option<i64>,
}

/// How many receipts of one person are taken.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct PromotionLimits {
    /// In all; 50 when absent.
    #[schema(minimum = 1)]
    person: Option<i64>,
    /// On one day of the business; absent: as many as there are.
    #[schema(minimum = 1)]
    day: Option<i64>,
}

/// A way in.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct PromotionEntry {
    /// Where people come from by it: Latin letters, digits, dashes; unique among the entries.
    source: Option<String>,
    /// For the staff.
    title: Option<String>,
    /// What they type; absent: only the link leads in.
    phrase: Option<String>,
}

/// What participants agree to.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct PromotionRules {
    /// The whole text.
    text: Option<PromotionWording>,
    /// Where else it stands.
    url: Option<String>,
    /// Under which purpose the agreement is kept; `promo-<key>` when absent.
    purpose: Option<String>,
    /// Fingerprint of the text; written by the program.
    hash: Option<String>,
}

/// A day on which something is announced.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct PromotionStage {
    /// What.
    name: PromotionWording,
    /// When.
    #[schema(format = DateTime)]
    at: String,
}

/// How receipts are checked.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct PromotionChecks {
    /// So many questions may be asked of providers for the whole promotion; absent: as many as it takes.
    #[schema(minimum = 0)]
    budget: Option<i64>,
}

/// When a person decides.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct PromotionModeration {
    /// From this score of suspicion on; 101: never.
    #[schema(minimum = 1, maximum = 101)]
    score: Option<i64>,
    /// What becomes of receipts that no provider checks: a person looks at each, or the code is believed.
    #[schema(schema_with = unchecked)]
    unchecked: Option<String>,
}

/// An extension, as participants were told.
#[derive(Debug, ToSchema)]
pub(in crate::api) struct PromotionExtension {
    /// When it was to end before.
    #[schema(format = DateTime)]
    before: String,
    /// What was said.
    note: PromotionWording,
    /// When it was extended.
    #[schema(format = DateTime)]
    at: String,
}

fn minimum_of() -> Object {
    word_of(&["receipt", "needed_goods"])
}

fn doubt() -> Object {
    word_of(&["person", "allow", "refuse"])
}

fn effect() -> Object {
    word_of(&["refuse", "leave_out"])
}

fn unchecked() -> Object {
    word_of(&["person", "accept"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use samovar_app::promo::{Entry, ExciseWords, Extension, Shop, Stage, Terms, Wording};
    use samovar_base::Instant;
    use serde_json::Value;
    use std::collections::BTreeSet;
    use utoipa::PartialSchema;

    fn described<T: PartialSchema>() -> BTreeSet<String> {
        let schema = serde_json::to_value(T::schema()).unwrap();
        schema["properties"].as_object().unwrap().keys().cloned().collect()
    }

    fn written(value: &Value) -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn the_description_of_the_terms_is_that_of_their_values() {
        let word = || "x".to_owned();
        let mut full = Terms {
            shops: vec![Shop { inn: word(), name: word(), address: word(), note: word() }],
            entries: vec![Entry { source: word(), title: word(), phrase: word() }],
            ..Terms::default()
        };
        full.rules.url = Some(word());
        full.rules.purpose = word();
        full.stages = vec![Stage { name: Wording::default(), at: Instant(0) }];
        full.banned.excise_words = Some(ExciseWords::default());
        full.extension = Some(Extension { before: Instant(0), note: Wording::default(), at: Instant(0) });
        let full = serde_json::to_value(full).unwrap();
        assert_eq!(described::<PromotionTerms>(), written(&full));
        assert_eq!(described::<PromotionWording>(), written(&full["about"]));
        assert_eq!(described::<PromotionShop>(), written(&full["shops"][0]));
        assert_eq!(described::<PromotionMinimum>(), written(&full["minimum"]));
        assert_eq!(described::<BannedGoods>(), written(&full["banned"]));
        assert_eq!(described::<ExciseGoodsWords>(), written(&full["banned"]["excise_words"]));
        assert_eq!(described::<GoodsWords>(), written(&full["banned"]["goods"]));
        assert_eq!(described::<NeededGoods>(), written(&full["needed"]));
        assert_eq!(described::<PromotionLimits>(), written(&full["limits"]));
        assert_eq!(described::<PromotionEntry>(), written(&full["entries"][0]));
        assert_eq!(described::<PromotionRules>(), written(&full["rules"]));
        assert_eq!(described::<PromotionStage>(), written(&full["stages"][0]));
        assert_eq!(described::<PromotionChecks>(), written(&full["checks"]));
        assert_eq!(described::<PromotionModeration>(), written(&full["moderation"]));
        assert_eq!(described::<PromotionExtension>(), written(&full["extension"]));
    }
}
