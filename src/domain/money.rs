//! Money: whole fen, never floating point.

/// An amount in fen (1/100 yuan). Negative amounts are reversals.
pub type Fen = i64;

/// Yuan as text with exactly the decimals it needs: 32000 → `320`, 17550 → `175.50`.
pub fn yuan_text(fen: Fen) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let (yuan, rest) = (fen.unsigned_abs() / 100, fen.unsigned_abs() % 100);
    if rest == 0 {
        format!("{sign}{yuan}")
    } else {
        format!("{sign}{yuan}.{rest:02}")
    }
}

/// A share of an amount, half up to the fen (docs/readings.md#exact). `numerator / denominator` is
/// the share.
pub fn share_of(amount: Fen, numerator: u64, denominator: u64) -> Fen {
    assert!(
        amount >= 0 && denominator > 0,
        "a share is taken of a price"
    );
    let (amount, n, d) = (
        i128::from(amount),
        i128::from(numerator),
        i128::from(denominator),
    );
    i64::try_from((2 * amount * n + d) / (2 * d))
        .expect("a share of a price is no larger than the price") // shares are ≤ 1
}
