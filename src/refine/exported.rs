//! Exported: the day on which each book was exported. Books of different days disagree without anybody's fault.

use chrono::NaiveDate;

use super::batches::Turn;
use super::rows::Rows;
use crate::domain::SourceKind;
use crate::domain::period::day_of_epoch;
use crate::intake::Origin;
use crate::intake::family::days_of;
use crate::scheme::Scheme;

/// Days that lie further apart are no question of days on the way.
const APART: i64 = 31;

/// Days of the two books that everything turns on (docs/readings.md#transit); `None` where nothing says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Registrations.
    pub registrations: Option<NaiveDate>,
    /// Payments.
    pub payments: Option<NaiveDate>,
}

impl Exported {
    /// Of the sheets that count. `figures` are the rows that stand in no bucket.
    pub fn of(figures: &Rows, scheme: &Scheme, as_of: NaiveDate) -> Exported {
        let day = |kind| stated(kind, scheme).or_else(|| named(kind, figures, as_of));
        let payments = stated(SourceKind::Payments, scheme).or_else(|| {
            // The name of a month does not say how far it goes: the last payment does.
            let of_days = days(SourceKind::Payments, figures)
                .filter(|(first, last)| first == last)
                .map(|(day, _)| day);
            of_days.chain(last_paid(figures)).max()
        });
        Exported {
            registrations: day(SourceKind::Registrations),
            payments,
        }
    }

    /// The first payment day of which the registrations may not know yet; `None` where nothing is on its way.
    pub fn in_transit_since(self, scheme: &Scheme) -> Option<NaiveDate> {
        let (registrations, payments) = (self.registrations?, self.payments?);
        let apart = (payments - registrations).num_days().abs();
        (apart <= APART).then(|| scheme.transit.since(registrations))
    }

    /// Days by which the payments are older than the registrations; `None` where they are not.
    pub fn payments_behind(self) -> Option<u64> {
        let behind = (self.registrations? - self.payments?).num_days();
        u64::try_from(behind).ok().filter(|days| *days > 0)
    }
}

/// What the pipeline says.
fn stated(kind: SourceKind, scheme: &Scheme) -> Option<NaiveDate> {
    scheme.source(kind)?.as_of
}

/// First and last days of the batches that count.
fn days(kind: SourceKind, figures: &Rows) -> impl Iterator<Item = (NaiveDate, NaiveDate)> {
    let sheets = figures.origins.iter().zip(&figures.turns);
    let counts =
        move |(origin, turn): &(&Origin, &Turn)| origin.source == kind && **turn == Turn::Counts;
    sheets
        .filter(counts)
        .filter_map(|(origin, _)| days_of(origin.batch.as_ref()?))
}

/// The newest day that a file names; of a month its last, or the as-of date within it.
fn named(kind: SourceKind, figures: &Rows, as_of: NaiveDate) -> Option<NaiveDate> {
    let within = |(first, last): (NaiveDate, NaiveDate)| {
        if first <= as_of && as_of < last {
            as_of
        } else {
            last
        }
    };
    days(kind, figures).map(within).max()
}

/// The last day on which somebody paid, up to the as-of date: days behind it are slips.
fn last_paid(figures: &Rows) -> Option<NaiveDate> {
    let sheets = figures.origins.iter().zip(&figures.accounts);
    let payments = sheets.filter(|(origin, _)| origin.source == SourceKind::Payments);
    let last = payments.filter_map(|(_, account)| account.last_paid).max();
    last.map(day_of_epoch)
}
