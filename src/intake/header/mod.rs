//! Where the header is, and what each of its columns holds.

pub mod agreement;
pub mod household;
pub mod levels;
pub mod marks;
pub mod meaning;
pub mod segments;
pub mod synonyms;
pub mod traditional;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use crate::domain::{Field, SourceKind};
use crate::intake::Column;
use crate::intake::Sure;
use crate::intake::cell::{self, Cells};
use crate::intake::suggest::Seen;
use crate::scheme::SourceRule;
use levels::Path;
use meaning::Meant;
use segments::{Line, Neighbour};

pub use meaning::key;

/// Rows looked through for a header. Titles are a handful of rows; what has none after this many has none.
pub const HEAD_ROWS: usize = 1000;

/// Cells looked through for a header: 1,000 rows of 500 columns. Rows of 16,384 are no titles.
pub const HEAD_CELLS: usize = 500_000;

/// What a sheet is asked for.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// The source rule of the file.
    pub rule: &'a SourceRule,
    /// Coverage year.
    pub year: i32,
    /// Where the first rows of every sheet are kept, if proposals are to be made from them.
    pub seen: Option<&'a Seen>,
}

/// A header and what follows from it.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// Position of its first row among the rows searched.
    pub at: usize,
    /// Rows it takes: 1 to 3, with merged parents.
    pub levels: usize,
    /// Rows right below it that number the columns or name their units.
    pub below: usize,
    /// Every column; those of tables beside it are blank.
    pub columns: Vec<Column>,
    /// Normalised headers, the identity of a column in digests.
    pub keys: Vec<String>,
    /// The column each field is read from. In a household's row: the fields that its people share.
    pub fields: Vec<(usize, Field)>,
    /// Further columns of a field: (read, other). Their values must agree in every row.
    pub doubles: Vec<(usize, usize, Field)>,
    /// The columns of each person of a household's row; empty where a row is one person.
    pub people: Vec<household::Own>,
    /// Headers of the columns of a household's people, where it cannot be told which are whose.
    pub untold: Vec<String>,
    /// Declared headers that are not there.
    pub undeclared: Vec<(Field, String)>,
    /// Tables beside it.
    pub neighbours: Vec<Neighbour>,
}

impl Header {
    /// Position of the first row that is no part of it.
    pub fn end(&self) -> usize {
        self.at + self.levels + self.below
    }

    /// Its columns as a clerk reads them.
    pub fn words(&self) -> Vec<String> {
        self.columns
            .iter()
            .map(|c| c.header.clone())
            .filter(|header| !header.is_empty())
            .collect()
    }

    /// Every field that it names.
    pub fn named(&self) -> impl Iterator<Item = Field> + '_ {
        self.fields
            .iter()
            .chain(self.people.iter().flatten())
            .map(|(_, field)| *field)
    }

    /// People stand twice or more in a row, and nothing says that they do: a number and one more field of a person.
    pub fn repeats_people(&self) -> bool {
        let twice = |field: Field| self.doubles.iter().any(|(.., double)| *double == field);
        twice(Field::Id) && (twice(Field::Name) || twice(Field::Relation))
    }
}

/// What the search found.
#[derive(Debug)]
pub enum Found {
    /// A header with all that the source needs.
    Header(Box<Header>),
    /// A row that looks like one but lacks a field.
    Near {
        at: usize,
        missing: Field,
        headers: Vec<String>,
    },
    /// Nothing like one.
    Nothing,
}

/// What a source cannot do without: of every group one field.
pub fn needed(source: SourceKind) -> &'static [&'static [Field]] {
    const REGION: &[Field] = &[
        Field::Township,
        Field::Village,
        Field::County,
        Field::Place,
        Field::RegionCode,
    ];
    const FIGURE: &[Field] = &[
        Field::Task,
        Field::Population,
        Field::Floor,
        Field::LastYear,
        Field::LastYearEmployee,
        Field::LastYearTotal,
    ];
    const MONEY: &[Field] = &[Field::Total, Field::Personal, Field::Subsidy];
    match source {
        SourceKind::Tasks => &[REGION, FIGURE],
        SourceKind::Payments => &[&[Field::Id], MONEY],
        SourceKind::HouseholdTotals => &[
            &[Field::Household, Field::Head],
            &[Field::Members, Field::Total, Field::Personal],
        ],
        _ => &[&[Field::Id]],
    }
}

/// The first row (or rows, with merged parents) that name all that the source needs.
pub fn find(ask: Ask<'_>, head: &[Cells<'_>]) -> Found {
    let mut near: Option<(usize, Header)> = None;
    for at in 0..head.len().min(HEAD_ROWS) {
        for found in candidates(ask, head, at) {
            if missing(ask.rule.kind, &found).is_none() {
                return Found::Header(Box::new(found));
            }
            let known = found.named().count();
            if known >= 2 && near.as_ref().is_none_or(|(most, _)| known > *most) {
                near = Some((known, found));
            }
        }
    }
    match near.and_then(|(_, header)| Some((missing(ask.rule.kind, &header)?, header))) {
        Some((missing, header)) => Found::Near {
            at: header.at,
            missing,
            headers: header.words(),
        },
        None => Found::Nothing,
    }
}

/// The header that the first of the rows begins, whether or not it has what the source needs.
pub fn begun(ask: Ask<'_>, rows: &[Cells<'_>]) -> (Header, Option<Field>) {
    let mut all: Vec<Header> = candidates(ask, rows, 0).collect();
    let fits = all
        .iter()
        .position(|header| missing(ask.rule.kind, header).is_none())
        .unwrap_or(0);
    let header = if all.is_empty() {
        Header {
            levels: 1,
            ..Header::default()
        }
    } else {
        all.swap_remove(fits)
    };
    let missing = missing(ask.rule.kind, &header);
    (header, missing)
}

/// The headers that may begin in a row, deepest first.
fn candidates<'h>(
    ask: Ask<'h>,
    head: &'h [Cells<'_>],
    at: usize,
) -> impl Iterator<Item = Header> + 'h {
    let is_data = head[at]
        .iter()
        .any(|text| marks::is_citizen_number(cell::trimmed(text)));
    let deepest = if is_data {
        0
    } else {
        levels::depth(ask, head, at)
    };
    (1..=deepest).rev().filter_map(move |levels| {
        let paths = levels::paths(&head[at..at + levels]);
        let header = header(ask, head, at, levels, &paths);
        (header.named().next().is_some() || levels > 1).then_some(header)
    })
}

/// The fields a row names, if it were the header.
pub fn fields_of(ask: Ask<'_>, row: &[Cow<'_, str>]) -> Vec<Field> {
    let words = row
        .iter()
        .map(|text| cell::trimmed(text))
        .filter(|text| !meaning::is_text(text));
    words
        .filter_map(|text| meaning::alone(ask, &key(text)))
        .map(|meant| meant.field)
        .collect()
}

/// Whether a row below a table is the header of another: words of headers, at least two, and hardly anything else.
pub fn looks_like_one(ask: Ask<'_>, row: &[Cow<'_, str>]) -> bool {
    let filled = || {
        row.iter()
            .map(|text| cell::trimmed(text))
            .filter(|text| !text.is_empty())
    };
    // Almost every row of data ends here: with a serial number, an amount or a date.
    if filled().next().is_some_and(marks::names_a_total) || filled().any(marks::is_value) {
        return false;
    }
    let all = filled().count();
    let (mut words, mut others) = (0, 0);
    for text in filled() {
        match is_word(ask, text) {
            true => words += 1,
            false => others += 1,
        }
        // A row of ordinary text ends here, at a third of its cells.
        if others * 3 > all {
            return false;
        }
    }
    words >= 2
}

/// A word of headers, whether or not it names a field.
pub fn is_word(ask: Ask<'_>, text: &str) -> bool {
    if meaning::is_text(text) {
        return false;
    }
    let key = key(text);
    synonyms::is_common(&key) || meaning::alone(ask, &key).is_some()
}

/// A header for a table that carries its column names itself.
pub fn named(ask: Ask<'_>, names: &[Cow<'_, str>]) -> (Header, Option<Field>) {
    let head = [names.to_vec()];
    let header = header(ask, &head, 0, 1, &levels::paths(&head));
    let missing = missing(ask.rule.kind, &header);
    (header, missing)
}

fn missing(source: SourceKind, header: &Header) -> Option<Field> {
    let has = |field: &Field| header.named().any(|named| named == *field);
    needed(source)
        .iter()
        .find(|group| !group.iter().any(has))
        .map(|group| group[0])
}

/// Reads rows as if they were the header.
fn header(
    ask: Ask<'_>,
    head: &[Cells<'_>],
    at: usize,
    levels: usize,
    paths: &[Path<'_>],
) -> Header {
    let mut columns: Vec<Column> = paths
        .iter()
        .map(|path| Column {
            header: path.text(),
            field: None,
            sure: None,
        })
        .collect();
    let mut leaves: Vec<String> = paths.iter().map(|path| key(path.leaf)).collect();
    let mut claims: Vec<Option<Meant>> = paths
        .iter()
        .zip(&leaves)
        .map(|(path, leaf)| meaning::known(ask, &path.parents(), leaf))
        .collect();
    let (declared, undeclared) = apply_declared(ask, &columns, &leaves, &mut claims);
    let mut below = levels::below(head, at + levels, &[]);
    // Only a header that serves is worth a look at all the rows below it: every row of the head may be asked about.
    let serves = Line {
        ask,
        leaves: &leaves,
        claims: &claims,
        declared: &declared,
        data: &[],
        head,
    }
    .serves_as_a_whole();
    let rows = if serves {
        head.get(at + levels + below..).unwrap_or(&[])
    } else {
        &[]
    };
    let data = until_the_next(ask, rows);
    let householder = household::count_householder(ask, paths, &leaves, &mut claims, data);
    let line = Line {
        ask,
        leaves: &leaves,
        claims: &claims,
        declared: &declared,
        data,
        head,
    };
    let neighbours = if serves {
        line.neighbours()
    } else {
        Vec::new()
    };
    let width = columns.len();
    for column in neighbours
        .iter()
        .flat_map(|neighbour| within(&neighbour.columns, width))
    {
        columns[column].header.clear();
        leaves[column].clear();
        claims[column] = None;
    }
    if !neighbours.is_empty() {
        below = levels::below(head, at + levels, &neighbours);
    }
    // Separators behind the last header are no columns.
    let named = |column: &usize| !leaves[*column].is_empty() || claims[*column].is_some();
    let last = (0..width).rfind(named).map_or(0, |last| last + 1);
    columns.truncate(last);
    leaves.truncate(last);
    claims.truncate(last);
    let keys = identities(&columns, leaves);
    let told = householder.and_then(|()| household::people(ask, paths, &claims));
    let untold = if told.is_err() {
        headers_of(&columns, &claims, &ask.rule.unpivot)
    } else {
        Vec::new()
    };
    let people = told.unwrap_or_default();
    for (column, field) in people.iter().flatten() {
        columns[*column].field = Some(*field);
        columns[*column].sure = claims[*column].map(|meant| meant.sure);
        claims[*column] = None;
    }
    if !people.is_empty() {
        // What stands once for each person is no column of the row.
        claims.iter_mut().for_each(|claim| {
            *claim = claim.filter(|meant| !ask.rule.unpivot.contains(&meant.field))
        });
    }
    let (fields, doubles) = settle(&mut columns, &claims);
    Header {
        at,
        levels,
        below,
        columns,
        keys,
        fields,
        doubles,
        people,
        untold,
        undeclared,
        neighbours,
    }
}

/// The headers of the columns that claim one of the fields.
fn headers_of(columns: &[Column], claims: &[Option<Meant>], fields: &[Field]) -> Vec<String> {
    let claiming = columns
        .iter()
        .zip(claims)
        .filter(|(_, claim)| claim.is_some_and(|meant| fields.contains(&meant.field)));
    claiming.map(|(column, _)| column.header.clone()).collect()
}

/// The rows before the next header of the form: columns may lie elsewhere below it.
fn until_the_next<'h, 'c>(ask: Ask<'_>, rows: &'h [Cells<'c>]) -> &'h [Cells<'c>] {
    let serves = |field: Field| needed(ask.rule.kind)[0].contains(&field);
    let is_next =
        |row: &Cells<'_>| looks_like_one(ask, row) && fields_of(ask, row).into_iter().any(serves);
    &rows[..rows.iter().position(is_next).unwrap_or(rows.len())]
}

fn within(columns: &Range<usize>, width: usize) -> Range<usize> {
    columns.start.min(width)..columns.end.min(width)
}

/// What tells the columns of a row apart in digests: their own words, or the whole path where two have the same.
fn identities(columns: &[Column], leaves: Vec<String>) -> Vec<String> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    leaves
        .iter()
        .for_each(|leaf| *counts.entry(leaf).or_default() += 1);
    let shared: Vec<bool> = leaves
        .iter()
        .map(|leaf| counts[leaf.as_str()] > 1)
        .collect();
    let mut identities = leaves;
    for (at, column) in columns.iter().enumerate().filter(|(at, _)| shared[*at]) {
        identities[at] = meaning::path_key(&column.header);
    }
    identities
}

/// The pipeline's `columns` win over synonyms, for the column they name and for the field. Gives the columns they name,
/// and what they name in vain.
fn apply_declared(
    ask: Ask<'_>,
    columns: &[Column],
    leaves: &[String],
    claims: &mut [Option<Meant>],
) -> (Vec<usize>, Vec<(Field, String)>) {
    let (mut found, mut undeclared) = (Vec::new(), Vec::new());
    let mut settled: Vec<Field> = Vec::new();
    for (field, header) in &ask.rule.columns {
        // A field may have several headers, one an office: the first that is there is it.
        if settled.contains(field) {
            continue;
        }
        let meant = declared(header, columns, leaves);
        if meant.is_empty() {
            undeclared.push((*field, header.clone()));
            continue;
        }
        for claim in claims.iter_mut() {
            if claim.is_some_and(|meant| meant.field == *field) {
                *claim = None;
            }
        }
        for column in &meant {
            claims[*column] = Some(Meant {
                field: *field,
                rank: 0,
                sure: Sure::Declared,
                person: None,
            });
        }
        found.extend(meant);
        settled.push(*field);
    }
    undeclared.retain(|(field, _)| !settled.contains(field));
    (found, undeclared)
}

/// The columns that a declared header names: by letter (`C列`), by the whole path, or by the last word of it.
fn declared(header: &str, columns: &[Column], leaves: &[String]) -> Vec<usize> {
    if let Some(column) = meaning::column_letter(header) {
        return if column < columns.len() {
            vec![column]
        } else {
            Vec::new()
        };
    }
    let all = |is_it: &dyn Fn(usize) -> bool| {
        (0..columns.len())
            .filter(|column| is_it(*column))
            .collect::<Vec<_>>()
    };
    let path = meaning::path_key(header);
    let exact = all(&|column| {
        !leaves[column].is_empty() && meaning::path_key(&columns[column].header) == path
    });
    let last = key(header);
    if exact.is_empty() {
        all(&|column| !last.is_empty() && leaves[column] == last)
    } else {
        exact
    }
}

/// The lowest rank with which each field is claimed.
fn best_ranks(claims: &[Option<Meant>]) -> HashMap<Field, u8> {
    let mut best: HashMap<Field, u8> = HashMap::new();
    for meant in claims.iter().flatten() {
        best.entry(meant.field)
            .and_modify(|rank| *rank = meant.rank.min(*rank))
            .or_insert(meant.rank);
    }
    best
}

type Settled = (Vec<(usize, Field)>, Vec<(usize, usize, Field)>);

/// One column a field: the lowest rank, then the leftmost. Columns of equal rank must agree, where canbao uses them.
fn settle(columns: &mut [Column], claims: &[Option<Meant>]) -> Settled {
    let mut fields: Vec<(usize, Field)> = Vec::new();
    let mut doubles = Vec::new();
    let best = best_ranks(claims);
    for (column, claim) in claims.iter().enumerate() {
        let Some(Meant {
            field, rank, sure, ..
        }) = *claim
        else {
            continue;
        };
        if best.get(&field) != Some(&rank) {
            continue;
        }
        match fields.iter().find(|(_, f)| *f == field) {
            None => {
                (columns[column].field, columns[column].sure) = (Some(field), Some(sure));
                fields.push((column, field));
            }
            Some(_) if is_never_compared(field) => {}
            Some((first, _)) => {
                (columns[column].field, columns[column].sure) = (Some(field), Some(sure));
                doubles.push((*first, column, field));
            }
        }
    }
    (fields, doubles)
}

/// Fields that decide nothing: a second column is no reason to stop a clerk.
fn is_never_compared(field: Field) -> bool {
    matches!(
        field,
        Field::Serial
            | Field::PersonNo
            | Field::Sex
            | Field::Birth
            | Field::Head
            | Field::Relation
            | Field::Group
    )
}
