//! Dice: chance that falls the same on every machine. Whole numbers only.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What dice are thrown for. Each purpose has streams of its own, so that none moves another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Households and the people in them.
    Households,
    /// Whom a published number of registrations counts.
    Registered,
    /// How far regions are from even.
    Uneven,
    /// Villages of a row of the tasks table.
    Villages(usize),
    /// Who lives a kind of life, by the kind's number.
    Choice(u8),
    /// One life: the kind's number and the person's position.
    Life(u8, usize),
    /// What changes when a person begins to live it: a day of birth, or who leaves.
    Entrance(u8, usize),
}

/// Streams of a kind: its choice, then a life and an entrance for every person there can be.
const KIND: u64 = 1 << 40;
const ENTRANCE: u64 = 1 << 39;

impl Purpose {
    /// The number of the stream. Kinds count from 1, so that theirs lie above all others.
    const fn stream(self) -> u64 {
        match self {
            Purpose::Households => 1,
            Purpose::Registered => 2,
            Purpose::Uneven => 3,
            Purpose::Villages(row) => 1_000_000 + row as u64,
            Purpose::Choice(kind) => kind as u64 * KIND,
            Purpose::Life(kind, person) => kind as u64 * KIND + 1 + person as u64,
            Purpose::Entrance(kind, person) => kind as u64 * KIND + ENTRANCE + person as u64,
        }
    }
}

/// A stream of chance; streams of one seed are independent of each other.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of a seed for a purpose.
    pub(super) fn new(seed: u64, purpose: Purpose) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        chance.set_stream(purpose.stream());
        Dice(chance)
    }

    /// 0 ≤ result < `bound`; 0 for a bound of 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        if bound == 0 {
            0
        } else {
            self.0.random_range(0..bound)
        }
    }

    /// `from` ≤ result ≤ `to`.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        if to <= from {
            from
        } else {
            self.0.random_range(from..=to)
        }
    }

    /// True so many times in a thousand.
    pub(super) fn per_mille(&mut self, share: u32) -> bool {
        self.below(1000) < share
    }

    /// One of several.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.position(from.len())]
    }

    /// One of so many positions.
    pub(super) fn position(&mut self, among: usize) -> usize {
        self.below(u32::try_from(among).unwrap_or(u32::MAX)) as usize
    }

    /// Position drawn by weight.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (at, weight) in weights.iter().enumerate() {
            if left < *weight {
                return at;
            }
            left -= weight;
        }
        0
    }

    /// All positions, in an order of chance.
    pub(super) fn shuffled(&mut self, count: usize) -> Vec<u32> {
        let mut all: Vec<u32> = (0..u32::try_from(count).unwrap_or(u32::MAX)).collect();
        for at in (1..all.len()).rev() {
            all.swap(at, self.position(at + 1));
        }
        all
    }

    /// Positions to try: as many draws as there are positions, then each of them in turn, so that none is left untried.
    pub(super) fn tries(mut self, count: usize) -> impl Iterator<Item = usize> {
        let draws = std::iter::repeat_with(move || self.position(count)).take(count);
        draws.chain(0..count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_purposes_share_a_stream() {
        let last = u32::MAX as usize;
        let streams = [
            Purpose::Households,
            Purpose::Registered,
            Purpose::Uneven,
            Purpose::Villages(0),
            Purpose::Villages(last),
            Purpose::Choice(1),
            Purpose::Life(1, 0),
            Purpose::Life(1, last),
            Purpose::Entrance(1, 0),
            Purpose::Entrance(1, last),
            Purpose::Choice(2),
            Purpose::Life(2, 0),
            Purpose::Life(u8::MAX, last),
        ];
        assert!(streams.is_sorted_by(|one, next| one.stream() < next.stream()));
    }

    #[test]
    fn tries_leave_nobody_untried() {
        let tries: Vec<usize> = Dice::new(1, Purpose::Choice(1)).tries(50).collect();
        assert_eq!(tries.len(), 100);
        assert!((0..50).all(|at| tries.contains(&at)));
        assert!(!tries[..50].is_sorted(), "drawn first");
    }
}
