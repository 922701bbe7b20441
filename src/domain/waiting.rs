//! Waiting periods of residents who enrol late or after a break (国办发〔2024〕38号;
//! docs/readings.md#waiting). Whole months.

/// How many months one waits, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// 固定待遇等待期: for everyone who enrols outside the window or after a break.
    pub fixed_months: u32,
    /// 变动待遇等待期: for each broken year that is not repaid.
    pub months_a_broken_year: u32,
    /// From so many broken years on the break is a long one.
    pub long_break_years: u32,
    /// After a long break at least so many months come to the fixed ones, however much is repaid.
    pub long_break_months: u32,
}

/// The national rule for coverage years from 2025.
pub const NATIONAL: Waiting = Waiting {
    fixed_months: 3,
    months_a_broken_year: 1,
    long_break_years: 4,
    long_break_months: 3,
};

/// The rule of a coverage year where the notice states none: the national one from 2025, before it none.
pub fn of_year(year: i32) -> Option<Waiting> {
    (year >= 2025).then_some(NATIONAL)
}

impl Waiting {
    /// Months to wait after so many broken years (连续断缴), of which so many were repaid (修复).
    pub fn months(self, broken: u32, repaid: u32) -> u32 {
        let variable = broken
            .saturating_sub(repaid)
            .saturating_mul(self.months_a_broken_year);
        let least = if broken >= self.long_break_years {
            self.long_break_months
        } else {
            0
        };
        self.fixed_months.saturating_add(variable.max(least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_periods_are_those_of_the_national_rule() {
        #[rustfmt::skip]
        let table = [
            // broken  repaid  months
            (0,        0,      3),
            (1,        0,      4),
            (2,        0,      5),
            (2,        1,      4),
            (2,        3,      3),
            (3,        0,      6),
            (4,        0,      7),
            (4,        1,      6),
            (4,        4,      6),
            (9,        9,      6),
            (9,        2,      10),
        ];
        for (broken, repaid, months) in table {
            assert_eq!(
                NATIONAL.months(broken, repaid),
                months,
                "{broken} broken, {repaid} repaid"
            );
        }
        assert_eq!([of_year(2024), of_year(2025)], [None, Some(NATIONAL)]);
    }
}
