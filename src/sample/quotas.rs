//! Quotas: where a table publishes who is registered, exactly so many rows are, planted faults among them.
//!
//! Ordinary people and employees sit in these numbers to the last row first, and who is left over is in no book. Another
//! life then takes the place of somebody who sits in the same number, so that the numbers stay full.

use crate::domain::{Cover, SourceKind};
use crate::refine::places::locate;

use super::life::{Biography, RegistrationRow};
use super::order::SampleOrder;
use super::places::some;
use super::shares::{half_up, shared};
use super::world::World;

/// Who is to be registered in a region.
pub(super) struct Quota {
    /// The region.
    pub(super) code: String,
    /// Rows of residents; `None` = as many as there happen to be.
    residents: Option<u64>,
    /// Rows of employees, those of units left out; `None` likewise.
    employees: Option<u64>,
    /// Employees of units who live there: position in `Neighbourhood::units`, persons.
    guests: Vec<(u32, u64)>,
}

impl Quota {
    /// Published registrations of the regions with these codes at the sample's size (persons of the sample, of the
    /// table). A unit's employees live where published enrolment falls shortest of the population.
    pub(super) fn of(
        codes: &[&str],
        order: &SampleOrder,
        world: &World,
        size: (u64, u64),
    ) -> Vec<Quota> {
        let published = |code: &str| order.tasks.iter().find(|row| row.code == code);
        let stated = |code: &str| {
            published(code).filter(|row| row.resident.is_some() || row.employee.is_some())
        };
        let units = &world.around.units;
        let mut quotas = Vec::new();
        let mut short = Vec::new();
        for code in codes {
            // A region's figures are the sum of those inside it, where these are published.
            let is_inner =
                |other: &&str| other != code && other.starts_with(code) && stated(other).is_some();
            let is_unit = units.iter().any(|(unit, _)| unit == code);
            let Some(source) = stated(code).filter(|_| !is_unit && !codes.iter().any(is_inner))
            else {
                continue;
            };
            quotas.push(Quota {
                code: (*code).to_owned(),
                residents: source.resident.map(|figure| half_up(figure, size)),
                employees: source.employee.map(|figure| half_up(figure, size)),
                guests: Vec::new(),
            });
            let registered = source.resident.unwrap_or(0) + source.employee.unwrap_or(0);
            short.push(source.population.unwrap_or(0).saturating_sub(registered));
        }
        let weights = houses(&short);
        for (unit, (code, _)) in (0u32..).zip(units) {
            let Some(employees) = published(code).and_then(|source| source.employee) else {
                continue;
            };
            for (quota, persons) in quotas
                .iter_mut()
                .zip(shared(half_up(employees, size), &weights))
            {
                quota.guests.push((unit, persons));
            }
        }
        quotas
    }

    /// Persons who live in the region: those who fill the quota, and one in twenty beside them for lives without a
    /// registration there. `None` where residents are not published.
    pub(super) fn people(&self) -> Option<u64> {
        let filled = self.residents? + self.employees.unwrap_or(0) + self.guests();
        Some(filled + filled / 20 + 2)
    }

    fn guests(&self) -> u64 {
        self.guests.iter().map(|(_, persons)| persons).sum()
    }
}

/// Weights by which regions house a unit's people: only those whose enrolment falls far short of the population.
fn houses(short: &[u64]) -> Vec<u64> {
    let most = short.iter().max().copied().unwrap_or(0);
    let weight = |short: &u64| {
        if *short * 4 >= most {
            (*short).max(1)
        } else {
            0
        }
    };
    short.iter().map(weight).collect()
}

/// A registration that counts in a published number: position of the quota, and whose number it is.
pub(super) type Seat = (usize, Cover);

/// Who sits in the published numbers: persons who live no other life than the one that fills them.
pub(super) struct Seats<'a> {
    world: &'a World<'a>,
    quotas: &'a [Quota],
    /// Quota by position in `Neighbourhood::places`.
    of_place: Vec<Option<usize>>,
    /// By quota: residents, employees.
    sitting: Vec<[u64; 2]>,
    /// By quota: employees of units.
    guests: Vec<u64>,
}

impl<'a> Seats<'a> {
    /// Nobody sits yet.
    pub(super) fn new(world: &'a World<'a>, quotas: &'a [Quota]) -> Self {
        let quota_at = |code: &str| {
            quotas
                .iter()
                .position(|quota| code.starts_with(&quota.code))
        };
        let places = world.around.places.iter();
        Seats {
            world,
            quotas,
            of_place: places.map(|place| quota_at(&place.code)).collect(),
            sitting: vec![[0; 2]; quotas.len()],
            guests: vec![0; quotas.len()],
        }
    }

    /// Whether nothing is published.
    pub(super) fn is_empty(&self) -> bool {
        self.quotas.is_empty()
    }

    /// The quota of the region that a place lies in.
    pub(super) fn of(&self, place: u32) -> Option<usize> {
        self.of_place[place as usize]
    }

    /// Whether employees are published at all.
    pub(super) fn counts_employees(&self) -> bool {
        self.quotas
            .iter()
            .any(|quota| quota.employees.is_some() || quota.guests() > 0)
    }

    /// The published number that a seat is in.
    pub(super) fn published(&self, (at, cover): Seat) -> Option<u64> {
        match cover {
            Cover::Employee => self.quotas[at].employees,
            _ => self.quotas[at].residents,
        }
    }

    /// Who sits there and lives no other life.
    pub(super) fn sitting(&self, seat: Seat) -> u64 {
        self.sitting[seat.0][column(seat.1)]
    }

    /// One more sits there, where one is missing; always where they are not counted.
    pub(super) fn sit(&mut self, seat: Seat) -> bool {
        let published = self.published(seat);
        let sitting = &mut self.sitting[seat.0][column(seat.1)];
        let fits = published.is_none_or(|rows| *sitting < rows);
        *sitting += u64::from(fits);
        fits
    }

    /// One less sits there.
    pub(super) fn stand_up(&mut self, seat: Seat) {
        self.sitting[seat.0][column(seat.1)] -= 1;
    }

    /// One more employee among those who live in a quota's region: of the region itself (`None`), or of a unit.
    pub(super) fn employs(&mut self, at: usize) -> Option<Option<u32>> {
        let counted = self.quotas[at].employees.is_some();
        if counted && self.sit((at, Cover::Employee)) {
            return Some(None);
        }
        let mut before = self.quotas[at].guests().checked_sub(self.guests[at] + 1)?;
        self.guests[at] += 1;
        let unit = self.quotas[at].guests.iter().find(|(_, persons)| {
            let is_it = before < *persons;
            before = before.saturating_sub(*persons);
            is_it
        });
        Some(Some(unit?.0))
    }

    /// All that was published sits.
    pub(super) fn is_full(&self) -> bool {
        (0..self.quotas.len()).all(|at| {
            let full = |cover| {
                let published = self.published((at, cover));
                published.is_none_or(|rows| self.sitting((at, cover)) == rows)
            };
            full(Cover::Resident)
                && full(Cover::Employee)
                && self.guests[at] == self.quotas[at].guests()
        })
    }

    /// The normal registrations of a life that count in a quota's region: each number once, as the books count them.
    pub(super) fn of_life(&self, life: &Biography<'_>) -> Vec<Seat> {
        let rows = &life.life.registrations;
        let first = |at: usize| {
            rows[..at]
                .iter()
                .all(|earlier| earlier.number != rows[at].number)
        };
        let normal = (0..rows.len()).filter(|&at| rows[at].status == "1" && first(at));
        normal
            .filter_map(|at| Some((self.quota_of(&rows[at], life)?, cover(&rows[at])?)))
            .collect()
    }

    /// The quota of the region a row names, else of the person's on the register.
    fn quota_of(&self, row: &RegistrationRow, life: &Biography<'_>) -> Option<usize> {
        let home = life.person.place as usize;
        let place = &self.world.around.places[home];
        let county = self
            .world
            .scheme
            .regions
            .get(&row.pool_place)
            .map(|region| region.name.as_str());
        // Residents' rows name their county in words too, where there are several.
        let county = county.filter(|_| !place.county.is_empty() && row.scheme == "390");
        let words = [
            Some(row.pool_place.as_str()),
            None,
            county,
            some(&row.township),
            some(&row.village),
        ];
        match locate(SourceKind::Registrations, words, self.world.scheme).region {
            Some(region) => self
                .quotas
                .iter()
                .position(|quota| region.starts_with(&quota.code)),
            None if life.life.register.is_empty() => None,
            None => self.of_place[home],
        }
    }
}

/// Where a number stands among those of a quota.
fn column(cover: Cover) -> usize {
    usize::from(cover == Cover::Employee)
}

/// The insurance a row is of; `None` = another than ours.
fn cover(row: &RegistrationRow) -> Option<Cover> {
    match row.scheme {
        "390" => Some(Cover::Resident),
        "310" => Some(Cover::Employee),
        _ => None,
    }
}
