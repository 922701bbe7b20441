//! Counts of every sheet, of its text and of its typed rows: what expectations are held against.

use std::collections::HashMap;

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use crate::domain::period::{day_of_epoch, epoch_day};
use crate::domain::{Code, Cover, Fate, Field, SourceKind, columns as c};
use crate::intake::SourceSheet;
use crate::refine::Rows;
use crate::scheme::Scheme;

/// What the text of a sheet comes to, before its cells are handed on.
pub(super) struct Gist {
    /// Data rows.
    pub(super) rows: u64,
    /// Sum of the rows' digests: with the number of rows, the same for the same rows in any order.
    pub(super) digests: u64,
    /// Blank cells of every field.
    pub(super) blanks: Vec<(Field, u64)>,
    /// Number of the last row that holds data.
    pub(super) last_row: u32,
}

impl Gist {
    pub(super) fn of(sheet: &SourceSheet) -> Gist {
        let table = &sheet.table;
        let digests = table
            .column(c::DIGEST)
            .ok()
            .and_then(|column| column.u64().ok());
        let numbers = table
            .column(c::ROW)
            .ok()
            .and_then(|column| column.u32().ok());
        let blanks = Field::ALL.iter().filter_map(|field| {
            let column = table.column(field.code()).ok()?;
            Some((*field, column.null_count() as u64))
        });
        Gist {
            rows: table.height() as u64,
            digests: digests.map_or(0, |all| all.iter().flatten().fold(0, u64::wrapping_add)),
            blanks: blanks.collect(),
            last_row: numbers
                .and_then(|all| all.iter().flatten().max())
                .unwrap_or(0), // no rows at all
        }
    }
}

/// What the typed rows of a sheet come to.
#[derive(Clone, Debug, Default)]
pub(super) struct SheetCounts {
    /// Data rows.
    pub(super) rows: u64,
    /// Rows of the newest batch that are no repetition and of this year; of registrations those of residents only.
    pub(super) taken: u64,
    /// Rows of another coverage year.
    pub(super) other_year: u64,
    /// Rows by verdict on their number, by `Code::index`.
    pub(super) verdicts: Vec<u64>,
    /// Rows whose region the table does not know, or which lie outside the scheme's region.
    pub(super) foreign: u64,
    /// First and last payment day.
    pub(super) days: Option<(NaiveDate, NaiveDate)>,
    /// Rows whose payment day lies in the window.
    pub(super) in_window: u64,
}

/// All counts.
pub(super) struct Counts {
    /// By position in `Rows::origins`.
    pub(super) sheets: Vec<SheetCounts>,
    /// Position in `Rows::origins` of every sheet, in the order of the files.
    pub(super) origin_of: Vec<usize>,
    /// Words that the vocabulary does not know, a source each, the most frequent first.
    pub(super) unknown: Vec<(SourceKind, Vec<(String, u64)>)>,
    /// Figures of the tasks table for the whole scheme.
    pub(super) figures: Figures,
}

/// Σ of the tasks table over the scheme's region; `None` where it states none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) population: Option<u64>,
    pub(super) task: Option<u64>,
    pub(super) last_year: Option<u64>,
}

impl Counts {
    /// One pass over every frame.
    pub(super) fn of(rows: &Rows, scheme: &Scheme, origin_of: Vec<usize>) -> Result<Counts> {
        let empty = SheetCounts {
            verdicts: vec![0; Code::COUNT],
            ..SheetCounts::default()
        };
        let mut sheets = vec![empty; rows.origins.len()];
        let (mut unknown, mut figures) = (Vec::new(), Figures::default());
        for (kind, frame) in &rows.frames {
            count(*kind, frame, scheme, &mut sheets)?;
            let words = unknown_words(frame)?;
            if !words.is_empty() {
                unknown.push((*kind, words));
            }
            if *kind == SourceKind::Tasks {
                figures = Figures::of(frame, scheme)?;
            }
        }
        Ok(Counts {
            sheets,
            origin_of,
            unknown,
            figures,
        })
    }
}

fn count(
    kind: SourceKind,
    frame: &DataFrame,
    scheme: &Scheme,
    sheets: &mut [SheetCounts],
) -> Result<()> {
    let origins = frame.column(c::ORIGIN)?.u32()?.into_no_null_iter();
    let origins: Vec<usize> = origins.map(|at| at as usize).collect();
    let fates = frame.column(c::FATE)?.u8()?.into_no_null_iter();
    let rows = origins.iter().zip(fates).zip(of_residents(kind, frame)?);
    for ((at, fate), resident) in rows {
        let sheet = &mut sheets[*at];
        sheet.rows += 1;
        match Fate::at(fate) {
            // A registration may begin with the benefit period, long after the day of the figures: it is in the book.
            Fate::Used | Fate::IdUnusable | Fate::AfterAsOf => sheet.taken += u64::from(resident),
            Fate::OtherYear => sheet.other_year += 1,
            Fate::Blank
            | Fate::Heading
            | Fate::Note
            | Fate::Total
            | Fate::Hidden
            | Fate::TooLong
            | Fate::Superseded
            | Fate::Void
            | Fate::NotArrived
            | Fate::Repeated
            | Fate::OtherScheme
            | Fate::Reversed => {}
        }
    }
    count_verdicts(frame, &origins, sheets)?;
    count_foreign(frame, &origins, sheets)?;
    count_days(frame, &origins, scheme, sheets)
}

/// Row by row, whether it counts among residents: of registrations only those of residents do.
fn of_residents(kind: SourceKind, frame: &DataFrame) -> Result<Vec<bool>> {
    match frame.column(c::COVER) {
        Ok(covers) if kind == SourceKind::Registrations => {
            let resident =
                |cover: Option<u8>| cover.is_none_or(|cover| Cover::at(cover) == Cover::Resident);
            Ok(covers.u8()?.iter().map(resident).collect())
        }
        _ => Ok(vec![true; frame.height()]),
    }
}

fn count_verdicts(frame: &DataFrame, origins: &[usize], sheets: &mut [SheetCounts]) -> Result<()> {
    let Ok(verdicts) = frame.column(c::ID_VERDICT) else {
        return Ok(());
    };
    for (at, verdict) in origins.iter().zip(verdicts.u8()?.iter()) {
        if let Some(verdict) = verdict {
            sheets[*at].verdicts[usize::from(verdict)] += 1;
        }
    }
    Ok(())
}

fn count_foreign(frame: &DataFrame, origins: &[usize], sheets: &mut [SheetCounts]) -> Result<()> {
    let unknown = frame.column(c::REGION_VERDICT)?.u8()?;
    let is_unknown = |verdict: Option<u8>| {
        verdict.is_some_and(|verdict| Code::at(verdict) == Code::RegionUnknown)
    };
    let here = frame
        .column(c::HERE)
        .ok()
        .map(|column| column.bool())
        .transpose()?;
    let mut here = here.map(|column| column.iter());
    for (at, verdict) in origins.iter().zip(unknown.iter()) {
        let outside = here.as_mut().and_then(Iterator::next).flatten() == Some(false);
        sheets[*at].foreign += u64::from(outside || is_unknown(verdict));
    }
    Ok(())
}

fn count_days(
    frame: &DataFrame,
    origins: &[usize],
    scheme: &Scheme,
    sheets: &mut [SheetCounts],
) -> Result<()> {
    let Ok(paid_on) = frame.column(c::PAID_ON) else {
        return Ok(());
    };
    let (from, to) = (epoch_day(scheme.window.from), epoch_day(scheme.window.to));
    let mut spans: Vec<Option<(i32, i32)>> = vec![None; sheets.len()];
    for (at, day) in origins.iter().zip(paid_on.date()?.physical().iter()) {
        let Some(day) = day else { continue };
        let span = spans[*at].get_or_insert((day, day));
        *span = (span.0.min(day), span.1.max(day));
        sheets[*at].in_window += u64::from((from..=to).contains(&day));
    }
    for (sheet, span) in sheets.iter_mut().zip(spans) {
        if let Some((first, last)) = span {
            sheet.days = Some((day_of_epoch(first), day_of_epoch(last)));
        }
    }
    Ok(())
}

fn unknown_words(frame: &DataFrame) -> Result<Vec<(String, u64)>> {
    let Ok(column) = frame.column(c::UNKNOWN_WORD) else {
        return Ok(Vec::new());
    };
    if column.null_count() == column.len() {
        return Ok(Vec::new());
    }
    let mut counts: HashMap<&str, u64> = HashMap::new();
    for word in column.str()?.iter().flatten() {
        *counts.entry(word).or_default() += 1;
    }
    let mut words: Vec<(String, u64)> = counts
        .into_iter()
        .map(|(word, rows)| (word.to_owned(), rows))
        .collect();
    words.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Ok(words)
}

impl Figures {
    pub(super) fn of(frame: &DataFrame, scheme: &Scheme) -> Result<Figures> {
        let (regions, fates) = (
            frame.column(c::REGION)?.str()?,
            frame.column(c::FATE)?.u8()?,
        );
        let figure = |name: &str| -> Result<Option<u64>> {
            let mut stated: HashMap<&str, u64> = HashMap::new();
            for ((region, fate), value) in regions
                .iter()
                .zip(fates.iter())
                .zip(frame.column(name)?.i64()?.iter())
            {
                let used = fate.is_some_and(|fate| Fate::at(fate) == Fate::Used);
                if let (true, Some(region), Some(value)) = (
                    used,
                    region,
                    value.and_then(|value| u64::try_from(value).ok()),
                ) {
                    stated.entry(region).or_insert(value);
                }
            }
            Ok(whole(scheme.regions.root(), &stated, scheme))
        };
        Ok(Figures {
            population: figure(c::POPULATION)?,
            task: figure(c::TASK)?,
            last_year: figure(c::LAST_YEAR)?,
        })
    }
}

/// A region's own figure, else the sum of what its children state.
fn whole(region: &str, stated: &HashMap<&str, u64>, scheme: &Scheme) -> Option<u64> {
    let own = stated.get(region).copied();
    own.or_else(|| {
        let below = scheme
            .regions
            .children(region)
            .filter_map(|child| whole(&child.code, stated, scheme));
        below.reduce(u64::saturating_add)
    })
}
