//! What becomes of a receipt by the terms of its promotion. Pure: the code, the document and the counts come in, a
//! verdict goes out.
//!
//! The order of tests is the one people understand: is it a sale of these days, is it enough, is it new, has the person
//! room for it; then, of the document, is it the same receipt, of our shop, without what is banned, with what is needed.
//! **What decides about being in time is the moment of arrival**, never that of the check; what decides about the days
//! of the purchase is the till's own clock, by its date.

use super::goods::Judge;
use super::model::{Doubt, Effect, MinimumOf, Promotion, Shop, State, Terms, Verdict, Why};
use super::reason::Reason;
use super::texts::{day, rubles};
use jiff::tz::TimeZone;
use samovar_base::Instant;
use samovar_fiscal::goods::Are;
use samovar_fiscal::{Code, Item, Operation, Receipt};

/// Names of goods in the details of a refusal.
const NAMED_MAX: usize = 3;
/// Letters of one name there.
const NAME_MAX: usize = 60;
/// What tills print in full.
const COMPANY: &str = "общество с ограниченной ответственностью";
/// A till's clock may be ahead by so many days.
const AHEAD_DAYS: i64 = 1;

/// When a promotion takes receipts.
#[derive(Debug, Clone, PartialEq)]
pub struct Period {
    /// From then on; none while the promotion is tried.
    pub from: Option<Instant>,
    /// The first moment that is too late.
    pub until: Instant,
    /// The zone of the business.
    pub zone: TimeZone,
}

impl Period {
    /// Of a promotion. While it is tried, receipts of before its start are taken.
    pub fn of(promotion: &Promotion, zone: TimeZone) -> Self {
        let from = (promotion.state != State::Test).then_some(promotion.starts_at);
        Self { from, until: promotion.ends_at, zone }
    }
}

/// What is known of a receipt and its sender before anybody is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Receipts of the person that are taken or wait.
    pub person: i64,
    /// Those of them that arrived on the same day of the business.
    pub day: i64,
    /// The same receipt is there already.
    pub same: Option<Same>,
}

/// Whose the same receipt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Same {
    /// The person's own.
    Own,
    /// Somebody else's.
    Others,
}

/// Refuses what can be refused without asking anybody.
pub fn before(
    terms: &Terms,
    period: &Period,
    code: &Code,
    arrived: Instant,
    counts: &Counts,
) -> Result<(), Reason> {
    in_time(period, arrived)?;
    if code.operation != Operation::Sale {
        return Err(Reason::NotSale);
    }
    bought_in(period, code, arrived)?;
    if terms.minimum.of == MinimumOf::Receipt && code.sum < terms.minimum.sum {
        return Err(Reason::SmallSum);
    }
    match counts.same {
        Some(Same::Own) => return Err(Reason::Again),
        Some(Same::Others) => return Err(Reason::Taken),
        None => {}
    }
    if counts.person >= terms.limits.person {
        return Err(Reason::PersonLimit);
    }
    if terms.limits.day.is_some_and(|most| counts.day >= most) {
        return Err(Reason::DayLimit);
    }
    Ok(())
}

/// Whether something that arrived then is in time.
pub fn in_time(period: &Period, arrived: Instant) -> Result<(), Reason> {
    if period.from.is_some_and(|from| arrived < from) {
        return Err(Reason::NotStarted);
    }
    if arrived >= period.until { Err(Reason::Ended) } else { Ok(()) }
}

/// Whether it was bought on the days of the promotion: the till's date against the days where the business is.
fn bought_in(period: &Period, code: &Code, arrived: Instant) -> Result<(), Reason> {
    let local = |at: Instant| at.in_zone(&period.zone).date();
    let bought = code.at.date();
    if bought > local(arrived.plus_seconds(AHEAD_DAYS * 86_400)) {
        return Err(Reason::Future);
    }
    if period.from.is_some_and(|from| bought < local(from)) {
        return Err(Reason::Early);
    }
    if bought > local(Instant(period.until.0 - 1)) { Err(Reason::Late) } else { Ok(()) }
}

/// Judges the document that a provider gave.
pub fn judge(terms: &Terms, code: &Code, receipt: &Receipt) -> Verdict {
    if let Some(details) = difference(code, receipt) {
        return refuse(Reason::Differs, details);
    }
    if !sold_by_one_of(&terms.shops, receipt) {
        return refuse(Reason::OtherShop, seller(receipt));
    }
    let sorted = Sorted::new(terms, receipt);
    if !sorted.banned.is_empty() && terms.banned.effect == Effect::Refuse {
        return refuse(Reason::Banned, named(&sorted.banned));
    }
    let (needed, minimum) = (&terms.needed, terms.minimum.sum);
    let mut unsure: Vec<&Item> = Vec::new();
    if !needed.goods.is_empty() {
        let enough = needed.quantity.max(1);
        if sorted.needed.quantity + sorted.perhaps.quantity < enough {
            return refuse(Reason::NotNeeded, String::new());
        }
        if sorted.needed.quantity < enough {
            unsure.extend(&sorted.unsure);
        }
    }
    let counts = receipt.total - sorted.left_out;
    if terms.minimum.of == MinimumOf::NeededGoods && !needed.goods.is_empty() {
        let most = sorted.needed.sum + sorted.perhaps.sum;
        if most < minimum {
            return refuse(Reason::SmallNeeded, rubles(most, "ru"));
        }
        if sorted.needed.sum < minimum {
            unsure.extend(&sorted.unsure);
        }
    } else if counts < minimum {
        let details = if sorted.left_out > 0 { rubles(counts, "ru") } else { String::new() };
        return refuse(Reason::SmallSum, details);
    }
    // What may be banned matters when it would be refused, or when without it too little is left.
    let left: i64 = sorted.doubtful.iter().map(|item| item.sum).sum();
    if terms.banned.effect == Effect::Refuse || counts - left < minimum {
        unsure.extend(&sorted.doubtful);
    }
    if unsure.is_empty() {
        return Verdict::Accept;
    }
    Verdict::Person(Why { reason: Reason::DoubtGoods, details: named(&unsure) })
}

/// What of the document is not as the code says.
fn difference(code: &Code, receipt: &Receipt) -> Option<String> {
    if code.key != receipt.key {
        return Some("ФН, ФД, ФП".into());
    }
    if code.sum != receipt.total {
        return Some(format!("{} ≠ {}", rubles(code.sum, "ru"), rubles(receipt.total, "ru")));
    }
    if code.operation != receipt.operation {
        return Some("n".into());
    }
    // The code may be without seconds, and tills round them: the day is what terms are about.
    receipt.at.filter(|at| at.date() != code.at.date()).map(|at| day(at.date()))
}

/// Goods of a receipt, sorted by the terms.
#[derive(Debug, Default)]
struct Sorted<'r> {
    banned: Vec<&'r Item>,
    /// Goods that may be banned.
    doubtful: Vec<&'r Item>,
    /// Goods that may be needed.
    unsure: Vec<&'r Item>,
    /// What banned goods cost, when they only do not count.
    left_out: i64,
    /// Goods that are needed.
    needed: Amount,
    /// Goods that may be such.
    perhaps: Amount,
}

#[derive(Debug, Clone, Copy, Default)]
struct Amount {
    sum: i64,
    quantity: i64,
}

impl Amount {
    fn add(&mut self, item: &Item) {
        self.sum += item.sum;
        self.quantity += item.quantity;
    }
}

impl<'r> Sorted<'r> {
    fn new(terms: &Terms, receipt: &'r Receipt) -> Self {
        let mut sorted = Self::default();
        let judge = Judge::new(terms);
        for item in &receipt.items {
            let banned = match (judge.banned(item, &receipt.seller).are, terms.banned.doubt) {
                (Are::Doubt, Doubt::Refuse) => Are::Yes,
                (Are::Doubt, Doubt::Allow) => Are::No,
                (are, _) => are,
            };
            if banned == Are::Yes {
                sorted.left_out += item.sum;
                sorted.banned.push(item);
                continue;
            }
            match judge.needed(item) {
                Are::Yes => sorted.needed.add(item),
                Are::Doubt => {
                    sorted.perhaps.add(item);
                    sorted.unsure.push(item);
                }
                Are::No => {}
            }
            if banned == Are::Doubt {
                sorted.doubtful.push(item);
            }
        }
        sorted
    }
}

/// Whether it was sold by one of these; by anybody, when there are none.
pub fn sold_by_one_of(shops: &[Shop], receipt: &Receipt) -> bool {
    shops.is_empty() || shops.iter().any(|shop| fits(shop, receipt))
}

fn fits(shop: &Shop, receipt: &Receipt) -> bool {
    let seller = &receipt.seller;
    let inn = shop.inn.trim();
    let given = !inn.is_empty() || !shop.name.trim().is_empty() || !shop.address.trim().is_empty();
    let sold =
        inn.is_empty() || seller.inn == inn || receipt.items.iter().any(|item| item.provider_inn == inn);
    given
        && sold
        && (shop.name.trim().is_empty() || has(&seller.name, &shop.name) || has(&seller.place, &shop.name))
        && (shop.address.trim().is_empty()
            || has(&seller.address, &shop.address)
            || has(&seller.place, &shop.address))
}

/// Whether a pattern stands anywhere in a text: in any case, quotes and doubled blanks apart, `*` is anything.
pub fn has(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (plain(text), plain(pattern));
    let mut from = 0;
    let mut parts = pattern.split('*').map(str::trim).filter(|part| !part.is_empty()).peekable();
    if parts.peek().is_none() {
        return false;
    }
    parts.all(|part| match text[from..].find(part) {
        Some(at) => {
            from += at + part.len();
            true
        }
        None => false,
    })
}

fn plain(text: &str) -> String {
    let lower = text.to_lowercase().replace('ё', "е");
    let kept = lower.chars().map(|letter| match letter {
        '«' | '»' | '"' | '“' | '”' | '„' | '\'' => ' ',
        letter if letter.is_whitespace() => ' ',
        letter => letter,
    });
    kept.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The seller of a receipt as an entry of the list of shops: what is learnt from a first receipt.
pub fn learnt(receipt: &Receipt) -> Shop {
    let seller = &receipt.seller;
    let name = if seller.place.is_empty() { &seller.name } else { &seller.place };
    let note = name.chars().take(NAME_MAX).collect();
    if seller.inn.is_empty() {
        Shop { name: name.clone(), note, ..Shop::default() }
    } else {
        Shop { inn: seller.inn.clone(), note, ..Shop::default() }
    }
}

fn seller(receipt: &Receipt) -> String {
    let seller = &receipt.seller;
    let name = if seller.name.is_empty() { &seller.place } else { &seller.name };
    let head: String = name.chars().take(COMPANY.chars().count()).collect();
    let short =
        if head.to_lowercase() == COMPANY { format!("ООО{}", &name[head.len()..]) } else { name.clone() };
    short.chars().take(NAME_MAX).collect()
}

fn named(items: &[&Item]) -> String {
    let mut names: Vec<String> =
        items.iter().map(|item| item.name.trim().chars().take(NAME_MAX).collect()).collect();
    names.dedup();
    names.truncate(NAMED_MAX);
    names.join("; ")
}

fn refuse(reason: Reason, details: String) -> Verdict {
    Verdict::Refuse(Why { reason, details })
}
