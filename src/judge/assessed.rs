//! Assessed: persons that count on a day of the assessment, and groups in force on it (DESIGN §7).

use std::collections::BTreeSet;

use chrono::NaiveDate;
use polars::prelude::*;

use super::tallies::{Counts, Few, Tallies, append, is_member, region_of};
use crate::domain::{Cover, Standing, columns as c, period::epoch_day};
use crate::people::summary::{Rosters, Values, days, flags, indexes};
use crate::people::{People, Person, Place, Places};
use crate::scheme::{Count, Scheme};

/// Before every day that is asked for: a date that nobody stated.
const ALWAYS: i32 = i32::MIN;

/// Who counts on each day of the scheme's assessment.
pub(super) struct Assessed {
    /// Days with what counts on them.
    days: Vec<OnDay>,
    /// Groups that a tier asks for.
    groups: Vec<u16>,
    /// Whether the primary rate is against the register.
    of_register: bool,
    members: Few<(u8, u16, Place, Standing)>,
}

/// What counts on one day.
struct OnDay {
    at: u8,
    on: i32,
    /// Persons registered here, by region and cover.
    here: Counts,
    /// The same of the register, insured anywhere: what a rate against the register counts.
    on_register: Counts,
}

/// The columns of a bucket that say since when.
pub(super) struct Stated<'p> {
    begun: Values<'p, Int32Type>,
    cover: Values<'p, UInt8Type>,
    here: Values<'p, BooleanType>,
    identified: Values<'p, Int32Type>,
    category: Values<'p, UInt16Type>,
}

impl<'p> Stated<'p> {
    pub(super) fn of(people: &'p People) -> PolarsResult<Self> {
        let (registrations, rosters) =
            (&people.books.registrations.rows, &people.books.rosters.rows);
        Ok(Stated {
            begun: days(registrations, c::BEGUN)?,
            cover: indexes(registrations, c::COVER)?,
            here: flags(registrations, c::HERE)?,
            identified: days(rosters, c::IDENTIFIED)?,
            category: rosters.column(c::CATEGORY)?.u16()?.downcast_as_array(),
        })
    }
}

/// A bucket, as it is asked person by person.
type Bucket<'b, 'p> = (&'b People, &'b Stated<'p>, &'b Rosters<'p>);

impl Assessed {
    /// Nobody yet; nothing where the scheme assesses nothing.
    pub(super) fn of(scheme: &Scheme, as_of: NaiveDate) -> Option<Self> {
        let assessment = scheme.assessment.as_ref()?;
        let nobody = || Counts::of(Cover::COUNT);
        let on_day = |(at, on)| OnDay {
            at,
            on: epoch_day(on),
            here: nobody(),
            on_register: nobody(),
        };
        let wanted: BTreeSet<usize> = assessment
            .tiers
            .iter()
            .flat_map(|tier| tier.groups.iter().copied())
            .collect();
        let groups = (0u16..).zip(&scheme.groups).map(|(which, _)| which);
        Some(Assessed {
            days: (0u8..).zip(assessment.days(as_of)).map(on_day).collect(),
            groups: groups
                .filter(|which| wanted.contains(&usize::from(*which)))
                .collect(),
            of_register: scheme.primary_rate().count == Count::Insured,
            members: Few::default(),
        })
    }

    /// One more person.
    pub(super) fn add(
        &mut self,
        bucket: Bucket<'_, '_>,
        scheme: &Scheme,
        at: usize,
        person: &Person,
        standing: Standing,
    ) {
        let (people, stated, _) = bucket;
        if person.on_roster() && !self.groups.is_empty() {
            self.add_member(bucket, scheme, at, person, standing);
        }
        if person.dead {
            return;
        }
        let first = stated.first_days(people, at, person);
        for day in &mut self.days {
            if let Some(cover) = registered_here(person, &first, day.on) {
                let root = people.places.root();
                day.here.add(
                    person
                        .counted_region
                        .or(person.register_region)
                        .unwrap_or(root),
                    cover.index(),
                );
            }
            if let (true, Some(region)) = (self.of_register, person.register_region)
                && let Some(cover) = insured(person, standing, &first, day.on)
            {
                day.on_register.add(region, cover.index());
            }
        }
    }

    /// Members of every group in force on a day, by region and standing.
    fn add_member(
        &mut self,
        bucket: Bucket<'_, '_>,
        scheme: &Scheme,
        at: usize,
        person: &Person,
        standing: Standing,
    ) {
        let (people, _, rosters) = bucket;
        let region = region_of(person, people);
        for day in &self.days {
            let categories = rosters.categories_on(people.books.rosters.of(at), day.on, scheme);
            for which in self
                .groups
                .iter()
                .filter(|which| is_member(&scheme.groups[usize::from(**which)], &categories))
            {
                *self
                    .members
                    .entry((day.at, *which, region, standing))
                    .or_default() += 1;
            }
        }
    }

    /// Adds another thread's.
    pub(super) fn append(&mut self, other: Assessed) {
        for (mine, theirs) in self.days.iter_mut().zip(other.days) {
            mine.here.append(theirs.here);
            mine.on_register.append(theirs.on_register);
        }
        append(&mut self.members, other.members);
    }

    /// Hands over what was counted.
    pub(super) fn into_tallies(self, places: &Places, tallies: &mut Tallies) {
        for OnDay {
            at,
            here,
            on_register,
            ..
        } in self.days
        {
            let keyed =
                |((region, cover), count): ((String, u8), u64)| ((at, region, cover), count);
            tallies.assessed.extend(here.found(places).map(keyed));
            tallies
                .assessed_register
                .extend(on_register.found(places).map(keyed));
        }
        for ((day, which, region, standing), count) in self.members {
            tallies.assessed_groups.insert(
                (day, which, places.text(region).to_owned(), standing.index()),
                count,
            );
        }
    }
}

impl Stated<'_> {
    fn first_days(&self, people: &People, at: usize, person: &Person) -> FirstDays {
        let books = &people.books;
        let mut first = FirstDays::default();
        if person.is_employee() {
            let is_employee = |row: &usize| self.cover.get(*row) == Some(Cover::Employee.index());
            let began = |row: usize| self.begun.get(row).unwrap_or(ALWAYS);
            let employed = || {
                books
                    .registrations
                    .of(at)
                    .iter()
                    .map(|row| *row as usize)
                    .filter(is_employee)
            };
            first.employed = employed().map(began).min();
            first.employed_here = employed()
                .filter(|row| self.here.get(*row) == Some(true))
                .map(began)
                .min();
        }
        let known = |row: &usize| self.category.get(*row).is_some();
        let rostered = books
            .rosters
            .of(at)
            .iter()
            .map(|row| *row as usize)
            .filter(known);
        first.rostered = rostered
            .map(|row| self.identified.get(row).unwrap_or(ALWAYS))
            .min();
        first
    }
}

/// The first day of a person's employee relations (here, and anywhere) and of their roster rows.
#[derive(Default)]
struct FirstDays {
    employed_here: Option<i32>,
    employed: Option<i32>,
    rostered: Option<i32>,
}

/// First effectively paid by that day; or nothing is owed, or a subsidy recorded, and on a roster by then.
fn is_settled(person: &Person, first: &FirstDays, on: i32) -> bool {
    let free = person.payable == 0 || person.recorded_subsidy() > 0;
    is_by(person.first_paid_on, on) || free && is_by(first.rostered, on)
}

fn is_by(day: Option<i32>, on: i32) -> bool {
    day.is_some_and(|day| day <= on)
}

/// Cover of a person registered here: employee before resident.
fn registered_here(person: &Person, first: &FirstDays, on: i32) -> Option<Cover> {
    let resident =
        || person.resident_here > 0 && person.resident_insures && is_settled(person, first, on);
    if is_by(first.employed_here, on) {
        Some(Cover::Employee)
    } else {
        resident().then_some(Cover::Resident)
    }
}

/// Cover of a person insured anywhere.
fn insured(person: &Person, standing: Standing, first: &FirstDays, on: i32) -> Option<Cover> {
    match standing {
        Standing::LocalEmployee | Standing::ElsewhereEmployee => {
            is_by(first.employed, on).then_some(Cover::Employee)
        }
        Standing::LocalResident | Standing::ElsewhereResident => {
            is_settled(person, first, on).then_some(Cover::Resident)
        }
        _ => None,
    }
}
