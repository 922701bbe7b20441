//! Stories: for every kind of life its rows, and in the same place every finding that must follow from them.

mod clean;
mod hardship;
mod identity;
mod money;
mod relations;

use super::life::Biography;
use super::pen::Pen;
use super::people::Population;
use super::plants::{LifeKind, Role};
use super::world::World;

/// Writes one person's life.
pub(super) fn live<'a>(
    world: &'a World,
    people: &'a Population,
    at: usize,
    role: Role,
) -> Biography<'a> {
    let mut pen = Pen::new(world, people, at, role.kind.number());
    let v = role.variant;
    match role.kind {
        LifeKind::Ordinary => clean::ordinary(&mut pen),
        LifeKind::Employee => clean::employee(&mut pen),
        LifeKind::UnitEmployee => clean::unit_employee(&mut pen, v),
        LifeKind::Absent => {}
        LifeKind::FreeUnpaid => clean::free_unpaid(&mut pen),
        LifeKind::OnceEmployee => clean::once_employee(&mut pen),
        LifeKind::ElsewhereResident => clean::elsewhere_resident(&mut pen),
        LifeKind::ElsewhereEmployee => clean::elsewhere_employee(&mut pen),
        LifeKind::Neighbour => clean::neighbour(&mut pen),
        LifeKind::DiedBefore => clean::died_before(&mut pen, v),
        LifeKind::DiedLater => clean::died_later(&mut pen),
        LifeKind::Departed => clean::departed(&mut pen),
        LifeKind::Instalments => clean::instalments(&mut pen),
        LifeKind::RepaidAfterReversal => clean::repaid_after_reversal(&mut pen),
        LifeKind::LateNewborn => clean::late_newborn(&mut pen),
        LifeKind::LateEmployee => clean::late_employee(&mut pen),
        LifeKind::LateDeclared => clean::late_declared(&mut pen, v),
        LifeKind::OldNumber => clean::old_number(&mut pen),
        LifeKind::Passport => clean::passport(&mut pen),
        LifeKind::OtherYears => clean::other_years(&mut pen),
        LifeKind::IdMissing => identity::missing(&mut pen, v),
        LifeKind::IdTruncated => identity::truncated(&mut pen, v),
        LifeKind::IdMalformed => identity::malformed(&mut pen, v),
        LifeKind::IdBirthdate => identity::birthdate(&mut pen, v),
        LifeKind::IdChecksum => identity::checksum(&mut pen, v),
        LifeKind::NameMissing => identity::name_missing(&mut pen, v),
        LifeKind::NameConflict => identity::name_conflict(&mut pen, v),
        LifeKind::NameRare => identity::name_rare(&mut pen, v),
        LifeKind::RowRepeated => money::row_repeated(&mut pen, v),
        LifeKind::ReversalUnmatched => money::reversal_unmatched(&mut pen, v),
        LifeKind::RecordConflict => relations::record_conflict(&mut pen),
        LifeKind::DuplicateRegistration => relations::duplicate_registration(&mut pen, v),
        LifeKind::DuplicatePayment => money::duplicate_payment(&mut pen, v),
        LifeKind::CrossRegion => relations::cross_region(&mut pen, v),
        LifeKind::CrossScheme => relations::cross_scheme(&mut pen, v),
        LifeKind::PaidNotRegistered => money::paid_not_registered(&mut pen, v),
        LifeKind::WrongRegion => money::wrong_region(&mut pen),
        LifeKind::RegisteredNotPaid => money::registered_not_paid(&mut pen, v),
        LifeKind::AmountWrong => money::amount_wrong(&mut pen, v),
        LifeKind::LateUnderpaid => money::late_underpaid(&mut pen),
        LifeKind::OutsideWindow => money::outside_window(&mut pen),
        LifeKind::DeceasedRegistered => relations::deceased_registered(&mut pen, v),
        LifeKind::DeceasedPaid => relations::deceased_paid(&mut pen),
        LifeKind::MovedOut => relations::moved_out(&mut pen),
        LifeKind::HardshipUninsured => hardship::uninsured(&mut pen),
        LifeKind::SubsidyMissed => hardship::subsidy_missed(&mut pen),
        LifeKind::SubsidyUnentitled => hardship::subsidy_unentitled(&mut pen),
        LifeKind::SubsidyWhileEmployee => hardship::subsidy_while_employee(&mut pen),
        LifeKind::SubsidyOverlap => hardship::subsidy_overlap(&mut pen, v),
        LifeKind::RosterLate => hardship::roster_late(&mut pen),
        LifeKind::RosterEnded => hardship::roster_ended(&mut pen),
        LifeKind::Uninsured => relations::uninsured(&mut pen, v),
        LifeKind::NotOnRegister => relations::not_on_register(&mut pen, v),
        LifeKind::RegisterDuplicate => relations::register_duplicate(&mut pen),
        LifeKind::HouseholdDuplicate => relations::household_duplicate(&mut pen),
        LifeKind::StudentDuplicate => relations::student_duplicate(&mut pen, v),
        LifeKind::RegionUnknown => relations::region_unknown(&mut pen, v),
        LifeKind::RegionAmbiguous => relations::region_ambiguous(&mut pen),
        LifeKind::CategoryUnknown => hardship::category_unknown(&mut pen, v),
    }
    Biography {
        people,
        person: pen.person,
        life: pen.life,
    }
}
