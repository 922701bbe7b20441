//! Numbers as ascending spans: rows and columns out of sight.

/// Sorted, joined where they touch.
pub(crate) fn joined<N: Copy + Ord>(mut spans: Vec<(N, N)>, next: impl Fn(N) -> N) -> Vec<(N, N)> {
    spans.retain(|(first, last)| first <= last);
    spans.sort_unstable();
    let mut joined: Vec<(N, N)> = Vec::new();
    for (first, last) in spans {
        match joined.last_mut() {
            Some((_, end)) if first <= next(*end) => *end = last.max(*end),
            _ => joined.push((first, last)),
        }
    }
    joined
}

/// Adds a number behind others: mostly it follows the last one.
pub(crate) fn push(spans: &mut Vec<(u32, u32)>, number: u32) {
    match spans.last_mut() {
        Some((_, end)) if number.checked_sub(1) == Some(*end) => *end = number,
        _ => spans.push((number, number)),
    }
}

/// Adds a number to ascending spans of numbers.
pub(crate) fn widen<N: Copy + Ord>(
    spans: &mut Vec<(N, N)>,
    first: N,
    last: N,
    next: impl Fn(N) -> N,
) {
    match spans.last_mut() {
        Some((start, end)) if first >= *start && first <= next(*end) => *end = last.max(*end),
        _ => spans.push((first, last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_in_any_order_become_ascending_ones_without_repeats() {
        type Numbers<'n> = &'n [(u32, u32)];
        let cases: [(Numbers<'_>, Numbers<'_>); 4] = [
            (&[], &[]),
            (&[(5, 5), (1, 2), (3, 3)], &[(1, 3), (5, 5)]),
            (&[(1, 9), (2, 3), (8, 12)], &[(1, 12)]),
            (&[(7, 2), (4, 4)], &[(4, 4)]),
        ];
        for (given, expected) in cases {
            assert_eq!(joined(given.to_vec(), |n| n + 1), expected);
        }
        let mut grown = Vec::new();
        [2, 3, 4, 9, 10, 3]
            .into_iter()
            .for_each(|n| push(&mut grown, n));
        assert_eq!(grown, [(2, 4), (9, 10), (3, 3)]);
    }
}
