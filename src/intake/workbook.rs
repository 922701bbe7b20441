//! A file with sheets, of whatever kind: each sheet's header found, its rows gathered, and what fits nobody set aside.

use super::book::{self, Trouble};
use super::cell::Cells;
use super::header::{self, Ask, Found, HEAD_ROWS, Header};
use super::lines::{Hidden, Lines, Tabs};
use super::rows::{Gathered, Plan};
use super::{Origin, Sheet};
use crate::domain::{Field, Refusal, SourceKind};

/// What a sheet turned out to be.
enum Verdict {
    /// It has what the source needs.
    Fits(Sheet),
    /// It has no header of this source: all its rows are notes. The refusal says so, should no other sheet fit.
    Notes(Sheet, Refusal),
    /// It is wrong, whatever the others are.
    Wrong(Refusal),
    /// No row at all.
    Empty,
}

/// Reads all worksheets of a workbook.
pub(super) fn read(ask: Ask<'_>, mut origin: Origin, tabs: &mut dyn Tabs) -> Result<Vec<Sheet>, Trouble> {
    let (mut fitting, mut sheets, mut unfit, mut wrong) = (0, Vec::new(), Vec::new(), Vec::new());
    for (at, name) in tabs.names().into_iter().enumerate() {
        origin.sheet = name;
        let hidden = tabs.hidden(at);
        if let Some(seen) = ask.seen {
            seen.lines(&origin.sheet, &mut *tabs.lines(at)?)?;
        }
        match sheet(ask, &origin, &hidden, &mut *tabs.lines(at)?)? {
            Verdict::Fits(sheet) => {
                fitting += 1;
                sheets.push(sheet);
            }
            Verdict::Notes(sheet, refusal) => {
                sheets.push(sheet);
                unfit.push(refusal);
            }
            Verdict::Wrong(refusal) => wrong.push(refusal),
            Verdict::Empty => {}
        }
    }
    if !wrong.is_empty() {
        return Err(Trouble::Refused(wrong));
    }
    if fitting == 0 {
        let empty = || vec![Refusal::EmptySheet { file: origin.file.clone(), sheet: String::new() }];
        return Err(Trouble::Refused(if unfit.is_empty() { empty() } else { unfit }));
    }
    Ok(sheets)
}

fn sheet<'a>(ask: Ask<'_>, origin: &Origin, hidden: &Hidden, lines: &mut (dyn Lines<'a> + 'a)) -> Result<Verdict, Trouble> {
    let (mut head, mut numbers) = (Vec::new(), Vec::new());
    let mut row = Cells::new();
    while head.len() <= HEAD_ROWS
        && let Some(number) = lines.next(&mut row)?
    {
        head.push(std::mem::take(&mut row));
        numbers.push(number);
    }
    if head.is_empty() {
        return Ok(Verdict::Empty);
    }
    let found = header::find(ask, &head);
    let refusal = book::refusal(ask, origin, &found, |at| numbers[at]);
    let header = match (found, &refusal) {
        (Found::Header(header), None) => Some(header),
        (Found::Header(_), Some(_)) => None,
        (Found::Near { .. }, Some(_)) if names_people(ask, &head) => None,
        _ => return notes(ask, origin, head, numbers, lines, refusal),
    };
    if let (None, Some(refusal)) = (&header, refusal) {
        return Ok(Verdict::Wrong(refusal));
    }
    let Some(header) = header else { unreachable!("no header comes with a refusal") };
    data(ask, origin, &header, hidden, head, numbers, lines)
}

/// Whether a row of the head names people (or, for tasks, stands for itself): a sheet that does and lacks a column is
/// a broken book, not a note. A summary by township in a workbook of persons is a note.
fn names_people(ask: Ask<'_>, head: &[Cells<'_>]) -> bool {
    let person = |field: Field| matches!(field, Field::Id | Field::Name);
    ask.rule.kind == SourceKind::Tasks || head.iter().any(|row| header::fields_of(ask, row).into_iter().any(person))
}

fn data<'a>(
    ask: Ask<'_>,
    origin: &Origin,
    header: &Header,
    _hidden: &Hidden,
    head: Vec<Cells<'a>>,
    numbers: Vec<u32>,
    lines: &mut (dyn Lines<'a> + 'a),
) -> Result<Verdict, Trouble> {
    let last = header.at + header.levels - 1;
    let plan = Plan::new(ask.rule.kind, header, &head[..=last]);
    let mut gathered = Gathered::new(&plan, 1024);
    let mut before = 0;
    for (at, (cells, number)) in head.iter().zip(&numbers).enumerate() {
        gathered.take_blanks(u64::from(number - before - 1));
        if at <= last {
            gathered.take_heading(cells)
        } else {
            gathered.take(&plan, *number, cells)
        }
        before = *number;
    }
    rest(&plan, &mut gathered, lines, before)?;
    Ok(match book::sheet(origin, Some((header, numbers[last])), &plan, vec![gathered]) {
        Ok(sheet) => Verdict::Fits(sheet),
        Err(Trouble::Refused(mut refusals)) if refusals.len() == 1 => Verdict::Wrong(refusals.remove(0)),
        Err(other) => return Err(other),
    })
}

fn notes<'a>(
    ask: Ask<'_>,
    origin: &Origin,
    head: Vec<Cells<'a>>,
    numbers: Vec<u32>,
    lines: &mut (dyn Lines<'a> + 'a),
    refusal: Option<Refusal>,
) -> Result<Verdict, Trouble> {
    let plan = Plan::of_notes(ask.rule.kind);
    let mut gathered = Gathered::new(&plan, 0);
    let mut before = 0;
    for (cells, number) in head.iter().zip(&numbers) {
        gathered.take_blanks(u64::from(number - before - 1));
        gathered.take(&plan, *number, cells);
        before = *number;
    }
    rest(&plan, &mut gathered, lines, before)?;
    let sheet = book::sheet(origin, None, &plan, vec![gathered])?;
    let refusal = refusal.unwrap_or(Refusal::EmptySheet { file: origin.file.clone(), sheet: origin.sheet.clone() });
    Ok(Verdict::Notes(sheet, refusal))
}

/// The rows behind the head.
fn rest<'a>(plan: &Plan, gathered: &mut Gathered, lines: &mut (dyn Lines<'a> + 'a), mut before: u32) -> Result<(), Trouble> {
    let mut cells = Cells::new();
    while let Some(number) = lines.next(&mut cells)? {
        gathered.take_blanks(u64::from(number.saturating_sub(before + 1)));
        gathered.take(plan, number, &cells);
        before = number;
    }
    Ok(())
}
