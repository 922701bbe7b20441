//! What the pipeline says of books that are exported on different days.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::written::Table;
use crate::domain::WorkingDays;

/// Working days that a payment may need to become a registration, where the pipeline does not say.
const DAYS: u32 = 5;
/// Days at most: beyond, an office has forgotten.
const MOST: u32 = 31;

/// How long a payment may be on its way into the registrations (docs/readings.md#transit).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transit {
    /// Working days.
    pub days: u32,
    /// Which days are worked.
    pub working: WorkingDays,
}

impl Transit {
    /// The first payment day of which a list of registrations, exported on a day, may not know yet: its term ends after that
    /// day.
    pub fn since(&self, exported: NaiveDate) -> NaiveDate {
        let next = exported.succ_opt().unwrap_or(exported); // the calendar has a next day
        self.working.earliest_reaching(next, self.days)
    }

    /// The day whose list of registrations must know of a payment.
    pub fn until(&self, paid: NaiveDate) -> NaiveDate {
        self.working.after(paid, self.days)
    }
}

/// `[transit]`.
pub(super) fn transit(table: &Table<'_>) -> Transit {
    let holidays = table.get("holidays").map(|value| {
        let days = value.some_list().into_iter();
        days.filter_map(|day| day.date()).collect::<BTreeSet<_>>()
    });
    Transit {
        days: table
            .get("days")
            .and_then(|value| value.count(MOST))
            .unwrap_or(DAYS),
        working: WorkingDays {
            holidays: holidays.unwrap_or_default(), // none named: every Monday to Friday is worked
        },
    }
}
