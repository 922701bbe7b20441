//! The frame that people hands over: one row a person, every column declared once.
//!
//! The declaration gives the constants that expressions use, the schema, the frame and the reference page.

use polars::prelude::*;

use super::cells;
use super::person::Person;

/// What a person's column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// u64: the person.
    Key,
    /// u32: how many; 0 where there are none.
    Count,
    /// i64, fen; 0 where there is none.
    Money,
    /// bool.
    Flag,
    /// date?: a day; null where none is stated.
    Day,
    /// u32?: a region or a pool, by its position among the places of the run (`Places`).
    Place,
    /// u32?: a row of a book, by its position there.
    Row,
    /// u16?: a category or a rule of the scheme, by position.
    Category,
    /// u16: a set of members of a closed list, by bits; 0 where there is none.
    Set,
}

impl ColumnKind {
    /// Its word on the reference page.
    pub const fn code(self) -> &'static str {
        match self {
            ColumnKind::Key => "key",
            ColumnKind::Count => "count",
            ColumnKind::Money => "money",
            ColumnKind::Flag => "flag",
            ColumnKind::Day => "day?",
            ColumnKind::Place => "place?",
            ColumnKind::Row => "row?",
            ColumnKind::Category => "position?",
            ColumnKind::Set => "set",
        }
    }

    /// How a frame holds it.
    pub const fn dtype(self) -> DataType {
        match self {
            ColumnKind::Key => DataType::UInt64,
            ColumnKind::Count | ColumnKind::Place | ColumnKind::Row => DataType::UInt32,
            ColumnKind::Money => DataType::Int64,
            ColumnKind::Flag => DataType::Boolean,
            ColumnKind::Day => DataType::Date,
            ColumnKind::Category | ColumnKind::Set => DataType::UInt16,
        }
    }
}

/// A declared column.
#[derive(Clone, Copy, Debug)]
pub struct PersonColumn {
    /// Its name in the frame.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// What is counted or measured.
    pub unit: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

macro_rules! persons {
    ($($(#[doc = $meaning:literal])+ $name:ident: $kind:ident = $column:literal, $unit:literal, $read:expr;)+) => {
        /// Names of the columns of a person.
        pub mod names {
            $($(#[doc = $meaning])+ pub const $name: &str = $column;)+
        }

        /// Every column of a person, in the order of the frame.
        pub const PERSONS: &[PersonColumn] = &[$(PersonColumn {
            name: $column, kind: ColumnKind::$kind, unit: $unit, meaning: concat!($($meaning),+),
        }),+];

        /// Columns that are being filled, one a declaration.
        #[allow(non_snake_case)] // named as their constants
        pub(super) struct Filling { $($name: cells::$kind),+ }

        impl Filling {
            /// No person yet, of so many.
            pub(super) fn of(persons: usize) -> Self {
                Filling { $($name: cells::$kind::of($column, persons)),+ }
            }

            /// Some more persons.
            pub(super) fn put(&mut self, persons: &[Person]) {
                $(self.$name.put(persons.iter().map($read));)+
            }

            /// One row a person, in the order in which they were put.
            pub(super) fn frame(self) -> PolarsResult<DataFrame> {
                DataFrame::new_infer_height(vec![$(self.$name.column()),+])
            }
        }
    };
}

persons! {
    /// Position of the person: what `WHO` of a book's row points at.
    WHO: Count = "who", "position", |one: &Person| one.who;
    /// The person. Equal keys are one person.
    KEY: Key = "key", "PersonKey", |one: &Person| one.key;

    /// Row of the register that stands for the person; null: not on the register.
    REGISTER_AT: Row = "register_at", "row", |one: &Person| one.register_at;
    /// Region on the register; the scheme's own where that row names none.
    REGISTER_REGION: Place = "register_region", "region", |one: &Person| one.register_region;
    /// Pool of the register entry.
    REGISTER_POOL: Place = "register_pool", "pool", |one: &Person| one.register_pool;

    /// Row of the registrations that stands for the person.
    REGISTRATION_AT: Row = "registration_at", "row", |one: &Person| one.registration_at;
    /// The registration here that counts: employee before resident, then the lowest region.
    COUNTED_AT: Row = "counted_at", "row", |one: &Person| one.counted_at;
    /// Its region, where it names one.
    COUNTED_REGION: Place = "counted_region", "region", |one: &Person| one.counted_region;
    /// Normal resident registrations here.
    RESIDENT_HERE: Count = "resident_here", "registrations", |one: &Person| one.resident_here;
    /// Normal resident registrations in other places.
    RESIDENT_AWAY: Count = "resident_away", "registrations", |one: &Person| one.resident_away;
    /// Normal employee registrations here.
    EMPLOYEE_HERE: Count = "employee_here", "registrations", |one: &Person| one.employee_here;
    /// Normal employee registrations in other places.
    EMPLOYEE_AWAY: Count = "employee_away", "registrations", |one: &Person| one.employee_away;
    /// Earliest stated beginning of an employee relation.
    EMPLOYEE_BEGUN: Day = "employee_begun", "day", |one: &Person| one.employee_begun;
    /// Since when employed anywhere; before every day where a relation states no beginning.
    EMPLOYEE_SINCE: Day = "employee_since", "day", |one: &Person| one.employee_since;
    /// The same of relations here.
    EMPLOYEE_HERE_SINCE: Day = "employee_here_since", "day", |one: &Person| one.employee_here_since;
    /// Lowest pool of an employee relation.
    EMPLOYEE_POOL: Place = "employee_pool", "pool", |one: &Person| one.employee_pool;
    /// Pools with normal resident registrations.
    RESIDENT_POOLS: Count = "resident_pools", "pools", |one: &Person| one.resident_pools;
    /// The lowest of them.
    RESIDENT_POOL: Place = "resident_pool", "pool", |one: &Person| one.resident_pool;
    /// One of them is the pool of the register entry.
    REGISTERED_AT_HOME: Flag = "registered_at_home", "", |one: &Person| one.registered_at_home;
    /// One of them is the pool of the school.
    REGISTERED_AT_SCHOOL: Flag = "registered_at_school", "", |one: &Person| one.registered_at_school;
    /// Subsidy recorded in registrations.
    REGISTRATION_SUBSIDY: Money = "registration_subsidy", "fen", |one: &Person| one.registration_subsidy;

    /// First effective payment, resident ones before others.
    PAYMENT_AT: Row = "payment_at", "row", |one: &Person| one.payment_at;
    /// Its region.
    PAYMENT_REGION: Place = "payment_region", "region", |one: &Person| one.payment_region;
    /// Its pool.
    FIRST_POOL: Place = "first_pool", "pool", |one: &Person| one.first_pool;
    /// Effective resident payments anywhere.
    PAYMENTS: Count = "payments", "payments", |one: &Person| one.payments;
    /// Effective resident payments here.
    PAYMENTS_HERE: Count = "payments_here", "payments", |one: &Person| one.payments_here;
    /// Pools with effective resident payments.
    PAYMENT_POOLS: Count = "payment_pools", "pools", |one: &Person| one.payment_pools;
    /// Personal money of all effective resident payments.
    PAID: Money = "paid", "fen", |one: &Person| one.paid;
    /// Subsidised money of all effective resident payments.
    SUBSIDISED_PAID: Money = "subsidised_paid", "fen", |one: &Person| one.subsidised_paid;
    /// Personal money of effective resident payments here.
    PAID_HERE: Money = "paid_here", "fen", |one: &Person| one.paid_here;
    /// Effective resident payments here with a subsidy.
    SUBSIDISED_HERE: Count = "subsidised_here", "payments", |one: &Person| one.subsidised_here;
    /// First effective resident payment anywhere.
    FIRST_PAID_ON: Day = "first_paid_on", "day", |one: &Person| one.first_paid_on;
    /// First effective resident payment here, of those that state a day.
    FIRST_PAID_HERE: Day = "first_paid_here", "day", |one: &Person| one.first_paid_here;
    /// Last effective payment here, whatever the cover.
    LAST_PAID_HERE: Day = "last_paid_here", "day", |one: &Person| one.last_paid_here;

    /// Effective resident payments in the pool of a resident registration here; one that names no
    /// place counts as here.
    PAID_FOR_HERE: Count = "paid_for_here", "payments", |one: &Person| one.paid_for_here;
    /// The first of them.
    FIRST_PAID_FOR_HERE: Day = "first_paid_for_here", "day", |one: &Person| one.first_paid_for_here;
    /// Effective resident payments in the pool of a resident registration in another place.
    PAID_FOR_AWAY: Count = "paid_for_away", "payments", |one: &Person| one.paid_for_away;
    /// The first of them.
    FIRST_PAID_FOR_AWAY: Day = "first_paid_for_away", "day", |one: &Person| one.first_paid_for_away;
    /// A resident registration in another place lies in the pool of the scheme's region: its
    /// grants hold there.
    AWAY_IN_OWN_POOL: Flag = "away_in_own_pool", "", |one: &Person| one.away_in_own_pool;
    /// Last day of a resident registration here that is no longer normal.
    RESIDENT_UNTIL: Day = "resident_until", "day", |one: &Person| one.resident_until;
    /// Its region, where it names one.
    RESIDENT_UNTIL_REGION: Place = "resident_until_region", "region", |one: &Person| one.resident_until_region;
    /// Last day of an employee relation here that is no longer normal.
    EMPLOYEE_UNTIL: Day = "employee_until", "day", |one: &Person| one.employee_until;
    /// Since when; before every day where it states no beginning.
    EMPLOYEE_UNTIL_SINCE: Day = "employee_until_since", "day", |one: &Person| one.employee_until_since;

    /// Row of a roster; null: on no roster.
    ROSTER_AT: Row = "roster_at", "row", |one: &Person| one.roster_at;
    /// Lowest region that a roster names.
    ROSTER_REGION: Place = "roster_region", "region", |one: &Person| one.roster_region;
    /// On a roster in force on the as-of date.
    ROSTER_NOW: Flag = "roster_now", "", |one: &Person| one.roster_now;
    /// Since when on a roster under a declared category; before every day where a row states no day.
    ROSTERED_SINCE: Day = "rostered_since", "day", |one: &Person| one.rostered_since;
    /// Best category in force on the as-of date: the largest grant, then in declared order.
    CATEGORY_NOW: Category = "category_now", "category", |one: &Person| one.category_now;
    /// Subsidy recorded on rosters.
    ROSTER_SUBSIDY: Money = "roster_subsidy", "fen", |one: &Person| one.roster_subsidy;

    /// The rule for late entries that covers the first payment here.
    ENTRY: Category = "entry", "rule", |one: &Person| one.entry;
    /// First day of cover of who is covered otherwise than everybody: a late entry, a student, somebody who waits.
    COVERED_FROM: Day = "covered_from", "day", |one: &Person| one.covered_from;
    /// Best grant that the entry leaves, of two years both; 0: not entitled.
    GRANT: Money = "grant", "fen", |one: &Person| one.grant;
    /// Its category.
    GRANT_CATEGORY: Category = "grant_category", "category", |one: &Person| one.grant_category;
    /// Payers of equal best grants.
    GRANT_PAYERS: Count = "grant_payers", "payers", |one: &Person| one.grant_payers;
    /// Premium less grant; of a late entry its price less grant.
    PAYABLE: Money = "payable", "fen", |one: &Person| one.payable;

    /// Doubts of all effective resident payments.
    PAYMENT_DOUBTS: Set = "payment_doubts", "Doubts", |one: &Person| one.payment_doubts;
    /// Doubts of all normal registrations.
    REGISTRATION_DOUBTS: Set = "registration_doubts", "Doubts", |one: &Person| one.registration_doubts;
    /// Doubts of all rows of rosters.
    ROSTER_DOUBTS: Set = "roster_doubts", "Doubts", |one: &Person| one.roster_doubts;
    /// Doubts of the rows of deaths, departures and students.
    EVENT_DOUBTS: Set = "event_doubts", "Doubts", |one: &Person| one.event_doubts;

    /// Dead on or before the as-of date.
    DEAD: Flag = "dead", "", |one: &Person| one.dead;
    /// Day of death.
    DEATH_ON: Day = "death_on", "day", |one: &Person| one.death_on;
    /// Departed on or before the as-of date.
    DEPARTED: Flag = "departed", "", |one: &Person| one.departed;
    /// What the list of departures says of who is insured nowhere (`Standing`).
    GONE_AS: Category = "gone_as", "standing", |one: &Person| one.gone_as;
    /// Day of departure.
    DEPARTED_ON: Day = "departed_on", "day", |one: &Person| one.departed_on;
    /// On the list of students.
    STUDENT: Flag = "student", "", |one: &Person| one.student;
    /// Lowest pool of a school.
    SCHOOL_POOL: Place = "school_pool", "pool", |one: &Person| one.school_pool;
    /// Latest stated day on which school begins.
    ENROLLED_ON: Day = "enrolled_on", "day", |one: &Person| one.enrolled_on;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_frame_has_the_declared_columns_of_the_declared_types() {
        let mut filling = Filling::of(2);
        filling.put(&[Person::default()]);
        filling.put(&[Person::default()]);
        let frame = filling.frame().unwrap();
        let declared: Vec<(&str, DataType)> = PERSONS
            .iter()
            .map(|column| (column.name, column.kind.dtype()))
            .collect();
        let found: Vec<(&str, DataType)> = frame
            .columns()
            .iter()
            .map(|column| (column.name().as_str(), column.dtype().clone()))
            .collect();
        assert_eq!(found, declared);
        // Nobody has a row, a place or a day: that is null, whatever stands beneath.
        let unstated = |column: &&PersonColumn| {
            let kinds = [
                ColumnKind::Day,
                ColumnKind::Place,
                ColumnKind::Row,
                ColumnKind::Category,
            ];
            kinds.contains(&column.kind)
        };
        for column in PERSONS.iter().filter(unstated) {
            let cells = frame.column(column.name).unwrap();
            assert_eq!(cells.null_count(), 2, "{}", column.name);
        }
        let names: BTreeSet<&str> = PERSONS.iter().map(|column| column.name).collect();
        assert_eq!(names.len(), PERSONS.len(), "a name stands twice");
    }
}
