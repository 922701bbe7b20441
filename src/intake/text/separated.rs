//! csv and txt: splitting, counting. Ragged rows are normal; every record keeps its line.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use crate::intake::bounds::MOST_COLUMNS;
use crate::intake::cell::RowCells;

/// Line break of a text: `\n` (also in `\r\n`), or a lone `\r` where no `\n` stands anywhere.
pub(crate) fn line_break(text: &str) -> u8 {
    let bytes = text.as_bytes();
    if memchr(b'\n', bytes).is_none() && memchr(b'\r', bytes).is_some() {
        b'\r'
    } else {
        b'\n'
    }
}

/// How records are written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dialect {
    pub separator: u8,
    pub line_break: u8,
}

/// Why a text cannot be split, and the line where the record begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unsplit {
    /// A quote that never closes.
    Unclosed(u32),
    /// More columns than any spreadsheet has: a file of separators makes a cell of every byte.
    TooWide(u32),
}

/// Where separators and line breaks stand, one after the other. Cells are short: eight bytes are looked at together, and what
/// was found among them is not looked for again.
struct Marks<'a> {
    bytes: &'a [u8],
    /// Eight times the separator, and eight times the line break.
    both: [u64; 2],
    /// Where the bytes that were looked at begin.
    from: usize,
    /// The highest bit of every byte among them that is a mark and was not told yet.
    found: u64,
}

impl<'a> Marks<'a> {
    fn of(text: &'a str, dialect: Dialect) -> Self {
        let both =
            [dialect.separator, dialect.line_break].map(|byte| u64::from_le_bytes([byte; 8]));
        let mut marks = Marks {
            bytes: text.as_bytes(),
            both,
            from: 0,
            found: 0,
        };
        marks.go_to(0);
        marks
    }

    /// The next mark, or the end of the text.
    fn next(&mut self) -> usize {
        while self.found == 0 {
            if self.from + 8 >= self.bytes.len() {
                return self.bytes.len();
            }
            self.go_to(self.from + 8);
        }
        let at = self.from + (self.found.trailing_zeros() / 8) as usize;
        self.found &= self.found - 1;
        at
    }

    /// Goes on from a place.
    fn go_to(&mut self, at: usize) {
        self.from = at;
        let rest = self.bytes.get(at..).unwrap_or_default();
        // Behind the end stand zeros, which are no marks.
        let word = rest.first_chunk::<8>().copied().unwrap_or_else(|| {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            last
        });
        let [separators, breaks] = self.both.map(|mark| zeros(u64::from_le_bytes(word) ^ mark));
        self.found = separators | breaks;
    }
}

/// The highest bit of every byte that is zero.
const fn zeros(word: u64) -> u64 {
    const REST: u64 = u64::from_le_bytes([0x7f; 8]);
    !(((word & REST) + REST) | word | REST)
}

/// Records of a text, one by one.
pub(crate) struct TextRecords<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    dialect: Dialect,
    /// The marks from `at` on.
    marks: Marks<'a>,
}

impl<'a> TextRecords<'a> {
    /// From the start of `text`, whose first line has this number.
    pub(crate) fn new(text: &'a str, line: u32, dialect: Dialect) -> Self {
        TextRecords {
            text,
            at: 0,
            line,
            dialect,
            marks: Marks::of(text, dialect),
        }
    }

    /// Offset and line of the next record.
    pub(crate) fn position(&self) -> (usize, u32) {
        (self.at, self.line)
    }

    /// Puts the next record into `cells` and gives the line it begins on; `None` at the end.
    pub(crate) fn next(&mut self, cells: &mut RowCells<'a>) -> Option<Result<u32, Unsplit>> {
        let bytes = self.text.as_bytes();
        if self.at >= bytes.len() {
            return None;
        }
        let begins = self.line;
        cells.clear();
        loop {
            let (cell, end) = if bytes.get(self.at) == Some(&b'"') {
                let Some((cell, end)) = self.quoted() else {
                    return Some(Err(Unsplit::Unclosed(begins)));
                };
                self.marks.go_to(end + 1);
                (unwrapped_formula(cell), end)
            } else {
                let end = self.marks.next();
                let cell = self.plain(self.at, end);
                (Cow::Borrowed(inside_formula(cell).unwrap_or(cell)), end)
            };
            if cells.len() == MOST_COLUMNS as usize {
                return Some(Err(Unsplit::TooWide(begins)));
            }
            cells.push(cell);
            self.at = end + 1;
            if bytes.get(end) != Some(&self.dialect.separator) {
                self.line += 1;
                return Some(Ok(begins));
            }
        }
    }

    /// Puts the next record behind `cells` and gives its line, if it has so many cells, none of them is written in quotes or
    /// as a formula, and they fit; else everything stays as it is.
    pub(crate) fn next_plain(
        &mut self,
        cells: &mut Vec<&'a str>,
        width: usize,
        fits: impl Fn(&[&str]) -> bool,
    ) -> Option<u32> {
        let (bytes, before) = (self.text.as_bytes(), cells.len());
        let mut at = self.at;
        while !matches!(bytes.get(at), Some(b'"' | b'='))
            && cells.len() < before + width
            && at < bytes.len()
        {
            let end = self.marks.next();
            cells.push(self.plain(at, end));
            at = end + 1;
            if bytes.get(end) != Some(&self.dialect.separator) {
                if cells.len() < before + width || !fits(&cells[before..]) {
                    break;
                }
                self.at = at;
                self.line += 1;
                return Some(self.line - 1);
            }
        }
        cells.truncate(before);
        self.marks.go_to(self.at);
        None
    }

    /// The separator, line break or end that closes an unquoted stretch.
    fn end_of_plain(&self, from: usize) -> usize {
        let bytes = &self.text.as_bytes()[from..];
        memchr2(self.dialect.separator, self.dialect.line_break, bytes)
            .map_or(self.text.len(), |n| from + n)
    }

    fn plain(&self, from: usize, to: usize) -> &'a str {
        let has_return = from < to && self.text.as_bytes()[to - 1] == b'\r';
        &self.text[from..to - usize::from(has_return)]
    }

    /// A quoted cell at the current place and where it ends; text after the closing quote is kept.
    fn quoted(&mut self) -> Option<(Cow<'a, str>, usize)> {
        let bytes = self.text.as_bytes();
        let inside = self.at + 1;
        let close = closing_quote(bytes, inside)?;
        let body = &self.text[inside..close];
        self.line += memchr::memchr_iter(self.dialect.line_break, body.as_bytes()).count() as u32;
        let end = self.end_of_plain(close + 1);
        let rest = self.plain(close + 1, end);
        let body = if body.contains('"') {
            Cow::Owned(body.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(body)
        };
        Some((
            if rest.is_empty() {
                body
            } else {
                Cow::Owned(format!("{body}{rest}"))
            },
            end,
        ))
    }
}

/// Position of the quote that closes a cell whose text begins at `from`.
fn closing_quote(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let quote = at + memchr(b'"', &bytes[at..])?;
        if bytes.get(quote + 1) != Some(&b'"') {
            return Some(quote);
        }
        at = quote + 2;
    }
}

/// `="4303…"`: how some exports keep a spreadsheet from rounding a number.
pub(crate) fn unwrapped_formula(cell: Cow<'_, str>) -> Cow<'_, str> {
    match cell {
        Cow::Borrowed(text) => Cow::Borrowed(inside_formula(text).unwrap_or(text)),
        Cow::Owned(text) => match inside_formula(&text).map(str::to_owned) {
            Some(inside) => Cow::Owned(inside),
            None => Cow::Owned(text),
        },
    }
}

fn inside_formula(cell: &str) -> Option<&str> {
    // A byte tells almost every cell.
    if cell.as_bytes().first() != Some(&b'=') {
        return None;
    }
    cell.strip_prefix("=\"")?.strip_suffix('"')
}

/// Lines of a text, the last one whether it ends or not: no fewer than records.
pub(crate) fn lines(text: &str, dialect: Dialect) -> usize {
    memchr::memchr_iter(dialect.line_break, text.as_bytes()).count() + 1
}

/// Cuts a text between records into parts of about `size` bytes, each with the number of its first line.
pub(crate) fn parts(
    text: &str,
    first_line: u32,
    size: usize,
    dialect: Dialect,
) -> Result<Vec<(&str, u32)>, Unsplit> {
    if memchr(b'"', text.as_bytes()).is_none() {
        return Ok(parts_by_line(text, first_line, size, dialect));
    }
    let mut parts = Vec::new();
    let (mut start, mut start_line) = (0, first_line);
    let mut cut = |end: usize, lines: u32| {
        if end - start >= size {
            parts.push((&text[start..end], start_line));
            (start, start_line) = (end, first_line + lines);
        }
    };
    ends(text.as_bytes(), dialect, &mut cut)
        .map_err(|lines| Unsplit::Unclosed(first_line + lines))?;
    if start < text.len() {
        parts.push((&text[start..], start_line));
    }
    Ok(parts)
}

/// Tells of every line break between records where the next record begins, and how many lines stand before it. An error are
/// the lines before a record with a quote that never closes.
pub(crate) fn ends(
    bytes: &[u8],
    dialect: Dialect,
    mut tell: impl FnMut(usize, u32),
) -> Result<(), u32> {
    let (mut at, mut lines, mut before_record) = (0, 0, 0);
    while let Some(found) = memchr2(dialect.line_break, b'"', &bytes[at..]).map(|n| at + n) {
        at = found + 1;
        if bytes[found] == dialect.line_break {
            lines += 1;
            before_record = lines;
            tell(at, lines);
        } else if found == 0
            || bytes[found - 1] == dialect.separator
            || bytes[found - 1] == dialect.line_break
        {
            let close = closing_quote(bytes, at).ok_or(before_record)?;
            lines += memchr::memchr_iter(dialect.line_break, &bytes[at..close]).count() as u32;
            at = close + 1;
        }
    }
    Ok(())
}

/// Without a quote anywhere, every line is a record.
fn parts_by_line(text: &str, first_line: u32, size: usize, dialect: Dialect) -> Vec<(&str, u32)> {
    let bytes = text.as_bytes();
    let (mut parts, mut start, mut line) = (Vec::new(), 0, first_line);
    while start < text.len() {
        let wanted = (start + size).min(text.len());
        let end =
            memchr(dialect.line_break, &bytes[wanted..]).map_or(text.len(), |n| wanted + n + 1);
        parts.push((&text[start..end], line));
        line += memchr::memchr_iter(dialect.line_break, &bytes[start..end]).count() as u32;
        start = end;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Dialect = Dialect {
        separator: b',',
        line_break: b'\n',
    };

    fn records(text: &str) -> Vec<(u32, Vec<String>)> {
        let mut records = TextRecords::new(text, 1, COMMA);
        let (mut cells, mut all) = (Vec::new(), Vec::new());
        while let Some(line) = records.next(&mut cells) {
            all.push((line.unwrap(), cells.iter().map(|c| c.to_string()).collect()));
        }
        all
    }

    #[test]
    fn records_keep_the_line_they_begin_on() {
        let text = "a,\"b\nc\",d\r\n\n x\"y,\"p\"\"q\",=\"007\"\n\"z\"tail,\nlast";
        let expected: Vec<(u32, Vec<&str>)> = vec![
            (1, vec!["a", "b\nc", "d"]),
            (3, vec![""]),
            (4, vec![" x\"y", "p\"q", "007"]),
            (5, vec!["ztail", ""]),
            (6, vec!["last"]),
        ];
        let expected: Vec<(u32, Vec<String>)> = expected
            .into_iter()
            .map(|(n, c)| (n, c.into_iter().map(str::to_owned).collect()))
            .collect();
        assert_eq!(records(text), expected);
    }

    #[test]
    fn a_plain_record_is_taken_at_once_and_any_other_is_left_as_it_stands() {
        let text =
            "a,b\r\n,\n\"c\",d\ne,=\"1\"\nf\ng,h,i\nno,j\nlong enough,for more than a word\nk,";
        let mut records = TextRecords::new(text, 1, COMMA);
        let (mut cells, mut told) = (Vec::new(), Vec::new());
        loop {
            let mut plain = vec!["before"];
            match records.next_plain(&mut plain, 2, |cells| cells[0] != "no") {
                Some(line) => told.push((line, true, plain[1..].join("|"))),
                None => {
                    assert_eq!(plain, ["before"]);
                    let Some(line) = records.next(&mut cells) else {
                        break;
                    };
                    told.push((line.unwrap(), false, cells.join("|")));
                }
            }
        }
        let expected = [
            (1, true, "a|b"),
            (2, true, "|"),
            (3, false, "c|d"),
            (4, false, "e|1"),
            (5, false, "f"),
            (6, false, "g|h|i"),
            (7, false, "no|j"),
            (8, true, "long enough|for more than a word"),
            (9, false, "k|"),
        ];
        assert_eq!(
            told,
            expected.map(|(line, plain, cells)| (line, plain, cells.to_owned()))
        );
    }

    #[test]
    fn parts_of_any_size_hold_the_same_records() {
        for text in [
            "a,b\n\nc\nd,e,f\n",
            "a,\"b\nb\"\n\"x\"\"\ny\",1\n3\"4,5\nz",
            "\"a\n\n\"\nb",
        ] {
            let whole = records(text);
            for size in 1..text.len() + 2 {
                let mut joined = Vec::new();
                for (part, line) in parts(text, 1, size, COMMA).unwrap() {
                    joined.extend(
                        records(part)
                            .into_iter()
                            .map(|(n, cells)| (n + line - 1, cells)),
                    );
                }
                assert_eq!(joined, whole, "{text:?} in parts of {size}");
            }
        }
    }

    #[test]
    fn a_row_of_more_columns_than_any_sheet_has_is_told_and_not_kept() {
        for (separators, expected) in [(16_383, Ok(2)), (16_384, Err(Unsplit::TooWide(2)))] {
            let text = format!("a\n{}\nb", ",".repeat(separators));
            let mut cells = Vec::new();
            let mut all = TextRecords::new(&text, 1, COMMA);
            assert_eq!(all.next(&mut cells), Some(Ok(1)));
            assert_eq!(all.next(&mut cells), Some(expected));
            assert!(cells.len() <= 16_384);
        }
    }

    #[test]
    fn a_quote_that_never_closes_is_told_with_its_line() {
        assert_eq!(parts("a\nb,\"c\nd", 1, 1, COMMA), Err(Unsplit::Unclosed(2)));
        let mut all = TextRecords::new("a\nb,\"c\nd", 1, COMMA);
        let mut cells = Vec::new();
        assert_eq!(all.next(&mut cells), Some(Ok(1)));
        assert_eq!(all.next(&mut cells), Some(Err(Unsplit::Unclosed(2))));
    }
}
