//! What a sheet of an xlsx merges: `<mergeCell ref="A2:A5"/>` (ECMA-376 part 1, 18.3.1.55).
//!
//! The list stands behind the cells, which are read one by one: it is found while the part is passed for the first time, so
//! that the rows are met with their merges known, and no part is read once more for them.

use memchr::memmem::Finder;
use memchr::memrchr;

use super::parts::SEAM;
use crate::intake::merged::{Merges, TooMany};
use crate::intake::office::tags::{TagForm, TagName, Tags, reference};

/// What the list is called. Nothing but a tag may hold this behind a `<`.
const LIST: &str = "mergeCells";

/// The list of merged cells, taken off the chunks of a part as they go by.
pub(super) struct MergedXml {
    list: Finder<'static>,
    state: State,
    merges: Merges,
}

enum State {
    /// The list has not begun.
    Before,
    /// Within the list: what of it is not a whole tag yet.
    Within(Vec<u8>),
    /// The list has ended.
    Behind,
}

impl MergedXml {
    /// Nothing seen yet.
    pub(super) fn new() -> Self {
        MergedXml {
            list: Finder::new(LIST),
            state: State::Before,
            merges: Merges::default(),
        }
    }

    /// Looks at the next chunk. `seam`: the end of what went by, and the start of the chunk.
    pub(super) fn at(&mut self, seam: &[u8], chunk: &[u8]) -> Result<(), TooMany> {
        match &mut self.state {
            State::Behind => return Ok(()),
            State::Within(rest) => rest.extend_from_slice(chunk),
            State::Before if ends_among_cells(chunk) => return Ok(()),
            State::Before => {
                let rest = if let Some(at) = self.begin(seam) {
                    [&seam[at..], chunk.get(SEAM..).unwrap_or(&[])].concat()
                } else if let Some(at) = self.begin(chunk) {
                    chunk[at..].to_vec()
                } else {
                    return Ok(());
                };
                self.state = State::Within(rest);
            }
        }
        self.take_whole_tags()
    }

    /// What was found.
    pub(super) fn merges(self) -> Merges {
        self.merges.sorted()
    }

    /// Where the list begins: its name, with a prefix or without, right behind a `<`.
    fn begin(&self, bytes: &[u8]) -> Option<usize> {
        self.list.find_iter(bytes).find_map(|name| {
            let before = &bytes[..name];
            let is_prefix = |b: &u8| !matches!(b, b'<' | b'/' | b'>') && !b.is_ascii_whitespace();
            let prefix = before.iter().rev().take_while(|b| is_prefix(b)).count();
            let at = name.checked_sub(prefix + 1)?;
            let is_whole = prefix == 0 || before.last() == Some(&b':');
            (bytes[at] == b'<' && is_whole).then_some(at)
        })
    }

    fn take_whole_tags(&mut self) -> Result<(), TooMany> {
        let State::Within(rest) = &mut self.state else {
            return Ok(());
        };
        let Some(end) = memrchr(b'>', rest) else {
            return Ok(());
        };
        let (mut merges, mut ended) = (Ok(std::mem::take(&mut self.merges)), false);
        let mut tags = Tags::new(&rest[..=end]);
        // What is no tag ends the list: behind the cells nothing else is of use.
        while !ended {
            match tags.next() {
                Ok(Some((TagName::MergeCell, TagForm::Start | TagForm::Empty))) => {
                    add(&mut merges, |take| tags.attributes(take));
                }
                Ok(Some((TagName::MergeCells, TagForm::End | TagForm::Empty))) | Err(_) => {
                    ended = true;
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
            }
        }
        rest.drain(..=end);
        if ended {
            self.state = State::Behind;
        }
        self.merges = merges?;
        Ok(())
    }
}

/// Whether a chunk ends within a cell or right behind one, by its last tag: what stands before that is cells too, or their
/// columns. So almost no chunk is searched.
fn ends_among_cells(chunk: &[u8]) -> bool {
    let last = memrchr(b'<', chunk).map_or(&[][..], |at| &chunk[at..]);
    [&b"</v>"[..], b"<v>", b"</c>", b"<c "]
        .iter()
        .any(|tag| last.starts_with(tag))
}

/// Adds what one tag merges. What is no area merges nothing.
pub(super) fn add(
    merges: &mut Result<Merges, TooMany>,
    attributes: impl FnOnce(&mut dyn FnMut(&[u8], &[u8])),
) {
    let mut area = None;
    attributes(&mut |name, value| {
        if name == b"ref" {
            area = of_area(value);
        }
    });
    if let (Ok(merged), Some((rows, columns))) = (&mut *merges, area)
        && let Err(many) = merged.add(rows, columns)
    {
        *merges = Err(many);
    }
}

/// Rows and columns, from 0, of `A2:A5`.
fn of_area(written: &[u8]) -> Option<((u32, u32), (u32, u32))> {
    let colon = written.iter().position(|b| *b == b':')?;
    let (first, last) = (
        reference(written[..colon].trim_ascii())?,
        reference(written[colon + 1..].trim_ascii())?,
    );
    Some(((first.0, last.0), (first.1, last.1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::merged::Down;

    /// What is found in a part that comes in chunks of a size, each with its seam.
    fn found(xml: &str, size: usize) -> Vec<Down> {
        let (mut merged, mut tail) = (MergedXml::new(), Vec::new());
        for chunk in xml.as_bytes().chunks(size) {
            let mut seam = tail.clone();
            seam.extend_from_slice(&chunk[..chunk.len().min(SEAM)]);
            merged.at(&seam, chunk).unwrap();
            tail = chunk[chunk.len().saturating_sub(SEAM)..].to_vec();
        }
        merged.merges().each().to_vec()
    }

    #[test]
    fn merged_cells_are_found_behind_the_cells_however_the_part_is_cut() {
        let cells = "<row r=\"1\"><c t=\"inlineStr\"><is><t>mergeCells :mergeCells ref=\"A2:A9\" &lt;</t></is></c></row>";
        let down = [
            Down {
                first: 2,
                last: 5,
                column: 0,
            },
            Down {
                first: 2,
                last: 3,
                column: 27,
            },
        ];
        let plain = "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"B1\" s=\"2\"/></row>";
        for (prefix, cells) in [("", cells), ("x:", cells), ("", plain)] {
            let xml = format!(
                "<{prefix}worksheet>{}<{prefix}mergeCells count=\"3\">
                 <{prefix}mergeCell ref=\"AB2:AB3\"/><{prefix}mergeCell ref=\"A1:H1\"></{prefix}mergeCell>
                 <{prefix}mergeCell\n ref='A2:A5' /><{prefix}mergeCell ref=\"A7\"/></{prefix}mergeCells>
                 <{prefix}mergeCell ref=\"C1:C9\"/></{prefix}worksheet>",
                cells.repeat(20)
            );
            for size in [SEAM, 49, 64, 100, 1000, 1 << 20] {
                assert_eq!(found(&xml, size), [down[1], down[0]], "{prefix} {size}");
            }
        }
        assert!(found("<t>mergeCells</t></mergeCells>", 1000).is_empty());
    }

    #[test]
    fn a_list_without_an_end_gives_what_stands_in_it() {
        let xml = "<mergeCells><mergeCell ref=\"A2:A5\"/><mergeCell ref=\"B2";
        assert_eq!(found(xml, 1000).len(), 1);
        assert!(found("<mergeCells/><mergeCell ref=\"A2:A5\"/>", 1000).is_empty());
    }
}
