//! Shares: whole numbers in proportion, and whole numbers shared out.

/// `figure × size.0 / size.1`, half up.
pub(super) fn half_up(figure: u64, size: (u64, u64)) -> u64 {
    let (of, whole) = (u128::from(size.0), u128::from(size.1.max(1)));
    u64::try_from((u128::from(figure) * of * 2 + whole) / (whole * 2)).unwrap_or(u64::MAX)
}

/// Shares `total` by weight, largest remainder first, at least one where there is weight.
pub(super) fn shared(total: u64, weights: &[u64]) -> Vec<u64> {
    let whole: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: u64| u128::from(weight) * u128::from(total);
    let mut shares: Vec<u64> = weights
        .iter()
        .map(|w| u64::try_from(exact(*w) / whole).unwrap_or(u64::MAX))
        .collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(exact(weights[at]) % whole), at));
    let left = total - shares.iter().sum::<u64>();
    for at in order
        .into_iter()
        .take(usize::try_from(left).unwrap_or(usize::MAX))
    {
        shares[at] += 1;
    }
    for at in 0..shares.len() {
        if shares[at] == 0 && weights[at] > 0 {
            let most = (0..shares.len())
                .max_by_key(|&i| (shares[i], std::cmp::Reverse(i)))
                .unwrap_or(at);
            if shares[most] > 1 {
                shares[most] -= 1;
                shares[at] = 1;
            }
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_nobody_with_weight_is_left_out() {
        assert_eq!(shared(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(shared(5, &[1000, 1, 1]), [3, 1, 1]);
        assert_eq!(shared(7, &[0, 5]), [0, 7]);
        assert_eq!(shared(2, &[1, 1, 1]).iter().sum::<u64>(), 2);
    }
}
