//! Receipts that are made up from the question: the same question always gets the same receipt.

use super::question::Asked;
use serde_json::{Value, json};

/// How receipts are made up. The rates are in thousandths and follow from the receipt's numbers.
#[derive(Debug, Clone)]
pub struct Invented {
    /// Who sold.
    pub shops: Vec<Shop>,
    /// Names of goods, the price of one in kopecks.
    pub goods: Vec<(String, u64)>,
    /// With a bottle among the goods.
    pub alcohol: u64,
    /// Of a seller who is none of the shops.
    pub foreign: u64,
    /// There is no such receipt.
    pub unknown: u64,
}

/// A seller.
#[derive(Debug, Clone)]
pub struct Shop {
    /// Tax number.
    pub inn: String,
    /// As printed.
    pub name: String,
    /// Name of the place.
    pub place: String,
    /// Its address.
    pub address: String,
    /// Two digits.
    pub region: String,
}

impl Default for Invented {
    /// One shop with a tax number of the right form, six kinds of goods, nothing odd.
    fn default() -> Self {
        let goods = [
            ("Молоко 3,2% 1л", 9_990),
            ("Хлеб ржаной нарезка 350г", 5_490),
            ("Сыр Российский вес", 74_900),
            ("Яблоки Гала 1кг", 14_990),
            ("Печенье овсяное 400г", 11_900),
            ("Вода минер. газ. 1,5л", 6_990),
        ];
        Self {
            shops: vec![Shop {
                inn: "7300000011".into(),
                name: "ООО «Чайная лавка»".into(),
                place: "Магазин «Чайная лавка»".into(),
                address: "432000, 73 - Ульяновская область, г Ульяновск, ул Гончарова, дом 1".into(),
                region: "73".into(),
            }],
            goods: goods.map(|(name, price)| (name.to_owned(), price)).to_vec(),
            alcohol: 0,
            foreign: 0,
            unknown: 0,
        }
    }
}

/// Lines of a receipt, the last of which takes up the rest of the sum.
const LINES_MAX: u64 = 6;

impl Invented {
    /// The document; `None` of a receipt that does not exist.
    pub(crate) fn document(&self, asked: &Asked) -> Option<String> {
        let number = asked.number;
        let mut seed = mixed(number.drive ^ mixed(number.document) ^ mixed(number.sign ^ 0x5eed));
        let mut strikes = |rate: u64| {
            seed = mixed(seed);
            seed % 1_000 < rate
        };
        if strikes(self.unknown) {
            return None;
        }
        let (foreign, alcohol) = (strikes(self.foreign), strikes(self.alcohol));
        let shop = self.shops.get(usize::try_from(mixed(seed) % self.shops.len().max(1) as u64).ok()?);
        let (inn, name, place, address, region) = match shop.filter(|_| !foreign) {
            Some(shop) => (&*shop.inn, &*shop.name, &*shop.place, &*shop.address, &*shop.region),
            None => ("7800000010", "ООО «Другие»", "Другой магазин", "Санкт-Петербург, Невский пр., 1", "78"),
        };
        let document = json!({
            "code": 3, "user": name, "userInn": format!("{inn:<12}"), "retailPlace": place, "retailPlaceAddress": address,
            "region": region, "dateTime": asked.date_time(), "operationType": asked.operation, "totalSum": asked.sum,
            "cashTotalSum": 0, "ecashTotalSum": asked.sum, "fiscalDriveNumber": asked.drive,
            "fiscalDocumentNumber": number.document, "fiscalSign": number.sign, "fiscalDocumentFormatVer": 4,
            "kktRegId": format!("{:<20}", format!("{:016}", number.drive % 10_000)), "shiftNumber": 1 + number.document / 200,
            "requestNumber": 1 + number.document % 200, "operator": "КАССИР", "taxationType": 1, "appliedTaxationType": 1,
            "items": self.items(asked.sum, seed, alcohol),
        });
        Some(document.to_string())
    }

    fn items(&self, sum: u64, mut seed: u64, alcohol: bool) -> Vec<Value> {
        let line = |name: &str, price: u64, kind: u8| json!({"name": name, "price": price, "quantity": 1, "sum": price, "nds": 1, "paymentType": 4, "productType": kind});
        let (mut left, mut items) = (sum, Vec::new());
        if alcohol {
            let price = left.min(45_000);
            items.push(line("Вино красное сухое 0,75л", price, 31));
            left -= price;
        }
        for _ in 0..LINES_MAX {
            seed = mixed(seed);
            let place = usize::try_from(seed % self.goods.len().max(1) as u64).unwrap_or(0);
            let Some((name, price)) = self.goods.get(place) else { break };
            if *price >= left {
                break;
            }
            items.push(line(name, *price, 1));
            left -= price;
        }
        if left > 0 {
            items.push(line("Набор к чаю", left, 1));
        }
        items
    }
}

/// Spreads numbers that lie close to each other (the finalizer of SplitMix64).
const fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
