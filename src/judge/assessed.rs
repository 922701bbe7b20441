//! Assessed: persons that count on a day of the assessment, and groups in force on it (DESIGN §7).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use polars::prelude::*;

use super::tallies::{Counts, Tallies, is_member, region_of};
use crate::domain::{Cover, Standing, columns as c, period::epoch_day};
use crate::people::summary::{Rosters, Values, days, flags, indexes};
use crate::people::{People, Person, Place};
use crate::scheme::{Count, Group, Scheme};

/// Before every day that is asked for: a date that nobody stated.
const ALWAYS: i32 = i32::MIN;

/// Counts one bucket on every day of the scheme's assessment, person by person.
pub(super) struct Assessed<'p> {
    people: &'p People,
    scheme: &'p Scheme,
    /// Days with what counts on them.
    days: Vec<OnDay>,
    /// Groups that a tier asks for.
    groups: Vec<(u16, &'p Group)>,
    /// Whether the primary rate is against the register.
    of_register: bool,
    rosters: Rosters<'p>,
    begun: Values<'p, Int32Type>,
    cover: Values<'p, UInt8Type>,
    here: Values<'p, BooleanType>,
    identified: Values<'p, Int32Type>,
    category: Values<'p, UInt16Type>,
    members: BTreeMap<(u8, u16, Place, Standing), u64>,
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

impl<'p> Assessed<'p> {
    /// Nobody yet; nothing where the scheme assesses nothing.
    pub(super) fn of(people: &'p People, scheme: &'p Scheme, as_of: NaiveDate) -> PolarsResult<Option<Self>> {
        let Some(assessment) = &scheme.assessment else { return Ok(None) };
        let nobody = || Counts::of(&people.places, Cover::COUNT);
        let on_day = |(at, on)| OnDay { at, on: epoch_day(on), here: nobody(), on_register: nobody() };
        let wanted: BTreeSet<usize> = assessment.tiers.iter().flat_map(|tier| tier.groups.iter().copied()).collect();
        let (registrations, rosters) = (&people.books.registrations.rows, &people.books.rosters.rows);
        Ok(Some(Assessed {
            people,
            scheme,
            days: (0u8..).zip(assessment.days(as_of)).map(on_day).collect(),
            groups: (0u16..).zip(&scheme.groups).filter(|(which, _)| wanted.contains(&usize::from(*which))).collect(),
            of_register: scheme.primary_rate().count == Count::Insured,
            rosters: Rosters::of(rosters)?,
            begun: days(registrations, c::BEGUN)?,
            cover: indexes(registrations, c::COVER)?,
            here: flags(registrations, c::HERE)?,
            identified: days(rosters, c::IDENTIFIED)?,
            category: rosters.column(c::CATEGORY)?.u16()?.downcast_as_array(),
            members: BTreeMap::new(),
        }))
    }

    /// One more person.
    pub(super) fn add(&mut self, at: usize, person: &Person, standing: Standing) {
        if person.on_roster() && !self.groups.is_empty() {
            self.add_member(at, person, standing);
        }
        if person.dead {
            return;
        }
        let first = self.first_days(at, person);
        for day in &mut self.days {
            if let Some(cover) = registered_here(person, &first, day.on) {
                let root = self.people.places.root();
                day.here.add(person.counted_region.or(person.register_region).unwrap_or(root), cover.index());
            }
            if let (true, Some(region)) = (self.of_register, person.register_region)
                && let Some(cover) = insured(person, standing, &first, day.on)
            {
                day.on_register.add(region, cover.index());
            }
        }
    }

    /// Members of every group in force on a day, by region and standing.
    fn add_member(&mut self, at: usize, person: &Person, standing: Standing) {
        let region = region_of(person, self.people);
        for day in &self.days {
            let categories = self.rosters.categories_on(self.people.books.rosters.of(at), day.on, self.scheme);
            for (which, _) in self.groups.iter().filter(|(_, group)| is_member(group, &categories)) {
                *self.members.entry((day.at, *which, region, standing)).or_default() += 1;
            }
        }
    }

    fn first_days(&self, at: usize, person: &Person) -> FirstDays {
        let books = &self.people.books;
        let mut first = FirstDays::default();
        if person.is_employee() {
            let is_employee = |row: &usize| self.cover.get(*row) == Some(Cover::Employee.index());
            let began = |row: usize| self.begun.get(row).unwrap_or(ALWAYS);
            let employed = || books.registrations.of(at).iter().map(|row| *row as usize).filter(is_employee);
            first.employed = employed().map(began).min();
            first.employed_here = employed().filter(|row| self.here.get(*row) == Some(true)).map(began).min();
        }
        let known = |row: &usize| self.category.get(*row).is_some();
        let rostered = books.rosters.of(at).iter().map(|row| *row as usize).filter(known);
        first.rostered = rostered.map(|row| self.identified.get(row).unwrap_or(ALWAYS)).min();
        first
    }

    /// Hands over what was counted.
    pub(super) fn into_tallies(self, tallies: &mut Tallies) {
        let places = &self.people.places;
        for OnDay { at, here, on_register, .. } in self.days {
            let keyed = |((region, cover), count): ((&str, u8), u64)| ((at, region.to_owned(), cover), count);
            tallies.assessed.extend(here.found(places).map(keyed));
            tallies.assessed_register.extend(on_register.found(places).map(keyed));
        }
        for ((day, which, region, standing), count) in self.members {
            tallies.assessed_groups.insert((day, which, places.text(region).to_owned(), standing.index()), count);
        }
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
    let resident = || person.resident_here > 0 && person.resident_insures && is_settled(person, first, on);
    if is_by(first.employed_here, on) { Some(Cover::Employee) } else { resident().then_some(Cover::Resident) }
}

/// Cover of a person insured anywhere.
fn insured(person: &Person, standing: Standing, first: &FirstDays, on: i32) -> Option<Cover> {
    match standing {
        Standing::LocalEmployee | Standing::ElsewhereEmployee => is_by(first.employed, on).then_some(Cover::Employee),
        Standing::LocalResident | Standing::ElsewhereResident => is_settled(person, first, on).then_some(Cover::Resident),
        _ => None,
    }
}
