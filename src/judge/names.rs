//! The same person under different names.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::note::Note;
use crate::domain::{Code, SourceKind, columns as c};
use crate::people::{Books, p, to_one};
use crate::refine::names::{differ_only_in_unwritable, has_unwritable};

// Columns that live only in this file.
const EXPECTED_NAME: &str = "expected_name";
const FACE_NAME: &str = "face_name";
const FOUND_NAME: &str = "found_name";
const WHICH: &str = "which";

/// A row of a person whose books disagree about the name.
struct Named {
    source: SourceKind,
    id: String,
    name: String,
    origin: u32,
    row: u32,
}

/// name-conflict and name-rare-character for one bucket: one finding a source that differs from the first that has a name.
pub(super) fn findings(people: &DataFrame, books: &Books) -> PolarsResult<Vec<DataFrame>> {
    let face = people.clone().lazy().select([col(c::KEY), col(c::NAME).alias(FACE_NAME)]);
    let mut doubtful: Vec<Series> = Vec::new();
    for (_, frame) in &books.names {
        let differing = frame
            .clone()
            .lazy()
            .select([col(c::KEY), col(c::NAME)])
            .join(face.clone(), [col(c::KEY)], [col(c::KEY)], to_one())
            .filter(col(c::NAME).is_not_null().and(col(c::NAME).neq_missing(col(FACE_NAME))))
            .select([col(c::KEY)])
            .collect()?;
        doubtful.push(differing.column(c::KEY)?.as_materialized_series().clone());
    }
    let mut keys = UInt64Chunked::full_null(c::KEY.into(), 0).into_series();
    for more in &doubtful {
        keys.append(more)?;
    }
    let keys = DataFrame::new_infer_height(vec![keys.unique()?.into_column()])?;

    let mut by_person: BTreeMap<u64, Vec<Named>> = BTreeMap::new();
    for (source, frame) in &books.names {
        let rows = frame
            .clone()
            .lazy()
            .filter(col(c::NAME).is_not_null())
            .join(keys.clone().lazy(), [col(c::KEY)], [col(c::KEY)], JoinArgs::new(JoinType::Semi))
            .collect()?;
        let (key, id, name) = (rows.column(c::KEY)?.u64()?, rows.column(c::ID)?.str()?, rows.column(c::NAME)?.str()?);
        let (origin, row) = (rows.column(c::ORIGIN)?.u32()?, rows.column(c::ROW)?.u32()?);
        for at in 0..rows.height() {
            if let (Some(key), Some(name), Some(origin), Some(row)) = (key.get(at), name.get(at), origin.get(at), row.get(at)) {
                let id = id.get(at).unwrap_or("").to_owned(); // usable rows have a number
                let named = Named { source: *source, id, name: name.to_owned(), origin, row };
                by_person.entry(key).or_default().push(named);
            }
        }
    }
    let mut found = Found::default();
    for (key, rows) in &mut by_person {
        rows.sort_by(|a, b| (a.source, &a.name, a.origin, a.row).cmp(&(b.source, &b.name, b.origin, b.row)));
        found.compare(*key, rows);
    }
    found.into_notes(people)
}

#[derive(Default)]
struct Found {
    code: Vec<u8>,
    key: Vec<u64>,
    id: Vec<String>,
    expected: Vec<String>,
    found: Vec<String>,
    origin: Vec<u32>,
    row: Vec<u32>,
    other_origin: Vec<u32>,
    other_row: Vec<u32>,
}

impl Found {
    /// `rows` in order of source, then name: the first source's smallest fully written name is the reference.
    fn compare(&mut self, key: u64, rows: &[Named]) {
        let Some(first) = rows.first() else { return };
        let own = || rows.iter().filter(|named| named.source == first.source);
        let reference = own().find(|named| !has_unwritable(&named.name)).unwrap_or(first);
        for source in
            [SourceKind::Register, SourceKind::Registrations, SourceKind::Payments, SourceKind::Rosters, SourceKind::Elsewhere]
        {
            let differing = || rows.iter().filter(|named| named.source == source && named.name != reference.name);
            let conflict = differing().find(|named| !differ_only_in_unwritable(&named.name, &reference.name));
            let (code, named) = match (conflict, differing().next()) {
                (Some(named), _) => (Code::NameConflict, named),
                (None, Some(named)) => (Code::NameRareCharacter, named),
                (None, None) => continue,
            };
            self.code.push(code.index());
            self.key.push(key);
            self.id.push(named.id.clone());
            self.expected.push(reference.name.clone());
            self.found.push(named.name.clone());
            self.origin.push(named.origin);
            self.row.push(named.row);
            self.other_origin.push(reference.origin);
            self.other_row.push(reference.row);
        }
    }

    fn into_notes(self, people: &DataFrame) -> PolarsResult<Vec<DataFrame>> {
        let frame = df!(
            WHICH => self.code,
            c::KEY => self.key,
            c::ID => self.id,
            c::NAME => self.found.clone(),
            EXPECTED_NAME => self.expected,
            FOUND_NAME => self.found,
            c::ORIGIN => self.origin,
            c::ROW => self.row,
            c::KEPT_ORIGIN => self.other_origin,
            c::KEPT_ROW => self.other_row,
        )?;
        let person = people.clone().lazy().select([col(c::KEY), col(p::PERSON_REGION).alias(c::REGION)]);
        let frame = frame.lazy().join(person, [col(c::KEY)], [col(c::KEY)], to_one()).collect()?;
        let of = |code: Code| {
            Note::row(code)
                .texts(col(EXPECTED_NAME), col(FOUND_NAME))
                .other(c::KEPT_ORIGIN, c::KEPT_ROW)
                .of(frame.clone().lazy().filter(col(WHICH).eq(lit(code.index()))))
        };
        Ok(vec![of(Code::NameConflict)?, of(Code::NameRareCharacter)?])
    }
}
