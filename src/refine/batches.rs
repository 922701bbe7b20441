//! Batches: of each sender's lists, the one that counts (docs/readings.md#snapshot).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::repeats::SheetOf;
use crate::domain::SourceKind;
use crate::intake::Origin;
use crate::intake::family::days_of;
use crate::scheme::{Mode, Scheme};

/// What a sheet is among the lists of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It counts.
    Counts,
    /// The list before the one that counts.
    Before,
    /// An older one.
    Older,
    /// Dated after the as-of date, where an earlier one counts.
    Later,
}

/// What batches are put in order by: the last day, then the text; without a batch is older than any with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BatchOrder<'o> {
    day: Option<NaiveDate>,
    text: Option<&'o str>,
}

impl BatchOrder<'_> {
    pub(crate) fn of(origin: &Origin) -> BatchOrder<'_> {
        let text = origin.batch.as_deref();
        BatchOrder {
            day: text.and_then(days_of).map(|(_, last)| last),
            text,
        }
    }

    /// Whether it speaks of a day, or a month that begins, after the as-of date.
    fn is_later(self, as_of: NaiveDate) -> bool {
        let first = self.text.and_then(days_of).map(|(first, _)| first);
        first.is_some_and(|first| first > as_of)
    }
}

/// What each sheet is, in order; those of books that add up all count.
pub(super) fn turns(origins: &[Origin], scheme: &Scheme, as_of: NaiveDate) -> Vec<Turn> {
    let mut families: BTreeMap<(SourceKind, &str), Vec<BatchOrder<'_>>> = BTreeMap::new();
    for origin in origins.iter().filter(|one| is_snapshot(one, scheme)) {
        let family = families.entry((origin.source, &origin.family)).or_default();
        family.push(BatchOrder::of(origin));
    }
    let families: BTreeMap<_, _> = families
        .into_iter()
        .map(|(name, batches)| (name, Lists::of(batches, as_of)))
        .collect();
    origins
        .iter()
        .map(|origin| {
            let lists = families.get(&(origin.source, origin.family.as_str()));
            lists.map_or(Turn::Counts, |lists| lists.turn(BatchOrder::of(origin)))
        })
        .collect()
}

fn is_snapshot(origin: &Origin, scheme: &Scheme) -> bool {
    let rule = scheme.source(origin.source);
    rule.is_some_and(|rule| rule.mode == Mode::Snapshot)
}

/// Which sheets are of one file, of one sender, of one batch: as numbers, each in its order.
pub(super) fn sheets_of(origins: &[Origin]) -> Vec<SheetOf> {
    let files = ranks(origins, |origin| (origin.source, &origin.file));
    let families = ranks(origins, |origin| (origin.source, &origin.family));
    let batches = ranks(origins, |origin| (origin.source, BatchOrder::of(origin)));
    let each = files.into_iter().zip(families).zip(batches);
    each.map(|((file, family), batch)| SheetOf {
        file,
        family,
        batch,
    })
    .collect()
}

/// The place of each in the order of all.
fn ranks<'o, K: Ord>(origins: &'o [Origin], key: impl Fn(&'o Origin) -> K) -> Vec<u32> {
    let mut keys: Vec<K> = origins.iter().map(&key).collect();
    keys.sort_unstable();
    keys.dedup();
    let rank = |origin| keys.partition_point(|other| *other < key(origin));
    origins
        .iter()
        .map(|origin| u32::try_from(rank(origin)).unwrap_or(u32::MAX)) // origins are counted in 32 bits
        .collect()
}

/// A sender's lists: the one that counts, and the one before it.
struct Lists<'o> {
    counts: Option<BatchOrder<'o>>,
    before: Option<BatchOrder<'o>>,
}

impl<'o> Lists<'o> {
    /// The newest on or before the as-of date counts; where all are later, the earliest.
    fn of(mut batches: Vec<BatchOrder<'o>>, as_of: NaiveDate) -> Self {
        batches.sort_unstable();
        let in_time = batches.iter().rfind(|batch| !batch.is_later(as_of));
        let counts = in_time.or(batches.first()).copied();
        let before = batches
            .iter()
            .rfind(|batch| Some(**batch) < counts)
            .copied();
        Lists { counts, before }
    }

    fn turn(&self, batch: BatchOrder<'_>) -> Turn {
        let batch = Some(batch);
        if batch == self.counts {
            Turn::Counts
        } else if batch > self.counts {
            Turn::Later
        } else if batch == self.before {
            Turn::Before
        } else {
            Turn::Older
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheme::SourceRule;

    fn origin(source: SourceKind, family: &str, batch: &str) -> Origin {
        Origin {
            source,
            file: format!("{family}_{batch}.csv"),
            sheet: String::new(),
            sha256: String::new(),
            encoding: String::new(),
            batch: (!batch.is_empty()).then(|| batch.to_owned()),
            family: family.to_owned(),
            since_1904: false,
            rows_read: 0,
        }
    }

    #[test]
    fn each_senders_newest_list_of_the_day_counts() {
        use Turn::{Before, Counts, Later, Older};
        let as_of = NaiveDate::from_ymd_opt(2022, 3, 31).unwrap();
        let mut scheme = Scheme::plain(crate::domain::RegionTree::new("430321", Vec::new()));
        let payments = SourceRule {
            mode: Mode::Increment,
            ..SourceRule::plain(SourceKind::Payments)
        };
        scheme.sources = vec![SourceRule::plain(SourceKind::Rosters), payments];
        let (roster, paid) = (SourceKind::Rosters, SourceKind::Payments);
        // source, family, batch, turn
        let rows = [
            (roster, "民政", "20220131", Older),
            (roster, "民政", "20220228", Before),
            (roster, "民政", "202203", Counts), // March speaks of its last day
            (roster, "民政", "20220401", Later),
            (roster, "残联", "20211231", Counts), // nothing new was sent
            (roster, "残联", "", Before),
            (roster, "卫健", "20220430", Counts), // all are later
            (roster, "卫健", "20220531", Later),
            (roster, "退役", "", Counts),
            (paid, "税务", "20220131", Counts),
            (paid, "税务", "20220228", Counts),
        ];
        let origins: Vec<Origin> = rows
            .iter()
            .map(|(source, family, batch, _)| origin(*source, family, batch))
            .collect();
        let found = turns(&origins, &scheme, as_of);
        for ((_, family, batch, turn), found) in rows.iter().zip(found) {
            assert_eq!(found, *turn, "{family} {batch}");
        }
    }
}
