//! What an xlsx sheet keeps out of sight, and what a part of XML may not do to those who read it.
//!
//! Every sheet is glanced at while it inflates, by searching its bytes. Only a sheet in which something is hidden is
//! gone through tag by tag.

use std::io::{BufRead, BufReader, Read};

use memchr::memmem::{self, Finder};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::inflate::{self, HELD};
use super::merged_xml::{self, MergedXml};
use super::parts::{Parts, SEAM, broken};
use crate::intake::bounds::{MOST_COLUMNS, MOST_ROWS};
use crate::intake::guard::{Panicked, guarded};
use crate::intake::lines::{Laid, OutOfSight};
use crate::intake::merged::{Merges, TooMany};
use crate::intake::office::tags::{Mistake, TagForm, TagName, Tags};
use crate::intake::spans;
use crate::intake::trouble::Trouble;

/// No cell holds more than 32,767 characters, nor any of them more than ten bytes of XML: a longer stretch without a
/// tag is there to fill a machine's memory.
const LONGEST_TEXT: u64 = 1 << 20;

/// Looks at the chunks of a part of XML as they go by.
pub(super) struct XmlGlance {
    hidden: Finder<'static>,
    declared: Finder<'static>,
    merged: MergedXml,
    tail: Vec<u8>,
    without_tag: u64,
    seen: u64,
    /// Something may be hidden.
    pub(super) hides: bool,
    /// Comments and the like, which a parser holds as a whole, or an encoding that is not to be searched by bytes.
    pub(super) declares: bool,
}

impl XmlGlance {
    /// Nothing seen yet.
    pub(super) fn new() -> Self {
        XmlGlance {
            hidden: Finder::new("hidden"),
            declared: Finder::new("<!"),
            merged: MergedXml::new(),
            tail: Vec::new(),
            without_tag: 0,
            seen: 0,
            hides: false,
            declares: false,
        }
    }

    /// Looks at the next chunk.
    pub(super) fn at(&mut self, parts_file: &str, part: &str, chunk: &[u8]) -> Result<(), Trouble> {
        if self.seen == 0 && !is_plain(chunk) {
            (self.hides, self.declares) = (true, true); // UTF-16
        }
        self.seen += chunk.len() as u64;
        let seam = seam(&mut self.tail, chunk);
        self.merged
            .at(&seam, chunk)
            .map_err(|many| many.refusal(parts_file, part))?;
        self.hides = self.hides || self.has_hidden(chunk) || self.has_hidden(&seam);
        self.declares = self.declares
            || [chunk, &seam]
                .into_iter()
                .any(|bytes| self.declared.find(bytes).is_some());
        if self.declares && self.seen > HELD.most {
            return Err(inflate::refusal(parts_file, part, HELD.most).into());
        }
        let tagless = [b'<', b'>']
            .into_iter()
            .any(|bracket| memchr::memchr(bracket, chunk).is_none());
        self.without_tag = if tagless {
            self.without_tag + chunk.len() as u64
        } else {
            0
        };
        if self.without_tag > LONGEST_TEXT {
            return Err(broken(
                parts_file,
                format!("part {part}: a text longer than any cell may hold"),
            ));
        }
        Ok(())
    }

    /// The cells that are merged down, at the end of the part.
    pub(super) fn merged(self) -> Merges {
        self.merged.merges()
    }

    fn has_hidden(&self, bytes: &[u8]) -> bool {
        self.hidden
            .find_iter(bytes)
            .any(|at| is_true(&bytes[at + "hidden".len()..]))
    }
}

/// The end of what went by and the start of what comes.
fn seam(tail: &mut Vec<u8>, chunk: &[u8]) -> Vec<u8> {
    let mut seam = std::mem::take(tail);
    seam.extend_from_slice(&chunk[..chunk.len().min(SEAM)]);
    tail.extend_from_slice(&chunk[chunk.len().saturating_sub(SEAM)..]);
    seam
}

fn is_plain(start: &[u8]) -> bool {
    !start.starts_with(b"\xff\xfe")
        && !start.starts_with(b"\xfe\xff")
        && !start.iter().take(4).any(|byte| *byte == 0)
}

/// Whether what follows an attribute's name says neither `="0"` nor `="false"`.
fn is_true(after: &[u8]) -> bool {
    let Some(value) = after.trim_ascii_start().strip_prefix(b"=") else {
        return false;
    };
    match value.trim_ascii_start() {
        [b'"' | b'\'', value, ..] => !matches!(value, b'0' | b'f'),
        _ => false,
    }
}

/// Whether a part of shared texts is to be read by a whole parser, as of a sheet.
#[derive(Default)]
pub(super) struct Declares {
    tail: Vec<u8>,
    seen: bool,
    pub(super) any: bool,
}

impl Declares {
    /// Looks at the next chunk.
    pub(super) fn at(&mut self, chunk: &[u8]) {
        self.any |= !self.seen && !is_plain(chunk);
        self.seen = true;
        let seam = seam(&mut self.tail, chunk);
        self.any = self.any
            || [chunk, &seam]
                .into_iter()
                .any(|bytes| memmem::find(bytes, b"<!").is_some());
    }
}

/// How many texts a part of shared texts claims to hold: calamine makes room for so many before it has seen one.
/// Read by the parser that calamine uses; what that cannot read, calamine complains of.
pub(super) fn claimed_texts(xml: impl BufRead) -> u64 {
    let mut claimed = 0;
    let read = each_element(xml, |element, _| {
        let Some(element) = element else { return true };
        let of_texts = element.local_name().into_inner() == "sst";
        if of_texts {
            claimed = claimed_of(element.as_bytes());
        }
        !of_texts
    });
    read.map_or(0, |()| claimed)
}

/// The largest count in a tag, however its attributes are written.
fn claimed_of(tag: &[u8]) -> u64 {
    const NAME: &[u8] = b"uniqueCount";
    let number = |at: usize| {
        let digits = tag[at + NAME.len()..]
            .iter()
            .skip_while(|b| !b.is_ascii_digit())
            .take_while(|b| b.is_ascii_digit());
        digits.fold(0_u64, |n, digit| {
            n.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
        })
    };
    memmem::find_iter(tag, NAME).map(number).max().unwrap_or(0)
}

/// Whether a part of so many bytes may hold what it claims: the shortest text is `<si/>`. Small claims cost nothing.
pub(super) fn is_credible(claimed: u64, bytes: u64) -> bool {
    claimed <= bytes / 4 + 65_536
}

/// Counts tags and their lengths in a part of styles: calamine copies a format, whatever its length, into every cell
/// style that names it.
#[derive(Default)]
pub(super) struct StyleTags {
    tags: u64,
    longest: u64,
    current: u64,
}

impl StyleTags {
    /// Looks at the next chunk.
    pub(super) fn at(&mut self, chunk: &[u8]) {
        let mut from = 0;
        for at in memchr::memchr_iter(b'<', chunk) {
            self.end(at - from);
            self.tags += 1;
            from = at;
        }
        self.current += (chunk.len() - from) as u64;
        self.longest = self.longest.max(self.current);
    }

    fn end(&mut self, more: usize) {
        self.longest = self.longest.max(self.current + more as u64);
        self.current = 0;
    }

    /// Excel itself stops at 65,490 cell styles, of a few tags each, and formats of 255 characters.
    pub(super) fn are_credible(&self) -> bool {
        self.tags <= 1_000_000 && self.tags.saturating_mul(self.longest) <= 512 << 20
    }
}

/// Reads what a sheet hides, up to the end of its cells. `odd`: by the parser that calamine uses, and what is merged behind
/// them too.
pub(super) fn laid(parts: &mut Parts<'_>, part: &str, odd: bool) -> Result<Laid, Trouble> {
    let file = parts.file().to_owned();
    let Some(reader) = parts.again(part)? else {
        return Ok(Laid::default());
    };
    let found = guarded(|| {
        if odd {
            parsed(BufReader::with_capacity(64 << 10, reader))
        } else {
            searched(reader)
        }
    });
    found
        .map_err(|_| broken(&file, Panicked::REASON))?
        .map_err(|e| broken(&file, format!("part {part}: {e}")))?
        .map_err(|many| many.refusal(&file, part).into())
}

/// How a sheet is laid out, unless it merges too much; or why it cannot be read.
type ReadLaid = Result<Result<Laid, TooMany>, String>;

fn parsed(xml: impl BufRead) -> ReadLaid {
    let mut found = Hiding::default();
    let (mut merges, mut ended_cells) = (Ok(Merges::default()), false);
    let outcome = each_element(xml, |element, ended| {
        if let Some(element) = element {
            let each = |take: &mut dyn FnMut(&[u8], &[u8])| {
                let mut attributes = element.attributes();
                for attribute in attributes.with_checks(false).flatten() {
                    take(
                        attribute.key.local_name().into_inner().as_bytes(),
                        attribute.value.as_bytes(),
                    );
                }
            };
            match element.local_name().into_inner() {
                "row" if !ended_cells => found.row(each),
                "col" if !ended_cells => found.columns(each),
                "mergeCell" => merged_xml::add(&mut merges, each),
                _ => {}
            }
        }
        ended_cells |= ended == Some("sheetData");
        ended != Some("mergeCells")
    });
    // What is wrong behind the cells is no business of theirs.
    if !ended_cells {
        outcome.map_err(|e| e.to_string())?;
    }
    Ok(merges.map(|merges| Laid {
        hidden: found.hidden(),
        merged: merges.sorted(),
    }))
}

fn searched(xml: impl Read) -> ReadLaid {
    let (mut found, mut tags) = (Hiding::default(), Tags::new(xml));
    while let Some((name, form)) = tags.next().map_err(Mistake::into_reason)? {
        let each = |take: &mut dyn FnMut(&[u8], &[u8])| tags.attributes(take);
        match (name, form) {
            (TagName::Row, TagForm::Start | TagForm::Empty) => found.row(each),
            (TagName::Col, TagForm::Start | TagForm::Empty) => found.columns(each),
            (TagName::SheetData, TagForm::End) => break,
            _ => {}
        }
    }
    Ok(Ok(Laid {
        hidden: found.hidden(),
        ..Laid::default()
    }))
}

/// Gives every element of a document, and every end of one, until told to stop.
pub(crate) fn each_element(
    xml: impl BufRead,
    mut each: impl FnMut(Option<&BytesStart<'_>>, Option<&str>) -> bool,
) -> Result<(), quick_xml::Error> {
    let mut reader = Reader::from_reader(xml);
    // As calamine: what it reads, this reads.
    let config = reader.config_mut();
    config.check_end_names = false;
    config.check_comments = false;
    config.expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let goes_on = match reader.read_event_into(&mut buffer)? {
            Event::Start(element) => each(Some(&element), None),
            Event::End(end) => each(None, Some(end.local_name().into_inner())),
            Event::Eof => false,
            _ => true,
        };
        if !goes_on {
            return Ok(());
        }
    }
}

/// The value of an attribute, whatever its prefix.
pub(crate) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = element.attributes();
    let attributes = attributes.with_checks(false);
    let found = attributes
        .flatten()
        .find(|attribute| attribute.key.local_name().into_inner() == name)?;
    Some(found.value.into_owned())
}

/// What was found hidden so far.
#[derive(Default)]
struct Hiding {
    /// Number of the last row: one without a number of its own is the next.
    row: u32,
    rows: Vec<(u32, u32)>,
    columns: Vec<(usize, usize)>,
}

impl Hiding {
    fn row(&mut self, attributes: impl FnOnce(&mut dyn FnMut(&[u8], &[u8]))) {
        let (mut number, mut hides) = (None, false);
        attributes(&mut |name, value| match name {
            b"r" => number = number_of(value),
            b"hidden" => hides = says_yes(value),
            _ => {}
        });
        self.row = number.unwrap_or(self.row.saturating_add(1));
        // `zeroHeight` hides only rows that have no element, so none that holds anything.
        if hides && (1..=MOST_ROWS).contains(&self.row) {
            spans::push(&mut self.rows, self.row);
        }
    }

    fn columns(&mut self, attributes: impl FnOnce(&mut dyn FnMut(&[u8], &[u8]))) {
        let (mut min, mut max, mut hides) = (None, None, false);
        attributes(&mut |name, value| match name {
            b"min" => min = number_of(value),
            b"max" => max = number_of(value),
            b"hidden" => hides = says_yes(value),
            _ => {}
        });
        if let Some(first) = min.filter(|first| hides && (1..=MOST_COLUMNS).contains(first)) {
            let last = max.unwrap_or(first).clamp(first, MOST_COLUMNS);
            self.columns.push((first as usize - 1, last as usize - 1));
        }
    }

    fn hidden(self) -> OutOfSight {
        OutOfSight {
            sheet: false,
            rows: spans::joined(self.rows, |n| n + 1),
            columns: spans::joined(self.columns, |n| n + 1),
        }
    }
}

fn number_of(value: &[u8]) -> Option<u32> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

fn says_yes(value: &[u8]) -> bool {
    matches!(value.trim_ascii(), b"1" | b"true")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glance(chunks: &[&str]) -> bool {
        let mut glance = XmlGlance::new();
        chunks
            .iter()
            .for_each(|chunk| glance.at("a.xlsx", "s", chunk.as_bytes()).unwrap());
        glance.hides
    }

    #[test]
    fn a_sheet_is_parsed_only_where_something_may_be_hidden() {
        for (chunks, hides) in [
            (&["<row r=\"1\" hidden=\"1\">"][..], true),
            (&["<row hidden = 'true'>"], true),
            (&["<row hid", "den=\"1\">"], true),
            (&["<row hidden", "=\"1\">"], true),
            (&["<row hidden=\"0\"><row hidden=\"false\">"], false),
            (&["<t>hidden</t>"], false),
            (&["<row hidden=\"fa", "lse\">"], false),
        ] {
            assert_eq!(glance(chunks), hides, "{chunks:?}");
        }
        assert!(glance(&["\u{0}<\u{0}w"]));
    }

    #[test]
    fn rows_without_numbers_count_on_and_prefixes_do_not_matter() {
        let xml = r#"<x:worksheet><x:cols><x:col min="2" max="3" hidden="1"/><x:col min="5" max="5" hidden="0"/>
            <x:col min="9" max="99999" hidden="true"/><x:col min="0" hidden="1"/></x:cols><x:sheetData>
            <x:row/><x:row hidden="1"/><x:row r="7" hidden="true"/><x:row hidden="1"/><x:row hidden="0"/><x:row r="3" hidden="1"/>
            </x:sheetData><x:row r="50" hidden="1"/></x:worksheet>"#;
        for hidden in [parsed(xml.as_bytes()), searched(xml.as_bytes())]
            .map(|laid| laid.unwrap().unwrap().hidden)
        {
            assert_eq!(hidden.rows, [(2, 3), (7, 8)]);
            assert_eq!(hidden.columns, [(1, 2), (8, 16_383)]);
        }
    }

    #[test]
    fn a_whole_parser_finds_what_is_merged_behind_the_cells() {
        let xml = r#"<x:worksheet><x:sheetData><x:row r="2"/></x:sheetData><!-- --><x:mergeCells count="2">
            <x:mergeCell ref="B2:B4"/><x:mergeCell ref="A1:C1"/></x:mergeCells></x:worksheet>"#;
        let mut down = Merges::default();
        down.add((1, 3), (1, 1)).unwrap();
        assert_eq!(parsed(xml.as_bytes()).unwrap().unwrap().merged, down);
        // What is damaged behind the cells is no business of theirs.
        let cut = xml.split("<x:mergeCell ref=\"A").next().unwrap();
        assert!(parsed(format!("{cut}<").as_bytes()).unwrap().is_ok());
    }

    #[test]
    fn a_count_of_texts_is_not_believed_beyond_what_the_part_can_hold() {
        for (xml, credible) in [
            ("<sst uniqueCount=\"65000\">", true),
            (
                "<sst count=\"1\" uniqueCount=\"99999999999999999999999\">",
                false,
            ),
            ("<sst uniqueCount = '70000'>", false),
            (
                "<!-- <sst> --><x:sst x:uniqueCount=\"1\" uniqueCount=\"70000\">",
                false,
            ),
            ("<x uniqueCount=\"70000\"/><sst/>", true),
        ] {
            assert_eq!(
                is_credible(claimed_texts(xml.as_bytes()), xml.len() as u64),
                credible,
                "{xml}"
            );
        }
    }

    #[test]
    fn styles_may_be_many_or_long_but_not_both() {
        let tags = |times: usize, tag: &str| {
            let mut tags = StyleTags::default();
            (0..times).for_each(|_| tags.at(tag.as_bytes()));
            tags.are_credible()
        };
        assert!(tags(300_000, "<xf numFmtId=\"200\"/>"));
        assert!(tags(100, &format!("<f c=\"{}\"/>", "0".repeat(1 << 20))));
        assert!(!tags(
            10_000,
            &format!("<f c=\"{}\"/>", "0".repeat(1 << 16))
        ));
        assert!(!tags(1_000_001, "<xf/>"));
    }

    #[test]
    fn a_text_longer_than_a_cell_is_no_sheet() {
        let mut glance = XmlGlance::new();
        let chunk = vec![b'0'; 128 << 10];
        assert!((0..9).any(|_| glance.at("a.xlsx", "s", &chunk).is_err()));
    }
}
