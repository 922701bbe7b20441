//! Sums: whether 缴费金额 beside 资助金额 holds the subsidy or stands beside it, which only a sheet as a whole says
//! (docs/readings.md#amounts).

use crate::domain::Fen;

/// Rows of a sheet that speak for one reading or the other; adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// The two columns are parts of what was paid.
    parts: u64,
    /// The first column is the sum.
    whole: u64,
}

impl Sums {
    /// Takes the two cells of a row. A subsidy above the sum is none of its parts; a sum that is the premium is one.
    pub(crate) fn count(&mut self, total: Fen, subsidy: Fen, premium: Fen) {
        let (total, subsidy) = (total.abs(), subsidy.abs());
        if subsidy == 0 {
            return;
        }
        self.parts += u64::from(subsidy > total || total < premium && total + subsidy == premium);
        self.whole += u64::from(total == premium && subsidy <= total);
    }

    /// Whether the columns are parts.
    pub(crate) fn are_parts(self) -> bool {
        self.parts > self.whole
    }
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.parts += other.parts;
        self.whole += other.whole;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_a_sheet_say_together_whether_a_sum_holds_the_subsidy() {
        // rows of (sum, subsidy) at a premium of 400; are parts
        for (rows, parts) in [
            (vec![(400, 200), (400, 400), (400, 0)], false),
            (vec![(200, 200), (0, 400), (400, 0)], true),
            (vec![(400, 200), (400, 200), (200, 200)], false),
            (vec![(0, 400)], true),
            (vec![(-200, -200)], true),
            (vec![(400, 0)], false),
            (vec![(380, 180)], false),
        ] {
            let mut sums = Sums::default();
            for (total, subsidy) in &rows {
                sums.count(*total, *subsidy, 400);
            }
            assert_eq!(sums.are_parts(), parts, "{rows:?}");
        }
    }
}
