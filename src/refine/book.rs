//! What every row of persons says by itself: who it speaks of, where they belong, and its fate as far as no other row decides
//! it. What takes several rows of a person is settled later, person by person (`settle`).

use std::borrow::Cow;

use anyhow::Result;
use polars::prelude::*;
use rayon::prelude::*;

use super::identity::{self, Document, Examined};
use super::places::{Gazetteer, Places};
use super::repairs::After;
use super::table::{Part, Table};
use super::{frame, names};
use crate::domain::{Code, Fate, Field, PersonKey, columns as c};
use crate::scheme::Scheme;

/// Rows of persons.
pub(crate) struct Book<'t> {
    /// The text.
    pub(crate) table: &'t Table,
    /// Numbers.
    ids: Vec<Number<'t>>,
    /// Cleaned names.
    names: Vec<Option<Cow<'t, str>>>,
    /// Where they belong: numbers of places.
    places: Vec<u32>,
    /// `Used` until something else is settled.
    fates: Vec<Fate>,
}

/// A number as read.
struct Number<'t> {
    read: Examined<'t>,
    /// It would count as truncated if the whole column turned out to lose digits, which only its end says.
    cut: bool,
}

impl<'t> Book<'t> {
    /// Reads numbers, names and places.
    pub(crate) fn open(table: &'t Table, scheme: &Scheme, gazetteer: &Gazetteer) -> Self {
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
        let places = gazetteer.numbers(&Places::read(table, scheme));
        Book { table, ids: examine_all(table), names, places, fates: vec![Fate::Used; table.len] }
    }

    /// Settles one fate for the rows that a condition holds for and that nothing was settled for before.
    pub(crate) fn settle(&mut self, fate: Fate, holds: impl Fn(usize) -> bool + Sync) {
        self.fates.par_iter_mut().enumerate().with_min_len(8_192).for_each(|(at, mine)| {
            if *mine == Fate::Used && holds(at) {
                *mine = fate;
            }
        });
    }

    /// The frame of a piece: KEY (of unusable numbers: as if no other row were equal), ORIGIN, ROW, DIGEST, FATE (what the row
    /// decides by itself), ID (null where the key says it), ID_VERDICT, CUT, NAME, BIRTH (where the key needs it), PLACE
    /// and `more`.
    pub(crate) fn into_frame(self, more: Vec<Column>) -> Result<DataFrame> {
        let table = self.table;
        let rows = 0..table.len;
        let birth = table.texts(Field::Birth);
        let needs_birth = |at: usize| self.ids[at].read.key.is_err() || self.ids[at].cut;
        let keys: Vec<u64> = table.each(|at| match self.ids[at].read.key {
            Ok(key) => key.0,
            Err(_) => {
                let (name, birth) = (self.names[at].as_deref().unwrap_or_default(), birth.get(at).unwrap_or_default());
                PersonKey::unusable(table.kind.code(), &self.ids[at].read.text, name, birth, 0).0
            }
        });
        let verdicts: UInt8Chunked = self.ids.iter().map(|id| id.read.key.err().map(|code| code.index())).collect();
        let says_more = |at: usize| self.ids[at].read.key.map_or(true, |key| key.digits17().is_none());
        let mut columns = vec![
            UInt64Chunked::from_vec(c::KEY.into(), keys).into_column(),
            UInt32Chunked::from_vec(c::ORIGIN.into(), table.origin.clone()).into_column(),
            UInt32Chunked::from_vec(c::ROW.into(), table.row.clone()).into_column(),
            UInt64Chunked::from_vec(c::DIGEST.into(), table.digest.clone()).into_column(),
            frame::indexes(c::FATE, self.fates.iter().map(|fate| fate.index()).collect()),
            frame::rare_text(c::ID, rows.clone().map(|at| says_more(at).then(|| &*self.ids[at].read.text))),
            verdicts.with_name(c::ID_VERDICT.into()).into_column(),
            frame::flags(c::CUT, self.ids.iter().map(|id| id.cut)),
            frame::cleaned(c::NAME, &self.names),
            frame::rare_text(c::BIRTH, rows.map(|at| birth.get(at).filter(|_| needs_birth(at)))),
            UInt32Chunked::from_vec(c::PLACE.into(), self.places).into_column(),
        ];
        columns.extend(more);
        Ok(DataFrame::new(table.len, columns)?)
    }
}

fn examine_all(table: &Table) -> Vec<Number<'_>> {
    let (id, kind) = (table.texts(Field::Id), table.texts(Field::IdType));
    let types = table.each_word(Field::IdType, |word| {
        let Some(word) = word else { return (Document::National, None) };
        (Document::of(word), Document::known(word).is_none().then_some(word))
    });
    table.count_unknown(Field::IdType, types.iter().map(|(_, unknown)| *unknown));
    let disability = table.by_part(|part: &Part| part.disability_number);
    table.each_noting(|at, notes| {
        // The header 残疾证号 says the type where no type column does; plain numbers stand under it too.
        let by_header = disability[at] && kind.get(at).is_none() && id.get(at).is_some_and(identity::is_disability_number);
        let document = if by_header { Document::Other("09") } else { types[at].0 };
        let read = identity::examine(id.get(at), document, false);
        // Most numbers are plain already: the cell itself.
        if let (Some(written), Cow::Owned(text)) = (id.get(at), &read.text) {
            notes.take(at, Field::Id, identity::repairs(written, text), || After::Text(text.clone()));
        }
        let is_sound = read.key.is_ok_and(|key| key.digits17().is_some());
        let may_be_cut = read.text.len() == 18 && (!is_sound || read.text.ends_with("000"));
        let is_cut = || identity::examine(id.get(at), document, true).key == Err(Code::IdTruncated);
        let cut = may_be_cut && read.key != Err(Code::IdTruncated) && is_cut();
        Number { read, cut }
    })
}
