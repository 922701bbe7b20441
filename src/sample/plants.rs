//! Plants: the closed list of lives that a sample holds, how often each occurs, and who may live it.
//!
//! A new kind takes the next free number, wherever in the list it stands. Its number is what its dice are keyed by, and
//! its turn: kinds that were there before it have chosen their persons by then, so that it moves nobody else's rows.

use crate::domain::SourceKind;
use crate::domain::SourceKind as S;
use crate::scheme::LateWhen;

use super::people::Population;
use super::world::{World, after, before};

/// What kind of life a person lives, and which of its variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Role {
    /// The kind.
    pub(super) kind: LifeKind,
    /// From 0; `stories` takes it modulo the kind's variants.
    pub(super) variant: u32,
}

/// What a kind of life is in the sample for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// Lived by all whom no other kind takes; never planted.
    Base,
    /// Looks like trouble and is none; it may be missing in a small sample.
    Clean,
    /// Has a finding.
    Fault,
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $number:literal $kind:ident: $nature:ident $variants:literal x $rate:literal needs [$($source:ident),*]),+ $(,)?) => {
        /// A kind of life. Number, nature, variants and rate (persons in a hundred thousand) stand beside it in the list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum LifeKind { $($(#[$meta])* $kind),+ }
        impl LifeKind {
            /// In the order of the list.
            pub(super) const ALL: &'static [LifeKind] = &[$(LifeKind::$kind),+];
            /// The number that its dice and its turn go by: it never changes.
            pub(super) const fn number(self) -> u8 { match self { $(LifeKind::$kind => $number),+ } }
            /// How many forms the kind takes.
            pub(super) const fn variants(self) -> u32 { match self { $(LifeKind::$kind => $variants),+ } }
            const fn nature(self) -> Nature { match self { $(LifeKind::$kind => Nature::$nature),+ } }
            const fn rate(self) -> u64 { match self { $(LifeKind::$kind => $rate),+ } }
            const fn needs(self) -> &'static [SourceKind] { match self { $(LifeKind::$kind => &[$(S::$source),*]),+ } }
        }
    };
}

kinds! {
    // What people live whom no other kind takes.
    /// Registered and paid; a few in a hundred on a roster, a tenth at school.
    1 Ordinary: Base 1 x 0 needs [],
    /// Employee of a unit such as 市本级, living in a county; the variant is the unit.
    2 UnitEmployee: Base 1 x 0 needs [],
    /// In no book: who is left over where the number of registrations is published.
    3 Absent: Base 1 x 0 needs [],
    // Clean lives that look like trouble.
    /// Employee, nothing paid as a resident.
    42 Employee: Clean 1 x 6000 needs [],
    /// Wholly granted and without a payment row.
    43 FreeUnpaid: Clean 1 x 300 needs [Rosters],
    /// A suspended employee relation beside the resident one.
    44 OnceEmployee: Clean 1 x 200 needs [],
    /// Registered and paid in another pool.
    45 ElsewhereResident: Clean 1 x 700 needs [Elsewhere],
    /// Employee in another pool.
    46 ElsewhereEmployee: Clean 1 x 500 needs [Elsewhere],
    /// Registered and paid outside, in the same pool.
    47 Neighbour: Clean 1 x 150 needs [Elsewhere],
    /// Dead before the window, registered nowhere.
    48 DiedBefore: Clean 2 x 250 needs [Deaths],
    /// Died within the benefit period, after paying.
    49 DiedLater: Clean 1 x 60 needs [Deaths],
    /// Moved out before the window, registered nowhere here.
    50 Departed: Clean 1 x 200 needs [Departures],
    /// Two payments that make one premium.
    51 Instalments: Clean 1 x 300 needs [],
    /// Paid, wholly reversed, paid again.
    52 RepaidAfterReversal: Clean 1 x 200 needs [],
    /// Born late and paid after the window, as the notice allows.
    53 LateNewborn: Clean 1 x 100 needs [],
    /// Employee cover stopped after the window, entered as a resident, as the notice allows.
    54 LateEmployee: Clean 1 x 80 needs [],
    /// Entered after the window by a declared case; the variant is the case.
    55 LateDeclared: Clean 4 x 80 needs [],
    /// The registration still has the number of 15 digits.
    56 OldNumber: Clean 1 x 150 needs [],
    /// Known by a passport in every book.
    57 Passport: Clean 1 x 60 needs [],
    /// A payment of last year and a relation of another insurance beside the clean ones.
    58 OtherYears: Clean 1 x 150 needs [],
    // Faults.
    4 IdMissing: Fault 3 x 40 needs [Rosters],
    5 IdTruncated: Fault 3 x 40 needs [Rosters],
    6 IdMalformed: Fault 3 x 40 needs [Rosters],
    7 IdBirthdate: Fault 3 x 40 needs [Rosters],
    8 IdChecksum: Fault 5 x 60 needs [Rosters],
    9 NameMissing: Fault 2 x 40 needs [],
    10 NameConflict: Fault 2 x 80 needs [],
    11 NameRare: Fault 4 x 60 needs [],
    12 RowRepeated: Fault 3 x 80 needs [],
    13 ReversalUnmatched: Fault 2 x 40 needs [],
    14 DuplicateRegistration: Fault 2 x 80 needs [],
    15 DuplicatePayment: Fault 2 x 100 needs [],
    16 CrossRegion: Fault 2 x 120 needs [Elsewhere],
    17 CrossScheme: Fault 2 x 120 needs [Elsewhere],
    18 PaidNotRegistered: Fault 2 x 120 needs [],
    19 WrongRegion: Fault 1 x 80 needs [Elsewhere],
    20 RegisteredNotPaid: Fault 2 x 250 needs [],
    21 AmountWrong: Fault 2 x 80 needs [],
    /// A newborn who owes two years and paid one.
    22 LateUnderpaid: Fault 1 x 60 needs [],
    23 OutsideWindow: Fault 1 x 80 needs [],
    24 DeceasedRegistered: Fault 2 x 60 needs [Deaths],
    25 DeceasedPaid: Fault 1 x 40 needs [Deaths],
    26 MovedOut: Fault 1 x 60 needs [Departures],
    27 HardshipUninsured: Fault 1 x 80 needs [Rosters],
    28 SubsidyMissed: Fault 1 x 100 needs [Rosters],
    29 SubsidyUnentitled: Fault 1 x 60 needs [],
    30 SubsidyWhileEmployee: Fault 1 x 50 needs [Rosters],
    31 SubsidyOverlap: Fault 2 x 60 needs [Rosters],
    32 RosterLate: Fault 1 x 60 needs [Rosters],
    33 RosterEnded: Fault 1 x 60 needs [Rosters],
    34 Uninsured: Fault 3 x 1800 needs [],
    35 NotOnRegister: Fault 2 x 150 needs [],
    36 RegisterDuplicate: Fault 1 x 60 needs [],
    37 HouseholdDuplicate: Fault 1 x 60 needs [Households],
    38 StudentDuplicate: Fault 2 x 60 needs [Students, Elsewhere],
    39 RegionUnknown: Fault 3 x 80 needs [],
    40 RegionAmbiguous: Fault 1 x 60 needs [],
    41 CategoryUnknown: Fault 2 x 60 needs [Rosters],
    /// One registration number on two rows, once normal and once ended.
    59 RecordConflict: Fault 1 x 60 needs [],
}

impl LifeKind {
    /// The kinds that are planted, in their turn.
    pub(super) fn planted() -> Vec<LifeKind> {
        let all = LifeKind::ALL.iter().copied();
        let mut planted: Vec<LifeKind> = all.filter(|kind| kind.nature() != Nature::Base).collect();
        planted.sort_by_key(|kind| kind.number());
        planted
    }

    /// Whether the scheme has what this life is made of.
    pub(super) fn possible(self, world: &World) -> bool {
        let scheme = world.scheme;
        let room_before_benefit = before(scheme.benefit.from, 40) >= scheme.window.from;
        let late_paid = |when: &[LateWhen]| {
            matches!(
                when,
                [LateWhen::BornWithinDays(45..) | LateWhen::BornWithinMonths(2..)]
            )
        };
        self.needs().iter().all(|kind| world.has(*kind))
            && match self {
                LifeKind::ElsewhereResident
                | LifeKind::ElsewhereEmployee
                | LifeKind::CrossRegion
                | LifeKind::CrossScheme
                | LifeKind::WrongRegion
                | LifeKind::StudentDuplicate => !world.around.outside.is_empty(),
                LifeKind::Neighbour => !world.around.same_pool.is_empty(),
                LifeKind::FreeUnpaid => scheme
                    .categories
                    .iter()
                    .any(|category| category.grant == scheme.premium),
                LifeKind::LateNewborn => scheme.late.iter().any(|late| late_paid(&late.when)),
                LifeKind::LateEmployee => world.cover_stop().is_some(),
                LifeKind::LateDeclared => !world.declared_cases().is_empty(),
                LifeKind::LateUnderpaid => {
                    world.owes_for_last_year(scheme.window.to, after(scheme.window.to, 1)) > 0
                }
                LifeKind::DiedLater => scheme.benefit.from < world.as_of && room_before_benefit,
                LifeKind::DeceasedRegistered | LifeKind::DeceasedPaid | LifeKind::MovedOut => {
                    room_before_benefit
                }
                LifeKind::RegionAmbiguous => !world.around.ambiguous.is_empty(),
                LifeKind::RosterLate => {
                    scheme
                        .roster
                        .cut_off
                        .is_some_and(|day| day < before(world.as_of, 2))
                        && !world.granted.is_empty()
                }
                LifeKind::HardshipUninsured => !scheme.categories.is_empty(),
                LifeKind::SubsidyMissed
                | LifeKind::SubsidyUnentitled
                | LifeKind::SubsidyWhileEmployee
                | LifeKind::SubsidyOverlap
                | LifeKind::RosterEnded => !world.granted.is_empty(),
                LifeKind::IdMissing
                | LifeKind::IdTruncated
                | LifeKind::IdMalformed
                | LifeKind::IdBirthdate
                | LifeKind::IdChecksum
                | LifeKind::CategoryUnknown => !scheme.categories.is_empty(),
                _ => true,
            }
    }

    /// Whether the person at a position may live it.
    pub(super) fn fits(self, people: &Population, at: usize, world: &World) -> bool {
        let age = people.age(at, world.scheme.window.from);
        match self {
            LifeKind::Employee
            | LifeKind::UnitEmployee
            | LifeKind::OnceEmployee
            | LifeKind::ElsewhereEmployee
            | LifeKind::CrossScheme
            | LifeKind::SubsidyWhileEmployee
            | LifeKind::ReversalUnmatched
            | LifeKind::DuplicateRegistration
            | LifeKind::LateEmployee
            | LifeKind::LateDeclared
            | LifeKind::NotOnRegister => (18..62).contains(&age),
            LifeKind::StudentDuplicate => (7..23).contains(&age),
            LifeKind::OldNumber => (25..90).contains(&age),
            LifeKind::RegionAmbiguous => {
                let county6 = &world.around.places[people.place(at) as usize].county6;
                age >= 3
                    && world
                        .around
                        .ambiguous
                        .iter()
                        .any(|(county, _)| county == county6)
            }
            kind if kind.is_newborn() => !people.is_head(at) && age < 30,
            // Others would be late entries that a notice may allow.
            _ => age >= 3,
        }
    }

    /// Whether who lives it is born late in the window.
    pub(super) const fn is_newborn(self) -> bool {
        matches!(self, LifeKind::LateNewborn | LifeKind::LateUnderpaid)
    }

    /// Persons that live it among so many.
    pub(super) fn count(self, people: u64) -> u64 {
        let share = people * self.rate() / 100_000;
        if self.nature() != Nature::Fault {
            share
        } else if people >= 600 {
            share.max(u64::from(self.variants()).max(2))
        } else {
            u64::from(self.variants()).min(2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new kind can take no other number than the next.
    #[test]
    fn kinds_are_numbered_from_one_without_a_gap_and_none_twice() {
        let mut numbers: Vec<u8> = LifeKind::ALL.iter().map(|kind| kind.number()).collect();
        numbers.sort_unstable();
        let count = u8::try_from(numbers.len()).expect("few");
        assert!(numbers.into_iter().eq(1..=count));
    }
}
