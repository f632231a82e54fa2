//! Variables of the environment that look like settings and are none: mostly slips of the finger.

use toml::{Table, Value};

/// Further away than this a name is another name, not a slip.
const SLIPS_MAX: usize = 3;
/// Of builds, tests and trials, not of the program.
const OTHERS: [&str; 4] = ["SAMOVAR_TEST_", "SAMOVAR_SEED", "SAMOVAR_WEB", "SAMOVAR_BIN"];

/// A variable `SAMOVAR_…` that is no setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// Its name.
    pub name: String,
    /// The setting that was probably meant.
    pub nearest: Option<String>,
}

impl Unknown {
    /// What to say of it.
    pub fn told(&self) -> String {
        match &self.nearest {
            Some(nearest) => {
                format!("{} is no setting and has no effect: did you mean {nearest}?", self.name)
            }
            None => format!(
                "{} is no setting of samovar; it has an effect only if a company file names it",
                self.name
            ),
        }
    }
}

/// Those among `names` that are no settings of `settings`.
pub fn unknown<'a>(settings: &Table, names: impl Iterator<Item = &'a str>) -> Vec<Unknown> {
    let known = all(settings);
    let ours = names.filter(|name| {
        name.starts_with("SAMOVAR_")
            && !OTHERS.iter().any(|other| name.starts_with(other))
            && !known.iter().any(|known| known == name)
    });
    let mut found: Vec<Unknown> =
        ours.map(|name| Unknown { name: name.to_owned(), nearest: nearest(&known, name) }).collect();
    found.sort_by(|one, two| one.name.cmp(&two.name));
    found
}

/// `[store] url` is `SAMOVAR_STORE_URL`.
fn all(settings: &Table) -> Vec<String> {
    let sections = settings.iter().filter_map(|(section, values)| Some((section, values.as_table()?)));
    let names = sections.flat_map(|(section, values): (_, &toml::map::Map<String, Value>)| {
        values.keys().map(move |key| format!("SAMOVAR_{section}_{key}").to_uppercase())
    });
    names.collect()
}

fn nearest(known: &[String], name: &str) -> Option<String> {
    let upper = name.to_uppercase();
    let (slips, found) = known.iter().map(|known| (distance(known, &upper), known)).min()?;
    (slips <= SLIPS_MAX).then(|| found.clone())
}

/// Letters to be added, left out or changed to make one of the other.
fn distance(one: &str, two: &str) -> usize {
    let two: Vec<char> = two.chars().collect();
    let mut row: Vec<usize> = (0..=two.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = at + 1;
        for (column, other) in two.iter().enumerate() {
            let changed = corner + usize::from(letter != *other);
            corner = row[column + 1];
            row[column + 1] = changed.min(row[column] + 1).min(corner + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_with_what_was_meant() {
        let settings: Table = crate::config::DEFAULT.parse().expect("toml");
        let names = [
            "SAMOVAR_STOER_URL",
            "SAMOVAR_HTTP_LISTEN",
            "SAMOVAR_BOT_OF_MINE",
            "SAMOVAR_TEST_POSTGRES",
            "HOME",
        ];
        let found = unknown(&settings, names.into_iter());
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].nearest, None);
        assert!(found[1].told().ends_with("did you mean SAMOVAR_STORE_URL?"), "{}", found[1].told());
        assert_eq!(
            unknown(&settings, ["SAMOVAR_HTTP_PUBLICURL"].into_iter())[0].nearest.as_deref(),
            Some("SAMOVAR_HTTP_PUBLIC_URL")
        );
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
