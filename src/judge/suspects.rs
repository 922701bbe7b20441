//! Suggestions by likeness over the unmatched remainder: shown, never acted on.

use std::collections::{BTreeMap, HashMap};

use polars::prelude::*;

use super::note::Note;
use crate::domain::{Code, Fate, SourceKind, columns as c};
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
