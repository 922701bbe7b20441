//! Quotas: where a table publishes who is registered, exactly so many rows are, planted faults among them.
//!
//! A life is given only where the rows it adds still fit and enough people stay without one to fill what is open;
//! ordinary people and employees then fill it to the last row, and who is left over is in no book.

use crate::domain::{Cover, SourceKind};
use crate::refine::places::locate;

use super::SampleOrder;
use super::life::{RegistrationRow, Written};
use super::people::People;
use super::places::some;
use super::tasks::{Figures, shared};
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
    /// Published registrations at the sample's size (persons of the sample, of the table). A unit's employees live where
    /// published enrolment falls shortest of the population.
    pub(super) fn of(
        rows: &[Figures],
        order: &SampleOrder,
        world: &World,
        size: (u64, u64),
    ) -> Vec<Quota> {
        let published = |code: &str| order.tasks.iter().find(|row| row.code == code);
        let states = |code: &str| {
            published(code).is_some_and(|row| row.resident.is_some() || row.employee.is_some())
        };
        let is_unit = |code: &str| world.around.units.iter().any(|(unit, _)| unit == code);
        let mut quotas = Vec::new();
        let mut short = Vec::new();
        for row in rows
            .iter()
            .filter(|row| states(&row.code) && !is_unit(&row.code))
        {
            let inner = |other: &&Figures| {
                other.code != row.code && other.code.starts_with(&row.code) && states(&other.code)
            };
            // A region's figures are the sum of those inside it, where these are published.
            let (Some(source), false) =
                (published(&row.code), rows.iter().any(|other| inner(&other)))
            else {
                continue;
            };
            quotas.push(Quota {
                code: row.code.clone(),
                residents: source.resident.map(|figure| half_up(figure, size)),
                employees: source.employee.map(|figure| half_up(figure, size)),
                guests: Vec::new(),
            });
            let registered = source.resident.unwrap_or(0) + source.employee.unwrap_or(0);
            short.push(source.population.unwrap_or(0).saturating_sub(registered));
        }
        // Only the places that fall far short house a unit's people.
        let most = short.iter().max().copied().unwrap_or(0);
        let weights: Vec<u64> = short
            .iter()
            .map(|short| {
                if *short * 4 >= most {
                    (*short).max(1)
                } else {
                    0
                }
            })
            .collect();
        for (unit, (code, _)) in (0u32..).zip(&world.around.units) {
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

/// `figure × size.0 / size.1`, half up.
pub(super) fn half_up(figure: u64, size: (u64, u64)) -> u64 {
    let (of, whole) = (u128::from(size.0), u128::from(size.1.max(1)));
    u64::try_from((u128::from(figure) * of * 2 + whole) / (whole * 2)).unwrap_or(u64::MAX)
}

/// What is still open while lives are given out.
pub(super) struct Ledger<'a> {
    world: &'a World<'a>,
    quotas: &'a [Quota],
    /// Quota by position in `Neighbourhood::places`.
    of_place: Vec<Option<usize>>,
    /// Rows still to come, by quota: residents, employees, employees of units.
    open: Vec<(Option<u64>, Option<u64>, u64)>,
    /// Persons without a life yet, by quota.
    free: Vec<u64>,
}

impl<'a> Ledger<'a> {
    /// Everything open.
    pub(super) fn new(world: &'a World<'a>, quotas: &'a [Quota], people: &People) -> Self {
        let quota_at = |code: &str| {
            quotas
                .iter()
                .position(|quota| code.starts_with(&quota.code))
        };
        let of_place: Vec<Option<usize>> = world
            .around
            .places
            .iter()
            .map(|place| quota_at(&place.code))
            .collect();
        let mut free = vec![0; quotas.len()];
        for (place, quota) in of_place.iter().enumerate() {
            if let Some(at) = quota {
                free[*at] += people.living_at(place);
            }
        }
        let open = quotas
            .iter()
            .map(|quota| (quota.residents, quota.employees, quota.guests()))
            .collect();
        Ledger {
            world,
            quotas,
            of_place,
            open,
            free,
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

    /// Enters a life if its rows fit and those without one can still fill what is open where it is lived.
    pub(super) fn admits(&mut self, written: &Written<'_>) -> bool {
        let mut after = self.open.clone();
        for (at, cover) in self.counted(written) {
            let (residents, employees, _) = &mut after[at];
            let open = if cover == Cover::Employee {
                employees
            } else {
                residents
            };
            match open {
                None => {}
                Some(0) => return false,
                Some(rows) => *rows -= 1,
            }
        }
        if let Some(at) = self.of(written.person.place) {
            let (residents, employees, guests) = after[at];
            if self.free[at] < 1 + residents.unwrap_or(0) + employees.unwrap_or(0) + guests {
                return false;
            }
            self.free[at] -= 1;
        }
        self.open = after;
        true
    }

    /// The normal registrations of a life that count in a quota: each number once, as the books count them.
    fn counted(&self, written: &Written<'_>) -> Vec<(usize, Cover)> {
        let rows = &written.life.registrations;
        let first = |at: usize| {
            rows[..at]
                .iter()
                .all(|earlier| earlier.number != rows[at].number)
        };
        let normal = (0..rows.len()).filter(|&at| rows[at].status == "1" && first(at));
        normal
            .filter_map(|at| Some((self.quota_of(&rows[at], written)?, cover(&rows[at])?)))
            .collect()
    }

    /// The quota of the region a row names, else of the person's on the register.
    fn quota_of(&self, row: &RegistrationRow, written: &Written<'_>) -> Option<usize> {
        let home = written.person.place as usize;
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
            None if written.life.register.is_empty() => None,
            None => self.of_place[home],
        }
    }

    /// One more employee among those who live there: of the region itself (`None`), or of a unit.
    pub(super) fn employs(&mut self, at: usize) -> Option<Option<u32>> {
        let (_, employees, guests) = &mut self.open[at];
        let of_unit = match employees {
            Some(open) if *open > 0 => {
                *open -= 1;
                None
            }
            _ if *guests > 0 => {
                *guests -= 1;
                let mut before = *guests;
                let unit = self.quotas[at].guests.iter().find(|(_, persons)| {
                    let is_it = before < *persons;
                    before = before.saturating_sub(*persons);
                    is_it
                });
                Some(unit?.0)
            }
            _ => return None,
        };
        self.free[at] -= 1;
        Some(of_unit)
    }

    /// One more ordinary person among those who live there, where residents are open; always where they are not counted.
    pub(super) fn registers(&mut self, at: usize) -> bool {
        match &mut self.open[at].0 {
            None => true,
            Some(0) => false,
            Some(open) => {
                *open -= 1;
                true
            }
        }
    }

    /// All that was published has been given out.
    pub(super) fn is_closed(&self) -> bool {
        self.open.iter().all(|(residents, employees, guests)| {
            residents.unwrap_or(0) == 0 && employees.unwrap_or(0) == 0 && *guests == 0
        })
    }
}

/// The insurance a row is of; `None` = another than ours.
fn cover(row: &RegistrationRow) -> Option<Cover> {
    match row.scheme {
        "390" => Some(Cover::Resident),
        "310" => Some(Cover::Employee),
        _ => None,
    }
}
