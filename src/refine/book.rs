//! What every row of persons says by itself: who it speaks of, where they belong, and its fate as far as no other row decides
//! it. What takes several rows of a person is settled later, person by person (`settle`).

use std::borrow::Cow;
use std::sync::PoisonError;

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::*;

use super::identity::{self, Digits, Examined, IdType};
use super::ledger::{After, Notes};
use super::links::{self, Links};
use super::places::Gazetteer;
use super::table::{BookText, SheetPart};
use super::{dates, frame, names};
use crate::domain::period::epoch_day;
use crate::domain::{Code, Doubt, Doubts, Fate, Field, PersonKey, UnusableRow, columns as c};
use crate::scheme::Scheme;

/// Rows of persons.
pub(crate) struct PersonRows<'t> {
    /// The text.
    pub(crate) table: &'t BookText<'t>,
    numbers: IdNumbers<'t>,
    /// NAME.
    names: Column,
    /// Where they belong: numbers of places.
    places: Vec<u32>,
    /// `Used` until something else is settled.
    fates: Vec<Fate>,
    /// Rows with a doubt; nobody, until one is found.
    doubts: Vec<Doubts>,
}

/// The numbers of all rows as read.
struct IdNumbers<'t> {
    /// Keys; of unusable numbers as if no other row were equal.
    keys: Vec<u64>,
    /// Why a number cannot be used.
    verdicts: Vec<Option<Code>>,
    /// It would count as truncated if the whole column turned out to lose digits, which only its end says.
    cut: Vec<bool>,
    /// Texts that the key does not say, and their rows.
    said: Vec<(usize, Cow<'t, str>)>,
    digits: Digits,
}

impl<'t> PersonRows<'t> {
    /// Reads numbers, names and places.
    pub(crate) fn open(table: &'t BookText<'t>, scheme: &Scheme, gazetteer: &Gazetteer) -> Self {
        let numbers = IdNumbers::read(table);
        let places = gazetteer.numbers(table, scheme);
        let (names, gone) = names(table);
        let mut book = PersonRows {
            table,
            numbers,
            names,
            places,
            fates: vec![Fate::Used; table.len],
            doubts: Vec::new(),
        };
        if !gone.is_empty() {
            book.doubt(Doubt::MarkedGone, |at| gone.binary_search(&at).is_ok());
        }
        if !table.undivided.is_empty() {
            book.doubt(Doubt::Unread, |at| {
                table.undivided.binary_search(&at).is_ok()
            });
        }
        book
    }

    /// Settles one fate for the rows that a condition holds for and that nothing was settled for before.
    pub(crate) fn settle(&mut self, fate: Fate, holds: impl Fn(usize) -> bool) {
        for (at, mine) in self.fates.iter_mut().enumerate() {
            if *mine == Fate::Used && holds(at) {
                *mine = fate;
            }
        }
    }

    /// Notes a doubt of the rows that a condition holds for.
    pub(crate) fn doubt(&mut self, doubt: Doubt, holds: impl Fn(usize) -> bool) {
        for at in (0..self.table.len).filter(|at| holds(*at)) {
            self.doubts.resize(self.table.len, Doubts::NONE);
            self.doubts[at] = self.doubts[at].and(Doubts::one(doubt));
        }
    }

    /// Births that the book states of people whose usable number is of a document that does not say them; `None` where
    /// there are none.
    pub(crate) fn births(&self) -> Option<Column> {
        let birth = self.table.texts(Field::Birth);
        let is_silent = |at: usize| {
            self.numbers.verdicts[at].is_none()
                && PersonKey(self.numbers.keys[at]).digits17().is_none()
        };
        let stated = |at: usize| {
            let cell = birth.get(at).filter(|_| is_silent(at))?;
            dates::read(Some(cell)).known()
        };
        let births: Int32Chunked = (0..self.table.len).map(stated).collect();
        let births = births.with_name(c::BORN_ON.into()).into_date();
        (births.null_count() < self.table.len).then(|| births.into_column())
    }

    /// Notes that a month was read as a day where its first and its last day lie on two sides of a day that decides (each
    /// the first day on which it is decided otherwise).
    pub(crate) fn doubt_months(&mut self, field: Field, decides: &[NaiveDate]) {
        let months = self.table.ledger.months(field);
        if months.is_empty() {
            return;
        }
        let decides: Vec<i32> = decides.iter().copied().map(epoch_day).collect();
        let splits = |day: i32| {
            let (first, last) = (dates::first_of_month(day), dates::last_of_month(day));
            decides
                .iter()
                .any(|decides| first < *decides && *decides <= last)
        };
        let open: PlHashSet<usize> = months
            .into_iter()
            .filter(|(_, day)| splits(*day))
            .map(|(at, _)| at)
            .collect();
        self.doubt(Doubt::Guessed, |at| open.contains(&at));
    }

    /// Settles that a row speaks of a day later than the as-of date: it has not happened yet.
    pub(crate) fn settle_later(&mut self, as_of: NaiveDate, day: impl Fn(usize) -> Option<i32>) {
        let until = epoch_day(as_of);
        self.settle(Fate::AfterAsOf, |at| day(at).is_some_and(|day| day > until));
    }

    /// The frame of a piece: KEY (of unusable numbers: as if no other row were equal), ORIGIN, ROW, DIGEST, FATE (what the row
    /// decides by itself), ID (null where the key says it), ID_VERDICT, CUT, NAME, BIRTH (where the key needs it), PLACE,
    /// DOUBTS and `more`.
    pub(crate) fn into_frame(self, more: Vec<Column>) -> Result<DataFrame> {
        let table = self.table;
        let IdNumbers {
            keys,
            verdicts,
            cut,
            said,
            ..
        } = self.numbers;
        let birth = table.texts(Field::Birth);
        let births =
            (0..table.len).map(|at| birth.get(at).filter(|_| verdicts[at].is_some() || cut[at]));
        let births = frame::rare_text(c::BIRTH, births);
        let mut columns = vec![
            UInt64Chunked::from_vec(c::KEY.into(), keys).into_column(),
            UInt32Chunked::from_vec(c::ORIGIN.into(), table.origin.clone()).into_column(),
            UInt32Chunked::from_vec(c::ROW.into(), table.row.clone()).into_column(),
            UInt64Chunked::from_vec(c::DIGEST.into(), table.digest.clone()).into_column(),
            frame::indexes(
                c::FATE,
                self.fates.iter().map(|fate| fate.index()).collect(),
            ),
            frame::sparse_text(c::ID, &said, table.len),
            frame::rare_indexes(
                c::ID_VERDICT,
                verdicts
                    .iter()
                    .map(|verdict| verdict.map(|code| code.index())),
            ),
            frame::flags(c::CUT, cut.iter().copied()),
            self.names,
            births,
            UInt32Chunked::from_vec(c::PLACE.into(), self.places).into_column(),
            doubts(&self.doubts, table.len),
        ];
        columns.extend(more);
        Ok(DataFrame::new(table.len, columns)?)
    }
}

/// DOUBTS of a piece of so many rows.
fn doubts(doubts: &[Doubts], rows: usize) -> Column {
    if doubts.is_empty() {
        return UInt16Chunked::full_null(c::DOUBTS.into(), rows).into_column();
    }
    let sets = doubts
        .iter()
        .map(|set| (!set.is_none()).then(|| set.bits()));
    let sets: UInt16Chunked = sets.collect();
    sets.with_name(c::DOUBTS.into()).into_column()
}

/// Cleaned names, and the rows with a remark behind theirs that somebody is gone.
fn names(table: &BookText<'_>) -> (Column, Vec<usize>) {
    let mut gone = Vec::new();
    let name = table.texts(Field::Name);
    let mut builder = StringChunkedBuilder::new(c::NAME.into(), table.len);
    let mut notes = Notes::of(&table.ledger);
    for at in 0..table.len {
        let Some(written) = name.get(at) else {
            builder.append_null();
            continue;
        };
        let cleaned = names::clean(written);
        // Most names are plain already: the cell itself.
        if !matches!(cleaned, Some(Cow::Borrowed(_))) {
            let rules = names::repairs(written, cleaned.as_deref());
            if names::says_gone(written, cleaned.as_deref().unwrap_or_default()) {
                gone.push(at);
            }
            let after = || {
                cleaned
                    .as_deref()
                    .map_or(After::Nothing, |name| After::Text(name.to_owned()))
            };
            notes.take((at, Field::Name), rules, after);
        }
        builder.append_option(cleaned.as_deref());
    }
    (builder.finish().into_column(), gone)
}

impl<'t> IdNumbers<'t> {
    fn read(table: &'t BookText<'t>) -> Self {
        let (id, kind) = (table.texts(Field::Id), table.texts(Field::IdType));
        let types = types(table);
        let disability = table.by_part(|part: &SheetPart| part.disability_number);
        let mut reading = NumberReading {
            table,
            links: Links::default(),
            notes: Notes::of(&table.ledger),
            numbers: IdNumbers {
                keys: Vec::with_capacity(table.len),
                verdicts: Vec::with_capacity(table.len),
                cut: Vec::with_capacity(table.len),
                said: Vec::new(),
                digits: Digits::default(),
            },
        };
        for at in 0..table.len {
            // The header 残疾证号 says the type where no type column does; plain numbers stand under it too.
            let by_header = disability[at]
                && kind.get(at).is_none()
                && id.get(at).is_some_and(identity::is_disability_number);
            let document = if by_header {
                IdType::Other("09")
            } else {
                types[at]
            };
            reading.take(at, id.get(at), document);
        }
        let NumberReading { numbers, links, .. } = reading;
        *table.links.lock().unwrap_or_else(PoisonError::into_inner) = links;
        *table.digits.lock().unwrap_or_else(PoisonError::into_inner) += numbers.digits;
        numbers
    }
}

/// The types of all numbers; words that nobody knows are counted.
fn types(table: &BookText<'_>) -> Vec<IdType> {
    let types = table.each_word(Field::IdType, |word| {
        let Some(word) = word else {
            return (IdType::National, None);
        };
        let unknown = IdType::known(word).is_none().then_some(word);
        (IdType::of(word), unknown)
    });
    table.count_unknown(Field::IdType, types.iter().map(|(_, unknown)| *unknown));
    types.into_iter().map(|(document, _)| document).collect()
}

/// The numbers while they are read.
struct NumberReading<'t> {
    table: &'t BookText<'t>,
    links: Links,
    notes: Notes<'t>,
    numbers: IdNumbers<'t>,
}

impl<'t> NumberReading<'t> {
    fn take(&mut self, at: usize, written: Option<&'t str>, document: IdType) {
        let read = identity::examine(written, document, false);
        let key = match read.key {
            Ok(key) => key,
            Err(_) => self.unusable(at, &read.text),
        };
        self.link(at, (&read, key), document);
        let numbers = &mut self.numbers;
        // Most numbers are plain already: the cell itself.
        if let (Some(written), Cow::Owned(text)) = (written, &read.text) {
            let rules = identity::repairs(written, text);
            self.notes
                .take((at, Field::Id), rules, || After::Text(text.clone()));
        }
        let is_sound = read.key.is_ok_and(|key| key.digits17().is_some());
        if let Some(written) = written {
            let is_plain = is_sound && matches!(read.text, Cow::Borrowed(text) if text.len() == 18);
            numbers
                .digits
                .count(written, is_plain && written.len() == 18);
        }
        let may_be_cut = read.text.len() == 18 && (!is_sound || read.text.ends_with("000"));
        let is_cut = || identity::examine(written, document, true).key == Err(Code::IdTruncated);
        numbers
            .cut
            .push(may_be_cut && read.key != Err(Code::IdTruncated) && is_cut());
        numbers.verdicts.push(read.key.err());
        numbers.keys.push(key.0);
        if !is_sound {
            numbers.said.push((at, read.text));
        }
    }

    /// Notes what the row says of numbers that mean another.
    fn link(&mut self, at: usize, (read, key): (&Examined<'_>, PersonKey), document: IdType) {
        if read.key.is_ok()
            && let Some(old) = self.table.texts(Field::FormerId).get(at)
        {
            self.links.claim(old, self.table.row[at], key);
        }
        let is_national = read.key.is_ok_and(|key| key.digits17().is_some());
        if is_national || !links::is_document(&read.text) {
            return;
        }
        let name = self.table.texts(Field::Name).get(at).and_then(names::clean);
        let Some(name) = name else { return };
        let bearer = (read.text.to_string(), name.into_owned());
        match document {
            IdType::Other(_) => self.links.document(bearer, key),
            IdType::National if read.key == Err(Code::IdMalformed) => self.links.bare(bearer, key),
            IdType::National => {}
        }
    }

    /// The key of an unusable number, as if no other row were equal.
    fn unusable(&self, at: usize, id: &str) -> PersonKey {
        let name = self.table.texts(Field::Name).get(at);
        let name = name.and_then(names::clean).unwrap_or_default();
        let birth = self.table.texts(Field::Birth).get(at).unwrap_or_default();
        let row = UnusableRow {
            source: self.table.kind.code(),
            number: id,
            name: &name,
            birth,
        };
        PersonKey::unusable(row, 0)
    }
}
