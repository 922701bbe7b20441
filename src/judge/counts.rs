//! Counts by place: additive, and by position while they add up.

use std::ops::AddAssign;

use polars::prelude::*;

use crate::people::Places;

/// Persons by place and by a small number beside it.
pub(super) struct Counts {
    beside: usize,
    /// As far as the last place that anybody was counted at: texts that are no region's stand behind all regions.
    counts: Vec<u64>,
}

impl Counts {
    /// Nobody yet. Numbers beside a place are below `beside`.
    pub(super) fn of(beside: usize) -> Self {
        Counts {
            beside,
            counts: Vec::new(),
        }
    }

    /// One more.
    pub(super) fn add(&mut self, place: u32, beside: u8) {
        let place = place as usize;
        let at = place * self.beside + usize::from(beside);
        if at >= self.counts.len() {
            self.counts.resize((place + 1) * self.beside, 0);
        }
        self.counts[at] += 1;
    }

    /// One more a row, by the places of one column and the numbers of another; a row without one of them is none.
    pub(super) fn count(
        &mut self,
        rows: &DataFrame,
        place: &str,
        beside: &str,
    ) -> PolarsResult<()> {
        let (places, numbers) = (rows.column(place)?.u32()?, rows.column(beside)?.u8()?);
        for cell in places.iter().zip(numbers.iter()) {
            if let (Some(place), Some(number)) = cell {
                self.add(place, number);
            }
        }
        Ok(())
    }

    /// Adds another thread's.
    pub(super) fn append(&mut self, other: Counts) {
        let (mut more, fewer) = if self.counts.len() < other.counts.len() {
            (other.counts, std::mem::take(&mut self.counts))
        } else {
            (std::mem::take(&mut self.counts), other.counts)
        };
        more.iter_mut()
            .zip(fewer)
            .for_each(|(sum, count)| *sum += count);
        self.counts = more;
    }

    /// What there is, by place and number.
    pub(super) fn found(self, places: &Places) -> impl Iterator<Item = ((String, u8), u64)> {
        let (beside, counts) = (self.beside, self.counts);
        let cells = places
            .each()
            .flat_map(move |place| (0u8..).take(beside).map(move |number| (place, number)));
        let found = cells.zip(counts).filter(|(_, count)| *count > 0);
        found.map(|((place, number), count)| ((places.text(place).to_owned(), number), count))
    }
}

/// Counts by few keys of many.
pub(super) type Few<K, V = u64> = PlHashMap<K, V>;

/// Adds another thread's.
pub(super) fn append<K: Eq + std::hash::Hash, V: AddsUp>(mine: &mut Few<K, V>, theirs: Few<K, V>) {
    for (key, count) in theirs {
        mine.entry(key).or_default().add(count);
    }
}

/// Counts in order: places are in the order of their texts, and compared much faster.
pub(super) fn in_order<K: Ord, V>(counts: Few<K, V>) -> impl Iterator<Item = (K, V)> {
    let mut all: Vec<(K, V)> = counts.into_iter().collect();
    all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    all.into_iter()
}

/// What adds up.
pub(super) trait AddsUp: Default {
    fn add(&mut self, other: Self);
}

impl AddsUp for u64 {
    fn add(&mut self, other: u64) {
        *self += other;
    }
}

impl<T: AddAssign + Default> AddsUp for (u64, T) {
    fn add(&mut self, other: (u64, T)) {
        self.0 += other.0;
        self.1 += other.1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refine::places::Atlas;

    #[test]
    fn who_counted_what_does_not_show_in_a_sum() {
        let places = Places::of(&Atlas::of(&[]), "430321", 4);
        let all: Vec<u32> = places.each().map(|place| place.number()).collect(); // 4303, 430321
        let counted = |of: &[(usize, u8)]| {
            let mut counts = Counts::of(3);
            of.iter()
                .for_each(|(at, beside)| counts.add(all[*at], *beside));
            counts
        };
        let both = |first: &[(usize, u8)], second: &[(usize, u8)]| {
            let mut counts = counted(first);
            counts.append(counted(second));
            counts.found(&places).collect::<Vec<_>>()
        };
        let cell = |code: &str, beside, count| ((code.to_owned(), beside), count);
        let whole = [cell("4303", 0, 1), cell("4303", 2, 2), cell("430321", 1, 1)];
        assert_eq!(both(&[(0, 2), (1, 1)], &[(0, 2), (0, 0)]), whole);
        assert_eq!(both(&[(0, 2), (0, 0)], &[(1, 1), (0, 2)]), whole);
        assert_eq!(both(&[], &[(1, 1), (0, 2), (0, 2), (0, 0)]), whole);
    }
}
