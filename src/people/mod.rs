//! People: one row a person: everything every book says.
//!
//! In:  typed rows, the scheme, the as-of date; one bucket of keys at a time.
//! Out: `People`: the books' rows that count, and one frame with one row a person.
//! Never: decides who is right, or looks across buckets.

mod books;
mod columns;
pub mod entry;
pub mod gather;
mod index;
mod person;
mod places;
pub mod summary;

use std::sync::Arc;

use chrono::NaiveDate;
use polars::prelude::*;

pub use books::Books;
pub use columns::Faces;
use entry::{Dossiers, Entered};
pub use index::{Book, taken};
pub use person::Person;
pub use places::{Place, Places};
use summary::Named;

use crate::refine::Rows;
use crate::scheme::Scheme;

/// Columns that only this room makes: `Person` as columns, where a frame is wanted.
pub mod p {
    /// u32: position of a row's person.
    pub const WHO: &str = "who";
    /// bool: on the register.
    pub const ON_REGISTER: &str = "on_register";
    /// str: region on the register; the scheme's root where the register row names none.
    pub const REGISTER_REGION: &str = "register_region";
    /// str: best region known of the person, from register, registration, roster, payment in this order.
    pub const PERSON_REGION: &str = "person_region";
    /// u32: normal registrations by cover and place.
    pub const RESIDENT_HERE: &str = "resident_here";
    /// See `RESIDENT_HERE`.
    pub const RESIDENT_AWAY: &str = "resident_away";
    /// See `RESIDENT_HERE`.
    pub const EMPLOYEE_HERE: &str = "employee_here";
    /// See `RESIDENT_HERE`.
    pub const EMPLOYEE_AWAY: &str = "employee_away";
    /// date?: earliest stated beginning of an employee relation.
    pub const EMPLOYEE_BEGUN: &str = "employee_begun";
    /// str?: pool of the employee relation.
    pub const EMPLOYEE_POOL: &str = "employee_pool";
    /// u32?: origin and row of the counted registration here.
    pub const COUNTED_ORIGIN: &str = "counted_origin";
    /// See `COUNTED_ORIGIN`.
    pub const COUNTED_ROW: &str = "counted_row";
    /// u32?: origin and row of the first effective payment.
    pub const PAYMENT_ORIGIN: &str = "payment_origin";
    /// See `PAYMENT_ORIGIN`.
    pub const PAYMENT_ROW: &str = "payment_row";
    /// u32?: origin and row of a roster row.
    pub const ROSTER_ORIGIN: &str = "roster_origin";
    /// See `ROSTER_ORIGIN`.
    pub const ROSTER_ROW: &str = "roster_row";
    /// str?: pool of the first effective payment.
    pub const FIRST_POOL: &str = "first_pool";
    /// str?: pool of the register entry.
    pub const REGISTER_POOL: &str = "register_pool";
    /// i64: subsidy recorded in registrations.
    pub const REGISTRATION_SUBSIDY: &str = "registration_subsidy";
    /// str?: region of the counted registration here.
    pub const COUNTED_REGION: &str = "counted_region";
    /// u32: pools with normal resident registrations.
    pub const RESIDENT_POOLS: &str = "resident_pools";
    /// str?: lowest of them.
    pub const RESIDENT_POOL: &str = "resident_pool";
    /// u32: effective resident payments anywhere.
    pub const PAYMENTS: &str = "payments";
    /// u32: effective resident payments here.
    pub const PAYMENTS_HERE: &str = "payments_here";
    /// u32: pools with effective resident payments.
    pub const PAYMENT_POOLS: &str = "payment_pools";
    /// i64: personal money of all effective resident payments.
    pub const PAID: &str = "paid";
    /// i64: subsidised money of all effective resident payments.
    pub const SUBSIDISED_PAID: &str = "subsidised_paid";
    /// i64: personal money of effective resident payments here.
    pub const PAID_HERE: &str = "paid_here";
    /// u32: effective resident payments here with a subsidy.
    pub const SUBSIDISED_HERE: &str = "subsidised_here";
    /// date?: first effective resident payment.
    pub const FIRST_PAID_ON: &str = "first_paid_on";
    /// date?: last effective resident payment.
    pub const LAST_PAID_ON: &str = "last_paid_on";
    /// date?: last effective payment here, whatever the cover.
    pub const LAST_PAID_HERE: &str = "last_paid_here";
    /// bool: on a roster (any used row).
    pub const ON_ROSTER: &str = "on_roster";
    /// bool: on a roster in force on the as-of date.
    pub const ROSTER_NOW: &str = "roster_now";
    /// u16?: best category in force on the as-of date (largest grant, then declared order).
    pub const CATEGORY_NOW: &str = "category_now";
    /// i64: subsidy recorded on rosters.
    pub const ROSTER_SUBSIDY: &str = "roster_subsidy";
    /// u16?: position in `Scheme::late` of the rule that covers the first payment here.
    pub const ENTRY: &str = "entry";
    /// i64: largest grant in force that the entry leaves, of two years both; 0 = not entitled.
    pub const GRANT: &str = "grant";
    /// u16?: its category.
    pub const GRANT_CATEGORY: &str = "grant_category";
    /// u32: payers of equal best grants.
    pub const GRANT_PAYERS: &str = "grant_payers";
    /// i64: premium − grant; for a late entry its price − grant.
    pub const PAYABLE: &str = "payable";
    /// bool: dead on or before the as-of date.
    pub const DEAD: &str = "dead";
    /// date?: day of death.
    pub const DEATH_ON: &str = "death_on";
    /// bool: departed on or before the as-of date.
    pub const DEPARTED: &str = "departed";
    /// date?: day of departure.
    pub const DEPARTED_ON: &str = "departed_on";
    /// bool: on the list of students.
    pub const STUDENT: &str = "student";
    /// u32: position, among all places, of the pool that a row lies in: in the order of pools.
    pub const POOL_AT: &str = "pool_at";
    /// str?: pool of the school.
    pub const SCHOOL_POOL: &str = "school_pool";
    /// bool: a resident registration insures (paid, subsidised or free where the notice asks for it).
    pub const RESIDENT_INSURES: &str = "resident_insures";
    /// str?: pool of the relation that is proposed to stay.
    pub const KEPT_POOL: &str = "kept_pool";
    /// str?: code of the reason why.
    pub const KEPT_WHY: &str = "kept_why";
    /// u32?: origin and row of the row that stands for the person.
    pub const FACE_ORIGIN: &str = "face_origin";
    /// See `FACE_ORIGIN`.
    pub const FACE_ROW: &str = "face_row";
}

/// What a bucket knows.
pub struct People {
    /// Rows that count, by book.
    pub books: Books,
    /// Places that their rows name.
    pub named: Named,
    /// Every place that there is.
    pub places: Arc<Places>,
    /// Everyone with a usable number whom a book names in which somebody counts, each once, by position.
    pub persons: Vec<Person>,
    /// Facts about those whom a rule for late entries could concern.
    pub dossiers: Dossiers,
    /// Those whose cover differs from everybody's.
    pub entered: Vec<Entered>,
}

/// Gathers the persons of one bucket; all of them where there is one.
pub fn gather(
    rows: &Rows,
    places: &Arc<Places>,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<People> {
    let books = Books::open(rows, as_of)?;
    let named = Named::of(&books, places)?;
    let dossiers = Dossiers::of(&books, scheme, as_of)?;
    let (persons, entered) =
        gather::one_a_person(&books, (&named, places), &dossiers, scheme, as_of)?;
    Ok(People {
        books,
        named,
        places: Arc::clone(places),
        persons,
        dossiers,
        entered,
    })
}

/// A left join whose right side has one row a key: one that would multiply rows is an error, not a wrong report.
pub fn to_one() -> JoinArgs {
    let mut args = JoinArgs::new(JoinType::Left);
    args.validation = JoinValidation::ManyToOne;
    args
}
