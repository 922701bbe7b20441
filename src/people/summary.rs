//! What a book says of a person: all their rows in it become one answer. These are the named places
//! where a book becomes one row a person.

use chrono::NaiveDate;
use polars::prelude::*;

use super::grants::Granted;
use super::in_force::{decides, in_force_on};
use super::index::Book;
use super::person::{ALWAYS, Day, Person};
use super::places::{Place, Places};
use super::read::{Values, day, days, doubts, flags, indexes, money, numbers, texts};
use crate::domain::{Cover, Doubt, Doubts, Fen, columns as c};
use crate::scheme::Scheme;

// Columns that live only in this file.
const PAYMENT_DAY: &str = "payment_day";
const IN_FORCE: &str = "in_force";
const DECIDES: &str = "decides";

/// What is not stated stands last.
fn last<T: Ord>(value: Option<T>) -> (bool, Option<T>) {
    (value.is_none(), value)
}

/// The row that comes first by value; nearly everybody has one row only, of which nothing is asked.
fn first_by<K: Ord>(rows: impl Iterator<Item = usize>, key: impl Fn(usize) -> K) -> Option<usize> {
    let mut rows = rows.peekable();
    let first = rows.next()?;
    match rows.peek() {
        None => Some(first),
        Some(_) => std::iter::once(first).chain(rows).min_by_key(|at| key(*at)),
    }
}

fn row_number(at: Option<usize>) -> Option<u32> {
    at.map(|at| u32::try_from(at).expect("rows of a bucket fit u32")) // it was a u32 in the book
}

/// The earlier day; one that is not stated never beats a stated one.
pub(super) fn earlier(a: Option<Day>, b: Option<Day>) -> Option<Day> {
    a.into_iter().chain(b).min()
}

/// Different values, of few: nearly always of one.
fn different(mut values: impl Iterator<Item = Option<Place>>) -> u32 {
    let Some(first) = values.next() else { return 0 };
    let mut others: Vec<Option<Place>> = Vec::new();
    for value in values {
        if value != first && !others.contains(&value) {
            others.push(value);
        }
    }
    u32::try_from(1 + others.len()).unwrap_or(u32::MAX) // rows of one person
}

/// The doubts of some rows together, as bits.
pub(super) fn doubts_of(doubts: Values<'_, UInt16Type>, rows: impl Iterator<Item = usize>) -> u16 {
    let each = rows.filter_map(|row| doubts.get(row));
    each.fold(Doubts::NONE.bits(), |all, more| all | more)
}

/// Where rows of a book stand: sheet and row number decide only between equals.
struct Stands<'f> {
    origin: Values<'f, UInt32Type>,
    row: Values<'f, UInt32Type>,
}

impl<'f> Stands<'f> {
    fn of(rows: &'f DataFrame) -> PolarsResult<Self> {
        Ok(Stands {
            origin: numbers(rows, c::ORIGIN)?,
            row: numbers(rows, c::ROW)?,
        })
    }

    fn at(&self, at: usize) -> (u32, u32) {
        (self.origin.value(at), self.row.value(at))
    }
}

/// Places that the books of a bucket name, column by column.
pub struct PlacesNamed {
    /// By row of the register.
    pub register_region: Vec<Option<Place>>,
    /// By row of the registrations.
    pub registration_region: Vec<Option<Place>>,
    /// See `registration_region`.
    pub registration_pool: Vec<Option<Place>>,
    /// By row of the payments.
    pub payment_region: Vec<Option<Place>>,
    /// See `payment_region`.
    pub payment_pool: Vec<Option<Place>>,
    /// By row of the rosters.
    pub roster_region: Vec<Option<Place>>,
    /// By row of the list of students.
    pub school_pool: Vec<Option<Place>>,
    /// By row of last year's list.
    pub previous_region: Vec<Option<Place>>,
}

impl PlacesNamed {
    /// The places of the books' rows.
    pub(super) fn of(books: &super::Books, places: &Places) -> PolarsResult<Self> {
        let regions =
            |frame: &DataFrame| PolarsResult::Ok(places.regions(frame.column(c::PLACE)?.u32()?));
        let pools =
            |frame: &DataFrame| PolarsResult::Ok(places.pools(frame.column(c::PLACE)?.u32()?));
        Ok(PlacesNamed {
            register_region: regions(&books.register.rows)?,
            registration_region: regions(&books.registrations.rows)?,
            registration_pool: pools(&books.registrations.rows)?,
            payment_region: regions(&books.payments.rows)?,
            payment_pool: pools(&books.payments.rows)?,
            roster_region: regions(&books.rosters.rows)?,
            school_pool: pools(&books.students)?,
            previous_region: regions(&books.previous)?,
        })
    }
}

/// The books of a bucket with the places that their rows name.
#[derive(Clone, Copy)]
pub(super) struct Shelf<'b> {
    pub(super) books: &'b super::Books,
    pub(super) named: &'b PlacesNamed,
    pub(super) places: &'b Places,
}

/// The register.
pub(super) struct Register<'f> {
    stands: Stands<'f>,
    name: Values<'f, StringType>,
    death: Values<'f, Int32Type>,
    moved_out: Values<'f, Int32Type>,
    doubts: Values<'f, UInt16Type>,
}

impl<'f> Register<'f> {
    pub(super) fn of(book: &'f Book) -> PolarsResult<Self> {
        let rows = &book.rows;
        let (death, moved_out) = (days(rows, c::DEATH)?, days(rows, c::MOVED_OUT)?);
        Ok(Register {
            stands: Stands::of(rows)?,
            name: texts(rows, c::NAME)?,
            death,
            moved_out,
            doubts: doubts(rows)?,
        })
    }

    /// A key on two rows stands once, in the region of its resident registration if that is one of
    /// them, else the lowest code. `registered` says whether a region is one of those.
    pub(super) fn say(
        &self,
        person: &mut Person,
        rows: &[u32],
        (named, root): (&PlacesNamed, Place),
        registered: impl Fn(Place) -> bool,
    ) {
        let rows = || rows.iter().map(|row| *row as usize);
        let region = |at: usize| named.register_region[at];
        let first = first_by(rows(), |at| {
            let not_registered_there = !region(at).is_some_and(&registered);
            (
                not_registered_there,
                last(region(at)),
                last(self.name.get(at)),
                self.stands.at(at),
            )
        });
        person.register_at = row_number(first);
        // A row that names no region lies in the scheme's region as a whole.
        person.register_region = first.map(|at| region(at).unwrap_or(root));
        person.death_on = rows().filter_map(|at| self.death.get(at)).min();
        person.departed_on = rows().filter_map(|at| self.moved_out.get(at)).min();
        if person.death_on.is_some() || person.departed_on.is_some() {
            let guessed = Doubts::one(Doubt::Guessed).bits();
            person.event_doubts |= doubts_of(self.doubts, rows()) & guessed;
        }
        // The register's own dates and the lists' say the same thing.
        (person.dead, person.departed) = (person.death_on.is_some(), person.departed_on.is_some());
    }
}

/// Normal registrations.
pub(super) struct Registrations<'f> {
    stands: Stands<'f>,
    name: Values<'f, StringType>,
    number: Values<'f, StringType>,
    cover: Values<'f, UInt8Type>,
    here: Values<'f, BooleanType>,
    begun: Values<'f, Int32Type>,
    subsidised: Values<'f, Int64Type>,
    doubts: Values<'f, UInt16Type>,
}

impl<'f> Registrations<'f> {
    pub(super) fn of(book: &'f Book) -> PolarsResult<Self> {
        let rows = &book.rows;
        Ok(Registrations {
            stands: Stands::of(rows)?,
            name: texts(rows, c::NAME)?,
            number: texts(rows, c::NUMBER)?,
            cover: indexes(rows, c::COVER)?,
            here: flags(rows, c::HERE)?,
            begun: days(rows, c::BEGUN)?,
            subsidised: money(rows, c::SUBSIDISED)?,
            doubts: doubts(rows)?,
        })
    }

    fn is(&self, at: usize, cover: Cover) -> bool {
        self.cover.get(at) == Some(cover.index())
    }

    /// Whether a row is a resident registration.
    pub(super) fn is_resident(&self, at: usize) -> bool {
        self.is(at, Cover::Resident)
    }

    /// Whether a row is a resident registration here.
    pub(super) fn is_resident_here(&self, at: usize) -> bool {
        self.is(at, Cover::Resident) && self.here.value(at)
    }

    /// How many, where, and which one counts: employee before resident, then the lowest code of the
    /// region where the row counts, which is the register's where the row names none.
    pub(super) fn say(&self, person: &mut Person, rows: &[u32], named: &PlacesNamed, root: Place) {
        let rows = || rows.iter().map(|row| *row as usize);
        for at in rows() {
            let count = match (
                self.is(at, Cover::Resident),
                self.is(at, Cover::Employee),
                self.here.value(at),
            ) {
                (true, _, true) => &mut person.resident_here,
                (true, _, false) => &mut person.resident_away,
                (_, true, true) => &mut person.employee_here,
                (_, true, false) => &mut person.employee_away,
                _ => continue, // other covers are set aside before
            };
            *count += 1;
        }
        let of = |cover: Cover| rows().filter(move |at| self.is(*at, cover));
        let pool = |at: usize| named.registration_pool[at];
        if person.is_employee() {
            let begun = |at: usize| self.begun.get(at);
            let since = |at: usize| begun(at).unwrap_or(ALWAYS);
            let here = |at: &usize| self.here.value(*at);
            person.employee_begun = of(Cover::Employee).filter_map(begun).min();
            person.employee_since = of(Cover::Employee).map(since).min();
            person.employee_here_since = of(Cover::Employee).filter(here).map(since).min();
            person.employee_pool = of(Cover::Employee).filter_map(pool).min();
        }
        person.registration_doubts = doubts_of(self.doubts, rows());
        person.registration_subsidy = rows().filter_map(|at| self.subsidised.get(at)).sum();
        person.resident_pools = different(of(Cover::Resident).map(pool));
        person.resident_pool = of(Cover::Resident).filter_map(pool).min();
        // A register row that names no region has no code to be lowest by.
        let register_region = person.register_region.filter(|region| *region != root);
        let counts_in = |at: usize| named.registration_region[at].or(register_region);
        let counted = first_by(rows().filter(|at| self.here.value(*at)), |at| {
            let by = (
                self.cover.get(at),
                last(counts_in(at)),
                last(self.number.get(at)),
            );
            (by, last(self.name.get(at)), self.stands.at(at))
        });
        person.counted_at = row_number(counted);
        person.counted_region = counted.and_then(|at| named.registration_region[at]);
        person.registration_at = row_number(first_by(rows(), |at| {
            (last(self.name.get(at)), self.stands.at(at))
        }));
    }
}

/// Effective payments.
pub(super) struct Payments<'f> {
    stands: Stands<'f>,
    name: Values<'f, StringType>,
    voucher: Values<'f, StringType>,
    cover: Values<'f, UInt8Type>,
    here: Values<'f, BooleanType>,
    paid_on: Values<'f, Int32Type>,
    personal: Values<'f, Int64Type>,
    subsidised: Values<'f, Int64Type>,
    doubts: Values<'f, UInt16Type>,
}

impl<'f> Payments<'f> {
    pub(super) fn of(book: &'f Book) -> PolarsResult<Self> {
        let rows = &book.rows;
        Ok(Payments {
            stands: Stands::of(rows)?,
            name: texts(rows, c::NAME)?,
            voucher: texts(rows, c::VOUCHER)?,
            cover: indexes(rows, c::COVER)?,
            here: flags(rows, c::HERE)?,
            paid_on: days(rows, c::PAID_ON)?,
            personal: money(rows, c::NET_PERSONAL)?,
            subsidised: money(rows, c::NET_SUBSIDISED)?,
            doubts: doubts(rows)?,
        })
    }

    fn is_resident(&self, at: usize) -> bool {
        self.cover.get(at) == Some(Cover::Resident.index())
    }

    /// First effective resident payment of these rows, anywhere.
    pub(super) fn first_paid_on(&self, rows: &[u32]) -> Option<Day> {
        let rows = rows.iter().map(|row| *row as usize);
        let resident = rows.filter(|at| self.is_resident(*at));
        resident.filter_map(|at| self.paid_on.get(at)).min()
    }

    /// How many, how much, when.
    pub(super) fn say(&self, person: &mut Person, rows: &[u32], named: &PlacesNamed) {
        person.first_paid_on = self.first_paid_on(rows);
        let rows = || rows.iter().map(|row| *row as usize);
        for at in rows() {
            let on = self.paid_on.get(at);
            let here = self.here.value(at);
            if here {
                person.last_paid_here = person.last_paid_here.max(on);
            }
            if self.is_resident(at) {
                self.add(person, at, here);
            }
        }
        let resident = rows().filter(|at| self.is_resident(*at));
        person.payment_doubts = doubts_of(self.doubts, resident);
        person.payment_pools = different(
            rows()
                .filter(|at| self.is_resident(*at))
                .map(|at| named.payment_pool[at]),
        );
        // Resident payments first: the pool of the first one may be the relation that stays.
        // One on no stated day may have been the first; refunds take vouchers in the same order.
        let first = first_by(rows(), |at| {
            let on = self.paid_on.get(at);
            let by = (
                !self.is_resident(at),
                on,
                last(self.voucher.get(at)),
                last(named.payment_pool[at]),
            );
            (by, last(self.name.get(at)), self.stands.at(at))
        });
        person.payment_at = row_number(first);
        person.payment_region = first.and_then(|at| named.payment_region[at]);
        person.first_pool = first.and_then(|at| named.payment_pool[at]);
    }

    /// A resident payment.
    fn add(&self, person: &mut Person, at: usize, here: bool) {
        let stated = |money: Option<Fen>| money.unwrap_or(0); // absent = none
        let (personal, subsidised) = (
            stated(self.personal.get(at)),
            stated(self.subsidised.get(at)),
        );
        let on = self.paid_on.get(at);
        person.payments += 1;
        person.paid += personal;
        person.subsidised_paid += subsidised;
        if here {
            person.payments_here += 1;
            person.paid_here += personal;
            person.subsidised_here += u32::from(subsidised > 0);
            person.first_paid_here = earlier(person.first_paid_here, on);
        }
    }
}

/// Roster rows, with what the law says of each.
pub(super) struct Rosters<'f> {
    stands: Stands<'f>,
    name: Values<'f, StringType>,
    category: Values<'f, UInt16Type>,
    identified: Values<'f, Int32Type>,
    subsidised: Values<'f, Int64Type>,
    in_force: Values<'f, BooleanType>,
    decides: Values<'f, BooleanType>,
    doubts: Values<'f, UInt16Type>,
}

/// Rows of the rosters with the two sentences about each of them: in force on the as-of date, and
/// on a day that decides the grant. Without a payment (or without a readable day) that is the last
/// day on which one could still pay.
pub(super) fn with_law(
    rosters: &DataFrame,
    first_paid: impl Fn(usize) -> Option<Day>,
    (scheme, as_of): (&Scheme, NaiveDate),
) -> PolarsResult<DataFrame> {
    let who = numbers(rosters, super::p::WHO)?;
    let paid: Int32Chunked = who
        .values_iter()
        .map(|at| first_paid(*at as usize))
        .collect();
    let mut rosters = rosters.clone();
    rosters.with_column(paid.with_name(PAYMENT_DAY.into()).into_date().into_column())?;
    let payment_day = coalesce(&[col(PAYMENT_DAY), day(as_of.min(scheme.window.to))]);
    let mut rosters = rosters
        .lazy()
        .with_columns([
            in_force_on(day(as_of), scheme).alias(IN_FORCE),
            decides(payment_day, scheme).alias(DECIDES),
        ])
        .collect()?;
    rosters.rechunk_mut();
    Ok(rosters)
}

impl<'f> Rosters<'f> {
    /// Rows as `with_law` leaves them.
    pub(super) fn of(rows: &'f DataFrame) -> PolarsResult<Self> {
        Ok(Rosters {
            stands: Stands::of(rows)?,
            name: texts(rows, c::NAME)?,
            category: rows.column(c::CATEGORY)?.u16()?.downcast_as_array(),
            identified: days(rows, c::IDENTIFIED)?,
            subsidised: money(rows, c::SUBSIDISED)?,
            in_force: flags(rows, IN_FORCE)?,
            decides: flags(rows, DECIDES)?,
            doubts: doubts(rows)?,
        })
    }

    /// On one at all, since when, in force now, and the best grant in force on a deciding day
    /// (docs/readings.md#entitled).
    pub(super) fn say(
        &self,
        person: &mut Person,
        rows: &[u32],
        named: &PlacesNamed,
        scheme: &Scheme,
    ) {
        let rows = || rows.iter().map(|row| *row as usize);
        let category = |at: usize| self.category.get(at);
        person.roster_doubts = doubts_of(self.doubts, rows());
        person.roster_subsidy = rows().filter_map(|at| self.subsidised.get(at)).sum();
        person.roster_region = rows().filter_map(|at| named.roster_region[at]).min();
        person.roster_at = row_number(first_by(rows(), |at| {
            (
                last(category(at)),
                last(named.roster_region[at]),
                last(self.name.get(at)),
                self.stands.at(at),
            )
        }));
        let known = rows().filter(|at| category(*at).is_some());
        let since = |at: usize| self.identified.get(at).unwrap_or(ALWAYS);
        person.rostered_since = known.map(since).min();
        let in_force = || {
            rows()
                .filter(|at| self.in_force.value(*at))
                .filter_map(category)
        };
        person.roster_now = in_force().next().is_some();
        // A category without a grant is one all the same.
        let now = Granted::best(in_force(), scheme).category();
        person.category_now = now.or(in_force().min());
        let deciding = rows().filter(|at| self.decides.value(*at));
        let granted = Granted::best(deciding.filter_map(category), scheme);
        person.granted = granted.settled(scheme);
    }
}
