//! csv and txt: splitting, counting. Ragged rows are normal; every record keeps its line.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use crate::intake::cell::Cells;
use crate::intake::sheets::held::MOST_COLUMNS;

/// Line break of a text: `\n` (also in `\r\n`), or a lone `\r` where no `\n` stands anywhere.
pub(in crate::intake) fn line_break(text: &str) -> u8 {
    let bytes = text.as_bytes();
    if memchr(b'\n', bytes).is_none() && memchr(b'\r', bytes).is_some() { b'\r' } else { b'\n' }
}

/// How records are written.
#[derive(Clone, Copy, Debug)]
pub(in crate::intake) struct Dialect {
    pub(in crate::intake) separator: u8,
    pub(in crate::intake) line_break: u8,
}

/// Why a text cannot be split, and the line where the record begins.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::intake) enum Unsplit {
    /// A quote that never closes.
    Unclosed(u32),
    /// More columns than any spreadsheet has: a file of separators makes a cell of every byte.
    TooWide(u32),
}

/// Records of a text, one by one.
pub(in crate::intake) struct Records<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    dialect: Dialect,
}

impl<'a> Records<'a> {
    /// From the start of `text`, whose first line has this number.
    pub(in crate::intake) fn new(text: &'a str, line: u32, dialect: Dialect) -> Self {
        Records { text, at: 0, line, dialect }
    }

    /// Offset and line of the next record.
    pub(in crate::intake) fn position(&self) -> (usize, u32) {
        (self.at, self.line)
    }

    /// Puts the next record into `cells` and gives the line it begins on; `None` at the end.
    pub(in crate::intake) fn next(&mut self, cells: &mut Cells<'a>) -> Option<Result<u32, Unsplit>> {
        let bytes = self.text.as_bytes();
        if self.at >= bytes.len() {
            return None;
        }
        let begins = self.line;
        cells.clear();
        loop {
            let (cell, end) = if bytes.get(self.at) == Some(&b'"') {
                match self.quoted() {
                    Some(found) => found,
                    None => return Some(Err(Unsplit::Unclosed(begins))),
                }
            } else {
                let end = self.end_of_plain(self.at);
                (Cow::Borrowed(self.plain(self.at, end)), end)
            };
            if cells.len() == MOST_COLUMNS as usize {
                return Some(Err(Unsplit::TooWide(begins)));
            }
            cells.push(unwrapped_formula(cell));
            self.at = end + 1;
            if bytes.get(end) != Some(&self.dialect.separator) {
                self.line += 1;
                return Some(Ok(begins));
            }
        }
    }

    /// The separator, line break or end that closes an unquoted stretch.
    fn end_of_plain(&self, from: usize) -> usize {
        let bytes = &self.text.as_bytes()[from..];
        memchr2(self.dialect.separator, self.dialect.line_break, bytes).map_or(self.text.len(), |n| from + n)
    }

    fn plain(&self, from: usize, to: usize) -> &'a str {
        let text = &self.text[from..to];
        text.strip_suffix('\r').unwrap_or(text)
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
        let body = if body.contains('"') { Cow::Owned(body.replace("\"\"", "\"")) } else { Cow::Borrowed(body) };
        Some((if rest.is_empty() { body } else { Cow::Owned(format!("{body}{rest}")) }, end))
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
pub(in crate::intake) fn unwrapped_formula(cell: Cow<'_, str>) -> Cow<'_, str> {
    if !cell.starts_with("=\"") || cell.len() < 3 || !cell.ends_with('"') {
        return cell;
    }
    match cell {
        Cow::Borrowed(text) => Cow::Borrowed(&text[2..text.len() - 1]),
        Cow::Owned(text) => Cow::Owned(text[2..text.len() - 1].to_owned()),
    }
}

/// Cuts a text between records into parts of about `size` bytes, each with the number of its first line.
pub(in crate::intake) fn parts(text: &str, first_line: u32, size: usize, dialect: Dialect) -> Result<Vec<(&str, u32)>, Unsplit> {
    if memchr(b'"', text.as_bytes()).is_none() {
        return Ok(parts_by_line(text, first_line, size, dialect));
    }
    let mut parts = Vec::new();
    let bytes = text.as_bytes();
    let (mut start, mut start_line) = (0, first_line);
    let (mut at, mut line) = (0, first_line);
    let mut record_line = first_line;
    while let Some(found) = memchr2(dialect.line_break, b'"', &bytes[at..]).map(|n| at + n) {
        at = found + 1;
        if bytes[found] == dialect.line_break {
            line += 1;
            record_line = line;
            if at - start >= size {
                parts.push((&text[start..at], start_line));
                (start, start_line) = (at, line);
            }
        } else if found == 0 || bytes[found - 1] == dialect.separator || bytes[found - 1] == dialect.line_break {
            let close = closing_quote(bytes, at).ok_or(Unsplit::Unclosed(record_line))?;
            line += memchr::memchr_iter(dialect.line_break, &bytes[at..close]).count() as u32;
            at = close + 1;
        }
    }
    if start < text.len() {
        parts.push((&text[start..], start_line));
    }
    Ok(parts)
}

/// Without a quote anywhere, every line is a record.
fn parts_by_line(text: &str, first_line: u32, size: usize, dialect: Dialect) -> Vec<(&str, u32)> {
    let bytes = text.as_bytes();
    let (mut parts, mut start, mut line) = (Vec::new(), 0, first_line);
    while start < text.len() {
        let wanted = (start + size).min(text.len());
        let end = memchr(dialect.line_break, &bytes[wanted..]).map_or(text.len(), |n| wanted + n + 1);
        parts.push((&text[start..end], line));
        line += memchr::memchr_iter(dialect.line_break, &bytes[start..end]).count() as u32;
        start = end;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMA: Dialect = Dialect { separator: b',', line_break: b'\n' };

    fn records(text: &str) -> Vec<(u32, Vec<String>)> {
        let mut records = Records::new(text, 1, COMMA);
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
        let expected: Vec<(u32, Vec<String>)> =
            expected.into_iter().map(|(n, c)| (n, c.into_iter().map(str::to_owned).collect())).collect();
        assert_eq!(records(text), expected);
    }

    #[test]
    fn parts_of_any_size_hold_the_same_records() {
        for text in ["a,b\n\nc\nd,e,f\n", "a,\"b\nb\"\n\"x\"\"\ny\",1\n3\"4,5\nz", "\"a\n\n\"\nb"] {
            let whole = records(text);
            for size in 1..text.len() + 2 {
                let mut joined = Vec::new();
                for (part, line) in parts(text, 1, size, COMMA).unwrap() {
                    joined.extend(records(part).into_iter().map(|(n, cells)| (n + line - 1, cells)));
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
            let mut all = Records::new(&text, 1, COMMA);
            assert_eq!(all.next(&mut cells), Some(Ok(1)));
            assert_eq!(all.next(&mut cells), Some(expected));
            assert!(cells.len() <= 16_384);
        }
    }

    #[test]
    fn a_quote_that_never_closes_is_told_with_its_line() {
        assert_eq!(parts("a\nb,\"c\nd", 1, 1, COMMA), Err(Unsplit::Unclosed(2)));
        let mut all = Records::new("a\nb,\"c\nd", 1, COMMA);
        let mut cells = Vec::new();
        assert_eq!(all.next(&mut cells), Some(Ok(1)));
        assert_eq!(all.next(&mut cells), Some(Err(Unsplit::Unclosed(2))));
    }
}
