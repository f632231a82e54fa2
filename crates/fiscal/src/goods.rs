//! Which goods are meant: by words of their names, by codes, by what the till says of them.

use crate::document::{Item, Seller, gtin};
use crate::tokens::tokens;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Words by which goods are told, as a person writes them.
///
/// `пиво` is a whole word, `водк*` begins a word, `вин.` is an abbreviation of tills (the whole word, with its point
/// or without), `б/а` and `винный напиток` are words one after the other, `сок* + добр*` are words anywhere in the name.
///
/// In `exclude`, a word frees goods when it stands before what was found (конфеты с коньяком); behind it, it only
/// makes a doubt (коньяк с бокалом). One that begins with `!` frees them wherever it stands (пиво `!безалк*`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Words {
    /// Any of these.
    pub include: Vec<String>,
    /// But for names with any of these.
    pub exclude: Vec<String>,
}

impl Words {
    /// The words for alcohol and tobacco that came with the program.
    pub fn excise() -> &'static Self {
        static EXCISE: LazyLock<Words> = LazyLock::new(|| Words::of_file(include_str!("../data/excise.txt")));
        &EXCISE
    }

    /// A list of words, one a line, under `[include]` and `[exclude]`; `#` begins a remark.
    fn of_file(text: &str) -> Self {
        let mut words = Self::default();
        let mut excludes = false;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match line {
                "[include]" => excludes = false,
                "[exclude]" => excludes = true,
                word if excludes => words.exclude.push(word.to_owned()),
                word => words.include.push(word.to_owned()),
            }
        }
        words
    }
}

/// Whether goods are what is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Are {
    /// They are not.
    No,
    /// They may be: a person looks.
    Doubt,
    /// They are.
    Yes,
}

/// A verdict over goods with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Whether they are.
    pub are: Are,
    /// Why.
    pub why: Why,
}

/// Why goods are, or are not, what is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "of")]
pub enum Why {
    /// Nothing says that they are.
    Nothing,
    /// The till says so: the kind of goods (tag 1212).
    Kind(i64),
    /// Their mark is an excise stamp.
    Stamp,
    /// Beer from a keg, as the till told the marking system.
    Draught,
    /// Goods of this number (GTIN).
    Number(String),
    /// This word of the list stands in the name.
    Word(String),
    /// A word of the list stands in the name, and another that speaks against it.
    Against {
        /// What was found.
        word: String,
        /// What speaks against it.
        by: String,
    },
    /// In a place like this the names of goods say nothing: a bar, a shop of tobacco.
    Place(String),
}

impl Why {
    /// For the staff: in Russian, in English.
    pub fn says(&self) -> [String; 2] {
        match self {
            Self::Nothing => ["ничего не указывает".into(), "nothing points to it".into()],
            Self::Kind(kind) => [
                format!("касса отметила товар как подакцизный (признак {kind})"),
                format!("the till marks the goods as excise (kind {kind})"),
            ],
            Self::Stamp => ["на товаре акцизная марка".into(), "the goods bear an excise stamp".into()],
            Self::Draught => ["разливное пиво".into(), "draught beer".into()],
            Self::Number(number) => [format!("код товара {number}"), format!("number of goods {number}")],
            Self::Word(word) => [format!("слово «{word}» в названии"), format!("“{word}” in the name")],
            Self::Against { word, by } => {
                [format!("в названии и «{word}», и «{by}»"), format!("both “{word}” and “{by}” in the name")]
            }
            Self::Place(word) => [
                format!("место продажи: «{word}», по названию не понять"),
                format!("the place of sale: “{word}”, the name does not tell"),
            ],
        }
    }
}

impl Judged {
    fn new(are: Are, why: Why) -> Self {
        Self { are, why }
    }
}

/// One way to find goods, made ready from what a person wrote.
#[derive(Debug, Clone)]
struct Sought {
    /// As written.
    written: String,
    words: Vec<Word>,
    /// Words one after the other; otherwise anywhere.
    in_a_row: bool,
    /// Of an exclusion: frees wherever it stands.
    always: bool,
}

#[derive(Debug, Clone)]
struct Word {
    text: String,
    begins: bool,
}

impl Word {
    fn fits(&self, token: &str) -> bool {
        if self.begins { token.starts_with(self.text.as_str()) } else { token == self.text }
    }
}

impl Sought {
    /// `None` of what has no letter or digit.
    fn new(written: &str) -> Option<Self> {
        let written = written.trim();
        let (plain, always) = match written.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (written, false),
        };
        let in_a_row = !plain.contains('+');
        let pieces = plain.split(|letter: char| letter.is_whitespace() || letter == '+');
        let words: Vec<Word> = pieces.flat_map(words_of).collect();
        (!words.is_empty()).then(|| Self { written: plain.trim().to_owned(), words, in_a_row, always })
    }

    /// Where it begins in a name.
    fn place(&self, tokens: &[String]) -> Option<usize> {
        if self.in_a_row {
            let fits = |row: &[String]| self.words.iter().zip(row).all(|(word, token)| word.fits(token));
            return tokens.windows(self.words.len()).position(fits);
        }
        let places = self.words.iter().map(|word| tokens.iter().position(|token| word.fits(token)));
        places.collect::<Option<Vec<usize>>>()?.into_iter().min()
    }
}

/// The words of one piece without blanks: `б/алк*` is two, the second begins a word.
fn words_of(piece: &str) -> Vec<Word> {
    let (piece, begins) = match piece.strip_suffix('*') {
        Some(stem) => (stem, true),
        None => (piece, false),
    };
    let mut words: Vec<Word> = tokens(piece).into_iter().map(|text| Word { text, begins: false }).collect();
    if let Some(last) = words.last_mut() {
        last.begins = begins;
    }
    words
}

/// Ways to find, ordered so that a name is looked at once however many there are.
#[derive(Debug, Clone, Default)]
struct Index {
    sought: Vec<Sought>,
    /// By the first word, when that is a whole one.
    whole: HashMap<String, Vec<usize>>,
    /// By the first word, when that begins one; and how many letters such have.
    begun: HashMap<String, Vec<usize>>,
    lengths: Vec<usize>,
    /// Those whose words may stand anywhere.
    anywhere: Vec<usize>,
}

impl Index {
    fn new(written: &[String]) -> Self {
        let mut index =
            Self { sought: written.iter().filter_map(|word| Sought::new(word)).collect(), ..Self::default() };
        for (number, sought) in index.sought.iter().enumerate() {
            let Some(first) = sought.words.first() else { continue };
            if !sought.in_a_row {
                index.anywhere.push(number);
            } else if first.begins {
                index.begun.entry(first.text.clone()).or_default().push(number);
            } else {
                index.whole.entry(first.text.clone()).or_default().push(number);
            }
        }
        let lengths: HashSet<usize> = index.begun.keys().map(String::len).collect();
        index.lengths = lengths.into_iter().collect();
        index.lengths.sort_unstable();
        index
    }

    /// All that stand in a name, with their places.
    fn found<'a>(&'a self, tokens: &'a [String]) -> impl Iterator<Item = (usize, &'a Sought)> {
        let rows = tokens.iter().enumerate().flat_map(move |(place, token)| {
            let begun = self.lengths.iter().filter_map(|length| self.begun.get(token.get(..*length)?));
            let numbers = self.whole.get(token.as_str()).into_iter().chain(begun).flatten();
            let sought = numbers.map(|number| &self.sought[*number]);
            sought
                .filter(move |sought| sought.place(&tokens[place..]) == Some(0))
                .map(move |sought| (place, sought))
        });
        let anywhere = self.anywhere.iter().map(|number| &self.sought[*number]);
        rows.chain(anywhere.filter_map(|sought| Some((sought.place(tokens)?, sought))))
    }
}

/// Goods that are looked for, made ready once for many receipts.
#[derive(Debug, Clone, Default)]
pub struct Goods {
    include: Index,
    exclude: Index,
    numbers: HashSet<String>,
}

impl Goods {
    /// Told by these words, or by these numbers (GTIN, with or without zeros in front).
    pub fn new(words: &Words, numbers: &[String]) -> Self {
        Self {
            include: Index::new(&words.include),
            exclude: Index::new(&words.exclude),
            numbers: numbers.iter().filter_map(|number| gtin(number)).collect(),
        }
    }

    /// Whether a line of a receipt is such goods.
    pub fn judge(&self, item: &Item) -> Judged {
        if let Some(number) = self.numbers.get(item.gtin.trim_start_matches('0')) {
            return Judged::new(Are::Yes, Why::Number(number.clone()));
        }
        self.judge_name(&item.name)
    }

    /// By the name alone.
    pub fn judge_name(&self, name: &str) -> Judged {
        let tokens = tokens(name);
        let Some((place, sought)) = self.include.found(&tokens).min_by_key(|(place, _)| *place) else {
            return Judged::new(Are::No, Why::Nothing);
        };
        let word = sought.written.clone();
        let against = self.exclude.found(&tokens);
        // What frees in any place goes first, then what stands foremost.
        match against.min_by_key(|(place, sought)| (!sought.always, *place)) {
            None => Judged::new(Are::Yes, Why::Word(word)),
            Some((at, by)) => {
                let are = if by.always || at < place { Are::No } else { Are::Doubt };
                Judged::new(are, Why::Against { word, by: by.written.clone() })
            }
        }
    }
}

/// Kinds of goods under excise (tag 1212): excise goods, and such that are marked, without a code and with one.
const EXCISE_KINDS: [i64; 3] = [2, 30, 31];
/// Goods of any kind, and marked ones without and with a code: among them may be what a till did not tell.
const GOODS_KINDS: [i64; 3] = [1, 32, 33];

/// Alcohol and tobacco, told by what the till says, by stamps, by words, by the place.
#[derive(Debug, Clone)]
pub struct Excise {
    words: Goods,
    places: Goods,
}

impl Default for Excise {
    fn default() -> Self {
        Self::new(Words::excise())
    }
}

impl Excise {
    /// By these words, where the till does not tell.
    pub fn new(words: &Words) -> Self {
        let places = Words::of_file(include_str!("../data/places.txt"));
        Self { words: Goods::new(words, &[]), places: Goods::new(&places, &[]) }
    }

    /// The words that came with the program, made ready once.
    pub fn usual() -> &'static Self {
        static USUAL: LazyLock<Excise> = LazyLock::new(Excise::default);
        &USUAL
    }

    /// Whether a line of a receipt is alcohol or tobacco.
    ///
    /// A mark alone (kind 33) is no proof: milk, water and shoes bear one. What the till says outweighs words; words
    /// outweigh the till's silence, for tills have sold cigarettes as kind 1.
    pub fn judge(&self, item: &Item, seller: &Seller) -> Judged {
        if let Some(kind) = item.product_type.filter(|kind| EXCISE_KINDS.contains(kind)) {
            return Judged::new(Are::Yes, Why::Kind(kind));
        }
        if item.egais {
            return Judged::new(Are::Yes, Why::Stamp);
        }
        if item.draught {
            return Judged::new(Are::Yes, Why::Draught);
        }
        let judged = self.words.judge(item);
        let may_be = item.product_type.is_none_or(|kind| GOODS_KINDS.contains(&kind));
        match (&judged.why, may_be) {
            (Why::Nothing, true) => self.by_place(seller).unwrap_or(judged),
            // A service or a payment that only has the word in its name.
            (_, false) if judged.are == Are::Yes => Judged::new(Are::Doubt, judged.why),
            _ => judged,
        }
    }

    fn by_place(&self, seller: &Seller) -> Option<Judged> {
        let told = [&seller.place, &seller.name].into_iter().map(|name| self.places.judge_name(name));
        told.into_iter().find_map(|judged| match judged.why {
            Why::Word(word) => Some(Judged::new(Are::Doubt, Why::Place(word))),
            _ => None,
        })
    }
}
