//! Refine: text → typed columns beside the text; each row gets its fate.
//!
//! In:  sheets of text, the scheme, the as-of date.
//! Out: `Rows`: one typed frame a source (docs on each field), origins, fates.
//! Never: opens a file, or looks at two books at once.

use polars::prelude::DataFrame;

use crate::domain::{FateCounts, SourceKind};
use crate::intake::{Origin, TotalRow};

/// All input rows, typed. Every frame has KEY, ORIGIN, ROW, FATE, ID, ID_VERDICT, NAME and holds every data row,
/// whatever its fate; `FATE` in {Used, IdUnusable} takes part in figures.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Position = ORIGIN.
    pub origins: Vec<Origin>,
    /// Rows set aside by intake, per origin.
    pub set_aside: Vec<FateCounts>,
    /// Total rows of tasks tables: (origin, row).
    pub totals: Vec<(u32, TotalRow)>,
    /// One frame a source that was read (absent = no file). Registrations and payments reported by other places
    /// stand in `Elsewhere` twice over: see `elsewhere_registrations` and `elsewhere_payments`.
    pub frames: Vec<(SourceKind, DataFrame)>,
}

impl Rows {
    /// The typed rows of a book, if it was sent.
    pub fn frame(&self, kind: SourceKind) -> Option<&DataFrame> {
        self.frames.iter().find(|(k, _)| *k == kind).map(|(_, frame)| frame)
    }
}
