//! Suggestions by likeness over the unmatched remainder: shown, never acted on.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use polars::prelude::*;

use super::note::Note;
use crate::domain::{Code, Fate, PersonKey, SourceKind, columns as c};
use crate::refine::Rows;

// Columns that live only in this file.
const CANDIDATE: &str = "candidate";

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

/// id-suspect: same name, and a number one slip away from that of a register person whom the same source does not
/// name otherwise. One finding a lost person and source, the lowest number as its other record.
pub(super) fn id_suspect(rows: &Rows) -> PolarsResult<DataFrame> {
    let mut found: Vec<(Lost, String, u32, u32)> = Vec::new();
    if let Some(register) = rows.frame(SourceKind::Register) {
        let on_register = keys_used(register)?;
        for source in [SourceKind::Registrations, SourceKind::Payments, SourceKind::Rosters] {
            if let Some(frame) = rows.frame(source) {
                found.extend(in_source(frame, register, &on_register)?);
            }
        }
    }
    let frame = df!(
        c::ID => found.iter().map(|(lost, ..)| lost.id.clone()).collect::<Vec<_>>(),
        c::NAME => found.iter().map(|(lost, ..)| lost.name.clone()).collect::<Vec<_>>(),
        c::REGION => found.iter().map(|(lost, ..)| lost.region.clone()).collect::<Vec<_>>(),
        c::ORIGIN => found.iter().map(|(lost, ..)| lost.origin).collect::<Vec<_>>(),
        c::ROW => found.iter().map(|(lost, ..)| lost.row).collect::<Vec<_>>(),
        CANDIDATE => found.iter().map(|(_, id, ..)| id.clone()).collect::<Vec<_>>(),
        c::KEPT_ORIGIN => found.iter().map(|(_, _, origin, _)| *origin).collect::<Vec<_>>(),
        c::KEPT_ROW => found.iter().map(|(.., row)| *row).collect::<Vec<_>>(),
    )?;
    Note::row(Code::IdSuspect).texts(col(CANDIDATE), col(c::ID)).other(c::KEPT_ORIGIN, c::KEPT_ROW).of(frame.lazy())
}

fn keys_used(frame: &DataFrame) -> PolarsResult<PlHashSet<u64>> {
    let (keys, fates) = (frame.column(c::KEY)?.u64()?, frame.column(c::FATE)?.u8()?);
    Ok(keys.iter().zip(fates.iter()).filter(|(_, fate)| *fate == Some(Fate::Used.index())).filter_map(|(key, _)| key).collect())
}

fn in_source(
    frame: &DataFrame,
    register: &DataFrame,
    on_register: &PlHashSet<u64>,
) -> PolarsResult<Vec<(Lost, String, u32, u32)>> {
    let lost = lost_records(frame, on_register)?;
    if lost.is_empty() {
        return Ok(Vec::new());
    }
    let named_here = keys_used(frame)?;
    let (key, fate) = (register.column(c::KEY)?.u64()?, register.column(c::FATE)?.u8()?);
    let (id, name) = (register.column(c::ID)?.str()?, register.column(c::NAME)?.str()?);
    let (origin, row) = (register.column(c::ORIGIN)?.u32()?, register.column(c::ROW)?.u32()?);
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, record) in lost.iter().enumerate() {
        by_name.entry(&record.name).or_default().push(at);
    }
    // Lowest candidate of each lost person.
    let mut best: BTreeMap<u64, (usize, String, u32, u32)> = BTreeMap::new();
    for at in 0..register.height() {
        let (Some(fate), Some(key), Some(id), Some(name)) = (fate.get(at), key.get(at), id.get(at), name.get(at)) else {
            continue;
        };
        if fate != Fate::Used.index() {
            continue;
        }
        let Some(same_name) = by_name.get(name) else { continue };
        if named_here.contains(&key) {
            continue;
        }
        for &which in same_name {
            let record = &lost[which];
            if is_near(record, id) {
                let place = (origin.get(at).unwrap_or(0), row.get(at).unwrap_or(0)); // never null in a typed frame
                let candidate = (which, id.to_owned(), place.0, place.1);
                let kept = best.entry(record.key).or_insert_with(|| candidate.clone());
                if (&candidate.1, candidate.2, candidate.3) < (&kept.1, kept.2, kept.3) {
                    *kept = candidate;
                }
            }
        }
    }
    let mut lost: Vec<Option<Lost>> = lost.into_iter().map(Some).collect();
    Ok(best.into_values().filter_map(|(which, id, origin, row)| lost[which].take().map(|lost| (lost, id, origin, row))).collect())
}

/// Named records whose number is unusable (not missing) or not on the register: one a person.
fn lost_records(frame: &DataFrame, on_register: &PlHashSet<u64>) -> PolarsResult<Vec<Lost>> {
    let (key, fate) = (frame.column(c::KEY)?.u64()?, frame.column(c::FATE)?.u8()?);
    let (id, name) = (frame.column(c::ID)?.str()?, frame.column(c::NAME)?.str()?);
    let verdict = frame.column(c::ID_VERDICT)?.u8()?;
    let region = frame.column(c::REGION)?.str()?;
    let (origin, row) = (frame.column(c::ORIGIN)?.u32()?, frame.column(c::ROW)?.u32()?);
    let mut lost: BTreeMap<u64, Lost> = BTreeMap::new();
    for at in 0..frame.height() {
        let (Some(key), Some(fate)) = (key.get(at), fate.get(at)) else { continue };
        let unusable = fate == Fate::IdUnusable.index();
        let unknown = fate == Fate::Used.index() && !on_register.contains(&key);
        if !(unusable || unknown) {
            continue;
        }
        let (Some(id), Some(name)) = (id.get(at), name.get(at)) else { continue };
        let record = Lost {
            id: id.to_owned(),
            truncated: verdict.get(at) == Some(Code::IdTruncated.index()),
            key,
            origin: origin.get(at).unwrap_or(0), // never null in a typed frame
            row: row.get(at).unwrap_or(0),       // never null in a typed frame
            region: region.get(at).map(str::to_owned),
            name: name.to_owned(),
        };
        let kept = lost.entry(key).or_insert(record);
        if (origin.get(at), row.get(at)) < (Some(kept.origin), Some(kept.row)) {
            (kept.origin, kept.row) = (origin.get(at).unwrap_or(0), row.get(at).unwrap_or(0)); // never null
        }
    }
    Ok(lost.into_values().collect())
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
    text.bytes().take_while(|byte| !byte.eq_ignore_ascii_case(&b'e')).filter(u8::is_ascii_digit).collect()
}

/// Candidates at most for one truncated number, the lowest first.
const MOST_CANDIDATES: usize = 5;

/// Valid numbers that truncated ones may have been: the first 15 digits and the cleaned name agree (domain.md §9).
/// Shown, never acted on.
#[derive(Default)]
pub(super) struct Candidates<'r> {
    known: HashMap<(u64, &'r str), BTreeSet<(&'r str, SourceKind)>>,
}

impl<'r> Candidates<'r> {
    /// Looks once through all books for the truncated numbers of any of them.
    pub(super) fn of(rows: &'r Rows) -> PolarsResult<Self> {
        let mut known: HashMap<(u64, &str), BTreeSet<(&str, SourceKind)>> = HashMap::new();
        let persons = || rows.frames.iter().filter(|(kind, _)| kind.has_persons());
        for (_, frame) in persons() {
            let (id, name) = (frame.column(c::ID)?.str()?, frame.column(c::NAME)?.str()?);
            for (at, verdict) in frame.column(c::ID_VERDICT)?.u8()?.iter().enumerate() {
                if verdict == Some(Code::IdTruncated.index())
                    && let (Some(digits), Some(name)) = (id.get(at).and_then(first_fifteen), name.get(at))
                {
                    known.entry((digits, name)).or_default();
                }
            }
        }
        let wanted: PlHashSet<u64> = known.keys().map(|(digits, _)| *digits).collect();
        if wanted.is_empty() {
            return Ok(Candidates::default());
        }
        for (kind, frame) in persons() {
            let (key, fate) = (frame.column(c::KEY)?.u64()?, frame.column(c::FATE)?.u8()?);
            let (id, name) = (frame.column(c::ID)?.str()?, frame.column(c::NAME)?.str()?);
            for (at, (key, fate)) in key.iter().zip(fate.iter()).enumerate() {
                let digits = key.and_then(|key| PersonKey(key).digits17()).map(|digits17| digits17 / 100);
                if fate == Some(Fate::Used.index())
                    && let Some(digits) = digits.filter(|digits| wanted.contains(digits))
                    && let (Some(id), Some(name)) = (id.get(at), name.get(at))
                    && let Some(numbers) = known.get_mut(&(digits, name))
                {
                    numbers.insert((id, *kind));
                }
            }
        }
        Ok(Candidates { known })
    }

    /// What a truncated number of a book may have been by the other books: joined by `|`, none as null.
    pub(super) fn for_number(&self, source: SourceKind, id: &str, name: &str) -> Option<String> {
        let numbers = self.known.get(&(first_fifteen(id)?, name))?;
        let elsewhere = numbers.iter().filter(|(_, kind)| *kind != source).map(|(id, _)| *id);
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
    Some(digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

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
