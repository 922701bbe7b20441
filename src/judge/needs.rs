//! Which books a check needs, and which checks therefore ran.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::note::n;
use crate::domain::{Code, SourceKind};

/// For every code the books that are missing; empty = it ran.
pub fn ran(there: &BTreeSet<SourceKind>) -> Vec<(Code, Vec<SourceKind>)> {
    // A summary of households declares totals as a tasks table does.
    let declares = |code| code == Code::Footing && there.contains(&SourceKind::HouseholdTotals);
    let missing = |code: Code| {
        code.needs()
            .iter()
            .copied()
            .filter(|kind| !declares(code) && !there.contains(kind))
            .collect()
    };
    Code::ALL
        .iter()
        .map(|&code| (code, missing(code)))
        .collect()
}

/// Findings of checks that ran. One that could not run says nothing rather than half of it.
pub(super) fn keep_run(
    findings: &DataFrame,
    there: &BTreeSet<SourceKind>,
) -> PolarsResult<DataFrame> {
    let ran = ran(there);
    let keep: BooleanChunked = findings
        .column(n::CODE)?
        .u8()?
        .into_no_null_iter()
        .map(|code| ran[usize::from(code)].1.is_empty())
        .collect();
    findings.filter(&keep)
}
