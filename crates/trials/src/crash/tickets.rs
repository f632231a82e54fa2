//! What must hold of receipts when everything has settled: each is judged once and its sender told, numbers have no
//! gap, and nobody has two codes.

use super::books::{Books, Row};
use super::verdict::Wrongs;
use crate::promotion::{RECEIVED, REFUSED, code_told, number_told};
use anyhow::Context;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// States of a receipt.
const STATE_ACCEPTED: i64 = 3;
const STATE_REFUSED: i64 = 4;
/// Reasons of a refusal because the receipt is there already,
const THERE: [&str; 2] = ["again", "taken"];
/// and because its seller takes no part.
const FOREIGN: &str = "other_shop";

/// The figures of receipts.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figures {
    /// Messages with a receipt.
    pub receipts: u64,
    /// Different receipts.
    pub different: usize,
    /// Numbers given out.
    pub numbers: usize,
    /// Receipts of sellers that take no part.
    pub foreign: usize,
    /// Partners' codes given out,
    pub codes: usize,
    /// and people who wait for one.
    pub owed: usize,
}

/// By the messenger's id of a person and the number of a receipt: how often that person sent it.
pub type Sent = BTreeMap<(i64, u64), u64>;

/// What the tables say.
#[derive(Debug, Clone, Default)]
struct Kept {
    receipts: Vec<Receipt>,
    /// Number, receipt and contact of every ticket, by number.
    tickets: Vec<(i64, i64, i64)>,
    tickets_counted: i64,
    /// A code and who has it.
    codes: Vec<(String, i64)>,
    codes_counted: i64,
    /// Who waits for a code.
    owed: Vec<i64>,
    said: Vec<Said>,
}

/// A row of the receipts.
#[derive(Debug, Clone)]
struct Receipt {
    id: i64,
    contact: i64,
    person: i64,
    number: u64,
    state: i64,
    reason: String,
    ticket: i64,
    cause: String,
}

/// What was said: to whom, because of which event, in which words.
#[derive(Debug, Clone)]
struct Said {
    contact: i64,
    cause: String,
    text: String,
}

/// Looks at everything.
pub async fn check(books: &Books, sent: &Sent, wrongs: &mut Wrongs) -> anyhow::Result<Figures> {
    let kept = Kept::read(books).await?;
    kept.once_each(sent, wrongs);
    let foreign = kept.judged(wrongs);
    kept.numbered(wrongs);
    kept.told(wrongs);
    kept.gifts(wrongs);
    Ok(Figures {
        receipts: sent.values().sum(),
        different: sent.keys().map(|(_, number)| number).collect::<BTreeSet<_>>().len(),
        numbers: kept.tickets.len(),
        foreign,
        codes: kept.codes.len(),
        owed: kept.owed.len(),
    })
}

impl Kept {
    async fn read(books: &Books) -> anyhow::Result<Self> {
        let receipts = books
            .rows(
                "SELECT r.id, r.contact_id, i.external_id, r.document, r.state, r.reason, r.ticket, r.cause
                 FROM receipts_receipt r JOIN identity i ON i.tenant_id = r.tenant_id AND i.contact_id = r.contact_id
                 ORDER BY r.id",
            )
            .await?;
        let said = books.rows("SELECT contact_id, cause, body FROM outbound").await?;
        let tickets =
            books.rows("SELECT number, receipt_id, contact_id FROM promo_ticket ORDER BY number").await?;
        let codes =
            books.rows("SELECT code, contact_id FROM promo_code WHERE contact_id IS NOT NULL").await?;
        let owed = books.rows("SELECT contact_id FROM promo_owed").await?;
        Ok(Self {
            receipts: receipts.iter().map(Receipt::of).collect::<anyhow::Result<_>>()?,
            tickets: tickets.iter().map(|row| (row.int(0), row.int(1), row.int(2))).collect(),
            tickets_counted: books.number("SELECT SUM(tickets) FROM promo_counter").await?,
            codes: codes.iter().map(|row| (row.text(0).to_owned(), row.int(1))).collect(),
            codes_counted: books.number("SELECT SUM(given) FROM promo_pool").await?,
            owed: owed.iter().map(|row| row.int(0)).collect(),
            said: said.iter().map(Said::of).collect::<anyhow::Result<_>>()?,
        })
    }

    fn accepted(&self) -> impl Iterator<Item = &Receipt> {
        self.receipts.iter().filter(|receipt| receipt.state == STATE_ACCEPTED)
    }

    /// Every message with a receipt is one receipt.
    fn once_each(&self, sent: &Sent, wrongs: &mut Wrongs) {
        let mut kept = Sent::new();
        for receipt in &self.receipts {
            *kept.entry((receipt.person, receipt.number)).or_default() += 1;
        }
        let all: BTreeSet<_> = sent.keys().chain(kept.keys()).collect();
        let count = |of: &Sent, which| of.get(which).copied().unwrap_or_default();
        let differ = all.into_iter().filter(|which| count(sent, which) != count(&kept, which));
        wrongs.add_all(
            "receipts are kept otherwise than they were sent",
            differ.map(|which| {
                let (person, number) = which;
                format!("{number} of {person}: sent {}, kept {}", count(sent, which), count(&kept, which))
            }),
        );
        let mut causes = BTreeSet::new();
        let again = self.receipts.iter().filter(|receipt| !causes.insert(&receipt.cause));
        wrongs.add_all("messages became two receipts", again.map(|receipt| receipt.id));
    }

    /// Every receipt is accepted once, whoever sent it how often; or it is of a seller that takes no part. How many are.
    fn judged(&self, wrongs: &mut Wrongs) -> usize {
        let mut all: BTreeMap<u64, Vec<&Receipt>> = BTreeMap::new();
        for receipt in &self.receipts {
            all.entry(receipt.number).or_default().push(receipt);
        }
        let mut foreign = 0;
        let mut otherwise = Vec::new();
        for (number, same) in all {
            let accepted = same.iter().filter(|receipt| receipt.state == STATE_ACCEPTED).count();
            let open = same.iter().filter(|receipt| receipt.state < STATE_ACCEPTED).count();
            let refused = same.iter().filter(|receipt| receipt.state == STATE_REFUSED && !receipt.is_there());
            let reasons: BTreeSet<&str> = refused.map(|receipt| receipt.reason.as_str()).collect();
            let is_foreign = accepted == 0 && reasons.iter().eq([&FOREIGN]);
            foreign += usize::from(is_foreign);
            if open > 0 || !(is_foreign || accepted == 1 && reasons.is_empty()) {
                otherwise.push(format!("{number}: {open} open, {accepted} accepted, refused as {reasons:?}"));
            }
        }
        wrongs.add_all("receipts are judged otherwise than once", otherwise);
        foreign
    }

    /// Numbers are 1..N, one for each accepted receipt.
    fn numbered(&self, wrongs: &mut Wrongs) {
        let gaps = self.tickets.iter().zip(1..).filter(|((number, ..), due)| number != due);
        wrongs.add_all(
            "numbers are not in their place",
            gaps.map(|((number, ..), due)| format!("{number} at {due}")),
        );
        if i64::try_from(self.tickets.len()).ok() != Some(self.tickets_counted) {
            let (there, counted) = (self.tickets.len(), self.tickets_counted);
            wrongs.add(format!("{there} numbers are there, {counted} were counted"));
        }
        let given: BTreeSet<_> = self.tickets.iter().copied().collect();
        let due: BTreeSet<_> =
            self.accepted().map(|receipt| (receipt.ticket, receipt.id, receipt.contact)).collect();
        let shown = |one: &(i64, i64, i64)| format!("{} of receipt {}", one.0, one.1);
        wrongs.add_all("numbers are of no accepted receipt", given.difference(&due).map(shown));
        wrongs.add_all("accepted receipts have no number", due.difference(&given).map(shown));
        let refused = self.receipts.iter().filter(|one| one.state != STATE_ACCEPTED && one.ticket != 0);
        wrongs.add_all("receipts have a number and are not accepted", refused.map(|receipt| receipt.id));
    }

    /// Everybody was told that a receipt arrived, and what came of it, once each.
    fn told(&self, wrongs: &mut Wrongs) {
        let mut by_cause: BTreeMap<&str, Vec<&Said>> = BTreeMap::new();
        for one in &self.said {
            by_cause.entry(&one.cause).or_default().push(one);
        }
        let mut otherwise = Vec::new();
        for receipt in &self.receipts {
            let told = by_cause.get(receipt.cause.as_str()).map(Vec::as_slice).unwrap_or_default();
            let count = |words: &str| {
                told.iter().filter(|one| one.contact == receipt.contact && one.text.contains(words)).count()
            };
            let seen = (count(RECEIVED), count(&number_told(receipt.ticket)), count(REFUSED));
            let due = match receipt.state {
                STATE_ACCEPTED => (1, 1, 0),
                _ if receipt.is_there() => (0, 0, 1),
                _ => (1, 0, 1),
            };
            if seen != due {
                otherwise.push(format!("{}: received, number, refused {seen:?} and not {due:?}", receipt.id));
            }
        }
        wrongs.add_all("receipts were told of otherwise than once each", otherwise);
    }

    /// Everybody with a number has one code and was told it, or waits for one.
    fn gifts(&self, wrongs: &mut Wrongs) {
        let mut have: BTreeMap<i64, u64> = BTreeMap::new();
        for contact in self.codes.iter().map(|(_, contact)| contact).chain(&self.owed) {
            *have.entry(*contact).or_default() += 1;
        }
        let due: BTreeSet<i64> = self.accepted().map(|receipt| receipt.contact).collect();
        let many = have.iter().filter(|(_, codes)| **codes > 1);
        wrongs
            .add_all("people have more than one code", many.map(|(who, codes)| format!("{who} has {codes}")));
        wrongs.add_all("people with a number have no code", due.iter().filter(|one| !have.contains_key(one)));
        wrongs.add_all("people without a number have a code", have.keys().filter(|one| !due.contains(one)));
        let given: BTreeMap<&str, i64> = self.codes.iter().map(|(code, who)| (code.as_str(), *who)).collect();
        let rows = self.codes.len();
        if given.len() != rows || i64::try_from(rows).ok() != Some(self.codes_counted) {
            wrongs.add(format!("{rows} rows of {} codes, {} counted", given.len(), self.codes_counted));
        }
        let mut told: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for one in &self.said {
            if let Some(code) = code_told(&one.text) {
                told.entry(code).or_default().push(one.contact);
            }
        }
        let otherwise = told.iter().filter(|(code, to)| given.get(*code).is_none_or(|who| [*who] != to[..]));
        wrongs.add_all(
            "codes were told otherwise than once to their owner",
            otherwise.map(|(code, to)| format!("{code} to {to:?}")),
        );
        wrongs.add_all("codes were told to nobody", given.keys().filter(|code| !told.contains_key(*code)));
    }
}

impl Receipt {
    fn of(row: &Row) -> anyhow::Result<Self> {
        Ok(Self {
            id: row.int(0),
            contact: row.int(1),
            person: row.int(2),
            number: row.int(3).unsigned_abs(),
            state: row.int(4),
            reason: row.text(5).to_owned(),
            ticket: row.int(6),
            cause: event(row.text(7))?,
        })
    }

    /// It was refused because the receipt is there already.
    fn is_there(&self) -> bool {
        THERE.contains(&self.reason.as_str())
    }
}

impl Said {
    fn of(row: &Row) -> anyhow::Result<Self> {
        let body: serde_json::Value = serde_json::from_str(row.text(2))?;
        let text = body["text"].as_str().unwrap_or_default().to_owned();
        Ok(Self { contact: row.int(0), cause: event(row.text(1))?, text })
    }
}

/// The event that a cause names.
fn event(cause: &str) -> anyhow::Result<String> {
    let cause: serde_json::Value = serde_json::from_str(cause).context("a cause cannot be read")?;
    Ok(cause["id"].as_str().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two people with a receipt each, and one of them with that of the other.
    fn well() -> (Kept, Sent) {
        let receipt =
            |id: i64, contact: i64, number: u64, (state, reason): (i64, &str), ticket: i64| Receipt {
                id,
                contact,
                person: contact + 100,
                number,
                state,
                reason: reason.into(),
                ticket,
                cause: id.to_string(),
            };
        let said = |contact: i64, cause: i64, text: String| Said { contact, cause: cause.to_string(), text };
        let kept = Kept {
            receipts: vec![
                receipt(1, 7, 11, (STATE_ACCEPTED, ""), 1),
                receipt(2, 8, 12, (STATE_ACCEPTED, ""), 2),
                receipt(3, 8, 11, (STATE_REFUSED, "taken"), 0),
            ],
            tickets: vec![(1, 1, 7), (2, 2, 8)],
            tickets_counted: 2,
            codes: vec![("TEA-1".into(), 7)],
            codes_counted: 1,
            owed: vec![8],
            said: vec![
                said(7, 1, format!("{RECEIVED}: 1.")),
                said(7, 1, format!("{}\n\nВаш промокод: TEA-1", number_told(1))),
                said(8, 2, format!("{RECEIVED}: 2.")),
                said(8, 2, number_told(2)),
                said(8, 3, format!("Чек {REFUSED}Его прислал другой.")),
            ],
        };
        let sent = kept.receipts.iter().map(|receipt| ((receipt.person, receipt.number), 1)).collect();
        (kept, sent)
    }

    fn wrongs(spoilt: impl FnOnce(&mut Kept)) -> Vec<String> {
        let (mut kept, sent) = well();
        spoilt(&mut kept);
        let mut wrongs = Wrongs::default();
        kept.once_each(&sent, &mut wrongs);
        kept.judged(&mut wrongs);
        kept.numbered(&mut wrongs);
        kept.told(&mut wrongs);
        kept.gifts(&mut wrongs);
        wrongs.lines().to_vec()
    }

    #[test]
    fn what_is_well_is_called_so() {
        assert_eq!(wrongs(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn whatever_is_lost_or_doubled_is_found() {
        let found = |what: &str, spoilt: fn(&mut Kept)| {
            let lines = wrongs(spoilt);
            assert!(lines.iter().any(|line| line.contains(what)), "{what}: {lines:?}");
        };
        found("kept otherwise than they were sent", |kept| drop(kept.receipts.remove(2)));
        found("became two receipts", |kept| kept.receipts[1].cause = "1".into());
        found("judged otherwise than once", |kept| kept.receipts[2].state = STATE_ACCEPTED);
        found("judged otherwise than once", |kept| kept.receipts[0].state = 1);
        found("not in their place", |kept| kept.tickets[1].0 = 3);
        found("1 numbers are there, 2 were counted", |kept| kept.tickets.truncate(kept.tickets.len() - 1));
        found("accepted receipts have no number", |kept| kept.tickets.truncate(kept.tickets.len() - 1));
        found("of no accepted receipt", |kept| kept.tickets[0].2 = 8);
        found("have a number and are not accepted", |kept| kept.receipts[2].ticket = 3);
        found("told of otherwise than once each", |kept| drop(kept.said.remove(0)));
        found("told of otherwise than once each", |kept| kept.said.push(kept.said[3].clone()));
        found("more than one code", |kept| kept.codes.push(("TEA-2".into(), 8)));
        found("with a number have no code", |kept| kept.owed.clear());
        found("without a number have a code", |kept| kept.owed.push(9));
        found("codes were told otherwise", |kept| kept.said[1].contact = 8);
        found("codes were told to nobody", |kept| drop(kept.said.remove(1)));
    }
}
