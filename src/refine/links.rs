//! Links: numbers that mean another number: an old one beside the one that replaced it, and a document whose kind only one
//! book writes. Noted while rows are typed, joined before the first bucket is opened.

use std::collections::{BTreeMap, BTreeSet};

use super::identity::{self, IdType};
use crate::domain::PersonKey;
use crate::vault::Moves;

/// An old number that a row states beside its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Claim {
    /// Key of the old number.
    old: u64,
    /// Key of the row's own.
    new: u64,
    /// Row of the sheet.
    row: u32,
    /// The old number as cleaned.
    text: String,
}

/// A document by number and name.
type Bearer = (String, String);

/// What a piece of a book says of numbers that mean another.
#[derive(Debug, Default)]
pub(crate) struct Links {
    claims: Vec<Claim>,
    /// Documents whose kind is written, with their keys.
    typed: Vec<(Bearer, u64)>,
    /// Numbers in the form of a document whose kind is not, with the keys of rows that nobody can be joined to.
    untyped: Vec<(Bearer, u64)>,
}

/// A number that several persons claim as their old one: where the row stands, and another one that claims it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Position in `Rows::origins`, and row number.
    pub at: (u32, u32),
    /// The number.
    pub number: String,
    /// Another row that claims it.
    pub other: (u32, u32),
}

impl Links {
    /// Notes the old number that stands beside a usable one, in a row of the sheet.
    pub(super) fn claim(&mut self, written: &str, row: u32, key: PersonKey) {
        let read = identity::examine(Some(written), IdType::National, false);
        if let Ok(old) = read.key
            && old != key
        {
            self.claims.push(Claim {
                old: old.0,
                new: key.0,
                row,
                text: read.text.into_owned(),
            });
        }
    }

    /// Notes a document of a kind that is written.
    pub(super) fn document(&mut self, bearer: Bearer, key: PersonKey) {
        self.typed.push((bearer, key.0));
    }

    /// Notes a number that may be a document's of a kind that is not written.
    pub(super) fn bare(&mut self, bearer: Bearer, key: PersonKey) {
        self.untyped.push((bearer, key.0));
    }
}

/// Whether a number has the form of a passport or permit: letters and digits, letters first.
pub(super) fn is_document(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = &text.as_bytes()[letters..];
    (1..=3).contains(&letters)
        && (6..=12).contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
}

/// All links of the sheets that count, with the places of these.
pub(super) fn joined(links: impl Iterator<Item = (u32, Links)>) -> (Moves, Vec<Claimed>) {
    let mut claims = Vec::new();
    let mut typed: BTreeMap<Bearer, BTreeSet<u64>> = BTreeMap::new();
    let mut untyped = Vec::new();
    for (origin, links) in links {
        claims.extend(links.claims.into_iter().map(|claim| (origin, claim)));
        for (bearer, key) in links.typed {
            typed.entry(bearer).or_default().insert(key);
        }
        untyped.extend(links.untyped);
    }
    let (mut pairs, claimed) = replaced(claims);
    for (bearer, key) in untyped {
        let known = typed.get(&bearer).filter(|keys| keys.len() == 1);
        pairs.extend(known.into_iter().flatten().map(|document| (key, *document)));
    }
    let moves = Moves::of(pairs).expect("every key means one other, and that itself");
    (moves, claimed)
}

/// Old keys with the newest that each means; and those that several persons claim, which mean nobody.
fn replaced(mut claims: Vec<(u32, Claim)>) -> (Vec<(u64, u64)>, Vec<Claimed>) {
    claims.sort_unstable();
    let mut next: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    for (_, claim) in &claims {
        next.entry(claim.old).or_default().insert(claim.new);
    }
    let mut pairs = Vec::new();
    let mut torn: BTreeMap<u64, Vec<&(u32, Claim)>> = BTreeMap::new();
    for old in next.keys() {
        match newest(*old, &next) {
            Some(newest) => pairs.push((*old, newest)),
            None => drop(torn.insert(*old, Vec::new())),
        }
    }
    for one in &claims {
        if let Some(rows) = torn.get_mut(&one.1.old) {
            rows.push(one);
        }
    }
    let mut claimed = Vec::new();
    for rows in torn.values() {
        for (origin, claim) in rows.iter().copied() {
            let other = rows.iter().find(|(_, other)| other.new != claim.new);
            let other = other.map_or((*origin, claim.row), |(origin, other)| (*origin, other.row));
            claimed.push(Claimed {
                at: (*origin, claim.row),
                number: claim.text.clone(),
                other,
            });
        }
    }
    (pairs, claimed)
}

/// The one number that a chain of old ones ends in; none where it ends in several, or nowhere.
fn newest(old: u64, next: &BTreeMap<u64, BTreeSet<u64>>) -> Option<u64> {
    let (mut ends, mut met) = (BTreeSet::new(), BTreeSet::new());
    let mut open = vec![old];
    while let Some(key) = open.pop() {
        if !met.insert(key) {
            continue;
        }
        match next.get(&key) {
            Some(newer) => open.extend(newer),
            None => drop(ends.insert(key)),
        }
    }
    let mut ends = ends.into_iter();
    ends.next().filter(|_| ends.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(row: u32, old: u64, new: u64) -> (u32, Claim) {
        let text = old.to_string();
        (
            0,
            Claim {
                old,
                new,
                row,
                text,
            },
        )
    }

    #[test]
    fn chains_end_in_the_newest_number_and_a_number_that_two_claim_means_nobody() {
        let (pairs, claimed) = replaced(vec![
            claim(2, 1, 2),
            claim(3, 2, 3),
            claim(4, 1, 3),
            claim(5, 7, 8),
            claim(6, 7, 9),
        ]);
        assert_eq!(pairs, [(1, 3), (2, 3)]);
        let both: Vec<_> = claimed.iter().map(|one| (one.at.1, one.other.1)).collect();
        assert_eq!(both, [(5, 6), (6, 5)]);
        assert_eq!(replaced(vec![claim(2, 1, 2), claim(3, 2, 1)]).0, []);
    }

    #[test]
    fn documents_are_letters_and_then_digits() {
        for (text, is) in [
            ("EJ1234567", true),
            ("USA420585031501", true),
            ("H12345678", true),
            ("123456789", false),
            ("ABC", false),
            ("4.2E17", false),
        ] {
            assert_eq!(is_document(text), is, "{text}");
        }
    }
}
