//! Assessed: persons that count on a day of the assessment, and groups in force on it
//! (docs/readings.md#on-day).

use std::collections::BTreeSet;

use chrono::NaiveDate;
use polars::prelude::*;

use super::cells::{REGION, in_force, members};
use super::counts::{AddsUp, Counts, Few, append};
use super::rulebook;
use super::tallies::Tallies;
use crate::domain::Cover;
use crate::people::{People, Places, p, read::day};
use crate::scheme::{Count, Scheme};

// Columns that live only in this file.
const COVER: &str = "assessed_cover";

/// Who counts on each day of the scheme's assessment.
pub(super) struct Assessed {
    /// Days with what counts on them.
    days: Vec<OnDay>,
    /// Groups that a tier asks for.
    groups: Vec<u16>,
    /// Whether the primary rate is against the register.
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
    /// Nobody yet; nothing where the scheme assesses nothing.
    pub(super) fn of(scheme: &Scheme, as_of: NaiveDate) -> Option<Self> {
        let assessment = scheme.assessment.as_ref()?;
        let nobody = || Counts::of(Cover::COUNT);
        let on_day = |(at, on)| OnDay {
            at,
            on,
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

    /// Counts one bucket.
    pub(super) fn bucket(&mut self, people: &People, scheme: &Scheme) -> PolarsResult<()> {
        let whole = lit(people.places.root().number());
        let here = coalesce(&[col(p::COUNTED_REGION), col(p::REGISTER_REGION), whole]);
        for on_day in &mut self.days {
            let on = day(on_day.on);
            let counted = people.persons.clone().lazy().select([
                here.clone().alias(REGION),
                rulebook::assessed_here(&on).alias(COVER),
            ]);
            on_day.here.count(&counted.collect()?, REGION, COVER)?;
            if self.of_register {
                let counted = people.persons.clone().lazy().select([
                    col(p::REGISTER_REGION),
                    rulebook::assessed_register(&on).alias(COVER),
                ]);
                on_day
                    .on_register
                    .count(&counted.collect()?, p::REGISTER_REGION, COVER)?;
            }
        }
        self.groups(people, scheme)
    }

    /// Members of every group in force on a day, by region and standing.
    fn groups(&mut self, people: &People, scheme: &Scheme) -> PolarsResult<()> {
        if self.groups.is_empty() {
            return Ok(());
        }
        for on_day in &self.days {
            let rows = in_force(people, day(on_day.on), scheme)?;
            for which in &self.groups {
                let group = &scheme.groups[usize::from(*which)];
                for ((_, region, standing), persons) in members(rows.clone(), Some(group))? {
                    let cell = (on_day.at, *which, region, standing);
                    self.members.entry(cell).or_default().add(persons);
                }
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
                (day, which, places.text_at(region).to_owned(), standing),
                count,
            );
        }
    }
}
