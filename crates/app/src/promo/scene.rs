//! What is known around receipts that are judged together: gathered set-wise, for [`super::suspicion`].

use super::suspicion::{self, Found, Scene};
use crate::ledger::ids;
use crate::receipts::Receipt;
use jiff::civil::{Date, DateTime};
use samovar_base::{ContactId, Instant, PromotionId, ReceiptId};
use samovar_store::{Row, StoreError, Tx, params, query};
use std::collections::{HashMap, HashSet};

/// Receipts of people that are looked at in one unit; of very many, the first.
const LOOKED_AT: u32 = 20_000;
/// So far apart lie documents of a till that were printed one after another.
const NEAR: i64 = 3;
/// A till prints no more in a day.
const OF_A_DAY: i64 = 1_000;
/// Receipts of one till that are looked at.
const OF_TILL: u32 = 2_000;

query! {
    static OF_PEOPLE =
        "SELECT r.id, r.contact_id, r.arrived_at, r.drive, r.document, r.sum, r.bought_at FROM json_each($3) AS given
         CROSS JOIN receipts_receipt r ON r.tenant_id = $1 AND r.promotion_id = $2 AND r.contact_id = given.value
             AND r.holds LIMIT $4",
        postgres =
        "SELECT r.id, r.contact_id, r.arrived_at, r.drive, r.document, r.sum, r.bought_at
         FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS given(value)
         JOIN receipts_receipt r ON r.tenant_id = $1 AND r.promotion_id = $2
             AND r.contact_id = CAST(given.value AS BIGINT) AND r.holds LIMIT $4";
    static OF_TILL_DAY =
        "SELECT contact_id, bought_at FROM receipts_receipt
         WHERE tenant_id = $1 AND promotion_id = $2 AND holds AND drive = $3 AND document BETWEEN $4 AND $5 LIMIT $6";
    // The same bytes: whoever passes a picture on passes its codes on, also those that hold no place any more.
    static SAME_PICTURES =
        "SELECT r.id, COUNT(DISTINCT o.contact_id) FROM json_each($3) AS given
         CROSS JOIN receipts_receipt r ON r.tenant_id = $1 AND r.promotion_id = $2 AND r.id = given.value AND r.picture <> ''
         CROSS JOIN receipts_picture p ON p.tenant_id = $1 AND p.promotion_id = $2 AND p.contact_id = r.contact_id
             AND p.arrived_at = r.arrived_at AND p.kept = r.picture AND p.hash <> ''
         CROSS JOIN receipts_picture o ON o.tenant_id = $1 AND o.promotion_id = $2 AND o.hash = p.hash AND o.hash <> ''
             AND o.contact_id <> r.contact_id
         GROUP BY r.id",
        postgres =
        "SELECT r.id, COUNT(DISTINCT o.contact_id)
         FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS given(value)
         JOIN receipts_receipt r ON r.tenant_id = $1 AND r.promotion_id = $2 AND r.id = CAST(given.value AS BIGINT)
             AND r.picture <> ''
         JOIN receipts_picture p ON p.tenant_id = $1 AND p.promotion_id = $2 AND p.contact_id = r.contact_id
             AND p.arrived_at = r.arrived_at AND p.kept = r.picture AND p.hash <> ''
         JOIN receipts_picture o ON o.tenant_id = $1 AND o.promotion_id = $2 AND o.hash = p.hash AND o.hash <> ''
             AND o.contact_id <> r.contact_id
         GROUP BY r.id";
    static KNOWN_SINCE =
        "SELECT c.id, c.created_at FROM json_each($2) AS given
         CROSS JOIN contact c ON c.tenant_id = $1 AND c.id = given.value",
        postgres =
        "SELECT c.id, c.created_at FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value)
         JOIN contact c ON c.tenant_id = $1 AND c.id = CAST(given.value AS BIGINT)";
}

/// A receipt of the same person.
struct Beside {
    id: ReceiptId,
    arrived: Instant,
    drive: String,
    document: i64,
    sum: i64,
    bought: Option<DateTime>,
}

/// What a till printed in a day and anybody sent.
#[derive(Default)]
struct OfTill {
    receipts: i64,
    people: HashSet<ContactId>,
}

/// What is known around some receipts.
#[derive(Default)]
pub(crate) struct Scenes {
    people: HashMap<ContactId, Vec<Beside>>,
    tills: HashMap<(String, Date), OfTill>,
    since: HashMap<ContactId, Instant>,
    /// How many others sent the picture of a receipt.
    same_picture: HashMap<ReceiptId, i64>,
}

/// Reads what is around these receipts of a promotion.
pub(crate) async fn around(
    tx: &Tx,
    promotion: PromotionId,
    receipts: &[Receipt],
) -> Result<Scenes, StoreError> {
    let people: HashSet<ContactId> = receipts.iter().map(|one| one.contact).collect();
    let people: Vec<ContactId> = people.into_iter().collect();
    let mut scenes = Scenes::default();
    if people.is_empty() {
        return Ok(scenes);
    }
    for row in tx.all(&OF_PEOPLE, params![promotion, ids(&people), LOOKED_AT]).await? {
        scenes.people.entry(row.id(1)?).or_default().push(Beside {
            id: row.id(0)?,
            arrived: row.instant(2)?,
            drive: row.text(3)?.to_owned(),
            document: row.int(4)?,
            sum: row.int(5)?,
            bought: moment(&row, 6)?,
        });
    }
    for row in tx.all(&KNOWN_SINCE, params![ids(&people)]).await? {
        scenes.since.insert(row.id(0)?, row.instant(1)?);
    }
    let pictured: Vec<ReceiptId> =
        receipts.iter().filter(|one| !one.picture.is_empty()).map(|one| one.id).collect();
    if !pictured.is_empty() {
        for row in tx.all(&SAME_PICTURES, params![promotion, ids(&pictured)]).await? {
            scenes.same_picture.insert(row.id(0)?, row.int(1)?);
        }
    }
    // The documents of a drive are numbered in order: those of a day lie together.
    let mut spans: HashMap<&str, (i64, i64)> = HashMap::new();
    for key in receipts.iter().filter_map(Receipt::key) {
        let span = spans.entry(key.drive.as_str()).or_insert((key.document, key.document));
        *span = (span.0.min(key.document), span.1.max(key.document));
    }
    for (drive, (first, last)) in spans {
        let row = params![promotion, drive, first - OF_A_DAY, last + OF_A_DAY, OF_TILL];
        for row in tx.all(&OF_TILL_DAY, row).await? {
            if let Some(bought) = moment(&row, 1)? {
                let of_till = scenes.tills.entry((drive.to_owned(), bought.date())).or_default();
                of_till.receipts += 1;
                of_till.people.insert(row.id(0)?);
            }
        }
    }
    Ok(scenes)
}

fn moment(row: &Row, at: usize) -> Result<Option<DateTime>, StoreError> {
    Ok(row.text(at)?.parse().ok())
}

impl Scenes {
    /// How suspicious one of the receipts is, and why.
    pub(crate) fn score(&self, receipt: &Receipt, zone: &jiff::tz::TimeZone) -> (i64, Vec<Found>) {
        self.scene(receipt, zone).map_or_else(|| (0, Vec::new()), |scene| suspicion::score(&scene))
    }

    fn scene(&self, receipt: &Receipt, zone: &jiff::tz::TimeZone) -> Option<Scene> {
        let code = receipt.code.as_ref()?;
        let arrived = receipt.arrived_at;
        let others: Vec<&Beside> =
            self.people.get(&receipt.contact)?.iter().filter(|one| one.id != receipt.id).collect();
        let count = |so: &dyn Fn(&Beside) -> bool| {
            i64::try_from(others.iter().filter(|one| so(one)).count()).unwrap_or(i64::MAX)
        };
        let since = |one: &Beside| arrived.millis_since(one.arrived);
        let here = |one: &Beside| one.drive == code.key.drive;
        let days: HashSet<_> =
            others.iter().filter(|one| here(one)).filter_map(|one| one.bought.map(DateTime::date)).collect();
        let till = self.tills.get(&(code.key.drive.clone(), code.at.date()));
        let bought = code.at.to_zoned(zone.clone()).map_or(arrived, |at| at.timestamp().into());
        let known = self.since.get(&receipt.contact).map_or(i64::MAX, |since| arrived.millis_since(*since));
        Some(Scene {
            in_ten_minutes: 1 + count(&|one| (0..600_000).contains(&since(one))),
            in_a_day: 1 + count(&|one| (0..86_400_000).contains(&since(one))),
            same_picture: self.same_picture.get(&receipt.id).copied().unwrap_or(0),
            in_a_row: count(&|one| here(one) && (one.document - code.key.document).abs() <= NEAR),
            of_person: count(&|_| true),
            of_person_here: count(&here),
            days_here: i64::try_from(days.len()).unwrap_or(i64::MAX),
            of_till_day: till.map_or(0, |till| till.receipts),
            people_till_day: till.map_or(0, |till| i64::try_from(till.people.len()).unwrap_or(i64::MAX)),
            same_sum: count(&|one| one.sum == code.sum),
            hour: code.at.hour(),
            minutes_after: arrived.millis_since(bought) / 60_000,
            known_hours: known / 3_600_000,
        })
    }
}
