//! Traits: what can be said of a person without another look at a book.
//!
//! A bucket has many persons and the house many checks: every sentence is decided for all persons in one walk, and a check
//! then takes only those of whom its sentence holds.

use polars::prelude::*;
use rayon::prelude::*;

use super::cases::is_overpaid;
use super::standings::standing;
use crate::domain::{Standing, columns as c, period::epoch_day};
use crate::people::{People, Person};
use crate::scheme::Scheme;

/// A sentence about a person.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Trait {
    /// On the register.
    OnRegister,
    /// Normal resident registrations in several pools.
    RegisteredInPools,
    /// Effective resident payments in several pools.
    PaidInPools,
    /// A normal resident and a normal employee registration, wherever.
    OfBothSchemes,
    /// Effective resident payment here, no normal resident registration anywhere.
    PaidNotRegistered,
    /// First paid in another pool than that of the registration, or, without one, of the register.
    PaidInDoubt,
    /// Registered here, and neither paid nor subsidised nor free.
    RegisteredNotPaid,
    /// Dead before the benefit period, and registered here.
    DeceasedRegistered,
    /// Dead before the last payment here.
    DeceasedPaid,
    /// Gone before the benefit period, and registered here.
    MovedOut,
    /// On the register or a roster, insured nowhere.
    Uninsured,
    /// Registered here, not on the register.
    NotOnRegister,
    /// On the list of students, and a normal resident registration elsewhere.
    StudentElsewhere,
    /// On a roster in force, insured nowhere.
    HardshipUninsured,
    /// Entitled and paid more than payable.
    SubsidyMissed,
    /// Subsidised without entitlement.
    SubsidyUnentitled,
    /// Subsidised as a resident while an employee.
    SubsidyWhileEmployee,
    /// Equal best grants from several payers.
    PayersOverlap,
    /// Two subsidies recorded.
    SubsidiesOverlap,
    /// Entitled, subsidised, or on a roster now.
    OnSubsidyList,
    /// Has paid more than was due, or elsewhere than due, or perhaps owes nothing.
    MayBeRefunded,
}

impl Trait {
    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// What holds of a person. `benefit` is the first day of the benefit period.
fn held(person: &Person, standing: Standing, benefit: i32) -> u32 {
    let is_before = |day: Option<i32>| day.is_none_or(|day| day < benefit);
    let open = [
        Standing::Uninsured,
        Standing::Unreachable,
        Standing::Declined,
        Standing::Other,
    ];
    let (registered_here, known) = (
        person.is_registered_here(),
        person.on_register() || person.on_roster(),
    );
    let unpaid = person.payments == 0 && person.recorded_subsidy() == 0 && person.payable > 0;
    let in_doubt = match (person.is_resident(), person.on_register()) {
        (true, _) => person.first_pool != person.resident_pool,
        (false, on_register) => on_register && person.first_pool != person.register_pool,
    };
    let sentences = [
        (Trait::OnRegister, person.on_register()),
        (Trait::RegisteredInPools, person.resident_pools > 1),
        (Trait::PaidInPools, person.payment_pools > 1),
        (
            Trait::OfBothSchemes,
            person.is_employee() && person.is_resident(),
        ),
        (
            Trait::PaidNotRegistered,
            person.payments_here > 0 && !person.is_resident(),
        ),
        (Trait::PaidInDoubt, person.payments > 0 && in_doubt),
        (Trait::RegisteredNotPaid, person.resident_here > 0 && unpaid),
        (
            Trait::DeceasedRegistered,
            person.dead && is_before(person.death_on) && registered_here,
        ),
        (
            Trait::DeceasedPaid,
            person
                .death_on
                .zip(person.last_paid_here)
                .is_some_and(|(died, paid)| paid > died),
        ),
        (
            Trait::MovedOut,
            person.departed && is_before(person.departed_on) && registered_here,
        ),
        (Trait::Uninsured, known && standing == Standing::Uninsured),
        (
            Trait::NotOnRegister,
            registered_here && !person.on_register(),
        ),
        (
            Trait::StudentElsewhere,
            person.student && person.resident_away > 0,
        ),
        (
            Trait::HardshipUninsured,
            person.roster_now && open.contains(&standing),
        ),
        (Trait::SubsidyMissed, person.is_missed()),
        (Trait::SubsidyUnentitled, person.is_unentitled()),
        (
            Trait::SubsidyWhileEmployee,
            person.is_subsidised() && person.is_employee(),
        ),
        (
            Trait::PayersOverlap,
            person.is_entitled() && person.grant_payers > 1,
        ),
        (Trait::SubsidiesOverlap, person.subsidised_here > 1),
        (
            Trait::OnSubsidyList,
            person.is_entitled() || person.is_subsidised() || person.roster_now,
        ),
        (
            Trait::MayBeRefunded,
            person.paid > 0 && (is_overpaid(person) || person.dead || person.departed),
        ),
    ];
    sentences
        .iter()
        .filter(|(_, holds)| *holds)
        .fold(0, |bits, (held, _)| bits | held.bit())
}

/// Persons at least that a thread takes at once.
const PERSONS_A_THREAD: usize = 1 << 14;

/// The traits and the standing of every person of a bucket, by position.
pub(super) struct Traits {
    of: Vec<(u32, Standing)>,
}

impl Traits {
    /// Decides every sentence about everyone.
    pub(super) fn of(people: &People, scheme: &Scheme) -> Self {
        let benefit = epoch_day(scheme.benefit.from);
        let of_person = |person: &Person| {
            let standing = standing(person);
            (held(person, standing, benefit), standing)
        };
        Traits {
            of: people
                .persons
                .par_iter()
                .with_min_len(PERSONS_A_THREAD)
                .map(of_person)
                .collect(),
        }
    }

    /// Positions of the persons of whom a sentence holds.
    pub(super) fn those(&self, held: Trait) -> Vec<u32> {
        (0u32..)
            .zip(&self.of)
            .filter(|(_, (bits, _))| bits & held.bit() != 0)
            .map(|(at, _)| at)
            .collect()
    }

    /// The standing of the person at a position.
    pub(super) fn standing(&self, at: usize) -> Standing {
        self.of[at].1
    }

    /// STANDING of the persons at these positions, nothing of one who is in no book that counts.
    pub(super) fn standings(&self, at: &[u32]) -> Column {
        let standings: UInt8Chunked = at
            .iter()
            .map(|at| self.of.get(*at as usize).map(|(_, one)| one.index()))
            .collect();
        standings.with_name(c::STANDING.into()).into_column()
    }
}
