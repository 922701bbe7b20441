//! The end of a text: whether its last row broke off, as where an export stopped or a copy was not waited for.

use memchr::{memchr_iter, memrchr_iter};

use super::separated::{Dialect, TextRecords};
use crate::intake::cell::RowCells;
use crate::intake::rows::Plan;

/// Lines before the last one that say whether rows of this text are always full.
const LINES_BEFORE: usize = 50;

/// Number of the last row, should it end in the middle: there is no line end behind it, and it has fewer cells than the header,
/// though the rows before it are full. `text`: rows below the header up to the end of the file, the first of which has the
/// number `line`.
pub(crate) fn row(text: &str, line: u32, plan: &Plan<'_>, dialect: Dialect) -> Option<u32> {
    let bytes = text.as_bytes();
    if bytes.last().is_none_or(|last| *last == dialect.line_break) {
        return None;
    }
    let mut ends = memrchr_iter(dialect.line_break, bytes).map(|end| end + 1);
    let begin = ends.next()?;
    let from = ends.nth(LINES_BEFORE - 1).unwrap_or(0);
    let (before, last) = (&text[from..begin], &text[begin..]);
    if has_open_quotes(before, dialect) || has_open_quotes(last, dialect) {
        return None;
    }
    let is_full = |cells: &RowCells<'_>| cells.len() >= plan.header_cells();
    let mut cells = RowCells::new();
    let mut records = TextRecords::new(before, line, dialect);
    while let Some(read) = records.next(&mut cells) {
        if read.is_err() || !is_full(&cells) {
            return None;
        }
    }
    TextRecords::new(last, line, dialect)
        .next(&mut cells)?
        .ok()?;
    let breaks = memchr_iter(dialect.line_break, &bytes[..begin]).count();
    let row = line.checked_add(u32::try_from(breaks).ok()?)?;
    (!is_full(&cells) && plan.may_go_on(&cells)).then_some(row)
}

/// Whether a quote opens in one line and closes in another.
fn has_open_quotes(text: &str, dialect: Dialect) -> bool {
    text.as_bytes()
        .split(|byte| *byte == dialect.line_break)
        .any(|line| memchr_iter(b'"', line).count() % 2 == 1)
}
