//! Moves: keys that mean other keys, so that rows of both come out together.

use polars::prelude::PlHashMap;

/// Which key a key means in the end. Complete before the first bucket is opened.
#[derive(Clone, Debug, Default)]
pub struct Moves(PlHashMap<u64, u64>);

/// Why pairs of keys are no map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tangle {
    /// A key means two others.
    Fork {
        /// The key.
        key: u64,
        /// What it means, by the two pairs that disagree.
        meant: [u64; 2],
    },
    /// Keys mean each other: this one, in the end, itself. The lowest of them.
    Circle(u64),
}

impl Moves {
    /// From pairs (old, new), in any order. Of a chain (a → b, b → c) every key means the last. A key that means itself says
    /// nothing; a pair may come twice.
    ///
    /// # Errors
    /// Where a key means two others, or keys go round in a circle: nobody could say which of them is meant.
    pub fn of(pairs: impl IntoIterator<Item = (u64, u64)>) -> Result<Moves, Tangle> {
        let mut next: PlHashMap<u64, u64> = PlHashMap::default();
        for (old, new) in pairs.into_iter().filter(|(old, new)| old != new) {
            let meant = *next.entry(old).or_insert(new);
            if meant != new {
                let meant = [meant.min(new), meant.max(new)];
                return Err(Tangle::Fork { key: old, meant });
            }
        }
        let mut last: PlHashMap<u64, u64> = PlHashMap::default();
        for old in next.keys() {
            follow(*old, &next, &mut last)?;
        }
        Ok(Moves(last))
    }

    /// Whether every key means itself.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a key means in the end.
    pub fn meant(&self, key: u64) -> u64 {
        self.0.get(&key).copied().unwrap_or(key)
    }

    /// Keys that mean another, and that.
    pub(super) fn each(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().map(|(old, new)| (*old, *new))
    }
}

/// Follows a chain to its end, or to where somebody followed it before, and notes the end for every key on the way.
fn follow(
    from: u64,
    next: &PlHashMap<u64, u64>,
    last: &mut PlHashMap<u64, u64>,
) -> Result<(), Tangle> {
    let mut way = Vec::new();
    let mut at = from;
    while !last.contains_key(&at) {
        let Some(new) = next.get(&at) else { break };
        way.push(at);
        at = *new;
        // Only a circle is longer than the map.
        if way.len() > next.len() {
            let circle = &way[way.iter().position(|key| *key == at).unwrap_or(0)..]; // it comes again
            return Err(Tangle::Circle(
                circle.iter().copied().min().unwrap_or(from), // at least `at` stands there
            ));
        }
    }
    let end = last.get(&at).copied().unwrap_or(at);
    last.extend(way.into_iter().map(|key| (key, end)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_chain_every_key_means_the_last_and_what_nobody_could_say_is_refused() {
        // pairs, what keys 1 to 5 mean
        let table: [(&[(u64, u64)], _); 9] = [
            (&[], Ok([1, 2, 3, 4, 5])),
            (&[(1, 2)], Ok([2, 2, 3, 4, 5])),
            (&[(2, 3), (1, 2)], Ok([3, 3, 3, 4, 5])),
            (&[(3, 4), (4, 5), (1, 2), (2, 3)], Ok([5, 5, 5, 5, 5])),
            (&[(1, 3), (2, 3), (1, 3)], Ok([3, 3, 3, 4, 5])),
            (&[(1, 1), (1, 2), (2, 2)], Ok([2, 2, 3, 4, 5])),
            (
                &[(1, 3), (1, 2)],
                Err(Tangle::Fork {
                    key: 1,
                    meant: [2, 3],
                }),
            ),
            (&[(2, 1), (1, 2)], Err(Tangle::Circle(1))),
            (&[(1, 4), (4, 3), (3, 5), (5, 4)], Err(Tangle::Circle(3))),
        ];
        for (pairs, expected) in table {
            let moves = Moves::of(pairs.iter().copied());
            let meant = moves.map(|moves| [1, 2, 3, 4, 5].map(|key| moves.meant(key)));
            assert_eq!(meant, expected, "{pairs:?}");
        }
    }
}
