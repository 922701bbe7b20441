//! The tags of a sheet or of its shared texts, straight from the bytes, without an event of each as a whole parser makes.
//!
//! Only for XML in UTF-8 without declarations, comments and CDATA; the light pass (`zipped`) has seen to that.

use std::io::{ErrorKind, Read};

use memchr::{memchr, memchr2};

/// Text and tag behind it, at most: no cell of 32,767 characters needs as much, however it is escaped.
const LONGEST: usize = 1 << 20;

/// Bytes read at a time: what stays in a core's cache.
const CHUNK: usize = 128 << 10;

/// What a tag is called, without its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TagName {
    SheetData,
    Row,
    Col,
    C,
    V,
    Is,
    T,
    Si,
    MergeCells,
    MergeCell,
    Phonetic,
    Other,
}

/// How a tag stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TagForm {
    Start,
    End,
    /// `<c/>`
    Empty,
}

/// What keeps tags from being read.
#[derive(Debug)]
pub(crate) enum Mistake {
    /// The archive is damaged.
    Damaged(String),
    /// It is no XML of a sheet: in fixed words.
    Xml(&'static str),
}

impl Mistake {
    /// For a fault.
    pub(crate) fn into_reason(self) -> String {
        match self {
            Mistake::Damaged(reason) => format!("damaged part: {reason}"),
            Mistake::Xml(reason) => reason.to_owned(),
        }
    }
}

/// A stream of tags with the text before each.
pub(crate) struct Tags<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Bytes of the buffer that are filled.
    filled: usize,
    /// Where the text before the tag begins, where the tag does, and where what comes after it does.
    text: usize,
    tag: usize,
    next: usize,
    /// Where the tag's attributes begin and end.
    attributes: (usize, usize),
}

impl<R: Read> Tags<R> {
    /// From the first byte on.
    pub(crate) fn new(reader: R) -> Self {
        Tags {
            reader,
            buffer: vec![0; CHUNK],
            filled: 0,
            text: 0,
            tag: 0,
            next: 0,
            attributes: (0, 0),
        }
    }

    /// Goes to the next tag; `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<(TagName, TagForm)>, Mistake> {
        self.text = self.next;
        let mut from = self.next;
        self.tag = loop {
            match memchr(b'<', &self.buffer[from..self.filled]) {
                Some(at) => break from + at,
                None => from = self.filled,
            }
            let shift = self.text;
            if !self.refill()? {
                return Ok(None);
            }
            from -= shift;
        };
        let mut seen = 1;
        let end = loop {
            match end_of_tag(&self.buffer[self.tag..self.filled], &mut seen) {
                Some(end) => break self.tag + end,
                None if self.refill()? => {}
                None => return Err(Mistake::Xml("a tag that never ends")),
            }
        };
        self.next = end + 1;
        Ok(Some(self.named(end)))
    }

    /// Name and form of the tag that ends there; its attributes are kept.
    fn named(&mut self, end: usize) -> (TagName, TagForm) {
        let inside = &self.buffer[self.tag + 1..end];
        let (inside, form) = match inside {
            [b'/', name @ ..] => (name, TagForm::End),
            [all @ .., b'/'] => (all, TagForm::Empty),
            all => (all, TagForm::Start),
        };
        let first = if form == TagForm::End {
            self.tag + 2
        } else {
            self.tag + 1
        };
        let length = inside
            .iter()
            .position(|b| b.is_ascii_whitespace())
            .unwrap_or(inside.len());
        self.attributes = (first + length, first + inside.len());
        (name(&inside[..length]), form)
    }

    /// Makes room behind the text that is being looked at, and reads on; false at the end of the stream.
    fn refill(&mut self) -> Result<bool, Mistake> {
        let shift = self.text;
        self.buffer.copy_within(shift..self.filled, 0);
        (self.filled, self.tag, self.text) =
            (self.filled - shift, self.tag.saturating_sub(shift), 0);
        if self.filled == self.buffer.len() {
            if self.filled >= LONGEST {
                return Err(Mistake::Xml("a text longer than any cell may hold"));
            }
            self.buffer.resize(self.filled * 2, 0);
        }
        loop {
            match self.reader.read(&mut self.buffer[self.filled..]) {
                Ok(more) => {
                    self.filled += more;
                    return Ok(more > 0);
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(Mistake::Damaged(e.to_string())),
            }
        }
    }

    /// The text before the tag, as it is written.
    pub(crate) fn text(&self) -> Result<&str, Mistake> {
        std::str::from_utf8(&self.buffer[self.text..self.tag])
            .map_err(|_| Mistake::Xml("bytes that are no UTF-8"))
    }

    /// Gives the tag's attributes as they are written: name without prefix, value.
    pub(crate) fn attributes(&self, mut each: impl FnMut(&[u8], &[u8])) {
        let mut rest = &self.buffer[self.attributes.0..self.attributes.1];
        loop {
            rest = rest.trim_ascii_start();
            let Some(sign) = rest.iter().position(|b| *b == b'=') else {
                return;
            };
            let name = rest[..sign].trim_ascii_end();
            let [quote @ (b'"' | b'\''), value @ ..] = rest[sign + 1..].trim_ascii_start() else {
                return;
            };
            let Some(length) = value.iter().position(|b| b == quote) else {
                return;
            };
            each(local(name), &value[..length]);
            rest = &value[length + 1..];
        }
    }
}

/// Where a tag that begins here ends; a `>` between quotes ends none. `seen`: how far it was looked at, outside of quotes.
fn end_of_tag(tag: &[u8], seen: &mut usize) -> Option<usize> {
    while let Some((at, byte)) = tag[*seen..]
        .iter()
        .enumerate()
        .find(|(_, b)| matches!(b, b'>' | b'"' | b'\''))
    {
        let at = *seen + at;
        if *byte == b'>' {
            return Some(at);
        }
        *seen = at;
        *seen = at + 2 + memchr(*byte, &tag[at + 1..])?;
    }
    None
}

fn local(name: &[u8]) -> &[u8] {
    name.iter()
        .rposition(|b| *b == b':')
        .map_or(name, |colon| &name[colon + 1..])
}

fn name(name: &[u8]) -> TagName {
    match local(name) {
        b"c" => TagName::C,
        b"v" => TagName::V,
        b"t" => TagName::T,
        b"row" => TagName::Row,
        b"col" => TagName::Col,
        b"si" => TagName::Si,
        b"is" => TagName::Is,
        b"rPh" => TagName::Phonetic,
        b"sheetData" => TagName::SheetData,
        b"mergeCell" => TagName::MergeCell,
        b"mergeCells" => TagName::MergeCells,
        _ => TagName::Other,
    }
}

/// Digits with blanks around them.
pub(super) fn whole_number(written: &[u8]) -> Option<u32> {
    let digits = written.trim_ascii();
    let digit = |n: u32, b: &u8| {
        n.checked_mul(10)?
            .checked_add(u32::from(b.checked_sub(b'0').filter(|d| *d < 10)?))
    };
    if digits.is_empty() {
        None
    } else {
        digits.iter().try_fold(0, digit)
    }
}

/// Row and column, from 0, of `B12`. What no `u32` holds lies outside of any sheet as far as it goes.
pub(super) fn reference(written: &[u8]) -> Option<(u32, u32)> {
    let letters = written
        .iter()
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    let (letters, digits) = written.split_at(letters);
    if letters.is_empty() || digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let letter = |n: u32, b: &u8| {
        n.saturating_mul(26)
            .saturating_add(u32::from(b.to_ascii_uppercase() - b'A') + 1)
    };
    let column = letters.iter().fold(0, letter);
    let row = whole_number(digits).unwrap_or(u32::MAX);
    Some((row.checked_sub(1)?, column - 1))
}

/// Appends a text with its entities and line ends as XML reads them.
pub(crate) fn unescape(written: &str, text: &mut String) -> Result<(), Mistake> {
    let mut rest = written;
    while let Some(at) = memchr2(b'&', b'\r', rest.as_bytes()) {
        let (plain, special) = rest.split_at(at); // both bytes are ASCII: a boundary
        text.push_str(plain);
        if let Some(after) = special.strip_prefix('\r') {
            text.push('\n');
            rest = after.strip_prefix('\n').unwrap_or(after);
            continue;
        }
        let (entity, after) = special[1..]
            .split_once(';')
            .ok_or(Mistake::Xml("an entity that never ends"))?;
        text.push(character(entity).ok_or(Mistake::Xml("an unknown entity"))?);
        rest = after;
    }
    text.push_str(rest);
    Ok(())
}

fn character(entity: &str) -> Option<char> {
    match entity {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = entity.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?).filter(|c| *c != '\0')
        }
    }
}

/// Excel's own escapes, `_x000D_` for a character that XML cannot hold.
pub(crate) fn without_excel_escapes(text: &mut String, from: usize) {
    if !text[from..].contains("_x") {
        return; // `from` is the length the text had before something was appended: a boundary
    }
    let mut units: Vec<u16> = Vec::new();
    let mut rest = text.split_off(from);
    while let Some(at) = rest.find("_x") {
        let code = rest
            .get(at + 2..at + 6)
            .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = code
            .filter(|_| rest.as_bytes().get(at + 6) == Some(&b'_'))
            .and_then(|hex| u16::from_str_radix(hex, 16).ok());
        let (taken, unit) = if let Some(unit) = code {
            (7, Some(unit))
        } else {
            (2, None)
        };
        units.extend(rest[..at].encode_utf16()); // found by `find`, and ASCII up to `at + taken`: boundaries
        match unit {
            Some(unit) => units.push(unit),
            None => units.extend("_x".encode_utf16()),
        }
        rest.drain(..at + taken);
    }
    units.extend(rest.encode_utf16());
    text.push_str(&String::from_utf16_lossy(&units));
}

impl<R: Read> Tags<R> {
    /// Appends the texts of an `<si>` or `<is>` that has begun, up to its end: runs joined, readings (rPh) left out.
    pub(crate) fn rich_text(&mut self, closing: TagName, text: &mut String) -> Result<(), Mistake> {
        let (mut reading, mut preserved) = (false, false);
        while let Some((name, form)) = self.next()? {
            match (name, form) {
                (TagName::T, TagForm::Start) => {
                    preserved = false;
                    self.attributes(|name, value| {
                        preserved |= name == b"space" && value == b"preserve"
                    });
                }
                (TagName::T, TagForm::End) if !reading => {
                    let from = text.len();
                    if preserved {
                        unescape(self.text()?, text)?;
                    } else {
                        let mut whole = String::new();
                        unescape(self.text()?, &mut whole)?;
                        text.push_str(whole.trim_matches([' ', '\t', '\r', '\n']));
                    }
                    without_excel_escapes(text, from);
                }
                (TagName::Phonetic, _) => reading = form == TagForm::Start,
                (name, TagForm::End) if name == closing => return Ok(()),
                _ => {}
            }
        }
        Err(Mistake::Xml("a text that never ends"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let (now, later) = self.0.split_at(self.1.min(self.0.len()).min(buffer.len()));
            buffer[..now.len()].copy_from_slice(now);
            self.0 = later;
            Ok(now.len())
        }
    }

    #[test]
    fn references_say_where_a_cell_stands() {
        for (written, place) in [
            ("A1", Some((0, 0))),
            ("xfd1048576", Some((1_048_575, 16_383))),
            ("AA10", Some((9, 26))),
            ("A0", None),
            ("A", None),
            ("7", None),
            ("A1B", None),
            ("A99999999999", Some((u32::MAX - 1, 0))),
            ("ZZZZZZZZZZ1", Some((0, u32::MAX - 1))),
        ] {
            assert_eq!(reference(written.as_bytes()), place, "{written}");
        }
    }

    #[test]
    fn tags_are_the_same_however_the_stream_is_cut() {
        let xml =
            "<?xml v=\"1\"?><x:row r = '3' x:q=\">\">\n<c  r=\"A1\" t='s'/>甲&amp;乙</x:row >";
        for size in [1, 2, 5, 1000] {
            let mut tags = Tags::new(Slow(xml.as_bytes(), size));
            let mut found = Vec::new();
            while let Some((name, form)) = tags.next().unwrap() {
                let mut attributes = String::new();
                tags.attributes(|n, v| {
                    attributes += &format!(
                        "{}={} ",
                        String::from_utf8_lossy(n),
                        String::from_utf8_lossy(v)
                    )
                });
                found.push((name, form, attributes, tags.text().unwrap().to_owned()));
            }
            let of = |name, form, attributes: &str, text: &str| {
                (name, form, attributes.to_owned(), text.to_owned())
            };
            assert_eq!(
                found,
                [
                    of(TagName::Other, TagForm::Start, "v=1 ", ""),
                    of(TagName::Row, TagForm::Start, "r=3 q=> ", ""),
                    of(TagName::C, TagForm::Empty, "r=A1 t=s ", "\n"),
                    of(TagName::Row, TagForm::End, "", "甲&amp;乙"),
                ]
            );
        }
    }

    #[test]
    fn a_tag_or_a_text_without_end_is_a_mistake_and_takes_no_memory() {
        for start in ["<c r=\"", "<c ", "text"] {
            let endless = start.as_bytes().chain(std::io::repeat(b'x').take(1 << 30));
            let mut tags = Tags::new(endless);
            assert!(matches!(tags.next(), Err(Mistake::Xml(_))), "{start}");
            assert!(tags.buffer.len() <= LONGEST);
        }
    }

    #[test]
    fn entities_line_ends_and_the_escapes_of_excel_are_read() {
        for (written, expected) in [
            (
                "甲&lt;&#20057;&#x4E59;&quot;&apos;&gt;&amp;amp;",
                "甲<乙乙\"'>&amp;",
            ),
            ("a\r\nb\rc\n", "a\nb\nc\n"),
            ("a_x000D_b_x4E00__xD83D__xDE00_", "a\rb一😀"),
            ("_x12_ _xZZZZ_ _x", "_x12_ _xZZZZ_ _x"),
        ] {
            let mut text = "前".to_owned();
            unescape(written, &mut text).unwrap();
            without_excel_escapes(&mut text, "前".len());
            assert_eq!(text, format!("前{expected}"));
        }
        for written in ["&lol;", "&", "&#xD800;", "&#0;", "&#99999999999;"] {
            assert!(unescape(written, &mut String::new()).is_err(), "{written}");
        }
    }
}
