//! Payments in the pool of a person's own registration, and what held only for a while: a payment
//! that was taken back later, a registration that ended.

use polars::prelude::*;

use super::books::Books;
use super::index::Index;
use super::person::{ALWAYS, Day, Person};
use super::places::Place;
use super::read::{Values, days, flags, indexes, money};
use super::summary::{Shelf, earlier};
use crate::domain::{Cover, columns as c};

/// Somebody was effectively paid from a day until another, on which it was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PaidAWhile {
    /// Position of the person.
    pub(super) who: u32,
    /// First day.
    pub(super) from: Day,
    /// The day on which it no longer held.
    pub(super) until: Day,
}

/// A payment or a registration, as far as pools go.
#[derive(Clone, Copy)]
struct Lies {
    here: bool,
    /// Names no place, or only the scheme's region as a whole: counts for every place here.
    anywhere_here: bool,
    pool: Option<Place>,
}

impl Lies {
    fn of(here: bool, region: Option<Place>, pool: Option<Place>, root: Place) -> Self {
        Lies {
            here,
            anywhere_here: here && region.is_none_or(|region| region == root),
            pool,
        }
    }

    /// Whether a payment that lies so is money for a registration that lies so.
    fn is_for(self, registration: Lies) -> bool {
        let both_here = self.here && registration.here;
        let is_loose = self.anywhere_here || registration.anywhere_here;
        both_here && is_loose || self.pool.is_some() && self.pool == registration.pool
    }
}

/// Rows of a list of few persons.
struct Few {
    /// Position of the person, and of the row.
    rows: Vec<(u32, u32)>,
}

impl Few {
    fn of(list: &DataFrame, index: &Index) -> PolarsResult<Self> {
        let keys = list.column(c::KEY)?.u64()?.into_no_null_iter();
        let known = keys
            .zip(0..)
            .filter_map(|(key, row)| Some((index.position(key)?, row)));
        let mut rows: Vec<(u32, u32)> = known.collect();
        rows.sort_unstable();
        Ok(Few { rows })
    }

    fn of_person(&self, who: u32) -> impl Iterator<Item = usize> + Clone + '_ {
        let from = self.rows.partition_point(|(of, _)| *of < who);
        let mine = self.rows[from..]
            .iter()
            .take_while(move |(of, _)| *of == who);
        mine.map(|(_, row)| *row as usize)
    }
}

/// Registrations here that ended.
struct Ended<'b> {
    rows: Few,
    lies: Vec<Lies>,
    cover: Values<'b, UInt8Type>,
    begun: Values<'b, Int32Type>,
    ended: Values<'b, Int32Type>,
    region: Vec<Option<Place>>,
}

/// Payments and the reversals that cancelled them, wholly.
struct TakenBack<'b> {
    rows: Few,
    lies: Vec<Lies>,
    paid_on: Values<'b, Int32Type>,
    personal: Values<'b, Int64Type>,
    subsidised: Values<'b, Int64Type>,
}

/// What the books say of money and pools.
pub(super) struct Own<'b> {
    shelf: Shelf<'b>,
    registered: (Values<'b, UInt8Type>, Values<'b, BooleanType>),
    paid: (Values<'b, UInt8Type>, Values<'b, BooleanType>),
    paid_on: Values<'b, Int32Type>,
    ended: Ended<'b>,
    taken_back: TakenBack<'b>,
    /// Who was effectively paid for a while.
    pub(super) a_while: Vec<PaidAWhile>,
}

impl<'b> Own<'b> {
    pub(super) fn of(shelf: Shelf<'b>) -> PolarsResult<Self> {
        let books: &'b Books = shelf.books;
        let of = |rows: &'b DataFrame| {
            PolarsResult::Ok((indexes(rows, c::COVER)?, flags(rows, c::HERE)?))
        };
        let lies = |rows: &DataFrame| -> PolarsResult<(Vec<Lies>, Vec<Option<Place>>)> {
            let places = rows.column(c::PLACE)?.u32()?;
            let regions = shelf.places.regions(places);
            let here = rows.column(c::HERE)?.bool()?;
            let root = shelf.places.root();
            let each = regions.iter().zip(shelf.places.pools(places));
            let each = each.zip(here.iter());
            let lies = each.map(|((region, pool), here)| {
                Lies::of(here.unwrap_or_default(), *region, pool, root) // every row says it
            });
            Ok((lies.collect(), regions))
        };
        let (ended_lies, ended_region) = lies(&books.ended)?;
        Ok(Own {
            shelf,
            registered: of(&books.registrations.rows)?,
            paid: of(&books.payments.rows)?,
            paid_on: days(&books.payments.rows, c::PAID_ON)?,
            ended: Ended {
                rows: Few::of(&books.ended, &books.index)?,
                lies: ended_lies,
                cover: indexes(&books.ended, c::COVER)?,
                begun: days(&books.ended, c::BEGUN)?,
                ended: days(&books.ended, c::ENDED)?,
                region: ended_region,
            },
            taken_back: TakenBack {
                rows: Few::of(&books.taken_back, &books.index)?,
                lies: lies(&books.taken_back)?.0,
                paid_on: days(&books.taken_back, c::PAID_ON)?,
                personal: money(&books.taken_back, c::PERSONAL)?,
                subsidised: money(&books.taken_back, c::SUBSIDISED)?,
            },
            a_while: Vec::new(),
        })
    }

    /// Payments in the pools of the person's registrations, those here and those of other places.
    pub(super) fn say(&mut self, person: &mut Person, registered: &[u32], paid: &[u32]) {
        self.ended(person);
        let mut own: Vec<Lies> = Vec::with_capacity(registered.len());
        for row in registered.iter().map(|row| *row as usize) {
            if self.registered.0.get(row) == Some(Cover::Resident.index()) {
                own.push(self.registration(row));
            }
        }
        let root_pool = Some(self.shelf.places.pool(self.shelf.places.root()));
        person.away_in_own_pool = own.iter().any(|one| !one.here && one.pool == root_pool);
        if person.resident_here == 0 && person.resident_until.is_some() {
            own.extend(
                self.ended
                    .rows
                    .of_person(person.who)
                    .map(|row| self.ended.lies[row]),
            );
        }
        if own.is_empty() {
            return;
        }
        for row in paid.iter().map(|row| *row as usize) {
            if self.paid.0.get(row) != Some(Cover::Resident.index()) {
                continue;
            }
            let (payment, on) = (self.payment(row), self.paid_on.get(row));
            let is_for = |here: bool| {
                let mut mine = own.iter().filter(|one| one.here == here);
                mine.any(|one| payment.is_for(*one))
            };
            if is_for(true) {
                person.paid_for_here += 1;
                person.first_paid_for_here = earlier(person.first_paid_for_here, on);
            }
            if is_for(false) {
                person.paid_for_away += 1;
                person.first_paid_for_away = earlier(person.first_paid_for_away, on);
            }
        }
        self.taken_back(person.who, &own);
    }

    fn registration(&self, row: usize) -> Lies {
        let named = self.shelf.named;
        let region = named.registration_region[row];
        let (here, root) = (self.registered.1.value(row), self.shelf.places.root());
        Lies::of(here, region, named.registration_pool[row], root)
    }

    fn payment(&self, row: usize) -> Lies {
        let named = self.shelf.named;
        let (here, root) = (self.paid.1.value(row), self.shelf.places.root());
        Lies::of(
            here,
            named.payment_region[row],
            named.payment_pool[row],
            root,
        )
    }

    /// The last days of registrations here that ended.
    fn ended(&self, person: &mut Person) {
        let ended = &self.ended;
        for row in ended.rows.of_person(person.who) {
            let on = ended.ended.get(row);
            if ended.cover.get(row) == Some(Cover::Resident.index()) && on > person.resident_until {
                person.resident_until = on;
                person.resident_until_region = ended.region[row];
            }
            if ended.cover.get(row) == Some(Cover::Employee.index()) && on > person.employee_until {
                person.employee_until = on;
                person.employee_until_since = Some(ended.begun.get(row).unwrap_or(ALWAYS));
            }
        }
    }

    /// Days between a payment here and its reversal.
    fn taken_back(&mut self, who: u32, own: &[Lies]) {
        let back = &self.taken_back;
        let is_mine = |row: &usize| {
            let mut here = own.iter().filter(|one| one.here);
            here.any(|one| back.lies[*row].is_for(*one))
        };
        let amount = |row: usize| {
            let part = |money: Option<i64>| money.unwrap_or(0); // absent = none
            part(back.personal.get(row)) + part(back.subsidised.get(row))
        };
        let mut postings: Vec<(Day, i64)> = back
            .rows
            .of_person(who)
            .filter(is_mine)
            .filter_map(|row| Some((back.paid_on.get(row)?, amount(row))))
            .collect();
        postings.sort_unstable_by_key(|(on, _)| *on);
        let (mut balance, mut since) = (0, None);
        for day in postings.chunk_by(|a, b| a.0 == b.0) {
            balance += day.iter().map(|(_, fen)| fen).sum::<i64>();
            match (since, balance > 0) {
                (None, true) => since = Some(day[0].0),
                (Some(from), false) => {
                    let until = day[0].0;
                    self.a_while.push(PaidAWhile { who, from, until });
                    since = None;
                }
                (None, false) | (Some(_), true) => {}
            }
        }
    }
}
