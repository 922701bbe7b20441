//! Assessed: persons that count on a day of the assessment or of a rate, and groups in force on it
//! (docs/readings.md#on-day).

use std::collections::BTreeSet;

use chrono::NaiveDate;
use polars::prelude::*;

use super::cells::{REGION, in_force, members};
use super::counts::{AddsUp, Counts, Few, append};
use super::rulebook::Then;
use super::tallies::Tallies;
use crate::domain::{Cover, columns as c};
use crate::people::{People, Places, p, read::day};
use crate::scheme::{Count, Scheme};

// Columns that live only in this file.
const COVER: &str = "assessed_cover";
const STANDING: &str = "standing_then";

/// Who counts on each day on which the scheme counts payments.
pub(super) struct Assessed {
    as_of: NaiveDate,
    /// Days with what counts on them.
    days: Vec<OnDay>,
    /// Groups that a tier asks for.
    groups: Vec<u16>,
    /// Whether the assessed rate counts persons of the register.
    of_register: bool,
    members: Few<(u8, u16, u32, u8)>,
}

/// What counts on one day.
struct OnDay {
    at: u8,
    on: NaiveDate,
    /// Persons registered here, by region and cover.
    here: Counts,
    /// The same of the register, insured anywhere: what a rate against the register counts.
    on_register: Counts,
}

impl Assessed {
    /// Nobody yet; nothing where the scheme counts payments on no day.
    pub(super) fn of(scheme: &Scheme, as_of: NaiveDate) -> Option<Self> {
        let days = scheme.counted_days(as_of);
        if days.is_empty() {
            return None;
        }
        let nobody = || Counts::of(Cover::COUNT);
        let on_day = |(at, on)| OnDay {
            at,
            on,
            here: nobody(),
            on_register: nobody(),
        };
        let tiers = scheme.assessment.iter().flat_map(|rules| &rules.tiers);
        let wanted: BTreeSet<usize> = tiers.flat_map(|tier| tier.groups.iter().copied()).collect();
        let groups = (0u16..).zip(&scheme.groups).map(|(which, _)| which);
        Some(Assessed {
            as_of,
            days: (0u8..).zip(days).map(on_day).collect(),
            groups: groups
                .filter(|which| wanted.contains(&usize::from(*which)))
                .collect(),
            of_register: scheme.assessment.is_some()
                && scheme.assessed_rate().count == Count::Insured,
            members: Few::default(),
        })
    }

    /// Counts one bucket.
    pub(super) fn bucket(&mut self, people: &People, scheme: &Scheme) -> PolarsResult<()> {
        let whole = lit(people.places.root().number());
        let ended_in = when(col(p::COUNTED_AT).is_null())
            .then(col(p::RESIDENT_UNTIL_REGION))
            .otherwise(lit(NULL));
        let counted_in = [
            col(p::COUNTED_REGION),
            ended_in,
            col(p::REGISTER_REGION),
            whole,
        ];
        let here = coalesce(&counted_in);
        for at in 0..self.days.len() {
            let on = self.days[at].on;
            let taken_back = people.paid_then(on).filter(|_| on < self.as_of);
            let then = if on < self.as_of {
                Then::on(day(on), taken_back.is_some())
            } else {
                Then::now()
            };
            let mut persons = people.persons.clone();
            if let Some(taken_back) = taken_back {
                persons.with_column(taken_back.into_column())?;
            }
            let counted = persons
                .clone()
                .lazy()
                .select([here.clone().alias(REGION), then.cover_here().alias(COVER)]);
            self.days[at]
                .here
                .count(&counted.collect()?, REGION, COVER)?;
            if !self.of_register && self.groups.is_empty() {
                continue;
            }
            let stood = persons
                .lazy()
                .select([col(p::REGISTER_REGION), then.standing().alias(STANDING)]);
            let stood = stood.with_column(Then::cover_anywhere(STANDING).alias(COVER));
            let stood = stood.collect()?;
            if self.of_register {
                self.days[at]
                    .on_register
                    .count(&stood, p::REGISTER_REGION, COVER)?;
            }
            let standing = stood.column(STANDING)?.u8()?;
            self.groups(people, scheme, (at, standing))?;
        }
        Ok(())
    }

    /// Members of every group in force on a day, by region and where they stood on it.
    fn groups(
        &mut self,
        people: &People,
        scheme: &Scheme,
        (at, standing): (usize, &UInt8Chunked),
    ) -> PolarsResult<()> {
        if self.groups.is_empty() {
            return Ok(());
        }
        let OnDay { at, on, .. } = self.days[at];
        let mut rows = in_force(people, day(on), scheme)?;
        let who: IdxCa = rows.column(p::WHO)?.u32()?.clone();
        let then = standing.take(&who)?.with_name(c::STANDING.into());
        rows.with_column(then.into_column())?;
        for which in &self.groups {
            let group = &scheme.groups[usize::from(*which)];
            for ((_, region, standing), persons) in members(rows.clone(), Some(group))? {
                let cell = (at, *which, region, standing);
                self.members.entry(cell).or_default().add(persons);
            }
        }
        Ok(())
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
            on,
            here,
            on_register,
        } in self.days
        {
            let here: Vec<((String, u8), u64)> = here.found(places).collect();
            if on == self.as_of {
                tallies.paid = here.iter().cloned().collect();
            }
            let keyed =
                |((region, cover), count): ((String, u8), u64)| ((at, region, cover), count);
            tallies.assessed.extend(here.into_iter().map(keyed));
            tallies
                .assessed_register
                .extend(on_register.found(places).map(keyed));
        }
        for ((day, which, region, standing), count) in self.members {
            tallies.assessed_groups.insert(
                (day, which, places.text_at(region).to_owned(), standing),
                count,
            );
        }
    }
}
