//! The ladder: which view is shown to which reader, from what is cheap and mostly enough to what is dear and rarely helps.

use super::grey::{Area, Grey};
use super::readers::{Bars, Reader, Seen};
use super::{CODES_MAX, Found};

/// How large a picture is looked at: its longer side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    /// At most so many pixels.
    Side(usize),
    /// Twice that of [`FIRST`].
    Doubled,
}

/// What is done to it before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Treatment {
    Plain,
    Sharpened,
    Smoothed,
    Levelled,
    Turned,
}

/// Right for most photos: messengers bring them no larger.
const FIRST: usize = 1_280;

/// By `cargo xtask bench codes`: each of the first eight reads something that all before it do not, in the order of what
/// they cost and bring. The last are for what its photos lack: codes of very few pixels, and large files.
const STEPS: [(Size, Treatment, Reader); 14] = {
    use Reader::{Global, Local, Quirc, Rqrr};
    use Size::{Doubled, Side};
    use Treatment::{Levelled, Plain, Sharpened, Smoothed, Turned};
    [
        (Side(FIRST), Plain, Local),
        (Side(FIRST), Plain, Quirc),
        (Side(FIRST), Levelled, Quirc),
        (Side(700), Plain, Local),
        (Side(FIRST), Smoothed, Local),
        (Side(FIRST), Levelled, Local),
        (Side(700), Levelled, Global),
        (Side(700), Sharpened, Local),
        (Side(FIRST), Plain, Rqrr),
        (Side(FIRST), Sharpened, Local),
        (Doubled, Plain, Local),
        (Side(2_000), Plain, Local),
        (Side(400), Plain, Local),
        (Side(700), Turned, Local),
    ]
};
/// So many steps more are spent on a square that looks like another code beside one that was read.
const STEPS_FOR_ANOTHER: usize = 6;

/// All codes that can be read.
pub(super) fn climb(whole: &Grey) -> Vec<Found> {
    let mut search = Search::new(whole);
    let mut spent = 0;
    for (at, step) in STEPS.iter().enumerate() {
        if !search.found.is_empty() {
            spent += 1;
            if !search.more_is_seen() || spent > STEPS_FOR_ANOTHER {
                break;
            }
        }
        if STEPS[..at].iter().any(|before| before.2 == step.2 && search.same(*before, *step)) {
            continue;
        }
        let before = search.found.len();
        search.step(*step);
        if before == 0 && !search.found.is_empty() {
            search.others();
        }
    }
    search.found
}

/// What one reader alone reads at the usual size: what the ladder is measured by.
pub(super) fn alone(whole: &Grey, reader: Reader) -> Vec<Found> {
    reader.look(&whole.scaled(FIRST), Bars::Wanted).read.into_iter().map(|(found, _)| found).collect()
}

struct Search<'p> {
    whole: &'p Grey,
    found: Vec<Found>,
    areas: Vec<Area>,
    unread: Vec<Area>,
    /// The view that was made last, untreated: steps that follow one another often share it.
    view: Option<(Size, Grey)>,
}

impl<'p> Search<'p> {
    fn new(whole: &'p Grey) -> Self {
        Self { whole, found: Vec::new(), areas: Vec::new(), unread: Vec::new(), view: None }
    }

    /// Whether two steps show the same, because the picture is smaller than both ask.
    fn same(&self, one: (Size, Treatment, Reader), other: (Size, Treatment, Reader)) -> bool {
        let longer = self.whole.width.max(self.whole.height);
        let shown = |size| match size {
            Size::Side(side) => side.min(longer),
            Size::Doubled => 2 * FIRST.min(longer),
        };
        one.1 == other.1 && shown(one.0) == shown(other.0)
    }

    fn view(&mut self, size: Size) -> Option<&Grey> {
        if self.view.as_ref().is_none_or(|(made, _)| *made != size) {
            let made = match size {
                Size::Side(side) => Some(self.whole.scaled(side)),
                Size::Doubled => self.whole.scaled(FIRST).doubled(),
            };
            self.view = made.map(|view| (size, view));
        }
        self.view.as_ref().map(|(_, view)| view)
    }

    fn step(&mut self, (size, treatment, reader): (Size, Treatment, Reader)) {
        let first = size == Size::Side(FIRST) && treatment == Treatment::Plain;
        let bars = if first { Bars::Wanted } else { Bars::Unwanted };
        let areas = std::mem::take(&mut self.areas);
        if let Some(view) = self.view(size) {
            let hidden = (!areas.is_empty()).then(|| view.hidden(&areas));
            let view = hidden.as_ref().unwrap_or(view);
            let seen = match treatment {
                Treatment::Plain => reader.look(view, bars),
                Treatment::Sharpened => reader.look(&view.sharpened(), bars),
                Treatment::Smoothed => reader.look(&view.smoothed(), bars),
                Treatment::Levelled => reader.look(&view.levelled(), bars),
                Treatment::Turned => without_places(reader.look(&view.turned(), bars)),
            };
            self.areas = areas;
            self.take(seen);
        } else {
            self.areas = areas;
        }
    }

    fn take(&mut self, seen: Seen) {
        for (found, area) in seen.read {
            if self.found.len() < CODES_MAX && !self.found.iter().any(|known| known.text == found.text) {
                self.found.push(found);
            }
            self.areas.extend(area);
        }
        self.unread = seen.unread;
    }

    /// Beside the first code that was read: the same view without it, until nothing more is read.
    fn others(&mut self) {
        let size = self.view.as_ref().map_or(Size::Side(FIRST), |(size, _)| *size);
        let known = self.found.len();
        self.step((size, Treatment::Plain, Reader::Quirc));
        let mut last = known;
        while self.found.len() > last && self.found.len() < CODES_MAX && !self.areas.is_empty() {
            last = self.found.len();
            self.step((size, Treatment::Plain, Reader::Quirc));
        }
    }

    /// Whether something that looks like a code stands where nothing was read.
    fn more_is_seen(&self) -> bool {
        self.unread.iter().any(|square| {
            let (x, y) = square.middle();
            !self.areas.iter().any(|area| area.holds(x, y))
        })
    }
}

/// Places in a turned view are not those of the picture.
fn without_places(seen: Seen) -> Seen {
    Seen { read: seen.read.into_iter().map(|(found, _)| (found, None)).collect(), unread: Vec::new() }
}
