//! Roster changes: each department's list that counts against the one before it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use polars::prelude::*;

use super::fates::of_fates;
use crate::domain::{Fate, SourceKind, columns as c, period::day_of_epoch, period::epoch_day};
use crate::refine::{Rows, Turn};
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

/// Every change, sorted; none where nobody sent an earlier list. Whose list has none before it, changed nothing.
pub(super) fn changes(
    rows: &Rows,
    scheme: &Scheme,
    as_of: NaiveDate,
) -> PolarsResult<Vec<RosterChange>> {
    let (Some(frame), Some(lists)) = (rows.frame(SourceKind::Rosters), Lists::of(rows)) else {
        return Ok(Vec::new());
    };
    let old = entries(frame, &lists.before, scheme)?;
    let new = entries(frame, &lists.counts, scheme)?;
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

/// Lists by position in `Rows::origins`: what was, and what is.
struct Lists {
    before: Vec<bool>,
    counts: Vec<bool>,
}

impl Lists {
    fn of(rows: &Rows) -> Option<Lists> {
        let lists = || {
            let rosters = rows.origins.iter().zip(&rows.turns);
            rosters.map(|(origin, turn)| {
                (origin.source == SourceKind::Rosters).then_some((origin.family.as_str(), *turn))
            })
        };
        let is_before = |list: &(&str, Turn)| list.1 == Turn::Before;
        let renewed: BTreeSet<&str> = lists()
            .flatten()
            .filter(is_before)
            .map(|(family, _)| family)
            .collect();
        let counts = |list: &(&str, Turn)| list.1 == Turn::Counts;
        let stood =
            |list: &(&str, Turn)| is_before(list) || counts(list) && !renewed.contains(list.0);
        (!renewed.is_empty()).then(|| Lists {
            before: lists()
                .map(|list| list.as_ref().is_some_and(stood))
                .collect(),
            counts: lists()
                .map(|list| list.as_ref().is_some_and(counts))
                .collect(),
        })
    }
}

/// Fates of rows that record an entry, whatever became of them later.
const RECORDS: [Fate; 4] = [
    Fate::Superseded,
    Fate::Repeated,
    Fate::IdUnusable,
    Fate::Used,
];

/// The rows of the rosters.
struct Roster<'r> {
    texts: [&'r StringChunked; 4],
    places: [&'r UInt32Chunked; 2],
    category: &'r UInt16Chunked,
    dates: [&'r Int32Chunked; 3],
}

impl<'r> Roster<'r> {
    fn of(frame: &'r DataFrame) -> PolarsResult<Self> {
        let text = |name: &str| frame.column(name)?.str();
        let day = |name: &str| PolarsResult::Ok(frame.column(name)?.date()?.physical());
        let [identified, approved, ended] = DATES;
        Ok(Roster {
            texts: [
                text(c::ID)?,
                text(c::NAME)?,
                text(c::REGION)?,
                text(c::UNKNOWN_WORD)?,
            ],
            places: [
                frame.column(c::ORIGIN)?.u32()?,
                frame.column(c::ROW)?.u32()?,
            ],
            category: frame.column(c::CATEGORY)?.u16()?,
            dates: [day(identified)?, day(approved)?, day(ended)?],
        })
    }

    /// A blank cell is an empty text.
    fn text(&self, which: usize, at: usize) -> &'r str {
        self.texts[which].get(at).unwrap_or("")
    }

    fn who(&self, at: usize) -> Who {
        match self.text(0, at) {
            "" => (String::new(), self.text(1, at).to_owned()),
            id => (id.to_owned(), String::new()),
        }
    }

    /// Its name, else the word that was written; empty for a row without one.
    fn category<'c>(&self, at: usize, scheme: &'c Scheme) -> &'c str
    where
        'r: 'c,
    {
        let known = self.category.get(at);
        let known = known.and_then(|at| scheme.categories.get(usize::from(at)));
        known.map_or_else(|| self.text(3, at), |known| &known.name)
    }

    fn entry(&self, at: usize) -> Option<Entry> {
        Some(Entry {
            name: self.text(1, at).to_owned(),
            region: self.text(2, at).to_owned(),
            dates: self.dates.map(|dates| dates.get(at)),
            origin: self.places[0].get(at)?,
            row: self.places[1].get(at)?,
        })
    }
}

/// Entries of these lists, one a person and category: of several the earliest by its dates, then by its place.
fn entries(frame: &DataFrame, lists: &[bool], scheme: &Scheme) -> PolarsResult<Batch> {
    let is_record = of_fates(frame, &RECORDS)?;
    let roster = Roster::of(frame)?;
    let mut all = Batch::new();
    for at in 0..frame.height() {
        let Some(entry) = roster.entry(at) else {
            continue;
        };
        if !lists[entry.origin as usize] || is_record.get(at) != Some(true) {
            continue;
        }
        let rank = |entry: &Entry| (entry.dates, entry.origin, entry.row);
        let category = roster.category(at, scheme);
        let mine = all.entry(roster.who(at)).or_default();
        if mine
            .get(category)
            .is_none_or(|kept| rank(&entry) < rank(kept))
        {
            mine.insert(category.to_owned(), entry);
        }
    }
    Ok(all)
}

/// A line about an entry.
fn line(who: &Who, change: Change, entry: &Entry, category: &str) -> RosterChange {
    RosterChange {
        change,
        id: who.0.clone(),
        name: entry.name.clone(),
        region_code: entry.region.clone(),
        category: category.to_owned(),
        before: String::new(),
        after: String::new(),
        origin: entry.origin,
        row: entry.row,
    }
}

impl RosterChange {
    /// What was, and what is.
    fn told(self, (before, after): (String, String)) -> Self {
        RosterChange {
            before,
            after,
            ..self
        }
    }
}

/// What became of one person: categories that go and come are one change, the rest is new or gone.
fn of_person(
    who: &Who,
    old: &BTreeMap<String, Entry>,
    new: &BTreeMap<String, Entry>,
    until: i32,
) -> Vec<RosterChange> {
    let live = |entry: &&Entry| entry.dates[2].is_none_or(|ended| ended > until);
    let (mut come, mut go, mut found) = (Vec::new(), Vec::new(), Vec::new());
    for category in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (old.get(category), new.get(category));
        match (was.filter(live), is.filter(live)) {
            (None, Some(now)) => come.push((category, now)),
            (Some(then), None) => go.push((category, then, is)),
            (Some(then), Some(now)) if then.dates != now.dates => {
                let differ = differences(&then.dates, &now.dates);
                found.push(line(who, Change::Changed, now, category).told(differ));
            }
            _ => {}
        }
    }
    let pairs = come.len().min(go.len());
    let said = |name: &str| format!("{}={name}", c::CATEGORY);
    found.extend(come.iter().zip(&go).map(|((category, now), (left, ..))| {
        line(who, Change::Changed, now, category).told((said(left), said(category)))
    }));
    found.extend(come[pairs..].iter().map(|(category, now)| {
        let (_, after) = differences(&[None; 3], &now.dates);
        line(who, Change::New, now, category).told((String::new(), after))
    }));
    found.extend(
        go[pairs..]
            .iter()
            .map(|(category, then, ended)| match ended {
                Some(now) => line(who, Change::Gone, now, category)
                    .told(differences(&then.dates, &now.dates)),
                None => line(who, Change::Gone, then, category),
            }),
    );
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
