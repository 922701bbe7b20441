//! The first rows of what would stop a run: where to look. Numbers of rows only, never what stands in them.

use polars::prelude::*;

use crate::domain::{Code, Fate, Grave, GraveCode, columns as c};
use crate::refine::Rows;
use crate::scheme::Scheme;

/// Rows that are named of a grave fact.
const NAMED: usize = 20;

/// The first rows that a grave fact speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstRows {
    /// Which grave fact.
    pub code: GraveCode,
    /// Of which file.
    pub file: String,
    /// Sheets ("" of a text) with the rows on them.
    pub rows: Vec<(String, Vec<u32>)>,
}

/// Of every grave fact that speaks of rows.
///
/// # Errors
/// Only when a frame breaks its contract.
pub(super) fn of(graves: &[Grave], rows: &Rows, scheme: &Scheme) -> PolarsResult<Vec<FirstRows>> {
    let mut found = Vec::new();
    for grave in graves {
        let Some(file) = grave.file() else { continue };
        let rows = in_file(grave, file, rows, scheme)?;
        if !rows.is_empty() {
            found.push(FirstRows {
                code: grave.code(),
                file: file.to_owned(),
                rows,
            });
        }
    }
    Ok(found)
}

/// Sheet by sheet, in the order of the rows.
fn in_file(
    grave: &Grave,
    file: &str,
    rows: &Rows,
    scheme: &Scheme,
) -> PolarsResult<Vec<(String, Vec<u32>)>> {
    let mut found: Vec<(String, Vec<u32>)> = Vec::new();
    let mut left = NAMED;
    for (origin, at) in rows.origins.iter().zip(0_u32..) {
        let frame = rows.frame(origin.source).filter(|_| origin.file == file);
        let Some((frame, asked)) = frame.zip(asked(grave, scheme)) else {
            continue;
        };
        let has = |name: &str| frame.column(name).is_ok();
        if !asked.columns.iter().all(|name| has(name)) {
            continue;
        }
        let of_sheet = col(c::ORIGIN).eq(lit(at)).and(asked.holds);
        let mine = frame.clone().lazy().filter(of_sheet);
        let mine = mine
            .select([col(c::ROW)])
            .sort([c::ROW], SortMultipleOptions::default())
            .limit(IdxSize::try_from(left).unwrap_or(IdxSize::MAX)) // twenty at most
            .collect()?;
        let numbers: Vec<u32> = mine.column(c::ROW)?.u32()?.iter().flatten().collect();
        left -= numbers.len();
        if !numbers.is_empty() {
            found.push((origin.sheet.clone(), numbers));
        }
    }
    Ok(found)
}

/// What holds of the rows that are meant, and the columns that say so.
struct Asked {
    columns: Vec<&'static str>,
    holds: Expr,
}

/// Nothing of a grave fact that is about a file, a month or a day.
fn asked(grave: &Grave, scheme: &Scheme) -> Option<Asked> {
    let verdict = |column: &'static str, code: Code| Asked {
        columns: vec![column],
        holds: col(column).eq(lit(code.index())),
    };
    let unreadable = || Asked {
        columns: vec![c::UNREADABLE_AMOUNT],
        holds: col(c::UNREADABLE_AMOUNT).is_not_null(),
    };
    let asked = match grave {
        Grave::NoIdentity { .. } => Asked {
            columns: vec![c::ID_VERDICT, c::NAME],
            holds: verdict(c::ID_VERDICT, Code::IdMissing)
                .holds
                .and(col(c::NAME).is_null()),
        },
        Grave::AmountsMissing { .. } => unreadable(),
        Grave::ReadingFloods { code, .. } => match code {
            Code::RegionUnknown => verdict(c::REGION_VERDICT, *code),
            Code::AmountWrong => unreadable(),
            Code::CategoryUnknown => Asked {
                columns: vec![c::UNKNOWN_WORD],
                holds: col(c::UNKNOWN_WORD).is_not_null(),
            },
            _ => verdict(c::ID_VERDICT, *code),
        },
        Grave::NoPlaces { .. } => Asked {
            columns: vec![c::REGION],
            holds: coalesce(&[col(c::REGION), lit(scheme.regions.root())])
                .eq(lit(scheme.regions.root())),
        },
        Grave::OtherRegion { .. } => Asked {
            columns: vec![c::REGION],
            holds: col(c::REGION).is_not_null().and(
                col(c::REGION)
                    .str()
                    .starts_with(lit(scheme.regions.root()))
                    .not(),
            ),
        },
        Grave::OtherYear { .. } => Asked {
            columns: vec![c::FATE],
            holds: col(c::FATE).eq(lit(Fate::OtherYear.index())),
        },
        Grave::UnclaimedPersons { .. }
        | Grave::ColumnLost { .. }
        | Grave::CsvCut { .. }
        | Grave::Shrunk { .. }
        | Grave::MonthGap { .. }
        | Grave::NoRegistrations
        | Grave::AsOfOdd { .. }
        | Grave::WhoseNumber { .. }
        | Grave::FamilyTwice { .. }
        | Grave::TasksConflict { .. } => return None,
    };
    Some(asked)
}
