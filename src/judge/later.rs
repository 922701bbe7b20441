//! Findings that only all buckets together can finish.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use polars::prelude::*;
use rayon::prelude::*;

use super::note::{Homes, Note, in_their_regions, n};
use super::suspects::Candidates;
use crate::domain::{Code, Region, RegionTree, SourceKind, columns as c};

/// str?: the region that a row names rightly, beside the word that it does not.
pub(super) const INSIDE: &str = "inside";

/// Regions at most that a word is said to be perhaps.
const MOST_REGIONS: usize = 5;

/// Distinct words at most for which near-names are looked up: their candidates are ranked by likeness.
const MOST_WORDS: usize = 1_000;

/// Findings that only all buckets together can finish. They add up.
#[derive(Default)]
pub(super) struct Later {
    /// id-truncated by book, without the numbers they may have been.
    pub(super) truncated: Vec<(SourceKind, DataFrame)>,
    /// region-unknown by book, without the regions they may be; INSIDE is the region that the row names rightly.
    pub(super) unknown: Vec<(SourceKind, DataFrame)>,
    /// region-ambiguous, likewise.
    pub(super) ambiguous: Vec<DataFrame>,
    /// Repetitions between increments: (book, file that is kept, other file) → sheets and count.
    pub(super) pairs: BTreeMap<(SourceKind, String, String), (u32, u32, u32)>,
}

impl Later {
    /// Adds what another bucket has.
    pub(super) fn append(&mut self, mut other: Later) {
        self.truncated.append(&mut other.truncated);
        self.unknown.append(&mut other.unknown);
        self.ambiguous.append(&mut other.ambiguous);
        for (pair, (mine, kept, count)) in other.pairs {
            let sum = self.pairs.entry(pair).or_insert((mine, kept, 0));
            *sum = (sum.0.min(mine), sum.1.min(kept), sum.2 + count);
        }
    }

    /// Its findings so far.
    pub(super) fn frames(&self) -> impl Iterator<Item = &DataFrame> {
        let of_books = self
            .truncated
            .iter()
            .chain(&self.unknown)
            .map(|(_, frame)| frame);
        of_books.chain(&self.ambiguous)
    }

    /// The same, to be changed.
    pub(super) fn frames_mut(&mut self) -> impl Iterator<Item = &mut DataFrame> {
        let of_books = self
            .truncated
            .iter_mut()
            .chain(&mut self.unknown)
            .map(|(_, frame)| frame);
        of_books.chain(&mut self.ambiguous)
    }

    /// Puts findings about rows where their persons are.
    pub(super) fn in_their_regions(&mut self, homes: &Homes<'_>) -> PolarsResult<()> {
        for frame in self.frames_mut() {
            *frame = in_their_regions(std::mem::take(frame), homes)?;
        }
        Ok(())
    }

    /// The findings, finished.
    pub(super) fn finished(
        self,
        candidates: &Candidates,
        tree: &RegionTree,
    ) -> PolarsResult<Vec<DataFrame>> {
        let mut found = Vec::new();
        for (kind, frame) in self.truncated {
            found.push(perhaps(frame, |id, name| {
                candidates.for_number(kind, id, name)
            })?);
        }
        for rows in by_book(self.unknown)?.into_values() {
            let near = |inside: Option<&str>, word: &str| tree.near(inside, word, MOST_REGIONS);
            found.push(with_candidates(rows, near)?);
        }
        let ambiguous = self.ambiguous.into_iter();
        let ambiguous = ambiguous.map(|rows| (SourceKind::Register, rows)).collect();
        for rows in by_book(ambiguous)?.into_values() {
            let called = |inside: Option<&str>, word: &str| {
                let regions = tree.called(inside, word).into_iter();
                regions.take(MOST_REGIONS).collect()
            };
            found.push(with_candidates(rows, called)?);
        }
        found.push(repeated_files(self.pairs.into_values().collect())?);
        Ok(found)
    }
}

/// Cut numbers with those that they may have been.
fn perhaps(
    mut cut: DataFrame,
    number: impl Fn(&str, &str) -> Option<String>,
) -> PolarsResult<DataFrame> {
    let (id, name) = (cut.column(c::ID)?.str()?, cut.column(c::NAME)?.str()?);
    let numbers = id.iter().zip(name.iter());
    let expected: StringChunked = numbers.map(|(id, name)| number(id?, name?)).collect();
    cut.with_column(expected.with_name(n::EXPECTED.into()).into_column())?;
    Ok(cut)
}

/// The frames of one book as one: words are looked up once.
fn by_book(frames: Vec<(SourceKind, DataFrame)>) -> PolarsResult<BTreeMap<SourceKind, DataFrame>> {
    let mut books: BTreeMap<SourceKind, DataFrame> = BTreeMap::new();
    for (kind, frame) in frames {
        match books.get_mut(&kind) {
            Some(mine) => {
                mine.vstack_mut_owned(frame)?;
            }
            None => {
                books.insert(kind, frame);
            }
        }
    }
    Ok(books)
}

/// Says of every finding about a word which regions it may be: `烟塘村委会(430321100201)`, joined by `|`, none as null.
/// Every distinct word is looked up once; beyond `MOST_WORDS` of them, in their order, the column holds no village names
/// but addresses, and nobody is helped by candidates.
fn with_candidates<'t>(
    mut found: DataFrame,
    candidates: impl Fn(Option<&str>, &str) -> Vec<&'t Region> + Sync,
) -> PolarsResult<DataFrame> {
    let inside = found.drop_in_place(INSIDE)?;
    let (inside, words) = (inside.str()?, found.column(n::FOUND)?.str()?);
    let pairs = || inside.iter().zip(words.iter());
    let distinct: BTreeSet<(Option<&str>, &str)> = pairs()
        .filter_map(|(inside, word)| Some((inside, word?)))
        .collect();
    let looked_up: Vec<(Option<&str>, &str)> = distinct.into_iter().take(MOST_WORDS).collect();
    let known: HashMap<(Option<&str>, &str), String> = looked_up
        .into_par_iter()
        .map(|(inside, word)| {
            let texts: Vec<String> = candidates(inside, word)
                .iter()
                .map(|region| format!("{}({})", region.name, region.code))
                .collect();
            ((inside, word), texts.join("|"))
        })
        .collect();
    let expected: StringChunked = pairs()
        .map(|(inside, word)| {
            known
                .get(&(inside, word?))
                .map(String::as_str)
                .filter(|text| !text.is_empty())
        })
        .collect();
    found.with_column(expected.with_name(n::EXPECTED.into()).into_column())?;
    Ok(found)
}

/// One a pair of files: sheets of the lowest place, and how many records stand in both.
fn repeated_files(pairs: Vec<(u32, u32, u32)>) -> PolarsResult<DataFrame> {
    let pairs = df!(
        c::ORIGIN => pairs.iter().map(|pair| pair.0).collect::<Vec<_>>(),
        c::KEPT_ORIGIN => pairs.iter().map(|pair| pair.1).collect::<Vec<_>>(),
        n::FOUND => pairs.iter().map(|pair| pair.2).collect::<Vec<_>>(),
    )?;
    let none = |kind: DataType| lit(NULL).cast(kind);
    let pairs = pairs.lazy().with_columns([
        none(DataType::String).alias(c::ID),
        none(DataType::String).alias(c::NAME),
        none(DataType::String).alias(c::REGION),
        none(DataType::UInt32).alias(c::ROW),
        none(DataType::UInt32).alias(c::KEPT_ROW),
    ]);
    Note::row(Code::RowRepeated)
        .found(col(n::FOUND))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .of(pairs)?
        .drop(n::PERSON)
}
