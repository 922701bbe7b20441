//! The texts that the cells of a workbook share, as numbers.

use std::io::Read;

use crate::intake::office::tags::{Mistake, TagForm, TagName, Tags};

/// The shared texts, one behind the other.
#[derive(Default)]
pub(crate) struct SharedTexts {
    all: String,
    ends: Vec<usize>,
}

impl SharedTexts {
    /// `bytes`: what the part was measured to hold, so that nothing is moved while it grows.
    pub(crate) fn read<R: Read>(mut tags: Tags<R>, bytes: usize) -> Result<Self, Mistake> {
        let mut texts = SharedTexts {
            all: String::with_capacity(bytes),
            ends: Vec::new(),
        };
        while let Some(tag) = tags.next()? {
            match tag {
                (TagName::Si, TagForm::Start) => tags.rich_text(TagName::Si, &mut texts.all)?,
                (TagName::Si, TagForm::Empty) => {}
                _ => continue,
            }
            texts.ends.push(texts.all.len());
        }
        Ok(texts)
    }

    /// The text of a number.
    pub(crate) fn at(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.all[start..end]) // both were lengths of the text: boundaries
    }

    /// Adds the next text.
    pub(crate) fn push(&mut self, text: &str) {
        self.all.push_str(text);
        self.ends.push(self.all.len());
    }
}
