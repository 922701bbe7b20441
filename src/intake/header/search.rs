//! Where the header is among the first rows of a sheet.

use std::borrow::Cow;

use crate::domain::{Field, SourceKind};
use crate::intake::ask::Ask;
use crate::intake::cell::{self, RowCells};
use crate::intake::header::found::{Found, Header};
use crate::intake::header::needed::needed;
use crate::intake::header::{draft, levels};
use crate::intake::marks;

/// Rows looked through for a header. Titles are a handful of rows; what has none after this many has none.
pub(crate) const HEAD_ROWS: usize = 1000;

/// Cells looked through for a header: 1,000 rows of 500 columns. Rows of 16,384 are no titles.
pub(crate) const HEAD_CELLS: usize = 500_000;

/// The first row (or rows, with merged parents) that name all that the source needs.
pub(crate) fn find(ask: Ask<'_>, head: &[RowCells<'_>]) -> Found {
    let mut near: Option<(usize, Header)> = None;
    for at in 0..head.len().min(HEAD_ROWS) {
        for found in candidates(ask, head, at) {
            if missing(ask.rule.kind, &found).is_none() {
                return Found::Header(Box::new(found));
            }
            let known = found.named().count();
            if known >= 2 && near.as_ref().is_none_or(|(most, _)| known > *most) {
                near = Some((known, found));
            }
        }
    }
    match near.and_then(|(_, header)| Some((missing(ask.rule.kind, &header)?, header))) {
        Some((missing, header)) => Found::Near {
            at: header.at,
            missing,
            headers: header.words(),
        },
        None => Found::Nothing,
    }
}

/// The header that the first of the rows begins, whether or not it has what the source needs.
pub(crate) fn begun(ask: Ask<'_>, rows: &[RowCells<'_>]) -> (Header, Option<Field>) {
    let mut all: Vec<Header> = candidates(ask, rows, 0).collect();
    let fits = all
        .iter()
        .position(|header| missing(ask.rule.kind, header).is_none())
        .unwrap_or(0);
    let header = if all.is_empty() {
        Header {
            levels: 1,
            ..Header::default()
        }
    } else {
        all.swap_remove(fits)
    };
    let missing = missing(ask.rule.kind, &header);
    (header, missing)
}

/// The headers that may begin in a row, deepest first.
fn candidates<'h>(
    ask: Ask<'h>,
    head: &'h [RowCells<'_>],
    at: usize,
) -> impl Iterator<Item = Header> + 'h {
    let is_data = head[at]
        .iter()
        .any(|text| marks::is_citizen_number(cell::trimmed(text)));
    let deepest = if is_data {
        0
    } else {
        levels::depth(ask, head, at)
    };
    (1..=deepest).rev().filter_map(move |levels| {
        let header = draft::header(ask, head, at, levels);
        (header.named().next().is_some() || levels > 1).then_some(header)
    })
}

/// A header for a table that carries its column names itself.
pub(crate) fn named(ask: Ask<'_>, names: &[Cow<'_, str>]) -> (Header, Option<Field>) {
    let head = [names.to_vec()];
    let header = draft::header(ask, &head, 0, 1);
    let missing = missing(ask.rule.kind, &header);
    (header, missing)
}

fn missing(source: SourceKind, header: &Header) -> Option<Field> {
    let has = |field: &Field| header.named().any(|named| named == *field);
    needed(source)
        .iter()
        .find(|group| !group.iter().any(has))
        .map(|group| group[0])
}
