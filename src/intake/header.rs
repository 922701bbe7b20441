//! Where the header is, and what each of its columns holds.

use std::borrow::Cow;

use super::cell::{self, Cells};
use super::suggest::Seen;
use super::{Column, Sure, synonyms};
use crate::domain::{Field, SourceKind};
use crate::scheme::SourceRule;

/// Rows looked through for a header. Titles are a handful of rows; what has none after this many has none.
pub(super) const HEAD_ROWS: usize = 1000;

/// What a sheet is asked for.
#[derive(Clone, Copy)]
pub(super) struct Ask<'a> {
    /// The source rule of the file.
    pub(super) rule: &'a SourceRule,
    /// Coverage year.
    pub(super) year: i32,
    /// Where the first rows of every sheet are kept, if proposals are to be made from them.
    pub(super) seen: Option<&'a Seen>,
}

/// A header and what follows from it.
#[derive(Clone, Debug)]
pub(super) struct Header {
    /// Position of its first row among the rows searched.
    pub(super) at: usize,
    /// Rows it takes: 1, or 2 with merged parents.
    pub(super) levels: usize,
    /// Every column.
    pub(super) columns: Vec<Column>,
    /// Normalised headers, the identity of a column in digests.
    pub(super) keys: Vec<String>,
    /// The column each field is read from.
    pub(super) fields: Vec<(usize, Field)>,
    /// Further columns of a field: (read, other). Their values must agree in every row.
    pub(super) doubles: Vec<(usize, usize, Field)>,
    /// Declared headers that are not there.
    pub(super) undeclared: Vec<(Field, String)>,
}

/// What the search found.
#[derive(Debug)]
pub(super) enum Found {
    /// A header with all that the source needs.
    Header(Box<Header>),
    /// A row that looks like one but lacks a field.
    Near { at: usize, missing: Field, headers: Vec<String> },
    /// Nothing like one.
    Nothing,
}

/// A header word as words are compared: NFKC, no blanks, no `*`, no unit behind it.
pub(super) fn key(text: &str) -> String {
    let mut key: String = cell::squeezed(text).replace('*', "");
    for unit in ["(元)", "(万元)", "(人)", "(万人)", "(户)", "(%)", "(名)", "(个)", "(元/人)", "(单位:元)", "(单位:人)"]
    {
        if let Some(rest) = key.strip_suffix(unit).filter(|rest| !rest.is_empty()) {
            key = rest.to_owned();
            break;
        }
    }
    key
}

/// What a source cannot do without: of every group one field.
pub(super) fn needed(source: SourceKind) -> &'static [&'static [Field]] {
    const REGION: &[Field] = &[Field::Township, Field::Village, Field::County, Field::Place, Field::RegionCode];
    const FIGURE: &[Field] = &[Field::Task, Field::Population, Field::Floor, Field::LastYear];
    const MONEY: &[Field] = &[Field::Total, Field::Personal, Field::Subsidy];
    match source {
        SourceKind::Tasks => &[REGION, FIGURE],
        SourceKind::Payments => &[&[Field::Id], MONEY],
        _ => &[&[Field::Id]],
    }
}

/// The first row (or pair of rows) that names all that the source needs.
pub(super) fn find(ask: Ask<'_>, head: &[Cells<'_>]) -> Found {
    let mut near: Option<(usize, Header)> = None;
    for at in 0..head.len().min(HEAD_ROWS) {
        let single = header(ask, at, &head[at], None);
        if single.fields.is_empty() {
            continue;
        }
        let joined = head
            .get(at + 1)
            .filter(|below| is_second_level(&single, &head[at], below, ask))
            .map(|below| header(ask, at, &head[at], Some(below)));
        for found in joined.into_iter().chain([single]) {
            if missing(ask.rule.kind, &found).is_none() {
                return Found::Header(Box::new(found));
            }
            let known = found.fields.len();
            if known >= 2 && near.as_ref().is_none_or(|(most, _)| known > *most) {
                near = Some((known, found));
            }
        }
    }
    match near.and_then(|(_, header)| Some((missing(ask.rule.kind, &header)?, header))) {
        Some((field, header)) => Found::Near {
            at: header.at,
            missing: field,
            headers: header.columns.into_iter().map(|c| c.header).filter(|h| !h.is_empty()).collect(),
        },
        None => Found::Nothing,
    }
}

/// The fields a row names, if it were the header.
pub(super) fn fields_of(ask: Ask<'_>, row: &[Cow<'_, str>]) -> Vec<Field> {
    row.iter().filter_map(|text| known(ask, "", &key(text))).map(|meant| meant.field).collect()
}

/// A header for a table that carries its column names itself.
pub(super) fn named(ask: Ask<'_>, names: &[Cow<'_, str>]) -> (Header, Option<Field>) {
    let header = header(ask, 0, names, None);
    let missing = missing(ask.rule.kind, &header);
    (header, missing)
}

fn missing(source: SourceKind, header: &Header) -> Option<Field> {
    let has = |field: &Field| header.fields.iter().any(|(_, f)| f == field);
    needed(source).iter().find(|group| !group.iter().any(has)).map(|group| group[0])
}

/// The row below names parts of merged parents: it adds a known word, and holds nothing under a column that is
/// understood already (a data row does).
fn is_second_level(above: &Header, upper: &[Cow<'_, str>], below: &[Cow<'_, str>], ask: Ask<'_>) -> bool {
    let under_known = above.fields.iter().any(|(column, _)| !cell::at(below, *column).is_empty());
    let adds = |column: usize| {
        let leaf = key(cell::at(below, column));
        let parent = key(&parent_of(upper, column));
        !leaf.is_empty() && known(ask, &parent, &leaf).is_some()
    };
    !under_known && (0..below.len()).any(adds)
}

/// The merged cell over a column: its own, or the nearest filled one to the left.
fn parent_of(upper: &[Cow<'_, str>], column: usize) -> String {
    let end = upper.len().min(column + 1);
    upper[..end].iter().rev().map(|c| cell::trimmed(c)).find(|c| !c.is_empty()).unwrap_or("").to_owned()
}

/// What a header is taken to mean.
#[derive(Clone, Copy, Debug)]
struct Meant {
    field: Field,
    /// Lower wins over higher in one sheet.
    rank: u8,
    sure: Sure,
}

fn known(ask: Ask<'_>, parent: &str, leaf: &str) -> Option<Meant> {
    let word = |word: &str, sure: Sure| {
        let (field, rank) = synonyms::field(ask.rule.kind, word, ask.year)?;
        Some(Meant { field, rank, sure: if rank > 0 { Sure::Lesser } else { sure } })
    };
    let joined = (!parent.is_empty()).then(|| word(&format!("{parent}{leaf}"), Sure::Joined)).flatten();
    joined.or_else(|| word(leaf, Sure::Word))
}

/// Reads one row (or two levels) as if it were the header.
fn header(ask: Ask<'_>, at: usize, upper: &[Cow<'_, str>], lower: Option<&Cells<'_>>) -> Header {
    let width = upper.len().max(lower.map_or(0, Vec::len));
    let mut columns = Vec::with_capacity(width);
    let mut keys = Vec::with_capacity(width);
    let mut claims: Vec<Option<Meant>> = Vec::with_capacity(width);
    for column in 0..width {
        let leaf = lower.map_or("", |row| cell::at(row, column));
        let own = cell::at(upper, column);
        let (text, claim) = if leaf.is_empty() {
            (own.to_owned(), known(ask, "", &key(own)))
        } else {
            let parent = parent_of(upper, column);
            (format!("{parent}/{leaf}"), known(ask, &key(&parent), &key(leaf)))
        };
        keys.push(key(&text));
        columns.push(Column { header: text, field: None, sure: None });
        claims.push(claim);
    }
    let undeclared = apply_declared(ask, &keys, &mut claims);
    let (fields, doubles) = settle(&mut columns, &claims);
    Header { at, levels: 1 + usize::from(lower.is_some()), columns, keys, fields, doubles, undeclared }
}

/// The pipeline's `columns` win over synonyms, for the column they name and for the field.
fn apply_declared(ask: Ask<'_>, keys: &[String], claims: &mut [Option<Meant>]) -> Vec<(Field, String)> {
    let mut undeclared = Vec::new();
    let mut settled: Vec<Field> = Vec::new();
    for (field, header) in &ask.rule.columns {
        // A field may have several headers, one an office: the first that is there is it.
        if settled.contains(field) {
            continue;
        }
        let wanted = key(header);
        let is_it = |k: &String| *k == wanted || k.rsplit('/').next() == Some(&wanted);
        let Some(column) = keys.iter().position(is_it) else {
            undeclared.push((*field, header.clone()));
            continue;
        };
        for claim in claims.iter_mut() {
            if claim.is_some_and(|meant| meant.field == *field) {
                *claim = None;
            }
        }
        claims[column] = Some(Meant { field: *field, rank: 0, sure: Sure::Declared });
        settled.push(*field);
    }
    undeclared.retain(|(field, _)| !settled.contains(field));
    undeclared
}

type Settled = (Vec<(usize, Field)>, Vec<(usize, usize, Field)>);

/// One column a field: the lowest rank, then the leftmost. Columns of equal rank must agree, where canbao uses them.
fn settle(columns: &mut [Column], claims: &[Option<Meant>]) -> Settled {
    let mut fields: Vec<(usize, Field)> = Vec::new();
    let mut doubles = Vec::new();
    for (column, claim) in claims.iter().enumerate() {
        let Some(Meant { field, rank, sure }) = *claim else { continue };
        let best = claims.iter().flatten().filter(|meant| meant.field == field).map(|meant| meant.rank).min();
        if best != Some(rank) {
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
    matches!(field, Field::Serial | Field::PersonNo | Field::Sex | Field::Birth | Field::Head | Field::Relation | Field::Group)
}
