//! Suggestions by likeness over the unmatched remainder: shown, never acted on.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use polars::prelude::*;

use super::note::{Note, n};
use crate::domain::person::check_character;
use crate::domain::{Code, Fate, PersonKey, SourceKind, columns as c};
use crate::people::{People, p, read::of_person};
use crate::refine::Rows;
use crate::vault::in_turn;

// Columns that live only in this file.
const CANDIDATE: &str = "candidate";
const NAMED_BY: &str = "named_by";

/// A record that nobody on the register answers to.
struct Lost {
    id: String,
    truncated: bool,
    key: u64,
    origin: u32,
    row: u32,
    region: Option<String>,
    name: String,
}

/// Books whose records may be lost, in the order of the bits of a face.
const SOURCES: [SourceKind; 3] = [
    SourceKind::Registrations,
    SourceKind::Payments,
    SourceKind::Rosters,
];

/// What one bucket, or all of them, leave unmatched: only here does anything look across buckets.
#[derive(Default)]
pub(super) struct Remainder {
    /// By position in `SOURCES`; one a person.
    lost: Vec<(usize, Lost)>,
}

impl Remainder {
    /// The lost records of a bucket, and the faces of its register.
    pub(super) fn of(rows: &Rows, people: &People) -> PolarsResult<(Remainder, DataFrame)> {
        if rows.frame(SourceKind::Register).is_none() {
            return Ok((Remainder::default(), DataFrame::empty()));
        }
        let on_register = people.persons.column(p::REGISTER_AT)?.u32()?;
        let is_unknown = |who: u32| of_person(on_register, who as usize).is_none();
        let mut lost = Vec::new();
        for (at, source) in SOURCES.into_iter().enumerate() {
            let mut of_source = BTreeMap::new();
            for (_, frame) in people
                .books
                .names
                .iter()
                .filter(|(kind, _)| *kind == source)
            {
                let who = frame.column(p::WHO)?.u32()?;
                take_lost(
                    frame,
                    |row| who.get(row).is_some_and(is_unknown),
                    &mut of_source,
                )?;
            }
            for (_, frame) in people
                .books
                .unusable
                .iter()
                .filter(|(kind, _)| *kind == source)
            {
                take_lost(frame, |_| true, &mut of_source)?;
            }
            lost.extend(of_source.into_values().map(|record| (at, record)));
        }
        Ok((Remainder { lost }, faces(people)?))
    }

    /// Adds another bucket's.
    pub(super) fn append(&mut self, mut other: Remainder) {
        self.lost.append(&mut other.lost);
    }

    /// Whether nothing is lost, so that nobody need be looked at again.
    pub(super) fn is_empty(&self) -> bool {
        self.lost.is_empty()
    }
}

/// Register persons as they are looked at again: KEY, ID (null where the key says it), NAME, ORIGIN, ROW and NAMED_BY, a bit
/// for each of `SOURCES` that names them.
fn faces(people: &People) -> PolarsResult<DataFrame> {
    let mut named_by = vec![0u8; people.persons.height()];
    for (at, source) in SOURCES.into_iter().enumerate() {
        for (_, frame) in people
            .books
            .names
            .iter()
            .filter(|(kind, _)| *kind == source)
        {
            for who in frame.column(p::WHO)?.u32()?.into_no_null_iter() {
                if let Some(mask) = named_by.get_mut(who as usize) {
                    *mask |= 1 << at;
                }
            }
        }
    }
    let register = &people.books.register.rows;
    let mut faces = register.select([c::KEY, c::ID, c::NAME, c::ORIGIN, c::ROW])?;
    let masks = register
        .column(p::WHO)?
        .u32()?
        .into_no_null_iter()
        .map(|who| named_by[who as usize])
        .collect();
    let said = register
        .column(c::KEY)?
        .u64()?
        .into_no_null_iter()
        .zip(register.column(c::ID)?.str()?.iter());
    let ids: StringChunked = said
        .map(|(key, id)| id.filter(|_| PersonKey(key).digits17().is_none()))
        .collect();
    faces.with_column(ids.with_name(c::ID.into()).into_column())?;
    faces.with_column(UInt8Chunked::from_vec(NAMED_BY.into(), masks).into_column())?;
    Ok(faces)
}

/// A register person that a lost record may speak of.
struct Likeness {
    lost: usize,
    id: String,
    origin: u32,
    row: u32,
}

/// The second look: for every lost record the register persons of its name whose number is one slip away and whom the same
/// source does not name otherwise. A lost number says itself which numbers are one slip away, so a person is looked at only
/// where the number is one of them.
pub(super) struct SecondLook<'l> {
    lost: &'l [(usize, Lost)],
    /// National numbers one slip away from a lost one.
    by_key: Pointers,
    /// First 15 digits of truncated ones.
    by_fifteen: Pointers,
    /// By their texts, for the few register persons with other documents: which numbers are one slip away is said by theirs.
    by_text: Pointers,
    /// Bytes that stand in those texts.
    letters: BTreeSet<u8>,
}

/// Lost records by number. A lost record has some twenty numbers next to it, and nearly none of them has two records: a list
/// for each would take several times the room.
#[derive(Default)]
struct Pointers {
    first: PlHashMap<u64, u32>,
    more: PlHashMap<u64, Vec<u32>>,
}

impl Pointers {
    fn enter(&mut self, number: u64, lost: u32) {
        if *self.first.entry(number).or_insert(lost) != lost {
            self.more.entry(number).or_default().push(lost);
        }
    }

    fn at(&self, number: u64) -> impl Iterator<Item = usize> {
        let first = self.first.get(&number);
        let more = first
            .and_then(|_| self.more.get(&number))
            .into_iter()
            .flatten();
        first.into_iter().chain(more).map(|at| *at as usize)
    }
}

impl<'l> SecondLook<'l> {
    /// For these lost records.
    pub(super) fn at(remainder: &'l Remainder) -> Self {
        let lost = remainder.lost.as_slice();
        let (mut by_key, mut by_fifteen) = (Pointers::default(), Pointers::default());
        let (mut by_text, mut letters) = (Pointers::default(), BTreeSet::new());
        for (at, (_, record)) in (0u32..).zip(lost) {
            if record.truncated {
                let digits = significant_digits(&record.id);
                if let Some(fifteen) = digits.get(..15) {
                    by_fifteen.enter(number(fifteen), at);
                }
            } else if let Ok(text) = <[u8; 18]>::try_from(record.id.as_bytes()) {
                neighbours(&record.id)
                    .into_iter()
                    .for_each(|key| by_key.enter(key, at));
                by_text.enter(sign(&text), at);
                letters.extend(text);
            }
        }
        SecondLook {
            lost,
            by_key,
            by_fifteen,
            by_text,
            letters,
        }
    }

    /// Lost records whose number may be one slip away from another document's; the numbers themselves are compared later.
    fn near_text(&self, id: &str) -> Vec<usize> {
        let fifteen = id.as_bytes().get(..15);
        let fifteen = fifteen.filter(|digits| digits.iter().all(u8::is_ascii_digit));
        let mut near: Vec<usize> = fifteen
            .into_iter()
            .flat_map(|digits| self.by_fifteen.at(number(digits)))
            .collect();
        let Ok(text) = <[u8; 18]>::try_from(id.as_bytes()) else {
            return near;
        };
        let own = sign(&text);
        for (at, written) in text.iter().enumerate() {
            let others = self.letters.iter().filter(|letter| *letter != written);
            let changed = others.map(|letter| own ^ mark(at, *written) ^ mark(at, *letter));
            near.extend(changed.flat_map(|sign| self.by_text.at(sign)));
            let Some(next) = text.get(at + 1).filter(|next| *next != written) else {
                continue;
            };
            let both = mark(at, *written) ^ mark(at + 1, *next);
            let swapped = own ^ both ^ mark(at, *next) ^ mark(at + 1, *written);
            near.extend(self.by_text.at(swapped));
        }
        near.sort_unstable();
        near.dedup();
        near
    }

    /// Looks at the faces of one bucket.
    fn among(&self, faces: &DataFrame) -> PolarsResult<Vec<Likeness>> {
        let mut found = Vec::new();
        if faces.width() == 0 {
            return Ok(found);
        }
        let (keys, ids, names) = (
            faces.column(c::KEY)?.u64()?,
            faces.column(c::ID)?.str()?,
            faces.column(c::NAME)?.str()?,
        );
        let (origins, rows) = (
            faces.column(c::ORIGIN)?.u32()?,
            faces.column(c::ROW)?.u32()?,
        );
        let named_by = faces.column(NAMED_BY)?.u8()?;
        for (at, key) in keys.into_no_null_iter().enumerate() {
            let digits = PersonKey(key).digits17();
            let mut near: Vec<usize> = match digits {
                Some(digits) => self
                    .by_key
                    .at(key)
                    .chain(self.by_fifteen.at(digits / 100))
                    .collect(),
                None => ids.get(at).map_or_else(Vec::new, |id| self.near_text(id)),
            };
            if near.is_empty() {
                continue;
            }
            let Some(name) = names.get(at) else { continue };
            let Some(id) = ids
                .get(at)
                .map(str::to_owned)
                .or_else(|| PersonKey(key).national_text())
            else {
                continue;
            };
            let mask = named_by.get(at).unwrap_or(0); // never null
            near.retain(|which| {
                let (source, record) = &self.lost[*which];
                mask >> source & 1 == 0 && record.name == name && is_near(record, &id)
            });
            let place = (origins.get(at).unwrap_or(0), rows.get(at).unwrap_or(0)); // never null in a typed frame
            found.extend(near.into_iter().map(|lost| Likeness {
                lost,
                id: id.clone(),
                origin: place.0,
                row: place.1,
            }));
        }
        Ok(found)
    }
}

/// By source and key of the lost record: the lowest number, and of that the first row.
type Best = BTreeMap<(usize, u64), Likeness>;

fn keep_best(best: &mut Best, likeness: Likeness, remainder: &Remainder) {
    let (source, record) = &remainder.lost[likeness.lost];
    let rank = |one: &Likeness| (one.id.clone(), one.origin, one.row);
    match best.entry((*source, record.key)) {
        Entry::Vacant(none) => {
            none.insert(likeness);
        }
        Entry::Occupied(mut kept) if rank(&likeness) < rank(kept.get()) => {
            kept.insert(likeness);
        }
        Entry::Occupied(_) => {}
    }
}

/// id-suspect: same name, and a number one slip away from that of a register person whom the same source does not
/// name otherwise. One finding a lost person and source, the lowest number as its other record.
pub(super) fn id_suspect(
    remainder: &Remainder,
    buckets: usize,
    faces: &(dyn Fn(usize) -> anyhow::Result<DataFrame> + Sync),
) -> anyhow::Result<DataFrame> {
    let look = SecondLook::at(remainder);
    let of_threads = in_turn(buckets, Best::new, |best, at| {
        look.among(&faces(at)?)?
            .into_iter()
            .for_each(|likeness| keep_best(best, likeness, remainder));
        Ok(())
    })?;
    let mut best = Best::new();
    of_threads
        .into_iter()
        .flatten()
        .for_each(|(_, likeness)| keep_best(&mut best, likeness, remainder));
    let lost = || {
        best.values()
            .map(|likeness| &remainder.lost[likeness.lost].1)
    };
    let frame = df!(
        c::ID => lost().map(|lost| lost.id.clone()).collect::<Vec<_>>(),
        c::NAME => lost().map(|lost| lost.name.clone()).collect::<Vec<_>>(),
        c::REGION => lost().map(|lost| lost.region.clone()).collect::<Vec<_>>(),
        c::ORIGIN => lost().map(|lost| lost.origin).collect::<Vec<_>>(),
        c::ROW => lost().map(|lost| lost.row).collect::<Vec<_>>(),
        CANDIDATE => best.values().map(|likeness| likeness.id.clone()).collect::<Vec<_>>(),
        c::KEPT_ORIGIN => best.values().map(|likeness| likeness.origin).collect::<Vec<_>>(),
        c::KEPT_ROW => best.values().map(|likeness| likeness.row).collect::<Vec<_>>(),
    )?;
    Ok(Note::row(Code::IdSuspect)
        .texts(col(CANDIDATE), col(c::ID))
        .other(c::KEPT_ORIGIN, c::KEPT_ROW)
        .of(frame.lazy())?
        .drop(n::PERSON)?)
}

/// A text as one number: of a text that differs in one place it is known without reading the rest.
fn sign(text: &[u8; 18]) -> u64 {
    let marks = text.iter().enumerate();
    marks.fold(0, |sign, (at, letter)| sign ^ mark(at, *letter))
}

/// What a letter in its place adds to the sign of a text: as good as a die, and the same every time.
fn mark(at: usize, letter: u8) -> u64 {
    let mut mark = (at as u64) << 8 | u64::from(letter);
    // The constants of SplitMix64.
    mark = mark.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mark = (mark ^ mark >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mark = (mark ^ mark >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mark ^ mark >> 31
}

/// National numbers one slip of the pen away from 18 characters: a digit changed, or two neighbours swapped. Of some two
/// hundred texts a tenth have the right check character.
fn neighbours(id: &str) -> BTreeSet<u64> {
    let mut found = BTreeSet::new();
    let Ok(written) = <[u8; 18]>::try_from(id.as_bytes()) else {
        return found;
    };
    let mut take = |text: &[u8; 18]| {
        let is_number = text[..17].iter().all(u8::is_ascii_digit);
        let digits17 = if is_number {
            number(&text[..17])
        } else {
            return;
        };
        if check_character(digits17) == char::from(text[17]) {
            found.insert(digits17);
        }
    };
    for at in 0..18 {
        let mut text = written;
        for letter in *b"0123456789X" {
            text[at] = letter;
            if letter != written[at] {
                take(&text);
            }
        }
        if at < 17 {
            let mut text = written;
            text.swap(at, at + 1);
            if text != written {
                take(&text);
            }
        }
    }
    found
}

fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |sum, digit| {
        sum * 10 + u64::from(digit.wrapping_sub(b'0'))
    })
}

/// Named records whose number is unusable (not missing) or not on the register: one a person, the first by its place.
fn take_lost(
    frame: &DataFrame,
    is_lost: impl Fn(usize) -> bool,
    lost: &mut BTreeMap<u64, Lost>,
) -> PolarsResult<()> {
    let key = frame.column(c::KEY)?.u64()?;
    let (id, name) = (frame.column(c::ID)?.str()?, frame.column(c::NAME)?.str()?);
    let verdict = frame
        .column(c::ID_VERDICT)
        .ok()
        .map(Column::u8)
        .transpose()?; // used rows have none
    let region = frame.column(c::REGION)?.str()?;
    let (origin, row) = (
        frame.column(c::ORIGIN)?.u32()?,
        frame.column(c::ROW)?.u32()?,
    );
    for at in (0..frame.height()).filter(|at| is_lost(*at)) {
        let (Some(key), Some(id), Some(name)) = (key.get(at), id.get(at), name.get(at)) else {
            continue;
        };
        let record = || Lost {
            id: id.to_owned(),
            truncated: verdict.and_then(|verdict| verdict.get(at))
                == Some(Code::IdTruncated.index()),
            key,
            origin: origin.get(at).unwrap_or(0), // never null in a typed frame
            row: row.get(at).unwrap_or(0),       // never null in a typed frame
            region: region.get(at).map(str::to_owned),
            name: name.to_owned(),
        };
        match lost.entry(key) {
            Entry::Vacant(none) => {
                none.insert(record());
            }
            Entry::Occupied(mut kept) => {
                if (origin.get(at), row.get(at)) < (Some(kept.get().origin), Some(kept.get().row)) {
                    kept.insert(record());
                }
            }
        }
    }
    Ok(())
}

/// One slip of the pen away: a digit changed, or two neighbours swapped; or the first 15 digits of a truncated number.
fn is_near(lost: &Lost, id: &str) -> bool {
    let (a, b) = (lost.id.as_bytes(), id.as_bytes());
    if lost.truncated {
        let digits = significant_digits(&lost.id);
        return digits.len() >= 15 && b.len() >= 15 && digits[..15] == b[..15];
    }
    if a.len() != 18 || b.len() != 18 {
        return false;
    }
    let differing: Vec<usize> = (0..18).filter(|&at| a[at] != b[at]).collect();
    match differing.as_slice() {
        [_] => true,
        [i, j] => j - i == 1 && a[*i] == b[*j] && a[*j] == b[*i],
        _ => false,
    }
}

/// The digits a truncated number still has: `4.3032119900101E17` → `43032119900101`.
fn significant_digits(text: &str) -> Vec<u8> {
    text.bytes()
        .take_while(|byte| !byte.eq_ignore_ascii_case(&b'e'))
        .filter(u8::is_ascii_digit)
        .collect()
}

/// Candidates at most for one truncated number, the lowest first.
const MOST_CANDIDATES: usize = 5;

/// Valid numbers that truncated ones may have been: the first 15 digits and the cleaned name agree
/// (docs/readings.md#identity). Shown, never acted on.
#[derive(Default)]
pub(super) struct Candidates {
    known: BTreeMap<(u64, String), BTreeSet<(String, SourceKind)>>,
}

/// What truncated numbers of all buckets still say: their first 15 digits, and the names beside them.
#[derive(Default)]
pub(super) struct Wanted<'r> {
    numbers: PlHashSet<(u64, &'r str)>,
    digits: PlHashSet<u64>,
}

impl<'r> Wanted<'r> {
    /// Of rows as `Buckets::figures` has them.
    pub(super) fn of(figures: &'r Rows) -> Self {
        let numbers = figures
            .truncated
            .iter()
            .filter_map(|cut| Some((first_fifteen(&cut.id)?, cut.name.as_str())));
        let numbers: PlHashSet<(u64, &str)> = numbers.collect();
        Wanted {
            digits: numbers.iter().map(|(digits, _)| *digits).collect(),
            numbers,
        }
    }
}

impl Candidates {
    /// Looks through the books of one bucket.
    pub(super) fn of(rows: &Rows, wanted: &Wanted<'_>) -> PolarsResult<Self> {
        let mut known: BTreeMap<(u64, String), BTreeSet<(String, SourceKind)>> = BTreeMap::new();
        if wanted.numbers.is_empty() {
            return Ok(Candidates { known });
        }
        for (kind, frame) in rows.frames.iter().filter(|(kind, _)| kind.has_persons()) {
            let (key, fate) = (frame.column(c::KEY)?.u64()?, frame.column(c::FATE)?.u8()?);
            let (id, name) = (frame.column(c::ID)?.str()?, frame.column(c::NAME)?.str()?);
            for (at, (key, fate)) in key.iter().zip(fate.iter()).enumerate() {
                let digits = key
                    .and_then(|key| PersonKey(key).digits17())
                    .map(|digits17| digits17 / 100);
                if fate == Some(Fate::Used.index())
                    && let Some(digits) = digits.filter(|digits| wanted.digits.contains(digits))
                    && let (Some(id), Some(name)) = (id.get(at), name.get(at))
                    && wanted.numbers.contains(&(digits, name))
                {
                    known
                        .entry((digits, name.to_owned()))
                        .or_default()
                        .insert((id.to_owned(), *kind));
                }
            }
        }
        Ok(Candidates { known })
    }

    /// Adds what another bucket knows.
    pub(super) fn append(&mut self, other: Candidates) {
        for (number, mut ids) in other.known {
            self.known.entry(number).or_default().append(&mut ids);
        }
    }

    /// What a truncated number of a book may have been by the other books: joined by `|`, none as null.
    pub(super) fn for_number(&self, source: SourceKind, id: &str, name: &str) -> Option<String> {
        let numbers = self.known.get(&(first_fifteen(id)?, name.to_owned()))?;
        let elsewhere = numbers
            .iter()
            .filter(|(_, kind)| *kind != source)
            .map(|(id, _)| id.as_str());
        let distinct: BTreeSet<&str> = elsewhere.collect();
        let shown: Vec<&str> = distinct.into_iter().take(MOST_CANDIDATES).collect();
        (!shown.is_empty()).then(|| shown.join("|"))
    }
}

/// The first 15 of 18 digits, where the text still has them: `430321199001011000`, `4.30321199001011E+17`.
fn first_fifteen(text: &str) -> Option<u64> {
    let mut digits = significant_digits(text);
    if let Some((_, exponent)) = text.split_once('E') {
        // Noughts at the end are not written; a day of birth ends in none before the 13th digit.
        if exponent.trim_start_matches('+') != "17" || digits.len() < 13 {
            return None;
        }
        digits.resize(digits.len().max(15), b'0');
    }
    let digits = digits.get(..15)?;
    Some(
        digits
            .iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_other_documents_those_one_slip_away_are_found_without_looking_at_all() {
        let lost = |id: &str, truncated: bool| Lost {
            id: id.to_owned(),
            truncated,
            key: 0,
            origin: 0,
            row: 0,
            region: None,
            name: "张三".to_owned(),
        };
        let remainder = Remainder {
            lost: [
                ("P00000000000000012", false),
                ("P00000000000000021", false),
                ("PX0000000000000013", false),
                ("810000199001011000", true),
                ("P1", false),
            ]
            .map(|(id, truncated)| (0, lost(id, truncated)))
            .into(),
        };
        let look = SecondLook::at(&remainder);
        for (id, near) in [
            ("P00000000000000013", vec![0, 2]),
            ("P00000000000000012", vec![1]),
            ("PX0000000000000012", vec![0, 2]),
            ("PZ0000000000000012", vec![0]),
            ("810000199001011999", vec![3]),
            ("P1", vec![]),
        ] {
            let found = look.near_text(id);
            let all: Vec<usize> = (0..remainder.lost.len())
                .filter(|at| is_near(&remainder.lost[*at].1, id))
                .collect();
            assert_eq!((&found, &all), (&near, &near), "{id}");
        }
    }

    #[test]
    fn a_truncated_number_gives_its_first_fifteen_digits_or_nothing() {
        for (written, digits) in [
            ("430321199001011000", Some(430_321_199_001_011)),
            ("430321199001011232", Some(430_321_199_001_011)),
            ("4.30321199001011E+17", Some(430_321_199_001_011)),
            ("4.3032119900101101E17", Some(430_321_199_001_011)),
            ("4.3032119900101E17", Some(430_321_199_001_010)),
            ("4.30321E+17", None),
            ("4.30321199001011E+16", None),
            ("1.10105491231002E+14", None),
            ("4E17", None),
        ] {
            assert_eq!(first_fifteen(written), digits, "{written}");
        }
    }
}
