//! Which books a check needs, and which checks therefore ran.

use std::collections::BTreeSet;

use polars::prelude::*;

use super::note::n;
use crate::domain::{Code, SourceKind, columns as c};
use crate::refine::Rows;

/// The books without which a check says nothing.
pub const fn needs(code: Code) -> &'static [SourceKind] {
    use SourceKind::{Deaths, Departures, Households, Payments, Register, Registrations, Rosters, Students, Tasks};
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
        Code::ReversalUnmatched | Code::DuplicatePayment | Code::AmountWrong | Code::OutsideWindow => &[Payments],
        Code::DuplicateRegistration | Code::CrossRegion | Code::CrossScheme => &[Registrations],
        Code::PaidNotRegistered | Code::WrongRegion | Code::RegisteredNotPaid => &[Registrations, Payments],
        Code::DeceasedRegistered => &[Deaths, Registrations],
        Code::DeceasedPaid => &[Deaths, Payments],
        Code::MovedOut => &[Departures, Registrations],
        Code::HardshipUninsured => &[Rosters, Registrations],
        Code::SubsidyMissed | Code::SubsidyUnentitled | Code::SubsidyOverlap | Code::RosterEnded => &[Rosters, Payments],
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
    let missing = |code| needs(code).iter().copied().filter(|kind| !declares(code) && !there.contains(kind)).collect();
    Code::ALL.iter().map(|&code| (code, missing(code))).collect()
}

/// The books that are there: a book is there when it was sent; deaths and departures also when the register itself states
/// some.
pub(super) fn there(rows: &Rows) -> BTreeSet<SourceKind> {
    let register_states = |column: &str| {
        let days = rows.frame(SourceKind::Register).and_then(|register| register.column(column).ok());
        days.is_some_and(|days| days.null_count() < days.len())
    };
    let stated = [(SourceKind::Deaths, c::DEATH), (SourceKind::Departures, c::MOVED_OUT)];
    let stated = stated.into_iter().filter(|(_, column)| register_states(column)).map(|(kind, _)| kind);
    rows.frames.iter().map(|(kind, _)| *kind).chain(stated).collect()
}

/// Findings of checks that ran. One that could not run says nothing rather than half of it.
pub(super) fn keep_run(findings: DataFrame, ran: &[(Code, Vec<SourceKind>)]) -> PolarsResult<DataFrame> {
    let keep: BooleanChunked =
        findings.column(n::CODE)?.u8()?.into_no_null_iter().map(|code| ran[usize::from(code)].1.is_empty()).collect();
    findings.filter(&keep)
}
