//! What steps say: texts, labels, pictures.

use super::{Compiler, LABEL_MAX, TEXT_MAX, step_field};
use crate::Place;
use crate::draft::Picture;
use crate::scenario::PicturePlan;
use crate::template::{Refusal, Text};

impl Compiler<'_> {
    /// A text; an unusable one becomes empty, and a problem.
    pub(super) fn text(&mut self, at: Place, source: &str, reads: &mut Vec<String>) -> Text {
        let text = self.templates.add(source).unwrap_or_else(|refusal| {
            match refusal {
                Refusal::Unreadable(why) => self.error(at.clone(), "bad_template", why),
                Refusal::UnknownFilter(name) => self.error(at.clone(), "unknown_filter", name),
            }
            Text::default()
        });
        for path in text.paths() {
            self.readable_path(&at, path);
        }
        reads.extend(text.paths().iter().cloned());
        text
    }

    /// A text that must say something.
    pub(super) fn words(&mut self, at: Place, source: &str, reads: &mut Vec<String>) -> Text {
        if source.trim().is_empty() {
            self.error(at.clone(), "empty_text", "");
        } else if source.chars().count() > TEXT_MAX {
            self.warning(at.clone(), "long_text", TEXT_MAX.to_string());
        }
        self.text(at, source, reads)
    }

    /// What is written on a button.
    pub(super) fn label(&mut self, at: Place, source: &str, reads: &mut Vec<String>) -> Text {
        let text = self.words(at.clone(), source, reads);
        if text.plain().is_some_and(|plain| plain.chars().count() > LABEL_MAX) {
            self.warning(at, "long_label", source);
        }
        text
    }

    pub(super) fn maybe_text(
        &mut self,
        at: Place,
        source: Option<&String>,
        reads: &mut Vec<String>,
    ) -> Option<Text> {
        source.map(|source| self.words(at, source, reads))
    }

    pub(super) fn readable_path(&mut self, at: &Place, path: &str) {
        if let Err(code) = self.readable.check(path) {
            self.error(at.clone(), code, path);
        }
    }

    pub(super) fn picture(
        &mut self,
        step: &str,
        picture: Option<&Picture>,
        reads: &mut Vec<String>,
    ) -> Option<PicturePlan> {
        let picture = picture?;
        let key = self.words(step_field(step, "media.key"), &picture.key, reads);
        Some(PicturePlan { kind: picture.kind, key })
    }
}
