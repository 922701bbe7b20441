//! Roster changes: the newest batch of the departments' lists against the batch before it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use polars::prelude::*;

use crate::domain::{Fate, SourceKind, columns as c, period::day_of_epoch, period::epoch_day};
use crate::refine::{Rows, arrivals};
use crate::scheme::Scheme;

closed_list! {
    /// What became of a person's entry from one batch to the next.
    pub enum Change {
        /// 新增
        New = "new",
        /// 变更: another category, or another date.
        Changed = "changed",
        /// 取消: no longer listed, or ended.
        Gone = "gone",
    }
}

/// One line of the list of changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RosterChange {
    /// What happened.
    pub change: Change,
    /// Number as cleaned.
    pub id: String,
    /// Name.
    pub name: String,
    /// Region that the row names.
    pub region_code: String,
    /// Category now; of who is gone, the one before.
    pub category: String,
    /// What was: `field=value`, several joined by `|`; empty for 新增.
    pub before: String,
    /// What is.
    pub after: String,
    /// Position in `Rows::origins` of the row it rests on: the newest, or the last one of who is gone.
    pub origin: u32,
    /// Its number.
    pub row: u32,
}

/// Identified, approved, ended.
type Dates = [Option<i32>; 3];

const DATES: [&str; 3] = [c::IDENTIFIED, c::APPROVED, c::ENDED];

/// A person's entry under one category.
#[derive(Clone, Debug)]
struct Entry {
    name: String,
    region: String,
    dates: Dates,
    origin: u32,
    row: u32,
}

/// A person: the number as text (a valid one is canonical), with the name where there is none.
type Who = (String, String);
type Batch = BTreeMap<Who, BTreeMap<String, Entry>>;

/// Every change, sorted; none without a batch before the newest.
pub(super) fn changes(
    rows: &Rows,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<Vec<RosterChange>> {
    let (Some(frame), Some(batches)) = (
        rows.frame(SourceKind::Rosters),
        arrivals::batches(rows, scheme),
    ) else {
        return Ok(Vec::new());
    };
    let Some(before) = batches.before else {
        return Ok(Vec::new());
    };
    let old = entries(frame, rows, scheme, &before)?;
    let new = entries(frame, rows, scheme, &batches.newest)?;
    let who: BTreeSet<&Who> = old.keys().chain(new.keys()).collect();
    let nothing = BTreeMap::new();
    let until = epoch_day(as_of);
    let mut found: Vec<RosterChange> = who
        .into_iter()
        .flat_map(|who| {
            of_person(
                who,
                old.get(who).unwrap_or(&nothing),
                new.get(who).unwrap_or(&nothing),
                until,
            )
        })
        .collect();
    found.sort();
    Ok(found)
}

/// Entries of one batch, one a person and category: of several the earliest by its dates, then by its place.
fn entries(
    frame: &DataFrame,
    rows: &Rows,
    scheme: &Scheme,
    batch: &Option<String>,
) -> PolarsResult<Batch> {
    let of_batch: Vec<bool> = rows
        .origins
        .iter()
        .map(|origin| origin.source == SourceKind::Rosters && origin.batch == *batch)
        .collect();
    let text = |name: &str| frame.column(name).and_then(|column| column.str().cloned());
    let (id, name, region, unknown) = (
        text(c::ID)?,
        text(c::NAME)?,
        text(c::REGION)?,
        text(c::UNKNOWN_WORD)?,
    );
    let (origin, row) = (
        frame.column(c::ORIGIN)?.u32()?,
        frame.column(c::ROW)?.u32()?,
    );
    let (category, fate) = (
        frame.column(c::CATEGORY)?.u16()?,
        frame.column(c::FATE)?.u8()?,
    );
    let days = DATES.map(|name| {
        frame
            .column(name)
            .and_then(|column| column.cast(&DataType::Int32))
    });
    let mut columns = Vec::new();
    for day in days {
        columns.push(day?.i32()?.clone());
    }
    let mut all = Batch::new();
    for at in 0..frame.height() {
        let (Some(from), Some(number)) = (origin.get(at), row.get(at)) else {
            continue;
        };
        let is_record = fate.get(at).is_some_and(|fate| {
            [
                Fate::Superseded,
                Fate::Repeated,
                Fate::IdUnusable,
                Fate::Used,
            ]
            .iter()
            .any(|known| known.index() == fate)
        });
        if !of_batch[from as usize] || !is_record {
            continue;
        }
        let (id, person) = (id.get(at).unwrap_or(""), name.get(at).unwrap_or("")); // blank cells
        let who = (
            id.to_owned(),
            if id.is_empty() {
                person.to_owned()
            } else {
                String::new()
            },
        );
        let known = category
            .get(at)
            .and_then(|at| scheme.categories.get(usize::from(at)))
            .map(|known| known.name.as_str());
        let category = known.or(unknown.get(at)).unwrap_or(""); // a row without a category
        let dates: Dates = std::array::from_fn(|which| columns[which].get(at));
        let region = region.get(at).unwrap_or(""); // names none
        let entry = Entry {
            name: person.to_owned(),
            region: region.to_owned(),
            dates,
            origin: from,
            row: number,
        };
        let mine = all.entry(who).or_default();
        match mine.get(category) {
            Some(kept) if (kept.dates, kept.origin, kept.row) <= (dates, from, number) => {}
            _ => {
                mine.insert(category.to_owned(), entry);
            }
        }
    }
    Ok(all)
}

/// What became of one person: categories that go and come are one change, the rest is new or gone.
fn of_person(
    who: &Who,
    old: &BTreeMap<String, Entry>,
    new: &BTreeMap<String, Entry>,
    until: i32,
) -> Vec<RosterChange> {
    let has_ended = |entry: &Entry| entry.dates[2].is_some_and(|ended| ended <= until);
    let line =
        |change, entry: &Entry, category: &str, before: String, after: String| RosterChange {
            change,
            id: who.0.clone(),
            name: entry.name.clone(),
            region_code: entry.region.clone(),
            category: category.to_owned(),
            before,
            after,
            origin: entry.origin,
            row: entry.row,
        };
    let (mut come, mut go, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for category in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let live = |entry: &&Entry| !has_ended(entry);
        let (was, is) = (old.get(category), new.get(category));
        match (was.filter(live), is.filter(live)) {
            (None, Some(now)) => come.push((category, now)),
            (Some(then), None) => go.push((category, then, is)),
            (Some(then), Some(now)) if then.dates != now.dates => {
                let (before, after) = differences(&then.dates, &now.dates);
                found.push(line(Change::Changed, now, category, before, after));
            }
            _ => {}
        }
    }
    let pairs = come.len().min(go.len());
    for ((category, now), (left, ..)) in come.iter().zip(&go) {
        let said = |name: &str| format!("{}={name}", c::CATEGORY);
        found.push(line(
            Change::Changed,
            now,
            category,
            said(left),
            said(category),
        ));
    }
    for (category, now) in &come[pairs..] {
        let (_, after) = differences(&[None; 3], &now.dates);
        found.push(line(Change::New, now, category, String::new(), after));
    }
    for (category, then, ended) in &go[pairs..] {
        let (before, after) = match ended {
            Some(now) => differences(&then.dates, &now.dates),
            None => (String::new(), String::new()),
        };
        found.push(line(
            Change::Gone,
            ended.unwrap_or(then),
            category,
            before,
            after,
        ));
    }
    found
}

/// The dates that differ, as `field=day`; a blank one is `field=`.
fn differences(then: &Dates, now: &Dates) -> (String, String) {
    let said = |dates: &Dates| {
        let differ = (0..DATES.len()).filter(|at| then[*at] != now[*at]);
        let said = differ.map(|at| {
            format!(
                "{}={}",
                DATES[at],
                dates[at].map_or(String::new(), |day| day_of_epoch(day).to_string())
            )
        });
        said.collect::<Vec<_>>().join("|")
    };
    let before = if then.iter().all(Option::is_none) {
        String::new()
    } else {
        said(then)
    };
    (before, said(now))
}
