//! How long a large draw takes: `cargo run --release -p samovar-draw --example million -- [TICKETS]`.

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "it measures, and tells")]

use samovar_draw::{
    Announcement, Key, List, Person, Prize, Protocol, Randomness, Source, Ticket, commitment, mask, verify,
    write_line,
};
use std::time::Instant;

fn main() {
    let tickets: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let timed = |what: &str, since: Instant| println!("{what}: {:.2} s", since.elapsed().as_secs_f64());
    let begun = Instant::now();
    let mut text = String::new();
    for number in 1..=tickets {
        // Each person has ten tickets.
        let person = Person((number / 10).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let name = mask("Анна Каренина", Some("+79160000034"));
        let arrived = 1_792_000_000 + i64::try_from(number).unwrap_or_default();
        write_line(&mut text, &Ticket { number, arrived, person, name: &name });
    }
    timed("written", begun);
    let begun = Instant::now();
    let list = List::read(text.clone().into_bytes()).expect("a list in order");
    timed("frozen (read and hashed)", begun);
    println!("{} tickets, {} bytes", list.len(), list.bytes().len());
    let secret = "a secret of thirty-two signs or more";
    let told = Announcement {
        organiser: "Company".into(),
        promotion: "prm_0000000000000 Promotion".into(),
        draw: "drw_0000000000000 Draw".into(),
        frozen: 1_795_000_000,
        from: 1_792_000_000,
        until: 1_795_000_000,
        tickets: list.len(),
        list: list.hash().to_owned(),
        source: Source::Reveal { commitment: commitment(secret) },
        one_prize: true,
        prizes: vec![Prize { count: 1_000, value: 100_000, name: "Prize".into() }],
        reserve: 100,
        excluded: Vec::new(),
    };
    let key = Key::new(&[1; 32]);
    let begun = Instant::now();
    let revealed = Randomness::Reveal { secret: secret.into() };
    let protocol = Protocol::hold(&told, &list, revealed, 1_795_000_100, &key).expect("as announced");
    let file = protocol.sign(&key);
    timed("drawn (1000 winners, 100 in reserve) and signed", begun);
    let begun = Instant::now();
    let report = verify(&file, Some(text.into_bytes()), Some(&key.public()), Some(&told.hash()));
    timed("verified", begun);
    assert!(report.holds(), "{report:#?}");
}
