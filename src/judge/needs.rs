//! Which books a check needs, and which checks therefore ran.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::note::n;
use crate::domain::{Code, SourceKind};

/// The books without which a check says nothing.
pub const fn needs(code: Code) -> &'static [SourceKind] {
    use SourceKind::{
        Deaths, Departures, Households, Payments, Register, Registrations, Rosters, Students, Tasks,
    };
    match code {
        Code::IdMissing
        | Code::IdTruncated
        | Code::IdMalformed
        | Code::IdBirthdate
        | Code::IdChecksum
        | Code::NameMissing
        | Code::NameConflict
        | Code::NameRareCharacter
        | Code::RowRepeated
        | Code::RegionUnknown
        | Code::RegionAmbiguous
        | Code::CategoryUnknown => &[],
        Code::IdSuspect | Code::RegisterDuplicate => &[Register],
        Code::ReversalUnmatched
        | Code::DuplicatePayment
        | Code::AmountWrong
        | Code::OutsideWindow => &[Payments],
        Code::DuplicateRegistration | Code::CrossRegion | Code::CrossScheme => &[Registrations],
        Code::PaidNotRegistered | Code::WrongRegion | Code::RegisteredNotPaid => {
            &[Registrations, Payments]
        }
        Code::DeceasedRegistered => &[Deaths, Registrations],
        Code::DeceasedPaid => &[Deaths, Payments],
        Code::MovedOut => &[Departures, Registrations],
        Code::HardshipUninsured => &[Rosters, Registrations],
        Code::SubsidyMissed
        | Code::SubsidyUnentitled
        | Code::SubsidyOverlap
        | Code::RosterEnded => &[Rosters, Payments],
        Code::SubsidyWhileEmployee => &[Registrations, Payments],
        Code::RosterLate => &[Rosters],
        Code::Uninsured | Code::NotOnRegister => &[Register, Registrations],
        Code::HouseholdDuplicate => &[Households],
        Code::StudentDuplicate => &[Students, Registrations],
        Code::Footing | Code::FiguresRepeated | Code::OffRule => &[Tasks],
    }
}

/// For every code the books that are missing; empty = it ran.
pub fn ran(there: &BTreeSet<SourceKind>) -> Vec<(Code, Vec<SourceKind>)> {
    // A summary of households declares totals as a tasks table does.
    let declares = |code| code == Code::Footing && there.contains(&SourceKind::HouseholdTotals);
    let missing = |code| {
        needs(code)
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
