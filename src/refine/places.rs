//! Places: the words of a row → region, pool, and whether it lies here.

use std::sync::{Mutex, PoisonError};

use polars::prelude::*;

use super::frame;
use super::table::BookText;
use crate::domain::region::{Meant, Problem, region_word};
use crate::domain::{Code, Doubt, Field, RegionLevel, RegionTree, SourceKind, columns as c};
use crate::intake::SourceSheet;
use crate::scheme::Scheme;

/// Pool of a row of `elsewhere` that names no place.
const UNSTATED_POOL: &str = "?";

/// What the words of a row come to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Located {
    /// Region below the scheme's own (for tasks: or that itself); `None` when none is named or the place is outside.
    pub region: Option<String>,
    /// The word that was not understood.
    pub text: Option<String>,
    /// region-unknown or region-ambiguous.
    pub verdict: Option<Code>,
    /// Inside the scheme's region.
    pub here: bool,
    /// 统筹区 code, or the unknown word itself for other places' reports.
    pub pool: String,
    /// A place is named and not understood, so that where the row counts is a guess.
    pub guessed: bool,
}

/// The words of a row that name a place: place, region code, county, township, village.
type Words<'t> = [Option<&'t str>; 5];

/// The words of all rows of a table; equal ones once.
struct NamedPlaces<'t> {
    all: Vec<Words<'t>>,
    of_row: Vec<u32>,
}

impl<'t> NamedPlaces<'t> {
    fn of(table: &'t BookText<'_>) -> Self {
        let stated = table.stated.as_slice();
        let words = [
            Field::Place,
            Field::RegionCode,
            Field::County,
            Field::Township,
            Field::Village,
        ]
        .map(|f| table.texts(f));
        let mut named = NamedPlaces {
            all: Vec::new(),
            of_row: Vec::with_capacity(table.len),
        };
        let mut known: PlHashMap<Words<'_>, u32> = PlHashMap::default();
        let mut last: Option<(Words<'_>, u32)> = None;
        for at in 0..table.len {
            let mut cells = words.map(|column| column.get(at));
            if !stated.is_empty() && cells == [None; 5] {
                cells[1] = stated_at(stated, table.row[at]);
            }
            // Exports are sorted by village more often than not.
            let found = match last {
                Some((same, found)) if same == cells => found,
                _ => *known.entry(cells).or_insert_with(|| {
                    named.all.push(cells);
                    u32::try_from(named.all.len() - 1)
                        .expect("fewer places than rows, and rows fit u32")
                }),
            };
            last = Some((cells, found));
            named.of_row.push(found);
        }
        named
    }
}

/// The place that the last line above a row states.
fn stated_at(stated: &[(u32, Option<String>)], row: u32) -> Option<&str> {
    let above = stated.partition_point(|(line, _)| *line < row);
    stated[..above].last()?.1.as_deref()
}

/// What the lines of a sheet that are no records state of places: (row, code), ascending. Nothing where its columns name
/// them, or where a place is not where the person lives.
pub(crate) fn stated(sheet: &SourceSheet, scheme: &Scheme) -> Vec<(u32, Option<String>)> {
    const NAMES: [Field; 5] = [
        Field::Place,
        Field::RegionCode,
        Field::County,
        Field::Township,
        Field::Village,
    ];
    let kind = sheet.origin.source;
    let has_place = |field: &Field| NAMES.contains(field);
    if !kind.has_persons()
        || matches!(kind, SourceKind::Elsewhere | SourceKind::Students)
        || sheet
            .columns
            .iter()
            .filter_map(|column| column.field.as_ref())
            .any(has_place)
    {
        return Vec::new();
    }
    let tree = &scheme.regions;
    let (titles, lines): (Vec<_>, Vec<_>) = sheet.said.iter().partition(|line| line.row == 0);
    let titles: Vec<&str> = titles.iter().map(|title| title.text.as_str()).collect();
    let title = titles.join(" ");
    let file = sheet.origin.file.as_str();
    let file = file.rsplit('/').next().unwrap_or(file);
    let file = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let code = |text: &str| tree.named_in(text).map(|region| region.code.clone());
    let whole = [sheet.origin.sheet.as_str(), &title, file]
        .into_iter()
        .filter(|text| !text.is_empty())
        .find_map(code);
    let whole = whole.or_else(|| tree.foreign_in(&title));
    let mut stated: Vec<(u32, Option<String>)> = Vec::new();
    stated.extend(whole.clone().map(|code| (0, Some(code))));
    let is_place = |field: Field| matches!(field, Field::Township | Field::Village);
    // A village is one of the township that the line above it names.
    let mut below = whole;
    for line in lines
        .into_iter()
        .filter(|line| line.field.is_none_or(is_place))
    {
        let found = tree.called(below.as_deref(), &line.text);
        let one = found
            .first()
            .filter(|one| found.len() == 1 && tree.is_inside(&one.code));
        if let Some(one) = one.filter(|one| one.level < RegionLevel::Village) {
            below = Some(one.code.clone());
        }
        // A village that is left open leaves the township.
        let open = below
            .clone()
            .filter(|_| line.text.is_empty() && line.field == Some(Field::Village));
        stated.push((line.row, one.map(|one| one.code.clone()).or(open)));
    }
    stated
}

/// All rows' places.
pub(crate) struct RowPlaces {
    located: Vec<Located>,
    of_row: Vec<u32>,
}

impl RowPlaces {
    /// Resolves the words of every row.
    pub(crate) fn read(table: &BookText<'_>, scheme: &Scheme) -> Self {
        let NamedPlaces { all, of_row } = NamedPlaces::of(table);
        RowPlaces {
            located: all
                .into_iter()
                .map(|words| locate(table.kind, words, scheme))
                .collect(),
            of_row,
        }
    }

    /// The place of a row.
    pub(crate) fn at(&self, row: usize) -> &Located {
        &self.located[self.of_row[row] as usize]
    }
}

/// Every place that any row names, once: a row carries its number while it waits, not its words.
#[derive(Debug, Default)]
pub(crate) struct Gazetteer(Mutex<Numbered>);

#[derive(Debug, Default)]
struct Numbered {
    all: Vec<Located>,
    number: PlHashMap<Located, u32>,
    /// By what a book calls a place: pieces of a file name the same villages again and again.
    called: PlHashMap<Box<[u8]>, u32>,
}

/// Most ways of calling places that are remembered: a column of addresses calls every row's place another.
const MOST_CALLED: usize = 1 << 17;

impl Gazetteer {
    /// The numbers of the places of a piece's rows.
    pub(crate) fn numbers(&self, table: &BookText<'_>, scheme: &Scheme) -> Vec<u32> {
        let NamedPlaces { all, of_row } = NamedPlaces::of(table);
        let mut call = Vec::new();
        let numbered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut numbers: Vec<Option<u32>> = Vec::with_capacity(all.len());
        for words in &all {
            called(table.kind, words, &mut call);
            numbers.push(numbered.called.get(call.as_slice()).copied());
        }
        drop(numbered);
        let unknown: Vec<usize> = (0..all.len()).filter(|at| numbers[*at].is_none()).collect();
        let located: Vec<Located> = unknown
            .iter()
            .map(|at| locate(table.kind, all[*at], scheme))
            .collect();
        let mut numbered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (at, place) in unknown.into_iter().zip(located) {
            let number = numbered.number(&place);
            numbers[at] = Some(number);
            if numbered.called.len() < MOST_CALLED {
                called(table.kind, &all[at], &mut call);
                numbered.called.insert(call.as_slice().into(), number);
            }
        }
        drop(numbered);
        of_row
            .iter()
            .map(|at| numbers[*at as usize].expect("every place has its number by now"))
            .collect()
    }

    /// All places as columns.
    pub(crate) fn into_atlas(self) -> Atlas {
        let numbered = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        let atlas = Atlas::of(&numbered.all);
        rayon::spawn(move || drop(numbered)); // a hundred thousand texts, while others wait for the atlas
        atlas
    }
}

impl Numbered {
    fn number(&mut self, place: &Located) -> u32 {
        if let Some(number) = self.number.get(place) {
            return *number;
        }
        let number =
            u32::try_from(self.all.len()).expect("fewer places than rows, and rows fit u32");
        self.all.push(place.clone());
        self.number.insert(place.clone(), number);
        number
    }
}

/// A book that stands for all that mean their words as this one does.
const fn alike(kind: SourceKind) -> SourceKind {
    match kind {
        SourceKind::Tasks | SourceKind::Elsewhere => kind,
        _ => SourceKind::Register,
    }
}

/// Words as one key: of each its length, since any letter may stand in it.
fn called(kind: SourceKind, words: &Words<'_>, call: &mut Vec<u8>) {
    call.clear();
    call.extend_from_slice(alike(kind).code().as_bytes());
    for word in words {
        call.extend_from_slice(
            &word
                .map_or(u64::MAX, |word| word.len() as u64)
                .to_le_bytes(),
        );
        call.extend_from_slice(word.unwrap_or_default().as_bytes());
    }
}

/// Places by number.
pub(crate) struct Atlas {
    /// REGION, REGION_TEXT and REGION_VERDICT.
    named: [Column; 3],
    /// HERE and POOL.
    lies: [Column; 2],
    /// Numbers of places that are named and not understood.
    guessed: PlHashSet<u32>,
}

impl Atlas {
    /// Places in the order of their numbers.
    pub(crate) fn of(all: &[Located]) -> Atlas {
        let verdicts: UInt8Chunked = all
            .iter()
            .map(|place| place.verdict.map(|code| code.index()))
            .collect();
        Atlas {
            named: [
                frame::text(c::REGION, all.iter().map(|place| place.region.as_deref())),
                frame::text(
                    c::REGION_TEXT,
                    all.iter().map(|place| place.text.as_deref()),
                ),
                verdicts.with_name(c::REGION_VERDICT.into()).into_column(),
            ],
            lies: [
                frame::flags(c::HERE, all.iter().map(|place| place.here)),
                frame::text(c::POOL, all.iter().map(|place| Some(place.pool.as_str()))),
            ],
            guessed: (0..)
                .zip(all)
                .filter(|(_, place)| place.guessed)
                .map(|(number, _)| number)
                .collect(),
        }
    }

    /// The region that each place is, if it is one, by number.
    pub(crate) fn regions(&self) -> impl Iterator<Item = Option<&str>> {
        self.named[0].str().expect("REGION is text").iter()
    }

    /// The pool that each place lies in, by number.
    pub(crate) fn pools(&self) -> impl Iterator<Item = &str> {
        self.lies[1]
            .str()
            .expect("POOL is text")
            .iter()
            .map(|pool| pool.expect("every place has a pool"))
    }

    /// The words of rows beside their places' numbers: REGION, REGION_TEXT and REGION_VERDICT; of books that say where a row
    /// counts HERE and POOL too.
    pub(crate) fn spell_out(&self, rows: &mut DataFrame, pooled: bool) -> PolarsResult<()> {
        let numbers = rows.column(c::PLACE)?.clone();
        let numbers = numbers.u32()?;
        if pooled && !self.guessed.is_empty() {
            self.doubt(rows, numbers)?;
        }
        for column in self.named.iter().chain(self.lies.iter().filter(|_| pooled)) {
            rows.with_column(column.take(numbers)?)?;
        }
        Ok(())
    }
}

/// How a place lies.
pub(super) struct Lies {
    /// It is no region below the scheme's, and no word says another.
    pub(super) nowhere: bool,
    /// In another region.
    pub(super) outside: bool,
    /// Its words are not understood.
    pub(super) unknown: bool,
}

impl Atlas {
    /// How the place of a number lies.
    pub(super) fn lies(&self, place: u32) -> Lies {
        let [region, _, verdict] = &self.named;
        let at = place as usize;
        let here = self.lies[0].bool().expect("HERE is bool").get(at) == Some(true);
        let verdict = verdict.u8().expect("a verdict is a position").get(at);
        Lies {
            nowhere: region.str().expect("REGION is text").get(at).is_none()
                && verdict.is_none()
                && here,
            outside: !here,
            unknown: verdict == Some(Code::RegionUnknown.index()),
        }
    }

    /// Adds the doubt of rows whose place is a guess.
    fn doubt(&self, rows: &mut DataFrame, numbers: &UInt32Chunked) -> PolarsResult<()> {
        let places = numbers.into_no_null_iter();
        let holds: Vec<bool> = places
            .map(|number| self.guessed.contains(&number))
            .collect();
        frame::with_doubt(rows, Doubt::UnknownPlace, &holds)
    }
}

/// Resolves (place, region code, county, township, village) as the book they stand in means them.
pub fn locate(kind: SourceKind, cells: [Option<&str>; 5], scheme: &Scheme) -> Located {
    let kind = alike(kind);
    let tree = &scheme.regions;
    let (named, is_understood) = resolved(kind, cells, tree);
    let (verdict, text) = match named.problem {
        None => (None, None),
        Some(Problem::Unknown(word)) => (Some(Code::RegionUnknown), Some(word)),
        Some(Problem::Ambiguous(word, _)) => (Some(Code::RegionAmbiguous), Some(word)),
    };
    let elsewhere = kind == SourceKind::Elsewhere;
    let (here, pool) = match (&named.outside, &named.inside) {
        (Some(outside), _) => (false, scheme.pool_of(outside)),
        _ if elsewhere && !is_understood => (false, text.clone().unwrap_or_default()),
        // Another place reports it without saying which: a pool of its own, which is never ours.
        (None, None) if elsewhere => (false, UNSTATED_POOL.to_owned()),
        (None, inside) => (
            true,
            scheme.pool_of(inside.as_deref().unwrap_or(tree.root())),
        ),
    };
    // The scheme's region as a whole says nothing about a person; for a tasks table it is a row.
    let region = named
        .inside
        .filter(|code| here && (kind == SourceKind::Tasks || code != tree.root()));
    Located {
        region,
        text,
        verdict,
        here,
        pool,
        guessed: !is_understood,
    }
}

/// What the words come to together, and whether the place among them is understood.
fn resolved(kind: SourceKind, cells: [Option<&str>; 5], tree: &RegionTree) -> (Meant, bool) {
    let [place, code, county, township, village] = cells;
    let place = if kind == SourceKind::Tasks {
        code.or(place)
    } else {
        place.or(code)
    };
    let mut place = place;
    let mut by_place = tree.resolve(place, [None; 3]);
    let is_whole = by_place
        .inside
        .as_deref()
        .is_none_or(|code| code == tree.root());
    if is_whole && by_place.outside.is_none() && by_place.problem.is_none() && code.is_some() {
        // 统筹区 says the county, 区划代码 the township or village.
        let by_code = tree.resolve(code, [None; 3]);
        if by_code.outside.is_none() {
            (place, by_place) = (code, by_code);
        }
    }
    let is_understood = by_place.problem.is_none() || by_place.inside.is_some();
    // A place that is a village already leaves nothing to look up below it.
    let level = by_place
        .inside
        .as_deref()
        .filter(|code| *code != tree.root())
        .and_then(|code| tree.get(code))
        .map(|region| region.level);
    let below =
        |at: RegionLevel, word: Option<_>| word.filter(|_| level.is_none_or(|known| at > known));
    let words = [
        below(RegionLevel::County, county),
        below(RegionLevel::Township, township),
        below(RegionLevel::Village, village),
    ];
    let mut meant = tree.resolve(place, words);
    let is_whole = meant.inside.as_deref() == Some(tree.root()) && meant.problem.is_none();
    let unit = place
        .filter(|_| is_whole)
        .and_then(|place| tree.of_whole_city(&region_word(place)));
    if let Some(unit) = unit {
        meant.inside = Some(unit.code.clone());
    }
    (meant, is_understood)
}
