//! The font of the console for pages of strangers: the same files under the same names, so that they are fetched once.

use crate::ASSETS;

/// Rules of a style sheet that bring the letters of the console; empty where the program was built without it.
pub fn font() -> String {
    let sheets = ASSETS
        .iter()
        .filter(|asset| asset.path.starts_with("console/assets/") && asset.path.ends_with(".css"));
    sheets.flat_map(|sheet| letters(str::from_utf8(sheet.plain).unwrap_or_default())).collect()
}

/// The rules of a style sheet for Cyrillic and Latin letters.
fn letters(sheet: &str) -> impl Iterator<Item = String> {
    let rules = sheet.split("@font-face").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    let wanted = rules.filter(|rule| rule.contains("-cyrillic-") || rule.contains("-latin-"));
    wanted.map(|rule| format!("@font-face{rule}}}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_brought_and_nothing_else() {
        let sheet = "a{b:c}@font-face{src:url(/assets/onest-math-1.woff2)}@font-face{src:url(/assets/onest-cyrillic-wght-2.woff2);\
                     font-display:swap}p{q:r}@font-face{src:url(/assets/onest-latin-ext-3.woff2)}x{y:z}";
        let rules: Vec<String> = letters(sheet).collect();
        assert_eq!(
            rules,
            [
                "@font-face{src:url(/assets/onest-cyrillic-wght-2.woff2);font-display:swap}\n",
                "@font-face{src:url(/assets/onest-latin-ext-3.woff2)}\n",
            ]
        );
    }
}
