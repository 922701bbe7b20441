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
    /// decimal until the two differ (DESIGN §5).
    pub fn percent_against(self, places: u32, target: Ratio) -> String {
        let mut places = places;
        while self < target && self.scaled(100 * 10u128.pow(places)) >= target.scaled(100 * 10u128.pow(places)) && places < 12 {
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

    fn scaled(self, by: u128) -> u128 {
        (2 * u128::from(self.count) * by + u128::from(self.of)) / (2 * u128::from(self.of))
    }
}

fn fixed(scaled: u128, places: u32) -> String {
    if places == 0 {
        return scaled.to_string();
    }
    let unit = 10u128.pow(places);
    format!("{}.{:0width$}", scaled / unit, scaled % unit, width = places as usize)
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
        (u128::from(self.count) * u128::from(other.of)).cmp(&(u128::from(other.count) * u128::from(self.of)))
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
            assert_eq!(Ratio { count, of }.percent_against(places, target), printed, "{count}/{of}");
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
