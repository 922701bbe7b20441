//! A file with sheets, of whatever kind: each sheet's header found, its rows gathered, and what fits nobody set aside.

use super::book::Trouble;
use super::cell::Cells;
use super::header::{self, Ask, Found};
use super::lines::{Hidden, Lines, Tabs};
use super::scroll::{self, Scroll, Way};
use super::{Origin, Sheet};
use crate::domain::{Fate, Field, Refusal, SourceKind};

/// What a sheet turned out to be.
enum Verdict {
    /// It has what the source needs.
    Fits(Sheet),
    /// It has no header of this source: all its rows are notes. The refusal says so, should no other sheet fit.
    Notes(Sheet, Refusal),
    /// It is hidden, and what is hidden is set aside, whatever it holds.
    Hidden(Sheet),
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
        match sheet(ask, &origin, &hidden, &mut *tabs.lines(at)?)? {
            Verdict::Fits(sheet) => {
                fitting += 1;
                sheets.push(sheet);
            }
            Verdict::Notes(sheet, refusal) => {
                sheets.push(sheet);
                unfit.push(refusal);
            }
            Verdict::Hidden(sheet) => sheets.push(sheet),
            Verdict::Wrong(refusal) => wrong.push(refusal),
            Verdict::Empty => {}
        }
    }
    if !wrong.is_empty() {
        return Err(Trouble::Refused(wrong));
    }
    // A workbook of nothing but hidden sheets is read as the pipeline says: all its rows are set aside.
    if fitting == 0 && (sheets.is_empty() || !unfit.is_empty()) {
        let empty = || vec![Refusal::EmptySheet { file: origin.file.clone(), sheet: String::new() }];
        return Err(Trouble::Refused(if unfit.is_empty() { empty() } else { unfit }));
    }
    Ok(sheets)
}

fn sheet<'a>(ask: Ask<'_>, origin: &Origin, hidden: &Hidden, lines: &mut (dyn Lines<'a> + 'a)) -> Result<Verdict, Trouble> {
    let way = Way { ask, origin, hidden, gaps: true };
    let mut scroll = Scroll::new(lines);
    let (mut head, numbers) = scroll.head()?;
    if head.is_empty() {
        return Ok(Verdict::Empty);
    }
    head.iter_mut().for_each(|row| way.blind(row));
    let (found, refusal) = scroll::found(way, &head, &numbers);
    let is_out = hidden.sheet && way.sets_aside();
    match (found, refusal) {
        (Found::Header(header), None) => {
            let read = scroll::data(way, &header, &head, &numbers, &mut scroll);
            if is_out { read.map(Verdict::Hidden) } else { fits(read) }
        }
        (_, _) if is_out => Ok(Verdict::Hidden(scroll::notes(way, Fate::Hidden, &mut scroll)?)),
        (Found::Header(_), Some(refusal)) => Ok(Verdict::Wrong(refusal)),
        (Found::Near { .. }, Some(refusal)) if names_people(ask, &head) => Ok(Verdict::Wrong(refusal)),
        (_, refusal) => {
            let sheet = scroll::notes(way, Fate::Note, &mut scroll)?;
            let refusal = refusal.unwrap_or(Refusal::EmptySheet { file: origin.file.clone(), sheet: origin.sheet.clone() });
            Ok(Verdict::Notes(sheet, refusal))
        }
    }
}

/// Whether a row of the head names people (or, for tasks, stands for itself): a sheet that does and lacks a column is
/// a broken book, not a note. A summary by township in a workbook of persons is a note.
fn names_people(ask: Ask<'_>, head: &[Cells<'_>]) -> bool {
    let person = |field: Field| matches!(field, Field::Id | Field::Name);
    ask.rule.kind == SourceKind::Tasks || head.iter().any(|row| header::fields_of(ask, row).into_iter().any(person))
}

fn fits(read: Result<Sheet, Trouble>) -> Result<Verdict, Trouble> {
    match read {
        Ok(sheet) => Ok(Verdict::Fits(sheet)),
        Err(Trouble::Refused(mut refusals)) if refusals.len() == 1 => Ok(Verdict::Wrong(refusals.remove(0))),
        Err(other) => Err(other),
    }
}
