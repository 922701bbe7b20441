//! Plants: the closed list of lives that a sample holds, how often each occurs, and who may live it.

use crate::domain::SourceKind;
use crate::domain::SourceKind as S;
use crate::scheme::LateWhen;

use super::people::{People, Person};
use super::quotas::{Ledger, Quota};
use super::stories;
use super::world::{World, after, before};

/// What kind of life a person lives, and which of its variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Role {
    /// The kind.
    pub(super) kind: Kind,
    /// From 0; `stories` takes it modulo the kind's variants.
    pub(super) variant: u32,
}

macro_rules! kinds {
    ($($(#[$meta:meta])* $kind:ident $variants:literal x $rate:literal needs [$($source:ident),*]),+ $(,)?) => {
        /// A kind of life. Variants and rate (persons in a hundred thousand) stand beside it in the list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Kind { $($(#[$meta])* $kind),+ }
        impl Kind {
            const ALL: &'static [Kind] = &[$(Kind::$kind),+];
            /// How many forms the kind takes.
            pub(super) const fn variants(self) -> u32 { match self { $(Kind::$kind => $variants),+ } }
            const fn rate(self) -> u64 { match self { $(Kind::$kind => $rate),+ } }
            const fn needs(self) -> &'static [SourceKind] { match self { $(Kind::$kind => &[$(S::$source),*]),+ } }
        }
    };
}

kinds! {
    /// Registered and paid; a few in a hundred on a roster, a tenth at school.
    Ordinary 1 x 0 needs [],
    // Clean lives that look like trouble.
    /// Employee, nothing paid as a resident.
    Employee 1 x 6000 needs [],
    /// Employee of a unit such as 市本级, living in a county; the variant is the unit.
    UnitEmployee 1 x 0 needs [],
    /// In no book: who is left over where the number of registrations is published.
    Absent 1 x 0 needs [],
    /// Wholly granted and without a payment row.
    FreeUnpaid 1 x 300 needs [Rosters],
    /// A suspended employee relation beside the resident one.
    OnceEmployee 1 x 200 needs [],
    /// Registered and paid in another pool.
    ElsewhereResident 1 x 700 needs [Elsewhere],
    /// Employee in another pool.
    ElsewhereEmployee 1 x 500 needs [Elsewhere],
    /// Registered and paid outside, in the same pool.
    Neighbour 1 x 150 needs [Elsewhere],
    /// Dead before the window, registered nowhere.
    DiedBefore 2 x 250 needs [Deaths],
    /// Died within the benefit period, after paying.
    DiedLater 1 x 60 needs [Deaths],
    /// Moved out before the window, registered nowhere here.
    Departed 1 x 200 needs [Departures],
    /// Two payments that make one premium.
    Instalments 1 x 300 needs [],
    /// Paid, wholly reversed, paid again.
    RepaidAfterReversal 1 x 200 needs [],
    /// Born late and paid after the window, as the notice allows.
    LateNewborn 1 x 100 needs [],
    /// Employee cover stopped after the window, entered as a resident, as the notice allows.
    LateEmployee 1 x 80 needs [],
    /// Entered after the window by a declared case.
    LateDeclared 1 x 80 needs [],
    /// The registration still has the number of 15 digits.
    OldNumber 1 x 150 needs [],
    /// Known by a passport in every book.
    Passport 1 x 60 needs [],
    /// A payment of last year and a relation of another insurance beside the clean ones.
    OtherYears 1 x 150 needs [],
    // Faults.
    IdMissing 3 x 40 needs [Rosters],
    IdTruncated 3 x 40 needs [Rosters],
    IdMalformed 3 x 40 needs [Rosters],
    IdBirthdate 3 x 40 needs [Rosters],
    IdChecksum 5 x 60 needs [Rosters],
    NameMissing 2 x 40 needs [],
    NameConflict 2 x 80 needs [],
    NameRare 4 x 60 needs [],
    RowRepeated 3 x 80 needs [],
    ReversalUnmatched 2 x 40 needs [],
    DuplicateRegistration 2 x 80 needs [],
    DuplicatePayment 2 x 100 needs [],
    CrossRegion 2 x 120 needs [Elsewhere],
    CrossScheme 2 x 120 needs [Elsewhere],
    PaidNotRegistered 2 x 120 needs [],
    WrongRegion 1 x 80 needs [Elsewhere],
    RegisteredNotPaid 2 x 250 needs [],
    AmountWrong 2 x 80 needs [],
    /// A newborn who owes two years and paid one.
    LateUnderpaid 1 x 60 needs [],
    OutsideWindow 1 x 80 needs [],
    DeceasedRegistered 2 x 60 needs [Deaths],
    DeceasedPaid 1 x 40 needs [Deaths],
    MovedOut 1 x 60 needs [Departures],
    HardshipUninsured 1 x 80 needs [Rosters],
    SubsidyMissed 1 x 100 needs [Rosters],
    SubsidyUnentitled 1 x 60 needs [],
    SubsidyWhileEmployee 1 x 50 needs [Rosters],
    SubsidyOverlap 2 x 60 needs [Rosters],
    RosterLate 1 x 60 needs [Rosters],
    RosterEnded 1 x 60 needs [Rosters],
    Uninsured 3 x 1800 needs [],
    NotOnRegister 2 x 150 needs [],
    RegisterDuplicate 1 x 60 needs [],
    HouseholdDuplicate 1 x 60 needs [Households],
    StudentDuplicate 2 x 60 needs [Students, Elsewhere],
    RegionUnknown 3 x 80 needs [],
    RegionAmbiguous 1 x 60 needs [],
    CategoryUnknown 2 x 60 needs [Rosters],
}

impl Kind {
    /// Whether clean: it may be missing in a small sample.
    const fn is_clean(self) -> bool {
        (self as u8) < (Kind::IdMissing as u8)
    }

    /// Whether the scheme has what this life is made of.
    fn possible(self, world: &World) -> bool {
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
                Kind::ElsewhereResident
                | Kind::ElsewhereEmployee
                | Kind::CrossRegion
                | Kind::CrossScheme
                | Kind::WrongRegion
                | Kind::StudentDuplicate => !world.around.outside.is_empty(),
                Kind::Neighbour => !world.around.same_pool.is_empty(),
                Kind::FreeUnpaid => scheme
                    .categories
                    .iter()
                    .any(|category| category.grant == scheme.premium),
                Kind::LateNewborn => scheme.late.iter().any(|late| late_paid(&late.when)),
                Kind::LateEmployee => world.cover_stop().is_some(),
                Kind::LateDeclared => !world.declared_cases().is_empty(),
                Kind::LateUnderpaid => {
                    world.owes_for_last_year(scheme.window.to, after(scheme.window.to, 1)) > 0
                }
                Kind::DiedLater => scheme.benefit.from < world.as_of && room_before_benefit,
                Kind::DeceasedRegistered | Kind::DeceasedPaid | Kind::MovedOut => {
                    room_before_benefit
                }
                Kind::RegionAmbiguous => !world.around.ambiguous.is_empty(),
                Kind::RosterLate => {
                    scheme
                        .roster
                        .cut_off
                        .is_some_and(|day| day < before(world.as_of, 2))
                        && !world.granted.is_empty()
                }
                Kind::HardshipUninsured => !scheme.categories.is_empty(),
                Kind::SubsidyMissed
                | Kind::SubsidyUnentitled
                | Kind::SubsidyWhileEmployee
                | Kind::SubsidyOverlap
                | Kind::RosterEnded => !world.granted.is_empty(),
                Kind::IdMissing
                | Kind::IdTruncated
                | Kind::IdMalformed
                | Kind::IdBirthdate
                | Kind::IdChecksum
                | Kind::CategoryUnknown => !scheme.categories.is_empty(),
                _ => true,
            }
    }

    /// Whether this person may live it.
    fn fits(self, person: &Person, world: &World) -> bool {
        let age = person.age(world.scheme.window.from);
        match self {
            Kind::Employee
            | Kind::UnitEmployee
            | Kind::OnceEmployee
            | Kind::ElsewhereEmployee
            | Kind::CrossScheme
            | Kind::SubsidyWhileEmployee
            | Kind::ReversalUnmatched
            | Kind::DuplicateRegistration
            | Kind::LateEmployee
            | Kind::LateDeclared
            | Kind::NotOnRegister => (18..62).contains(&age),
            Kind::StudentDuplicate => (7..23).contains(&age),
            Kind::OldNumber => (25..90).contains(&age),
            Kind::RegionAmbiguous => {
                let county6 = &world.around.places[person.place as usize].county6;
                age >= 3
                    && world
                        .around
                        .ambiguous
                        .iter()
                        .any(|(county, _)| county == county6)
            }
            Kind::LateNewborn | Kind::LateUnderpaid => person.relation != "户主" && age < 30,
            // Others would be late entries that a notice may allow.
            _ => age >= 3,
        }
    }

    /// Persons that live it among so many.
    fn count(self, people: u64) -> u64 {
        let share = people * self.rate() / 100_000;
        if self.is_clean() {
            share
        } else if people >= 600 {
            share.max(u64::from(self.variants()).max(2))
        } else {
            u64::from(self.variants()).min(2)
        }
    }
}

/// Everybody's role, four bytes a person.
pub(super) struct Cast(Vec<u32>);

impl Cast {
    /// All ordinary.
    fn ordinary(people: usize) -> Self {
        Cast(vec![Kind::Ordinary as u32; people])
    }

    /// The role of the person at a position.
    pub(super) fn role(&self, at: usize) -> Role {
        Role {
            kind: Kind::ALL[(self.0[at] & 0xff) as usize],
            variant: self.0[at] >> 8,
        }
    }

    /// Persons who are in some book.
    pub(super) fn in_books(&self) -> u64 {
        self.0
            .iter()
            .filter(|role| **role & 0xff != Kind::Absent as u32)
            .count() as u64
    }

    fn give(&mut self, at: u32, role: Role) {
        self.0[at as usize] = role.variant << 8 | role.kind as u32;
    }
}

/// Gives every person a role. Faults first, so that a small sample has them all; at most two persons in three have one.
pub(super) fn cast(world: &World, people: &mut People, quotas: &[Quota]) -> Cast {
    let mut roles = Cast::ordinary(people.len());
    let mut waiting: Vec<u32> = (0..u32::try_from(people.len()).unwrap_or(u32::MAX)).collect();
    let mut dice = world.dice(2);
    for at in (1..waiting.len()).rev() {
        waiting.swap(
            at,
            dice.below(u32::try_from(at + 1).unwrap_or(u32::MAX)) as usize,
        );
    }
    let mut ledger = Ledger::new(world, quotas, people);
    let mut left = people.len() * 2 / 3;
    let mut order: Vec<Kind> = Kind::ALL
        .iter()
        .copied()
        .filter(|kind| *kind != Kind::Ordinary && kind.possible(world))
        .collect();
    order.sort_by_key(|kind| kind.is_clean());
    for kind in order {
        if kind == Kind::Employee && ledger.counts_employees() {
            continue; // in the numbers published, when all else is planted
        }
        let wanted = usize::try_from(kind.count(people.len() as u64))
            .unwrap_or(usize::MAX)
            .min(left);
        let mut found = 0;
        let mut passed = Vec::new();
        while found < wanted {
            let Some(at) = waiting.pop() else { break };
            let role = Role {
                kind,
                variant: u32::try_from(found).unwrap_or(0) % kind.variants(),
            };
            let fits = kind.fits(&people.person(at as usize), world)
                && (ledger.is_empty()
                    || ledger.admits(&stories::live(world, people, at as usize, role)));
            if fits {
                roles.give(at, role);
                found += 1;
                if matches!(kind, Kind::LateNewborn | Kind::LateUnderpaid) {
                    people.reborn(
                        at as usize,
                        before(world.scheme.window.to, u64::from(dice.below(30))),
                    );
                }
            } else {
                passed.push(at);
            }
        }
        left -= found;
        // Who did not fit waits for the next kind, in the same order as before.
        waiting.extend(passed.into_iter().rev());
    }
    people.close();
    if !ledger.is_empty() {
        fill(world, people, &mut ledger, waiting, &mut roles);
    }
    roles
}

/// Employees and ordinary people to the numbers published for each region; who is left over is in no book.
fn fill(
    world: &World,
    people: &People,
    ledger: &mut Ledger,
    mut waiting: Vec<u32>,
    roles: &mut Cast,
) {
    // Of working age, as long as there are such.
    for any_age in [false, true] {
        waiting.retain(|&at| {
            let person = people.person(at as usize);
            let Some(quota) = ledger
                .of(person.place)
                .filter(|_| any_age || Kind::Employee.fits(&person, world))
            else {
                return true;
            };
            let Some(unit) = ledger.employs(quota) else {
                return true;
            };
            let role = match unit {
                None => Role {
                    kind: Kind::Employee,
                    variant: 0,
                },
                Some(unit) => Role {
                    kind: Kind::UnitEmployee,
                    variant: unit,
                },
            };
            roles.give(at, role);
            false
        });
    }
    // A household's head is in the books before its other members.
    for heads in [true, false] {
        for &at in waiting
            .iter()
            .filter(|&&at| people.is_head(at as usize) == heads)
        {
            let quota = ledger.of(people.place(at as usize));
            if quota.is_some_and(|quota| !ledger.registers(quota)) {
                roles.give(
                    at,
                    Role {
                        kind: Kind::Absent,
                        variant: 0,
                    },
                );
            }
        }
    }
    assert!(
        ledger.is_closed(),
        "enough people were settled for every registration published"
    );
}
