//! What every book of persons has: who the row speaks of, where they belong, and its fate.

use std::borrow::Cow;
use std::cmp::Ordering;

use anyhow::Result;
use polars::prelude::*;

use super::fates::Fates;
use super::identity::{self, Document, Examined};
use super::places::Places;
use super::repairs::After;
use super::repeats::Mark;
use super::table::{Part, Table};
use super::{frame, names};
use crate::domain::{Fate, Field, PersonKey, columns as c};
use crate::scheme::Scheme;

/// A book being typed.
pub(crate) struct Book<'t> {
    /// Its text.
    pub(crate) table: &'t Table,
    /// Number, verdict and key of every row.
    pub(crate) ids: Vec<Examined<'t>>,
    /// Cleaned names.
    pub(crate) names: Vec<Option<Cow<'t, str>>>,
    /// `PersonKey` of every row.
    pub(crate) keys: Vec<u64>,
    /// Places.
    pub(crate) places: Places,
    /// Fates settled so far.
    pub(crate) fates: Fates,
    person: Vec<u64>,
}

/// What repeated rows are ranked by, before region and name: status, date, voucher or number.
pub(crate) type Worth<'t> = (u8, Option<i32>, Option<&'t str>);

impl<'t> Book<'t> {
    /// Reads the columns that every book of persons has.
    pub(crate) fn open(table: &'t Table, scheme: &Scheme) -> Self {
        let ids = examine_all(table);
        let name = table.texts(Field::Name);
        let names = table.each_noting(|at, notes| {
            let written = name.get(at)?;
            let cleaned = names::clean(written);
            // Most names are plain already: the cell itself.
            if !matches!(cleaned, Some(Cow::Borrowed(_))) {
                let rules = names::repairs(written, cleaned.as_deref());
                let after = || cleaned.as_deref().map_or(After::Nothing, |name| After::Text(name.to_owned()));
                notes.take(at, Field::Name, rules, after);
            }
            cleaned
        });
        let birth = table.texts(Field::Birth);
        // Equal unusable rows are one "person" here: only so can one of them repeat the other.
        let person: Vec<u64> = table.each(|at| match ids[at].key {
            Ok(key) => key.0,
            Err(_) => unusable(table, &ids[at], names[at].as_deref(), birth.get(at), 0).0,
        });
        let keys = told_apart(table, &ids, &names, &person);
        Book { table, ids, names, keys, places: Places::read(table, scheme), fates: Fates::begin(table, scheme), person }
    }

    /// Sets repeated rows aside; the best by value of each group stays.
    pub(crate) fn settle_repeated<'w>(
        &mut self,
        mark: impl Fn(usize) -> Mark<'w> + Sync,
        worth: impl Fn(usize) -> Worth<'w> + Sync,
        other_year: &[bool],
    ) {
        let (names, places) = (&self.names, &self.places);
        // A row with a name beats one without.
        let name = |at: usize| (names[at].is_none(), names[at].as_deref());
        let better = |a: usize, b: usize| -> Ordering {
            // Regions: the lowest code, a row without one last.
            let region = |at: usize| (places.at(at).region.is_none(), places.at(at).region.as_deref());
            let by_worth = worth(a).cmp(&worth(b));
            by_worth.then_with(|| region(a).cmp(&region(b))).then_with(|| name(a).cmp(&name(b)))
        };
        // A number or voucher of another year is another record, however alike: it must not push this year's out.
        let person: Vec<u64> = if other_year.iter().any(|other| *other) {
            self.person.iter().zip(other_year).map(|(person, other)| if *other { !person } else { *person }).collect()
        } else {
            self.person.clone()
        };
        self.fates.settle_repeated(self.table, &person, mark, better);
    }

    /// Equal rows of different files are repeated: for books without voucher or number.
    pub(crate) fn settle_equal_rows(&mut self) {
        let table = self.table;
        self.settle_repeated(|at| Mark::Digest(table.digest[at]), |_| (0, None, None), &[]);
    }

    /// The finished frame: the common columns, then `more`. Rows that are still open are id-unusable or used.
    pub(crate) fn into_frame(mut self, more: Vec<Column>) -> Result<DataFrame> {
        let ids = &self.ids;
        self.fates.settle(Fate::IdUnusable, |at| ids[at].key.is_err());
        let table = self.table;
        let rows = 0..table.len;
        let verdicts: UInt8Chunked = self.ids.iter().map(|id| id.key.err().map(|code| code.index())).collect();
        let region_verdicts: UInt8Chunked = rows.clone().map(|at| self.places.at(at).verdict.map(|code| code.index())).collect();
        let [fate, kept_origin, kept_row] = self.fates.columns(table);
        let mut columns = vec![
            UInt64Chunked::from_vec(c::KEY.into(), self.keys).into_column(),
            UInt32Chunked::from_vec(c::ORIGIN.into(), table.origin.clone()).into_column(),
            UInt32Chunked::from_vec(c::ROW.into(), table.row.clone()).into_column(),
            fate,
            frame::text(c::ID, self.ids.iter().map(|id| Some(&*id.text))),
            verdicts.with_name(c::ID_VERDICT.into()).into_column(),
            frame::cleaned(c::NAME, &self.names),
            kept_origin,
            kept_row,
            frame::text(c::REGION, rows.clone().map(|at| self.places.at(at).region.as_deref())),
            frame::rare_text(c::REGION_TEXT, rows.map(|at| self.places.at(at).text.as_deref())),
            region_verdicts.with_name(c::REGION_VERDICT.into()).into_column(),
        ];
        columns.extend(more);
        Ok(DataFrame::new(table.len, columns)?)
    }

    /// HERE and POOL.
    pub(crate) fn place_columns(&self) -> [Column; 2] {
        let rows = 0..self.table.len;
        [
            frame::flags(c::HERE, rows.clone().map(|at| self.places.at(at).here)),
            frame::text(c::POOL, rows.map(|at| Some(self.places.at(at).pool.as_str()))),
        ]
    }
}

fn examine_all(table: &Table) -> Vec<Examined<'_>> {
    let (id, kind) = (table.texts(Field::Id), table.texts(Field::IdType));
    let types = table.each_word(Field::IdType, |word| {
        let Some(word) = word else { return (Document::National, None) };
        (Document::of(word), Document::known(word).is_none().then_some(word))
    });
    table.count_unknown(Field::IdType, types.iter().map(|(_, unknown)| *unknown));
    let lossy = table.by_part(|part| identity::loses_digits(part.rows.clone().filter_map(|at| id.get(at))));
    let disability = table.by_part(|part: &Part| part.disability_number);
    table.each_noting(|at, notes| {
        // The header 残疾证号 says the type where no type column does; plain numbers stand under it too.
        let by_header = disability[at] && kind.get(at).is_none() && id.get(at).is_some_and(identity::is_disability_number);
        let document = if by_header { Document::Other("09") } else { types[at].0 };
        let read = identity::examine(id.get(at), document, lossy[at]);
        // Most numbers are plain already: the cell itself.
        if let (Some(written), Cow::Owned(text)) = (id.get(at), &read.text) {
            notes.take(at, Field::Id, identity::repairs(written, text), || After::Text(text.clone()));
        }
        read
    })
}

fn unusable(table: &Table, id: &Examined<'_>, name: Option<&str>, birth: Option<&str>, ordinal: u32) -> PersonKey {
    PersonKey::unusable(table.kind.code(), &id.text, name.unwrap_or_default(), birth.unwrap_or_default(), ordinal)
}

/// Keys of all rows: unusable rows that look the same get ordinals, in an order that comes from their cells.
fn told_apart(table: &Table, ids: &[Examined<'_>], names: &[Option<Cow<'_, str>>], person: &[u64]) -> Vec<u64> {
    let mut keys = person.to_vec();
    let mut rows: Vec<usize> = (0..table.len).filter(|at| ids[*at].key.is_err()).collect();
    rows.sort_unstable_by_key(|at| (person[*at], table.digest[*at], *at));
    let birth = table.texts(Field::Birth);
    for same in rows.chunk_by(|a, b| person[*a] == person[*b]) {
        for (ordinal, &at) in (0u32..).zip(same).skip(1) {
            keys[at] = unusable(table, &ids[at], names[at].as_deref(), birth.get(at), ordinal).0;
        }
    }
    keys
}
