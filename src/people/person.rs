//! A person while the books are gathered: plain values, which become the columns of `columns`.

use super::Place;
use super::grants::Grant;
use crate::domain::Fen;

/// Days since 1970-01-01, as frames hold them.
pub(super) type Day = i32;

/// A day before every other: of a relation or an entry on no stated day.
pub const ALWAYS: i32 = i32::MIN;

/// One person of a bucket. A person whom a book does not name has no rows, no money and no grant there: that is the meaning
/// of the absence, decided here once and nowhere else. What each value means stands at its column.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    pub(super) who: u32,
    pub(super) key: u64,
    pub(super) payment_doubts: u16,
    pub(super) registration_doubts: u16,
    pub(super) roster_doubts: u16,
    pub(super) event_doubts: u16,
    pub(super) register_at: Option<u32>,
    pub(super) register_region: Option<Place>,
    pub(super) register_pool: Option<Place>,
    pub(super) registration_at: Option<u32>,
    pub(super) counted_at: Option<u32>,
    pub(super) counted_region: Option<Place>,
    pub(super) resident_here: u32,
    pub(super) resident_away: u32,
    pub(super) employee_here: u32,
    pub(super) employee_away: u32,
    pub(super) employee_begun: Option<Day>,
    pub(super) employee_since: Option<Day>,
    pub(super) employee_here_since: Option<Day>,
    pub(super) employee_pool: Option<Place>,
    pub(super) resident_pools: u32,
    pub(super) resident_pool: Option<Place>,
    pub(super) registered_at_home: bool,
    pub(super) registered_at_school: bool,
    pub(super) registration_subsidy: Fen,
    pub(super) payment_at: Option<u32>,
    pub(super) payment_region: Option<Place>,
    pub(super) first_pool: Option<Place>,
    pub(super) payments: u32,
    pub(super) payments_here: u32,
    pub(super) payment_pools: u32,
    pub(super) paid: Fen,
    pub(super) subsidised_paid: Fen,
    pub(super) paid_here: Fen,
    pub(super) subsidised_here: u32,
    pub(super) first_paid_on: Option<Day>,
    pub(super) first_paid_here: Option<Day>,
    pub(super) last_paid_here: Option<Day>,
    pub(super) paid_for_here: u32,
    pub(super) first_paid_for_here: Option<Day>,
    pub(super) paid_for_away: u32,
    pub(super) first_paid_for_away: Option<Day>,
    pub(super) away_in_own_pool: bool,
    pub(super) resident_until: Option<Day>,
    pub(super) resident_until_region: Option<Place>,
    pub(super) employee_until: Option<Day>,
    pub(super) employee_until_since: Option<Day>,
    pub(super) roster_at: Option<u32>,
    pub(super) roster_region: Option<Place>,
    pub(super) roster_now: bool,
    pub(super) rostered_since: Option<Day>,
    pub(super) category_now: Option<u16>,
    pub(super) roster_subsidy: Fen,
    /// What the rosters grant on the deciding days, before a late entry has its say.
    pub(super) granted: Grant,
    pub(super) entry: Option<u16>,
    pub(super) covered_from: Option<Day>,
    pub(super) grant: Fen,
    pub(super) grant_category: Option<u16>,
    pub(super) grant_payers: u32,
    pub(super) payable: Fen,
    pub(super) dead: bool,
    pub(super) death_on: Option<Day>,
    pub(super) departed: bool,
    pub(super) gone_as: Option<u16>,
    pub(super) departed_on: Option<Day>,
    pub(super) student: bool,
    pub(super) school_pool: Option<Place>,
    pub(super) enrolled_on: Option<Day>,
    pub(super) graduates_on: Option<Day>,
}

impl Person {
    /// A normal employee registration anywhere.
    pub(super) fn is_employee(&self) -> bool {
        self.employee_here + self.employee_away > 0
    }
}
