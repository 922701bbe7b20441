//! Values of the frames in words: data files hold codes and fen, tables hold names and yuan.

use super::Books;
use crate::domain::money::yuan_text;
use crate::domain::{Code, Field};
use crate::words::Label;

/// What `expected` and `found` of a finding hold.
#[derive(Clone, Copy)]
enum Holds {
    /// Words, figures or a day, as they are.
    AsWritten,
    /// Money in fen.
    Fen,
    /// 统筹区.
    Pool,
    /// Region code.
    Region,
    /// Column that a cell could not be read in.
    Column,
}

const fn holds(code: Code) -> Holds {
    match code {
        Code::DuplicatePayment
        | Code::AmountWrong
        | Code::SubsidyMissed
        | Code::SubsidyUnentitled => Holds::Fen,
        Code::DuplicateRegistration
        | Code::CrossRegion
        | Code::CrossScheme
        | Code::WrongRegion
        | Code::StudentDuplicate => Holds::Pool,
        Code::RegisterDuplicate => Holds::Region,
        Code::CategoryUnknown => Holds::Column,
        _ => Holds::AsWritten,
    }
}

impl Books<'_> {
    /// What a finding of this code expected or found, in words.
    pub(super) fn said(&self, code: &str, value: &str) -> String {
        match Code::from_code(code).map_or(Holds::AsWritten, holds) {
            // An amount that could not be read is shown as it was written.
            Holds::Fen => value.parse().map_or_else(|_| value.to_owned(), yuan_text),
            Holds::Pool => self.pool_name(value),
            Holds::Region => self.contents.scheme.regions.name(value).to_owned(),
            // What was found is a word of the book's own; what was expected is a column.
            Holds::Column => {
                let label = |part| {
                    Field::from_code(part).map_or(part, |field| field.label(self.contents.lang))
                };
                value.split('|').map(label).collect::<Vec<_>>().join("|")
            }
            Holds::AsWritten => value.to_owned(),
        }
    }

    /// Code and name of a pool, or the code alone where the region table does not hold it.
    pub(super) fn pool_name(&self, pool: &str) -> String {
        let name = self.contents.scheme.regions.name(pool);
        if name == pool || name.is_empty() {
            pool.to_owned()
        } else {
            format!("{pool} {name}")
        }
    }
}

/// A number of which only both ends are shown: `4303**********1234`. Others than 18 digits show a quarter at either end.
pub(super) fn masked(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    let ends = (letters.len() / 4).min(4);
    let hidden = letters.len() - 2 * ends;
    letters[..ends]
        .iter()
        .copied()
        .chain(std::iter::repeat_n('*', hidden))
        .chain(letters[ends + hidden..].iter().copied())
        .collect()
}

/// A household's number as a list with masked numbers shows it: it may be its head's own.
pub(super) fn masked_household(household: &str) -> String {
    let digits = household.chars().filter(char::is_ascii_digit).count();
    if digits >= 15 || digits + 1 >= household.chars().count() && digits >= 12 {
        masked(household)
    } else {
        household.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_number_shows_both_ends_only() {
        // number, shown
        for (number, shown) in [
            ("430321199001011234", "4303**********1234"),
            ("11010519491231002X", "1101**********002X"),
            ("E12345678", "E1*****78"),
            ("12", "**"),
            ("", ""),
        ] {
            assert_eq!(masked(number), shown, "{number}");
        }
        assert_eq!(masked_household("430321199001011234"), "4303**********1234");
        assert_eq!(masked_household("H00000012"), "H00000012");
    }
}
