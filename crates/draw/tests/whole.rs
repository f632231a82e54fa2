//! A draw from its list to its report; what anybody changes is found.

use proptest::prelude::*;
use samovar_draw::{
    Announcement, Excluded, Key, List, Outcome, Person, Prize, Protocol, Randomness, Report, Source, Ticket,
    commitment, hash, mask, verify, write_line,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the beacon said in round 1000.
const SAID: &str =
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39";
const SECRET: &str = "секрет, который организатор придумал заранее";
const FROZEN: i64 = 1_692_800_000;
const DRAWN: i64 = 1_692_806_400;

struct Held {
    told: Announcement,
    list: Vec<u8>,
    file: String,
    key: Key,
}

impl Held {
    fn check(&self) -> Report {
        verify(&self.file, Some(self.list.clone()), Some(&self.key.public()), Some(&self.told.hash()))
    }
}

fn list(tickets: u64) -> Vec<u8> {
    let names = ["Анна Каренина", "Пьер Безухов", "levin1877", "", "Долли"];
    let mut text = String::new();
    for number in 1..=tickets {
        let person = number * number % 17;
        let name = mask(names[usize::try_from(person % 5).unwrap()], Some("+79160000034"));
        let arrived = 1_692_700_000 + i64::try_from(number * 977 % 86_400).unwrap();
        write_line(
            &mut text,
            &Ticket { number: number * 3, arrived, person: Person(person + 1), name: &name },
        );
    }
    text.into_bytes()
}

fn hold(tickets: u64, source: Source, randomness: Randomness) -> Held {
    let list = list(tickets);
    let frozen = List::read(list.clone()).unwrap();
    let told = Announcement {
        organiser: "Кофейня «Полдень»".into(),
        promotion: "prm_00000000000aa Чек на удачу".into(),
        draw: "drw_00000000000bb Первая неделя".into(),
        frozen: FROZEN,
        from: 1_692_600_000,
        until: FROZEN,
        tickets: frozen.len(),
        list: frozen.hash().to_owned(),
        source,
        one_prize: true,
        prizes: vec![
            Prize { count: 1, value: 5_000_000, name: "Кофемашина".into() },
            Prize { count: 3, value: 100_000, name: "Карта на 1000 ₽".into() },
        ],
        reserve: 2,
        excluded: vec![Excluded { person: Person(5), why: "staff".into() }],
    };
    let key = Key::new(&[7; 32]);
    let protocol = Protocol::hold(&told, &frozen, randomness, DRAWN, &key).expect("it is what was announced");
    let file = protocol.sign(&key);
    Held { told, list, file, key }
}

fn by_drand() -> Held {
    hold(100, Source::Drand { round: 1_000 }, Randomness::Drand { round: 1_000, signature: SAID.into() })
}

fn by_secret() -> Held {
    hold(40, Source::Reveal { commitment: commitment(SECRET) }, Randomness::Reveal { secret: SECRET.into() })
}

fn broken(report: &Report) -> Vec<&'static str> {
    report.checks.iter().filter(|check| check.outcome == Outcome::Broken).map(|check| check.name).collect()
}

#[test]
fn a_draw_holds() {
    for held in [by_drand(), by_secret()] {
        let report = held.check();
        assert!(report.holds() && !report.rehearsal, "{report:#?}");
        let protocol = report.protocol.unwrap();
        assert_eq!((protocol.winners.len(), protocol.reserve.len()), (4, 2));
        assert!(!protocol.winners.iter().any(|won| won.person == Person(5)));
    }
    let held = by_drand();
    let report = verify(&held.file, None, None, None);
    assert!(!report.holds() && !report.is_broken(), "without the list it is neither: {report:#?}");
}

#[test]
fn any_changed_byte_is_found() {
    let held = by_secret();
    let (key, announced) = (held.key.public(), held.told.hash());
    for at in 0..held.list.len() {
        for bit in [1, 4, 32] {
            let mut list = held.list.clone();
            list[at] ^= bit;
            let report = verify(&held.file, Some(list), Some(&key), Some(&announced));
            assert_eq!(broken(&report), ["list"], "byte {at} of the list, bit {bit}");
        }
    }
    let file = held.file.as_bytes();
    for at in 0..file.len() {
        for bit in [1, 4, 32] {
            let mut changed = file.to_vec();
            changed[at] ^= bit;
            // What is no text any more is not even handed over.
            let Ok(changed) = String::from_utf8(changed) else { continue };
            let report = verify(&changed, Some(held.list.clone()), Some(&key), Some(&announced));
            assert!(report.is_broken(), "byte {at} of the protocol, bit {bit}");
        }
    }
}

#[test]
fn who_signs_anew_is_found_too() {
    let held = by_drand();
    let (key, announced) = (held.key.public(), held.told.hash());
    let good = Protocol::read(&held.file).unwrap().protocol;
    let own = Key::new(&[8; 32]);
    let judged = |protocol: &Protocol, signer: &Key| {
        let protocol = Protocol { key: signer.public(), ..protocol.clone() };
        let file = protocol.sign(signer);
        broken(&verify(&file, Some(held.list.clone()), Some(&key), Some(&announced)))
    };
    assert_eq!(judged(&good, &own), ["key"]);
    // Even the organiser's own key does not help.
    assert_eq!(judged(&good, &held.key), [""; 0]);
    let mut other = good.clone();
    other.winners.swap(0, 1);
    assert_eq!(judged(&other, &held.key), ["winners"]);
    let mut other = good.clone();
    other.reserve.pop();
    assert_eq!(judged(&other, &held.key), ["winners"]);
    let other = Protocol { seed: hash(b"another"), ..good.clone() };
    assert_eq!(judged(&other, &held.key), ["seed"]);
    let other = Protocol { drawn: "2023-08-01T00:00:00Z".into(), ..good.clone() };
    assert_eq!(judged(&other, &held.key), ["moment"]);
    let other = Protocol { announced: hash(b"another"), ..good.clone() };
    assert_eq!(judged(&other, &held.key), ["announcement"]);
    let told = Announcement { reserve: 1, ..held.told.clone() };
    let other = Protocol { announcement: told.text(), announced: told.hash(), ..good.clone() };
    assert_eq!(judged(&other, &held.key), ["announcement", "seed", "winners"]);
    let told = Announcement { source: Source::Drand { round: 1_001 }, ..held.told.clone() };
    let other = Protocol { announcement: told.text(), announced: told.hash(), ..good };
    assert_eq!(judged(&other, &held.key), ["announcement", "randomness"]);
}

#[test]
fn a_list_frozen_after_the_number_is_found() {
    let held = by_drand();
    let late = Announcement { frozen: DRAWN - 1, ..held.told.clone() };
    let randomness = Randomness::Drand { round: 1_000, signature: SAID.into() };
    let list = List::read(held.list.clone()).unwrap();
    let protocol = Protocol::hold(&late, &list, randomness, DRAWN, &held.key).unwrap();
    let report = verify(&protocol.sign(&held.key), Some(held.list.clone()), None, None);
    assert_eq!(broken(&report), ["moment"]);
}

proptest! {
    #[test]
    fn reading_never_panics(text in "\\PC*", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = (Announcement::read(&text), List::read(bytes.clone()), Protocol::read(&text), Source::read(&text));
        let _ = verify(&format!("{text},\"signature\":\"{}\"}}\n", "0".repeat(128)), Some(bytes), None, None);
        let _ = mask(&text, Some(&text));
    }

    #[test]
    fn an_announcement_with_a_changed_byte_is_another(at in 0_usize..600, bit in 0_u8..8) {
        let text = by_secret().told.text();
        let mut bytes = text.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        if let Ok(changed) = String::from_utf8(bytes) {
            // Either it cannot be read, or it is written as itself and has a hash of its own.
            prop_assert!(Announcement::read(&changed).is_ok_and(|read| read.hash() != hash(text.as_bytes())) || Announcement::read(&changed).is_err());
        }
    }
}

/// The draws of `docs/draw-vectors.json`: whoever writes the formula anew must come to the same.
fn vectors() -> Value {
    let all = [
        ("drand", by_drand()),
        ("reveal", by_secret()),
        ("nobody", {
            hold(
                0,
                Source::Block { network: "bitcoin".into(), height: 900_000 },
                Randomness::Block { hash: hash(b"block") },
            )
        }),
    ];
    let one = |(name, held): (&str, Held)| {
        let protocol = Protocol::read(&held.file).unwrap().protocol;
        json!({
            "name": name,
            "list": String::from_utf8(held.list).unwrap(),
            "list_sha256": held.told.list,
            "announcement": held.told.text(),
            "announcement_sha256": protocol.announced,
            "seed": protocol.seed,
            "winners": protocol.winners,
            "reserve": protocol.reserve,
            "protocol": held.file,
        })
    };
    json!({ "format": "samovar-draw/1", "draws": all.into_iter().map(one).collect::<Vec<_>>() })
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_published_vectors_are_those_of_this_program() {
    let path = root().join("docs/draw-vectors.json");
    let wanted = serde_json::to_string_pretty(&vectors()).unwrap() + "\n";
    if std::env::var_os("SAMOVAR_WRITE_VECTORS").is_some() {
        std::fs::write(&path, &wanted).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap();
    assert!(
        found == wanted,
        "docs/draw-vectors.json differs; a new formula needs a new version of the format"
    );
}

/// Written in another language from the description alone, it must find the same winners.
#[test]
fn the_check_in_python_agrees() {
    if Command::new("python3").arg("--version").output().is_err() {
        return eprintln!("python3 is not there: tools/draw/check.py was not run");
    }
    let folder = std::env::temp_dir().join(format!("samovar-draw-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let run = |held: &Held, spoil: bool| {
        let (protocol, list) = (folder.join("protocol.json"), folder.join("tickets.tsv"));
        let file = if spoil { held.file.replacen("\"turn\":", "\"turn\":1", 1) } else { held.file.clone() };
        std::fs::write(&protocol, file).unwrap();
        std::fs::write(&list, &held.list).unwrap();
        let script = root().join("tools/draw/check.py");
        Command::new("python3").arg(script).arg(protocol).arg(list).output().unwrap()
    };
    for held in [by_drand(), by_secret()] {
        let good = run(&held, false);
        assert!(good.status.success(), "{good:?}");
        assert!(!run(&held, true).status.success());
    }
    std::fs::remove_dir_all(folder).unwrap();
}
