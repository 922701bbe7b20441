//! Ratios: exact fractions until the moment they are printed.

use std::cmp::Ordering;

/// An exact fraction of counts. `of` is never zero.
#[derive(Clone, Copy, Debug)]
pub struct Ratio {
    /// Numerator.
    pub count: u64,
    /// Denominator, > 0.
    pub of: u64,
}

impl Ratio {
    /// `None` without a denominator: such a rate is not printed and has no rank.
    pub fn new(count: u64, of: u64) -> Option<Self> {
        (of > 0).then_some(Ratio { count, of })
    }

    /// Decimal text, half up: `decimals(6)` of 2939/3000 is `0.979667`.
    pub fn decimals(self, places: u32) -> String {
        let scaled = self.scaled(10u128.pow(places));
        fixed(scaled, places)
    }

    /// Percent text, half up: `percent(2)` of 2939/3000 is `97.97`.
    pub fn percent(self, places: u32) -> String {
        fixed(self.scaled(100 * 10u128.pow(places)), places)
    }

    /// Percent text that never prints a rate below its target as the target: it gets one more
    /// decimal until the two differ (docs/readings.md#exact).
    pub fn percent_against(self, places: u32, target: Ratio) -> String {
        let mut places = places;
        while self < target
            && self.scaled(100 * 10u128.pow(places)) >= target.scaled(100 * 10u128.pow(places))
            && places < 12
        {
            places += 1;
        }
        self.percent(places)
    }

    /// Smallest whole count that reaches this share of `whole`: ceil(share × whole).
    pub fn ceil_of(self, whole: u64) -> u64 {
        let n = u128::from(self.count) * u128::from(whole);
        u64::try_from(n.div_ceil(u128::from(self.of))).expect("counts of people fit") // shares are ≤ 1
    }

    /// This share of `whole`, half up to a whole person.
    pub fn half_up_of(self, whole: u64) -> u64 {
        let n = 2 * u128::from(self.count) * u128::from(whole) + u128::from(self.of);
        u64::try_from(n / (2 * u128::from(self.of))).expect("counts of people fit") // shares are ≤ 1
    }

    /// Change in 百分点 since an earlier ratio: the exact difference, with two decimals half away from zero.
    /// `-0.50`, `0.00`, `1.23`.
    pub fn points_since(self, earlier: Ratio) -> String {
        let (now, then) = (
            u128::from(self.count) * u128::from(earlier.of),
            u128::from(earlier.count) * u128::from(self.of),
        );
        let under = u128::from(self.of) * u128::from(earlier.of);
        // Whole parts apart from the rest, so that 10,000 times the difference stays within what an integer holds.
        let (whole, rest) = (now.abs_diff(then) / under, now.abs_diff(then) % under);
        let scaled = whole * 10_000 + Ratio::share_of_ten_thousand(rest, under);
        let sign = if now < then && scaled > 0 { "-" } else { "" };
        format!("{sign}{}", fixed(scaled, 2))
    }

    /// `10_000 × rest ÷ under`, half up, for `rest < under`, digit by digit.
    fn share_of_ten_thousand(rest: u128, under: u128) -> u128 {
        let (mut scaled, mut rest) = (0, rest);
        for _ in 0..4 {
            // Counts of people stay below 2^56: ten times their product fits.
            scaled = scaled * 10 + rest * 10 / under;
            rest = rest * 10 % under;
        }
        scaled + u128::from(2 * rest >= under)
    }

    fn scaled(self, by: u128) -> u128 {
        (2 * u128::from(self.count) * by + u128::from(self.of)) / (2 * u128::from(self.of))
    }
}

/// A number scaled by a power of ten, with its decimal point.
pub(super) fn fixed(scaled: u128, places: u32) -> String {
    if places == 0 {
        return scaled.to_string();
    }
    let unit = 10u128.pow(places);
    format!(
        "{}.{:0width$}",
        scaled / unit,
        scaled % unit,
        width = places as usize
    )
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Ratio {}
impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> Ordering {
        (u128::from(self.count) * u128::from(other.of))
            .cmp(&(u128::from(other.count) * u128::from(self.of)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_short_of_98_percent_never_prints_as_98_percent() {
        let target = Ratio { count: 98, of: 100 };
        // count, of, decimals, printed
        for (count, of, places, printed) in [
            (2_940, 3_000, 1, "98.0"),
            (2_939, 3_000, 1, "97.97"),
            (2_939, 3_000, 2, "97.97"),
            (979_999, 1_000_000, 2, "97.9999"),
        ] {
            assert_eq!(
                Ratio { count, of }.percent_against(places, target),
                printed,
                "{count}/{of}"
            );
        }
    }

    #[test]
    fn changes_are_in_points_with_two_decimals_half_away_from_zero() {
        // then, now, printed
        for (then, now, printed) in [
            ((940, 1_000), (950, 1_000), "1.00"),
            ((2_940, 3_000), (2_939, 3_000), "-0.03"),
            ((1, 3), (1, 3), "0.00"),
            ((1, 3), (2, 6), "0.00"),
            ((0, 20_000), (1, 20_000), "0.01"),
            ((1, 20_000), (0, 20_000), "-0.01"),
            ((0, 20_001), (1, 20_001), "0.00"),
            ((1, 20_001), (0, 20_001), "0.00"),
            ((0, 7), (9, 7), "128.57"),
        ] {
            let (now, then) = (
                Ratio {
                    count: now.0,
                    of: now.1,
                },
                Ratio {
                    count: then.0,
                    of: then.1,
                },
            );
            assert_eq!(now.points_since(then), printed);
        }
    }

    #[test]
    fn floors_round_half_up_and_needs_round_up() {
        let share = Ratio { count: 95, of: 100 };
        assert_eq!(share.half_up_of(37_149), 35_292);
        assert_eq!(share.ceil_of(37_149), 35_292);
        assert_eq!(Ratio { count: 98, of: 100 }.ceil_of(3_000), 2_940);
        assert_eq!(Ratio { count: 1, of: 2 }.half_up_of(3), 2);
    }
}
