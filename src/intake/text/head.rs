//! The start of a text: its separator, and its header.

use super::separated::{self, Dialect, TextRecords, Unsplit};
use crate::intake::ask::Ask;
use crate::intake::cell::{self, RowCells};
use crate::intake::header::{self, Found, HEAD_CELLS, HEAD_ROWS};

/// The first records of a text, and where the next one begins.
pub(crate) struct TextHead<'t> {
    pub rows: Vec<RowCells<'t>>,
    pub lines: Vec<u32>,
    pub ends: Vec<(usize, u32)>,
}

impl TextHead<'_> {
    /// Whether nothing stands in it.
    pub(crate) fn is_blank(&self) -> bool {
        let mut cells = self.rows.iter().flatten();
        cells.all(|text| cell::trimmed(text).is_empty())
    }

    /// Whether nothing stands below it.
    pub(crate) fn is_whole(&self, text: &str) -> bool {
        self.ends.last().is_none_or(|(end, _)| *end >= text.len())
    }
}

/// The start of a text as it was understood.
pub(crate) struct Understood<'t> {
    pub dialect: Dialect,
    pub head: TextHead<'t>,
    pub found: Found,
    /// No likelier separator met a quote that does not close.
    pub is_sure: bool,
}

/// The separator with which a header appears; without any, the one that splits most.
pub(crate) fn understood<'t>(ask: Ask<'_>, text: &'t str) -> Result<Understood<'t>, Unsplit> {
    let line_break = separated::line_break(text);
    let mut best: Option<(usize, Understood<'_>)> = None;
    let mut unsplit = None;
    let declared = declared_separator(text);
    let separators = declared
        .as_ref()
        .map_or(&[b',', b'\t', b';', b'|'][..], std::slice::from_ref);
    for &separator in separators {
        let dialect = Dialect {
            separator,
            line_break,
        };
        let head = match head(text, dialect) {
            Ok(head) => head,
            // Under the wrong separator a quote may look unclosed that is none, and prose like a thousand columns.
            Err(error) => {
                unsplit.get_or_insert(error);
                continue;
            }
        };
        let found = header::find(ask, &head.rows);
        let score = match &found {
            Found::Header(_) => {
                return Ok(Understood {
                    dialect,
                    head,
                    found,
                    is_sure: unsplit.is_none(),
                });
            }
            Found::Near { headers, .. } => 1_000_000 + headers.len(),
            Found::Nothing => head.rows.iter().map(Vec::len).sum(),
        };
        if best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((
                score,
                Understood {
                    dialect,
                    head,
                    found,
                    is_sure: true,
                },
            ));
        }
    }
    match (best, unsplit) {
        (_, Some(error)) => Err(error),
        (Some((_, understood)), None) => Ok(understood),
        (None, None) => unreachable!("every separator gave a head or an error"),
    }
}

/// `sep=;`: a first line by which Excel is told the separator. It is a line above the header like any other.
pub(super) fn declared_separator(text: &str) -> Option<u8> {
    match text.as_bytes().strip_prefix(b"sep=")? {
        [separator, b'\r' | b'\n', ..] if is_separator(*separator) => Some(*separator),
        _ => None,
    }
}

/// A sign that one sees between two cells, or a tab: a quote, a line end and a NUL part no cells.
fn is_separator(byte: u8) -> bool {
    byte == b'\t' || byte.is_ascii_punctuation() && byte != b'"'
}

fn head(text: &str, dialect: Dialect) -> Result<TextHead<'_>, Unsplit> {
    let mut head = TextHead {
        rows: Vec::new(),
        lines: Vec::new(),
        ends: Vec::new(),
    };
    let mut records = TextRecords::new(text, 1, dialect);
    let (mut cells, mut seen) = (RowCells::new(), 0);
    while head.rows.len() <= HEAD_ROWS
        && seen < HEAD_CELLS
        && let Some(line) = records.next(&mut cells)
    {
        head.lines.push(line?);
        seen += cells.len();
        head.rows.push(std::mem::take(&mut cells));
        head.ends.push(records.position());
    }
    Ok(head)
}
