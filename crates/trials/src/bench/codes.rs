//! Codes in made-up photos of receipts: what each reader reads alone, what the ladder reads, and how long it takes.

use samovar_app::scan::{Found, Reader, Unreadable, codes, codes_by};
use samovar_testkit::photos::{FLAWS, Flaw, Photo, photo};
use std::time::Instant;

/// What the benchmark takes.
#[derive(clap::Args)]
pub struct Options {
    /// Photos of each flaw.
    #[arg(long, default_value_t = 20)]
    each: u64,
    /// The seed of the first.
    #[arg(long, default_value_t = 100)]
    seed: u64,
    /// Their longer side, in pixels: messengers bring 1280.
    #[arg(long, default_value_t = 1_280)]
    side: usize,
}

/// Who reads, and what came of it.
struct Column {
    name: &'static str,
    read: fn(&[u8]) -> Result<Vec<Found>, Unreadable>,
    right: usize,
    ms: Vec<f64>,
}

impl Column {
    fn new(name: &'static str, read: fn(&[u8]) -> Result<Vec<Found>, Unreadable>) -> Self {
        Self { name, read, right: 0, ms: Vec::new() }
    }

    /// How many of the photo's codes it reads.
    fn look(&mut self, photo: &Photo, file: &[u8]) -> usize {
        let began = Instant::now();
        let found = (self.read)(file).unwrap_or_default();
        self.ms.push(began.elapsed().as_secs_f64() * 1_000.0);
        let right = photo.texts.iter().filter(|text| found.iter().any(|one| &one.text == *text)).count();
        self.right += right;
        right
    }

    fn at(&self, share: f64) -> f64 {
        let mut sorted = self.ms.clone();
        sorted.sort_by(f64::total_cmp);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let place = (share * (sorted.len().max(1) - 1) as f64) as usize;
        sorted.get(place).copied().unwrap_or_default()
    }
}

/// Runs and prints; fails when the ladder is no better than the best of its readers.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let mut columns = [
        Column::new("rxing", |file| codes_by(Reader::Local, file)),
        Column::new("rxing, one threshold", |file| codes_by(Reader::Global, file)),
        Column::new("quircs", |file| codes_by(Reader::Quirc, file)),
        Column::new("rqrr", |file| codes_by(Reader::Rqrr, file)),
        Column::new("ladder", codes),
    ];
    heading(&columns);
    let mut wanted = 0;
    for flaw in FLAWS {
        let (mut of_flaw, mut right) = (0, [0; 5]);
        for seed in options.seed..options.seed + options.each {
            let photo = photo(flaw, seed, options.side);
            let file = photo.png();
            of_flaw += photo.texts.len();
            for (column, right) in columns.iter_mut().zip(&mut right) {
                *right += column.look(&photo, &file);
            }
        }
        wanted += of_flaw;
        row(flaw, of_flaw, right);
    }
    total(&columns, wanted);
    let [alone @ .., ladder] = &columns;
    let best = alone.iter().map(|column| column.right).max().unwrap_or_default();
    anyhow::ensure!(ladder.right > best, "the ladder reads {}, one reader alone {best}", ladder.right);
    Ok(())
}

#[allow(clippy::print_stdout)]
fn heading(columns: &[Column]) {
    println!(
        "{:<10} {:>6}  {}",
        "flaw",
        "codes",
        columns.iter().map(|column| column.name).collect::<Vec<_>>().join(" | ")
    );
}

#[allow(clippy::print_stdout)]
fn row(flaw: Flaw, wanted: usize, right: [usize; 5]) {
    println!("{:<10} {wanted:>6}  {}", format!("{flaw:?}"), right.map(|right| right.to_string()).join(" | "));
}

#[allow(clippy::print_stdout, clippy::cast_precision_loss)]
fn total(columns: &[Column], wanted: usize) {
    for column in columns {
        println!(
            "{:<22} read {:>5} of {wanted} ({:.1} %), ms a photo: median {:.0}, 95 % {:.0}, worst {:.0}",
            column.name,
            column.right,
            column.right as f64 * 100.0 / wanted.max(1) as f64,
            column.at(0.5),
            column.at(0.95),
            column.at(1.0),
        );
    }
}
