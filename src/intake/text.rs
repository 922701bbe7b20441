//! A csv or txt file as one sheet.

use rayon::prelude::*;

use super::book::{self, Trouble};
use super::cell::{self, Cells};
use super::header::{self, Ask, Found, HEAD_ROWS};
use super::rows::{Gathered, Plan};
use super::separated::{self, Dialect, Records, Unclosed};
use super::{Origin, Sheet};
use crate::domain::Refusal;

/// Least bytes of text in a part: every part becomes a chunk of each column, and many small ones slow the later rooms.
const PART_BYTES: usize = 4 << 20;

/// Parts for every core: enough that none waits long for the last.
const PARTS_PER_CORE: usize = 4;

/// The first records of a text, and where the next one begins.
struct Head<'t> {
    rows: Vec<Cells<'t>>,
    lines: Vec<u32>,
    ends: Vec<(usize, u32)>,
}

/// Reads a text file: its encoding and separator are found, its header too.
pub(super) fn read(ask: Ask<'_>, mut origin: Origin, bytes: &[u8]) -> Result<Sheet, Trouble> {
    let file = origin.file.clone();
    let decoded = separated::decode(bytes).map_err(|row| Refusal::Undecodable { file: file.clone(), row })?;
    origin.encoding = decoded.encoding.to_owned();
    let text: &str = &decoded.text;
    let unclosed = |Unclosed(row)| Refusal::UnclosedQuote { file: file.clone(), row };

    let (dialect, head, found) = understood(ask, text).map_err(unclosed)?;
    if let Some(seen) = ask.seen {
        seen.rows("", &head.rows, &head.lines);
    }
    if head.rows.iter().flatten().all(|c| cell::trimmed(c).is_empty()) && head.rows.len() < HEAD_ROWS {
        return Err(Refusal::EmptySheet { file, sheet: String::new() }.into());
    }
    if let Some(refusal) = book::refusal(ask, &origin, &found, |at| head.lines[at]) {
        return Err(refusal.into());
    }
    let Found::Header(header) = found else { unreachable!("everything else was refused") };
    let last = header.at + header.levels - 1;
    let plan = Plan::new(ask.rule.kind, &header, &head.rows[..=last]);

    let mut titles = Gathered::new(&plan, 0);
    head.rows[..=last].iter().for_each(|row| titles.take_heading(row));
    let (from, line) = head.ends[last];
    let rest = text.get(from..).unwrap_or("");
    let size = PART_BYTES.max(rest.len() / (PARTS_PER_CORE * rayon::current_num_threads()));
    let parts = separated::parts(rest, line, size, dialect).map_err(unclosed)?;
    let gathered: Result<Vec<Gathered>, Unclosed> =
        parts.into_par_iter().map(|(part, line)| gather(&plan, part, line, dialect)).collect();
    let mut all = vec![titles];
    all.extend(gathered.map_err(unclosed)?);
    book::sheet(&origin, Some((&header, head.lines[last])), &plan, all)
}

/// The separator with which a header appears; without any, the one that splits most.
fn understood<'t>(ask: Ask<'_>, text: &'t str) -> Result<(Dialect, Head<'t>, Found), Unclosed> {
    let line_break = separated::line_break(text);
    let mut best: Option<(usize, Dialect, Head<'_>, Found)> = None;
    let mut unclosed = None;
    for separator in [b',', b'\t', b';', b'|'] {
        let dialect = Dialect { separator, line_break };
        let head = match head(text, dialect) {
            Ok(head) => head,
            // Under the wrong separator a quote may look unclosed that is none.
            Err(error) => {
                unclosed.get_or_insert(error);
                continue;
            }
        };
        let found = header::find(ask, &head.rows);
        let score = match &found {
            Found::Header(_) => return Ok((dialect, head, found)),
            Found::Near { headers, .. } => 1_000_000 + headers.len(),
            Found::Nothing => head.rows.iter().map(Vec::len).sum(),
        };
        if best.as_ref().is_none_or(|(most, ..)| score > *most) {
            best = Some((score, dialect, head, found));
        }
    }
    match (best, unclosed) {
        (_, Some(error)) => Err(error),
        (Some((_, dialect, head, found)), None) => Ok((dialect, head, found)),
        (None, None) => unreachable!("every separator gave a head or an error"),
    }
}

fn head(text: &str, dialect: Dialect) -> Result<Head<'_>, Unclosed> {
    let mut head = Head { rows: Vec::new(), lines: Vec::new(), ends: Vec::new() };
    let mut records = Records::new(text, 1, dialect);
    let mut cells = Cells::new();
    while head.rows.len() <= HEAD_ROWS
        && let Some(line) = records.next(&mut cells)
    {
        head.lines.push(line?);
        head.rows.push(std::mem::take(&mut cells));
        head.ends.push(records.position());
    }
    Ok(head)
}

fn gather(plan: &Plan, part: &str, line: u32, dialect: Dialect) -> Result<Gathered, Unclosed> {
    let mut gathered = Gathered::new(plan, part.len() / 100);
    let mut records = Records::new(part, line, dialect);
    let mut cells = Cells::new();
    while let Some(line) = records.next(&mut cells) {
        gathered.take(plan, line?, &cells);
    }
    Ok(gathered)
}
