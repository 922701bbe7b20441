//! Stories: for every kind of life its rows, and in the same place every finding that must follow from them.

mod clean;
mod hardship;
mod identity;
mod money;
mod relations;

use super::life::{Pen, Written};
use super::people::People;
use super::plants::{Kind, Role};
use super::world::World;

/// Writes one person's life.
pub(super) fn live<'a>(world: &'a World, people: &'a People, at: usize, role: Role) -> Written<'a> {
    let mut pen = Pen::new(world, people, at);
    let v = role.variant;
    match role.kind {
        Kind::Ordinary => clean::ordinary(&mut pen),
        Kind::Employee => clean::employee(&mut pen),
        Kind::UnitEmployee => clean::unit_employee(&mut pen, v),
        Kind::Absent => {}
        Kind::FreeUnpaid => clean::free_unpaid(&mut pen),
        Kind::OnceEmployee => clean::once_employee(&mut pen),
        Kind::ElsewhereResident => clean::elsewhere_resident(&mut pen),
        Kind::ElsewhereEmployee => clean::elsewhere_employee(&mut pen),
        Kind::Neighbour => clean::neighbour(&mut pen),
        Kind::DiedBefore => clean::died_before(&mut pen, v),
        Kind::DiedLater => clean::died_later(&mut pen),
        Kind::Departed => clean::departed(&mut pen),
        Kind::Instalments => clean::instalments(&mut pen),
        Kind::RepaidAfterReversal => clean::repaid_after_reversal(&mut pen),
        Kind::LateNewborn => clean::late_newborn(&mut pen),
        Kind::LateEmployee => clean::late_employee(&mut pen),
        Kind::LateDeclared => clean::late_declared(&mut pen),
        Kind::OldNumber => clean::old_number(&mut pen),
        Kind::Passport => clean::passport(&mut pen),
        Kind::OtherYears => clean::other_years(&mut pen),
        Kind::IdMissing => identity::missing(&mut pen, v),
        Kind::IdTruncated => identity::truncated(&mut pen, v),
        Kind::IdMalformed => identity::malformed(&mut pen, v),
        Kind::IdBirthdate => identity::birthdate(&mut pen, v),
        Kind::IdChecksum => identity::checksum(&mut pen, v),
        Kind::NameMissing => identity::name_missing(&mut pen, v),
        Kind::NameConflict => identity::name_conflict(&mut pen, v),
        Kind::NameRare => identity::name_rare(&mut pen, v),
        Kind::RowRepeated => money::row_repeated(&mut pen, v),
        Kind::ReversalUnmatched => money::reversal_unmatched(&mut pen, v),
        Kind::DuplicateRegistration => relations::duplicate_registration(&mut pen, v),
        Kind::DuplicatePayment => money::duplicate_payment(&mut pen, v),
        Kind::CrossRegion => relations::cross_region(&mut pen, v),
        Kind::CrossScheme => relations::cross_scheme(&mut pen, v),
        Kind::PaidNotRegistered => money::paid_not_registered(&mut pen, v),
        Kind::WrongRegion => money::wrong_region(&mut pen),
        Kind::RegisteredNotPaid => money::registered_not_paid(&mut pen, v),
        Kind::AmountWrong => money::amount_wrong(&mut pen, v),
        Kind::LateUnderpaid => money::late_underpaid(&mut pen),
        Kind::OutsideWindow => money::outside_window(&mut pen),
        Kind::DeceasedRegistered => relations::deceased_registered(&mut pen, v),
        Kind::DeceasedPaid => relations::deceased_paid(&mut pen),
        Kind::MovedOut => relations::moved_out(&mut pen),
        Kind::HardshipUninsured => hardship::uninsured(&mut pen),
        Kind::SubsidyMissed => hardship::subsidy_missed(&mut pen),
        Kind::SubsidyUnentitled => hardship::subsidy_unentitled(&mut pen),
        Kind::SubsidyWhileEmployee => hardship::subsidy_while_employee(&mut pen),
        Kind::SubsidyOverlap => hardship::subsidy_overlap(&mut pen, v),
        Kind::RosterLate => hardship::roster_late(&mut pen),
        Kind::RosterEnded => hardship::roster_ended(&mut pen),
        Kind::Uninsured => relations::uninsured(&mut pen, v),
        Kind::NotOnRegister => relations::not_on_register(&mut pen, v),
        Kind::RegisterDuplicate => relations::register_duplicate(&mut pen),
        Kind::HouseholdDuplicate => relations::household_duplicate(&mut pen),
        Kind::StudentDuplicate => relations::student_duplicate(&mut pen, v),
        Kind::RegionUnknown => relations::region_unknown(&mut pen, v),
        Kind::RegionAmbiguous => relations::region_ambiguous(&mut pen),
        Kind::CategoryUnknown => hardship::category_unknown(&mut pen, v),
    }
    Written {
        people,
        person: pen.person,
        life: pen.life,
    }
}

/// On the register, registered, paid in full: where most faults begin.
fn sound(pen: &mut Pen) {
    pen.on_register();
    pen.registered();
    pen.pays_premium();
}

/// One of these categories that a person of this age may be in, by the words of the trade; any, where none fits.
fn of_age(pen: &mut Pen, among: &[usize]) -> usize {
    let age = pen.person.age(pen.world.scheme.window.from);
    let fits = |name: &str| {
        if name.contains("百岁") {
            age >= 100
        } else if !name.contains("特困") && ["孤儿", "儿童"].iter().any(|word| name.contains(word))
        {
            age < 18
        } else if ["优抚", "退役", "计生"]
            .iter()
            .any(|word| name.contains(word))
        {
            age >= 22
        } else {
            true
        }
    };
    let fitting: Vec<usize> = among
        .iter()
        .copied()
        .filter(|&at| fits(&pen.world.category(at).name))
        .collect();
    *pen.dice
        .pick(if fitting.is_empty() { among } else { &fitting })
}

/// Any category of the person's age.
fn some_category(pen: &mut Pen) -> usize {
    let all: Vec<usize> = (0..pen.world.scheme.categories.len()).collect();
    of_age(pen, &all)
}
