//! Fractions of any size: scores and their means, exact until they are printed.
//!
//! A mean over many villages has the product of their tasks under its line, which no machine integer holds.

use std::cmp::Ordering;

use super::Ratio;

/// Digits of 32 bits, the lowest first, without leading zeros; nothing = 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Natural(Vec<u32>);

impl Natural {
    fn new(mut value: u64) -> Self {
        let mut digits = Vec::new();
        while value > 0 {
            digits.push(low(value));
            value >>= 32;
        }
        Natural(digits)
    }

    fn trimmed(mut digits: Vec<u32>) -> Self {
        while digits.last() == Some(&0) {
            digits.pop();
        }
        Natural(digits)
    }

    fn digit(&self, at: usize) -> u64 {
        self.0.get(at).copied().map_or(0, u64::from)
    }

    fn plus(&self, other: &Self) -> Self {
        let mut digits = Vec::new();
        let mut carry = 0;
        for at in 0..=self.0.len().max(other.0.len()) {
            let sum = self.digit(at) + other.digit(at) + carry;
            digits.push(low(sum));
            carry = sum >> 32;
        }
        Natural::trimmed(digits)
    }

    /// The difference, where `other` is not larger.
    fn minus(&self, other: &Self) -> Self {
        let mut digits = Vec::new();
        let mut borrowed = 0;
        for at in 0..self.0.len() {
            let taken = other.digit(at) + borrowed;
            borrowed = u64::from(self.digit(at) < taken);
            digits.push(low(self.digit(at) + (borrowed << 32) - taken));
        }
        assert_eq!(borrowed, 0, "a natural number is not below zero");
        Natural::trimmed(digits)
    }

    fn times(&self, other: &Self) -> Self {
        let mut digits = vec![0u32; self.0.len() + other.0.len()];
        for (at, mine) in self.0.iter().enumerate() {
            let mut carry = 0;
            for (step, theirs) in other.0.iter().copied().chain([0]).enumerate() {
                let Some(digit) = digits.get_mut(at + step) else {
                    break;
                };
                let sum = u64::from(*mine) * u64::from(theirs) + u64::from(*digit) + carry;
                *digit = low(sum);
                carry = sum >> 32;
            }
        }
        Natural::trimmed(digits)
    }

    fn doubled_plus(&self, one: bool) -> Self {
        self.plus(self).plus(&Natural::new(u64::from(one)))
    }

    /// How often `of` fits, and whether something is left. Bit by bit: these numbers are short and few.
    fn divided(&self, of: &Self) -> (u64, bool) {
        assert!(!of.0.is_empty(), "a fraction has something under its line");
        let (mut quotient, mut rest) = (Natural::default(), Natural::default());
        for bit in (0..self.0.len() * 32).rev() {
            rest = rest.doubled_plus((self.digit(bit / 32) >> (bit % 32)) & 1 == 1);
            let fits = rest.compared(of) != Ordering::Less;
            if fits {
                rest = rest.minus(of);
            }
            quotient = quotient.doubled_plus(fits);
        }
        assert!(quotient.0.len() <= 2, "scores and rates are small");
        (
            (quotient.digit(1) << 32) | quotient.digit(0),
            !rest.0.is_empty(),
        )
    }

    fn compared(&self, other: &Self) -> Ordering {
        self.0
            .len()
            .cmp(&other.0.len())
            .then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

/// The lower half.
fn low(value: u64) -> u32 {
    (value & u64::from(u32::MAX)) as u32 // masked to 32 bits
}

/// An exact fraction that is not negative.
#[derive(Clone, Debug)]
pub struct Fraction {
    over: Natural,
    under: Natural,
}

impl Fraction {
    /// A whole number.
    pub fn whole(number: u64) -> Self {
        Fraction {
            over: Natural::new(number),
            under: Natural::new(1),
        }
    }

    /// Sum.
    pub fn plus(&self, other: &Self) -> Self {
        let over = self
            .over
            .times(&other.under)
            .plus(&other.over.times(&self.under));
        Fraction {
            over,
            under: self.under.times(&other.under),
        }
    }

    /// Difference; nothing where more is taken than there is.
    pub fn less(&self, other: &Self) -> Self {
        if self <= other {
            return Fraction::whole(0);
        }
        let over = self
            .over
            .times(&other.under)
            .minus(&other.over.times(&self.under));
        Fraction {
            over,
            under: self.under.times(&other.under),
        }
    }

    /// Product.
    pub fn times(&self, other: &Self) -> Self {
        Fraction {
            over: self.over.times(&other.over),
            under: self.under.times(&other.under),
        }
    }

    /// Largest whole number that is not larger.
    pub fn floor(&self) -> u64 {
        self.over.divided(&self.under).0
    }

    /// Smallest whole number that is not smaller.
    pub fn ceil(&self) -> u64 {
        let (whole, is_more) = self.over.divided(&self.under);
        whole + u64::from(is_more)
    }

    /// The mean; `None` of nothing.
    pub fn mean(of: &[Fraction]) -> Option<Self> {
        if of.is_empty() {
            return None;
        }
        let sum = of.iter().fold(Fraction::whole(0), |sum, one| sum.plus(one));
        Some(Fraction {
            over: sum.over,
            under: sum.under.times(&Natural::new(of.len() as u64)),
        })
    }

    /// Decimal text, half up: `decimals(4)` of 5.99333… is `5.9933`.
    pub fn decimals(&self, places: u32) -> String {
        let scaled = self
            .times(&Fraction::whole(2 * 10u64.pow(places)))
            .plus(&Fraction::whole(1));
        let half_up = scaled
            .times(&Fraction {
                over: Natural::new(1),
                under: Natural::new(2),
            })
            .floor();
        super::ratio::fixed(u128::from(half_up), places)
    }
}

impl From<Ratio> for Fraction {
    fn from(ratio: Ratio) -> Self {
        Fraction {
            over: Natural::new(ratio.count),
            under: Natural::new(ratio.of),
        }
    }
}

impl PartialEq for Fraction {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Fraction {}
impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        self.over
            .times(&other.under)
            .compared(&other.over.times(&self.under))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(count: u64, of: u64) -> Fraction {
        Fraction::from(Ratio { count, of })
    }

    #[test]
    fn fractions_are_added_taken_away_and_rounded_exactly() {
        // what, four decimals, floor, ceil
        #[rustfmt::skip]
        let cases = [
            (of(1, 3).plus(&of(1, 6)),                        "0.5000", 0, 1),
            (of(2_939, 3_000).times(&of(100, 1)),             "97.9667", 97, 98),
            (of(1, 3).less(&of(1, 2)),                        "0.0000", 0, 0),
            (of(1, 2).less(&of(1, 3)),                        "0.1667", 0, 1),
            (of(1, 20_000),                                   "0.0001", 0, 1),
            (of(9_999, 200_000_000),                          "0.0000", 0, 1),
            (of(7, 7),                                        "1.0000", 1, 1),
            (of(u64::MAX, 1).times(&of(1, u64::MAX)),         "1.0000", 1, 1),
            (of(u64::MAX, 5).times(&of(1, u64::MAX)).plus(&of(4, 5)), "1.0000", 1, 1),
        ];
        for (fraction, decimals, floor, ceil) in cases {
            assert_eq!(
                (
                    fraction.decimals(4).as_str(),
                    fraction.floor(),
                    fraction.ceil()
                ),
                (decimals, floor, ceil)
            );
        }
    }

    #[test]
    fn the_mean_of_a_hundred_odd_fractions_is_exact() {
        // Σ (1/n − 1/(n+1)) over n = 1000 … 1099 is 1/1000 − 1/1100; each term has a denominator of its own.
        let terms: Vec<Fraction> = (1_000u64..1_100).map(|n| of(1, n * (n + 1))).collect();
        assert_eq!(Fraction::mean(&terms), Some(of(1, 1_100_000)));
        assert_eq!(Fraction::mean(&[]), None);
    }
}
