//! The same person under different names.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::note::Note;
use crate::domain::{Code, SourceKind, columns as c};
use crate::people::read::{numbers, of_person, texts};
use crate::people::{FACES, People, p};
use crate::refine::names::{differ_only_in_unwritable, has_unwritable};

// Columns that live only in this file.
const EXPECTED_NAME: &str = "expected_name";
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

/// What comparing the names of a bucket comes to.
pub(super) struct Compared {
    /// name-conflict and name-rare-character: one finding a source that differs from the first that has a name.
    pub(super) findings: Vec<DataFrame>,
    /// Keys of persons who bear different names: perhaps two people on one number.
    pub(super) in_conflict: PlHashSet<u64>,
}

/// Compares the names that the books of a bucket give a person.
pub(super) fn compared(people: &People) -> PolarsResult<Compared> {
    let doubtful = doubtful(people)?;
    let mut by_person: BTreeMap<u64, Vec<Named>> = BTreeMap::new();
    for (source, rows) in &people.books.names {
        let (key, who, id) = (
            rows.column(c::KEY)?.u64()?,
            numbers(rows, p::WHO)?,
            texts(rows, c::ID)?,
        );
        let (name, origin, row) = (
            texts(rows, c::NAME)?,
            numbers(rows, c::ORIGIN)?,
            numbers(rows, c::ROW)?,
        );
        for (at, key) in key
            .into_no_null_iter()
            .enumerate()
            .filter(|(at, _)| doubtful[who.value(*at) as usize])
        {
            if let Some(name) = name.get(at) {
                let id = id.get(at).unwrap_or("").to_owned(); // usable rows have a number
                let (origin, row) = (origin.value(at), row.value(at));
                by_person.entry(key).or_default().push(Named {
                    source: *source,
                    id,
                    name: name.to_owned(),
                    origin,
                    row,
                });
            }
        }
    }
    let mut found = Found::default();
    for (key, rows) in &mut by_person {
        rows.sort_by(|a, b| {
            (a.source, &a.name, a.origin, a.row).cmp(&(b.source, &b.name, b.origin, b.row))
        });
        found.compare(*key, rows);
    }
    Ok(Compared {
        in_conflict: found.in_conflict(),
        findings: found.into_notes(people)?,
    })
}

/// By position: who has another name in some book than the one the person goes by.
fn doubtful(people: &People) -> PolarsResult<Vec<bool>> {
    let faces = people.persons.select(FACES)?;
    let face = people.first_stated(&faces, c::NAME)?;
    let face = face.str()?;
    let mut doubtful = vec![false; people.books.index.keys().len()];
    for (_, rows) in &people.books.names {
        let (who, name) = (numbers(rows, p::WHO)?, texts(rows, c::NAME)?);
        for at in 0..rows.height() {
            let (person, name) = (who.value(at) as usize, name.get(at));
            if name.is_some() && of_person(face, person) != name {
                doubtful[person] = true;
            }
        }
    }
    Ok(doubtful)
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
        let reference = own()
            .find(|named| !has_unwritable(&named.name))
            .unwrap_or(first);
        for source in [
            SourceKind::Register,
            SourceKind::Registrations,
            SourceKind::Payments,
            SourceKind::Rosters,
            SourceKind::Elsewhere,
        ] {
            let differing = || {
                rows.iter()
                    .filter(|named| named.source == source && named.name != reference.name)
            };
            let conflict =
                differing().find(|named| !differ_only_in_unwritable(&named.name, &reference.name));
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

    fn in_conflict(&self) -> PlHashSet<u64> {
        let codes = self.code.iter().zip(&self.key);
        let conflicts = codes.filter(|(code, _)| **code == Code::NameConflict.index());
        conflicts.map(|(_, key)| *key).collect()
    }

    fn into_notes(self, people: &People) -> PolarsResult<Vec<DataFrame>> {
        let homes = super::note::homes(&self.key, people)?;
        let region = |key: &u64| homes.get(key).copied();
        let frame = df!(
            WHICH => self.code,
            c::REGION => self.key.iter().map(region).collect::<Vec<_>>(),
            c::ID => self.id,
            c::NAME => self.found.clone(),
            EXPECTED_NAME => self.expected,
            FOUND_NAME => self.found,
            c::ORIGIN => self.origin,
            c::ROW => self.row,
            c::KEPT_ORIGIN => self.other_origin,
            c::KEPT_ROW => self.other_row,
        )?;
        let of = |code: Code| {
            Note::row(code)
                .texts(col(EXPECTED_NAME), col(FOUND_NAME))
                .other(c::KEPT_ORIGIN, c::KEPT_ROW)
                .of(frame
                    .clone()
                    .lazy()
                    .filter(col(WHICH).eq(lit(code.index()))))
        };
        Ok(vec![of(Code::NameConflict)?, of(Code::NameRareCharacter)?])
    }
}
