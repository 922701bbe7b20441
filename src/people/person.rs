//! A person: everything every book says, as plain values.

use super::Place;
use crate::domain::{Fen, KeptWhy};

/// Days since 1970-01-01, as frames hold them.
pub(super) type Day = i32;

/// One person of a bucket. A person whom a book does not name has no rows, no money and no grant there: that is the meaning
/// of the absence, decided here once and nowhere else.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// `PersonKey`.
    pub key: u64,
    /// Row of the register that stands for the person.
    pub register_at: Option<u32>,
    /// Region on the register; the scheme's root where that row names none.
    pub register_region: Option<Place>,
    /// Pool of the register entry.
    pub register_pool: Option<Place>,
    /// Best region known, from register, registration, roster, payment in this order.
    pub region: Option<Place>,
    /// Row of the registrations that stands for the person.
    pub registration_at: Option<u32>,
    /// The registration here that counts: employee before resident, then the lowest region.
    pub counted_at: Option<u32>,
    /// Its region, where it names one.
    pub counted_region: Option<Place>,
    /// Normal registrations by cover and place.
    pub resident_here: u32,
    /// See `resident_here`.
    pub resident_away: u32,
    /// See `resident_here`.
    pub employee_here: u32,
    /// See `resident_here`.
    pub employee_away: u32,
    /// Earliest stated beginning of an employee relation.
    pub employee_begun: Option<Day>,
    /// Lowest pool of an employee relation.
    pub employee_pool: Option<Place>,
    /// Pools with normal resident registrations.
    pub resident_pools: u32,
    /// Lowest of them.
    pub resident_pool: Option<Place>,
    /// Subsidy recorded in registrations.
    pub registration_subsidy: Fen,
    /// First effective payment, resident ones before others.
    pub payment_at: Option<u32>,
    /// Its region.
    pub payment_region: Option<Place>,
    /// Its pool.
    pub first_pool: Option<Place>,
    /// Effective resident payments anywhere.
    pub payments: u32,
    /// Effective resident payments here.
    pub payments_here: u32,
    /// Pools with effective resident payments.
    pub payment_pools: u32,
    /// Personal money of all effective resident payments.
    pub paid: Fen,
    /// Subsidised money of all effective resident payments.
    pub subsidised_paid: Fen,
    /// Personal money of effective resident payments here.
    pub paid_here: Fen,
    /// Effective resident payments here with a subsidy.
    pub subsidised_here: u32,
    /// First effective resident payment.
    pub first_paid_on: Option<Day>,
    /// First effective resident payment here.
    pub first_paid_here: Option<Day>,
    /// Last effective resident payment.
    pub last_paid_on: Option<Day>,
    /// Last effective payment here, whatever the cover.
    pub last_paid_here: Option<Day>,
    /// Row of a roster; none = on no roster.
    pub roster_at: Option<u32>,
    /// Lowest region that a roster names.
    pub roster_region: Option<Place>,
    /// On a roster in force on the as-of date.
    pub roster_now: bool,
    /// Best category in force on the as-of date (largest grant, then declared order).
    pub category_now: Option<u16>,
    /// Subsidy recorded on rosters.
    pub roster_subsidy: Fen,
    /// Position in `Scheme::late` of the rule that covers the first payment here.
    pub entry: Option<u16>,
    /// Largest grant in force that the entry leaves, of two years both; 0 = not entitled.
    pub grant: Fen,
    /// Its category.
    pub grant_category: Option<u16>,
    /// Payers of equal best grants.
    pub grant_payers: u32,
    /// Premium − grant; for a late entry its price − grant.
    pub payable: Fen,
    /// Dead on or before the as-of date.
    pub dead: bool,
    /// Day of death.
    pub death_on: Option<Day>,
    /// Departed on or before the as-of date.
    pub departed: bool,
    /// Day of departure.
    pub departed_on: Option<Day>,
    /// On the list of students.
    pub student: bool,
    /// Lowest pool of a school.
    pub school_pool: Option<Place>,
    /// Latest stated day on which school begins.
    pub enrolled_on: Option<Day>,
    /// Latest stated day on which school ends.
    pub graduates_on: Option<Day>,
    /// A resident registration insures (paid, subsidised or free where the notice asks for it).
    pub resident_insures: bool,
    /// Pool of the relation that is proposed to stay.
    pub kept_pool: Option<Place>,
    /// The reason why.
    pub kept_why: Option<KeptWhy>,
}

impl Person {
    /// On the register.
    pub fn on_register(&self) -> bool {
        self.register_at.is_some()
    }

    /// On a roster, in force or not.
    pub fn on_roster(&self) -> bool {
        self.roster_at.is_some()
    }

    /// Normal resident registrations anywhere.
    pub fn residents(&self) -> u32 {
        self.resident_here + self.resident_away
    }

    /// A normal employee registration anywhere.
    pub fn is_employee(&self) -> bool {
        self.employee_here + self.employee_away > 0
    }

    /// A normal resident registration anywhere.
    pub fn is_resident(&self) -> bool {
        self.residents() > 0
    }

    /// A normal registration here.
    pub fn is_registered_here(&self) -> bool {
        self.resident_here + self.employee_here > 0
    }

    /// Entitled to a grant.
    pub fn is_entitled(&self) -> bool {
        self.grant > 0
    }

    /// Subsidised as a resident here.
    pub fn is_subsidised(&self) -> bool {
        self.subsidised_here > 0
    }

    /// Entitled, and paid more than payable.
    pub fn is_missed(&self) -> bool {
        self.is_entitled() && self.paid_here > self.payable
    }

    /// Subsidised without entitlement.
    pub fn is_unentitled(&self) -> bool {
        self.is_subsidised() && !self.is_entitled()
    }

    /// Subsidy recorded beside the payments.
    pub fn recorded_subsidy(&self) -> Fen {
        self.registration_subsidy + self.roster_subsidy
    }
}
