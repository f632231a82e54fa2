//! The public randomness, read from mirrors that answer rightly, wrongly and not at all.

use samovar_base::ManualClock;
use samovar_connectors::beacon::{Beacon, Said, Silence};
use samovar_fakes::drand::{Drand, Fate};
use std::sync::Arc;
use std::time::Duration;

const CHAIN: &str = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971";
const ROUND: u64 = 1_000;
const SIGNED: &str =
    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39";

struct Mirrors {
    first: Drand,
    second: Drand,
    clock: Arc<ManualClock>,
}

impl Mirrors {
    async fn start() -> Self {
        let clock = Arc::new(ManualClock::at_rfc3339("2023-08-23T15:59:24Z"));
        let start = async || Drand::start(Arc::<ManualClock>::clone(&clock)).await.expect("a free port");
        Self { first: start().await, second: start().await, clock }
    }

    async fn ask(&self) -> Result<Said, Silence> {
        let mirrors =
            [&self.first, &self.second].map(|mirror| mirror.base_url().parse().expect("an address"));
        let beacon = Beacon::new(mirrors.into()).with_patience(Duration::from_secs(2));
        beacon.ask(CHAIN, ROUND, |said| said.signature == SIGNED).await
    }
}

#[tokio::test]
async fn whoever_brings_no_genuine_number_is_passed_over() {
    let mirrors = Mirrors::start().await;
    let fates = [
        Fate::NotYet,
        Fate::TooEarly,
        Fate::AnotherRound,
        Fate::Forged,
        Fate::Malformed,
        Fate::Page,
        Fate::Huge,
        Fate::Elsewhere,
        Fate::Status(503),
        Fate::Hang(Duration::from_secs(60)),
        Fate::Cut,
    ];
    for fate in fates {
        mirrors.first.next(&[fate]);
        let said = mirrors.ask().await.unwrap_or_else(|silence| panic!("{fate:?}: {silence:?}"));
        assert_eq!((said.round, said.signature.as_str()), (ROUND, SIGNED), "{fate:?}");
    }
    assert!(mirrors.ask().await.is_ok());
    assert_eq!(
        (mirrors.first.asked(), mirrors.second.asked()),
        (12, 11),
        "the second only when the first fails"
    );
    assert_eq!(mirrors.first.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn the_silence_that_says_most_is_told() {
    let mirrors = Mirrors::start().await;
    for (first, second, told) in [
        (Fate::Cut, Fate::Status(500), Silence::Away),
        (Fate::NotYet, Fate::Cut, Silence::NotYet),
        (Fate::Forged, Fate::NotYet, Silence::Wrong),
    ] {
        mirrors.first.next(&[first]);
        mirrors.second.next(&[second]);
        assert_eq!(mirrors.ask().await, Err(told), "{first:?}, {second:?}");
    }
    mirrors.clock.advance_seconds(-1);
    assert_eq!(mirrors.ask().await, Err(Silence::NotYet), "a second before its moment there is no number");
    assert_eq!(Beacon::new(Vec::new()).ask(CHAIN, ROUND, |_| true).await, Err(Silence::Away));
}
