//! What the tax service keeps of a receipt.

use crate::reading;
use crate::{Key, Operation};
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A receipt as a provider of checks knows it, without what is personal: no cashier, no buyer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Receipt {
    /// Which receipt it is.
    pub key: Key,
    /// By the clock of the till; `None` when the source does not say.
    pub at: Option<DateTime>,
    /// In kopecks; may differ from the sum of the items by rounding.
    pub total: i64,
    /// What was done.
    pub operation: Operation,
    /// Who sold.
    pub seller: Seller,
    /// Two digits of the region of the sale, when it is told.
    pub region: Option<String>,
    /// Number under which the till is registered (tag 1037); may be empty.
    pub till: String,
    /// Number of the till's shift.
    pub shift: Option<i64>,
    /// Sold over the internet, where there is no till to stand at.
    pub online: bool,
    /// The goods, in the order of the receipt. Equal lines are normal.
    pub items: Vec<Item>,
}

/// Who sold, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Seller {
    /// Tax number without blanks; may be empty.
    pub inn: String,
    /// As printed; may be empty.
    pub name: String,
    /// Name of the place; may be empty.
    pub place: String,
    /// Address of the place; may be empty.
    pub address: String,
}

/// A line of a receipt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Item {
    /// As printed.
    pub name: String,
    /// In thousandths of the measure: 308 is 0.308 kg.
    pub quantity: i64,
    /// Of one, in kopecks.
    pub price: i64,
    /// Of the line, in kopecks.
    pub sum: i64,
    /// Kind of the goods (tag 1212): 2, 30 and 31 are excise goods.
    pub product_type: Option<i64>,
    /// What the quantity counts (tag 2108): 0 pieces, 11 kg, 41 litres.
    pub measure: Option<i64>,
    /// Number of the goods of a marking code, without zeros in front; may be empty.
    pub gtin: String,
    /// The marking code is one of alcohol (EGAIS).
    pub egais: bool,
    /// Drawn from a keg in a bar, as the till told the marking system.
    pub draught: bool,
    /// Tax number of who really sold through an agent; may be empty.
    pub provider_inn: String,
}

/// Why something is not a document of a receipt. Holds nothing of its content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotADocument {
    /// Longer than any receipt.
    #[error("larger than any receipt")]
    TooLarge,
    /// Not JSON.
    #[error("not JSON")]
    NotJson,
    /// JSON, but no receipt in it.
    #[error("no receipt in it")]
    NoReceipt,
    /// A field without which a receipt is none is missing or of a kind that cannot be.
    #[error("the field {0} is missing or makes no sense")]
    Field(&'static str),
}

/// A receipt of a wholesale shop with a thousand lines has half of that.
pub const BYTES_MAX: usize = 4 << 20;
/// Lines of a receipt.
pub const ITEMS_MAX: usize = 5_000;
/// Receipts of one file.
const RECEIPTS_MAX: usize = 10_000;
/// Longest text of a document that is kept, in characters.
const TEXT_MAX: usize = 512;
/// Wrappers in wrappers.
const DEPTH_MAX: usize = 8;
/// In kopecks, above anything that is paid at a till.
const SUM_MAX: i64 = 100_000_000_000;

/// Reads a receipt out of whatever the source wrapped it in: an answer of a check service, the export of the tax
/// service's app (its first receipt), its mobile API, an operator of fiscal data, the format of 2019, or the bare
/// receipt.
///
/// # Errors
/// When there is none, or one without its numbers.
pub fn decode(bytes: &[u8]) -> Result<Receipt, NotADocument> {
    decode_value(&json(bytes)?)
}

/// As [`decode`], of JSON that was read already.
///
/// # Errors
/// When there is none, or one without its numbers.
pub fn decode_value(value: &Value) -> Result<Receipt, NotADocument> {
    let first = match value {
        Value::Array(all) => all.first().ok_or(NotADocument::NoReceipt)?,
        other => other,
    };
    let mut around = Around::default();
    receipt(&unwrap(first, &mut around, 0).ok_or(NotADocument::NoReceipt)?, &around)
}

/// All receipts of an export, in its order.
///
/// # Errors
/// When it is no JSON; a single receipt that cannot be read is an error in its place.
pub fn decode_all(bytes: &[u8]) -> Result<Vec<Result<Receipt, NotADocument>>, NotADocument> {
    Ok(match json(bytes)? {
        Value::Array(all) => all.iter().take(RECEIPTS_MAX).map(decode_value).collect(),
        one => vec![decode_value(&one)],
    })
}

fn json(bytes: &[u8]) -> Result<Value, NotADocument> {
    if bytes.len() > BYTES_MAX {
        return Err(NotADocument::TooLarge);
    }
    serde_json::from_slice(bytes).map_err(|_| NotADocument::NotJson)
}

/// What the wrappers tell besides.
#[derive(Default)]
struct Around {
    at: Option<DateTime>,
    seller_name: String,
    seller_inn: String,
    address: String,
}

impl Around {
    fn look(&mut self, wrapper: &Map<String, Value>) {
        let code = wrapper.get("qr").and_then(Value::as_str).and_then(|code| reading::read(code).ok());
        let told = || ["operation", "query"].iter().find_map(|part| local(wrapper.get(*part)?.get("date")?));
        self.at = self.at.or_else(|| code.map(|code| code.at)).or_else(told);
        for part in ["organization", "seller"] {
            if let Some(seller) = wrapper.get(part).and_then(Value::as_object) {
                fill(&mut self.seller_name, text(seller, "name"));
                fill(&mut self.seller_inn, inn(seller, "inn"));
            }
        }
        fill(&mut self.address, text(wrapper, "address"));
    }
}

fn fill(place: &mut String, text: String) {
    if place.is_empty() {
        *place = text;
    }
}

/// The receipt inside of its wrappers.
fn unwrap(value: &Value, around: &mut Around, depth: usize) -> Option<Map<String, Value>> {
    let inside;
    let value = match value {
        // Some services put JSON as a text where an object belongs.
        Value::String(packed) if packed.trim_start().starts_with('{') => {
            inside = serde_json::from_str(packed).ok()?;
            &inside
        }
        Value::Array(all) => all.first()?,
        other => other,
    };
    let fields = value.as_object()?;
    if fields.contains_key("fiscalDriveNumber") || fields.contains_key("fiscalDocumentNumber") {
        return Some(fields.clone());
    }
    if depth >= DEPTH_MAX {
        return None;
    }
    around.look(fields);
    let wrappers = ["data", "json", "ticket", "document", "receipt", "bso", "content", "payload"];
    wrappers.iter().filter_map(|name| fields.get(*name)).find_map(|inner| unwrap(inner, around, depth + 1))
}

fn receipt(fields: &Map<String, Value>, around: &Around) -> Result<Receipt, NotADocument> {
    let key = Key {
        drive: drive(fields).ok_or(NotADocument::Field("fiscalDriveNumber"))?,
        document: number_of(fields, "fiscalDocumentNumber")?,
        sign: number_of(fields, "fiscalSign")?,
    };
    let total = fields.get("totalSum").and_then(integer).filter(|sum| (0..=SUM_MAX).contains(sum));
    let operation = match fields.get("operationType").filter(|told| !told.is_null()) {
        None => Operation::Sale,
        Some(told) => integer(told).and_then(Operation::of).ok_or(NotADocument::Field("operationType"))?,
    };
    let metadata = fields.get("metadata").and_then(Value::as_object);
    let of_metadata = || metadata.map(|metadata| text(metadata, "address")).unwrap_or_default();
    let mut seller = Seller {
        inn: inn(fields, "userInn"),
        name: text(fields, "user"),
        place: text(fields, "retailPlace"),
        address: text(fields, "retailPlaceAddress"),
    };
    fill(&mut seller.address, of_metadata());
    fill(&mut seller.address, around.address.clone());
    fill(&mut seller.name, around.seller_name.clone());
    fill(&mut seller.inn, around.seller_inn.clone());
    let items = match fields.get("items") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) if items.len() > ITEMS_MAX => return Err(NotADocument::TooLarge),
        Some(Value::Array(items)) => {
            items.iter().map(item).collect::<Option<_>>().ok_or(NotADocument::Field("items"))?
        }
        Some(_) => return Err(NotADocument::Field("items")),
    };
    Ok(Receipt {
        key,
        // A moment in seconds says nothing of the till's zone; the wrapper may have the till's own words.
        at: fields.get("dateTime").and_then(local).or(around.at),
        total: total.ok_or(NotADocument::Field("totalSum"))?,
        operation,
        seller,
        region: region(fields),
        till: text(fields, "kktRegId"),
        shift: fields.get("shiftNumber").and_then(integer).filter(|shift| *shift > 0),
        online: fields.get("internetSign").and_then(integer) == Some(1),
        items,
    })
}

fn item(value: &Value) -> Option<Item> {
    let fields = value.as_object()?;
    let sum = fields.get("sum").and_then(integer).filter(|sum| (0..=SUM_MAX).contains(sum))?;
    let mark = mark(fields);
    Some(Item {
        name: text(fields, "name"),
        quantity: fields.get("quantity").and_then(thousandths).unwrap_or(1_000),
        price: fields
            .get("price")
            .and_then(integer)
            .filter(|price| (0..=SUM_MAX).contains(price))
            .unwrap_or(sum),
        sum,
        product_type: fields.get("productType").and_then(integer),
        measure: fields.get("itemsQuantityMeasure").and_then(integer),
        gtin: mark.gtin,
        egais: mark.egais,
        draught: is_draught(fields),
        provider_inn: inn(fields, "providerInn"),
    })
}

#[derive(Default)]
struct Mark {
    gtin: String,
    egais: bool,
}

/// Kinds of marking codes (tags 1308 and 1309) as older documents number them, counted from tag 1300.
const EGAIS_KINDS: [i64; 2] = [9, 10];

fn mark(fields: &Map<String, Value>) -> Mark {
    let mut mark = Mark::default();
    // The newer form has the kind of the code as a key; the older one has it as a number.
    if let Some(Value::Object(kinds)) = fields.get("productCodeNew") {
        for (kind, code) in kinds {
            mark.egais |= kind.starts_with("egais");
            mark.read(code);
        }
    }
    if let Some(code @ Value::Object(older)) = fields.get("productCodeData") {
        let kind = older.get("productIdType").and_then(integer);
        mark.egais |= kind.is_some_and(|kind| EGAIS_KINDS.contains(&kind));
        mark.read(code);
    }
    mark
}

impl Mark {
    fn read(&mut self, code: &Value) {
        let Some(fields) = code.as_object() else { return };
        let written = match fields.get("gtin") {
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::String(text)) => text.trim().to_owned(),
            _ => String::new(),
        };
        let raw = fields.get("rawProductCode").and_then(Value::as_str).unwrap_or_default();
        let of_raw = raw.strip_prefix("01").and_then(|rest| rest.get(..14)).unwrap_or_default();
        for gtin in [written.as_str(), of_raw].into_iter().filter_map(gtin) {
            fill(&mut self.gtin, gtin);
        }
    }
}

/// The number of goods as it is compared: digits without zeros in front. `None` when it is none.
pub fn gtin(text: &str) -> Option<String> {
    let digits = text.trim().trim_start_matches('0');
    let is_number = (1..=14).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.to_owned())
}

/// Beer from a keg: the till told the marking system that a bar sold it (`idFoiv` 048, `mode=horeca`).
fn is_draught(fields: &Map<String, Value>) -> bool {
    let details = match fields.get("itemsIndustryDetails") {
        Some(Value::Array(details)) => details.as_slice(),
        Some(detail @ Value::Object(_)) => std::slice::from_ref(detail),
        _ => return false,
    };
    let told = details.iter().filter_map(|detail| detail.get("industryPropValue")?.as_str());
    told.into_iter().any(|value| value.split('&').any(|pair| pair.trim() == "mode=horeca"))
}

fn drive(fields: &Map<String, Value>) -> Option<String> {
    let told = match fields.get("fiscalDriveNumber")? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    (told.len() == 16 && told.bytes().all(|byte| byte.is_ascii_digit())).then_some(told)
}

fn number_of(fields: &Map<String, Value>, name: &'static str) -> Result<i64, NotADocument> {
    let number = fields.get(name).and_then(integer);
    number.filter(|number| (0..10_000_000_000).contains(number)).ok_or(NotADocument::Field(name))
}

/// Two digits, when they are two digits.
fn region(fields: &Map<String, Value>) -> Option<String> {
    let told = match fields.get("region")? {
        Value::Number(number) => format!("{:0>2}", number.to_string()),
        Value::String(text) => text.trim().to_owned(),
        _ => return None,
    };
    (told.len() == 2 && told.bytes().all(|byte| byte.is_ascii_digit())).then_some(told)
}

/// A text on one line, cut.
fn text(fields: &Map<String, Value>, name: &str) -> String {
    let Some(Value::String(text)) = fields.get(name) else { return String::new() };
    let mut line = String::with_capacity(text.len().min(TEXT_MAX));
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if let Some((end, _)) = line.char_indices().nth(TEXT_MAX) {
        line.truncate(end);
    }
    line
}

/// A tax number without the blanks it is padded with; empty when it is none. Check digits are not looked at: what
/// stands on the receipt is what is compared.
fn inn(fields: &Map<String, Value>, name: &str) -> String {
    let told = match fields.get(name) {
        Some(Value::Number(number)) => format!("{number:0>10}"),
        Some(Value::String(text)) => text.trim().to_owned(),
        _ => return String::new(),
    };
    // Twelve places hold a number of ten digits; some sources pad with zeros in front.
    let short = told.strip_prefix("00").filter(|short| short.len() == 10 && told.len() == 12);
    let told = short.map_or(told.clone(), str::to_owned);
    let is_number = matches!(told.len(), 10 | 12) && told.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { told } else { String::new() }
}

/// A whole number, written as one, as `12.0`, or as a text.
fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| rounded(number.as_f64()?, 1.0)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| rounded(text.parse().ok()?, 1.0))
        }
        _ => None,
    }
}

fn thousandths(value: &Value) -> Option<i64> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().replace(',', ".").parse().ok()?,
        _ => return None,
    };
    rounded(number, 1_000.0)
}

/// Times a factor, to the nearest whole; `None` of what is no number of a receipt.
#[allow(clippy::cast_possible_truncation)]
fn rounded(number: f64, factor: f64) -> Option<i64> {
    let whole = (number * factor).round();
    // Up to here a float is exact.
    (whole.is_finite() && whole.abs() < 9e15).then_some(whole as i64)
}

/// The till's own date and time: `2024-09-17T18:01:00`, with or without seconds; what is said of a zone is not read.
fn local(value: &Value) -> Option<DateTime> {
    let text = value.as_str()?.trim();
    let whole = text.get(..19).and_then(|text| text.parse().ok());
    whole.or_else(|| format!("{}:00", text.get(..16)?).parse().ok())
}
