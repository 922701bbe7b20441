//! Values of the frames in words: data files hold codes and fen, tables hold names and yuan.

use super::Books;
use super::frames::Findings;
use crate::domain::money::yuan_text;
use crate::domain::{Code, Field, Holds};
use crate::words::{Label, place_name};

impl Books<'_> {
    /// What a finding's row expected, in words.
    pub(super) fn expected(&self, findings: &Findings, row: usize) -> String {
        let code = Code::from_code(findings.code.get(row));
        self.said(code.map(Code::expected), findings.expected.get(row))
    }

    /// What a finding's row found, in words.
    pub(super) fn found(&self, findings: &Findings, row: usize) -> String {
        let code = Code::from_code(findings.code.get(row));
        self.said(code.map(Code::found), findings.found.get(row))
    }

    fn said(&self, holds: Option<Holds>, value: &str) -> String {
        match holds {
            Some(Holds::Money) => value.parse().map_or_else(|_| value.to_owned(), yuan_text),
            Some(Holds::Pool) => self.pool_name(value),
            Some(Holds::Region) => self.place_name(value),
            Some(Holds::Fields) => {
                let label = |part| {
                    Field::from_code(part).map_or(part, |field| field.label(self.contents.lang))
                };
                value.split('|').map(label).collect::<Vec<_>>().join("|")
            }
            Some(
                Holds::Nothing
                | Holds::Day
                | Holds::Regions
                | Holds::Category
                | Holds::Id
                | Holds::Ids
                | Holds::IdOrRows
                | Holds::Name
                | Holds::Figure
                | Holds::Text,
            )
            | None => value.to_owned(),
        }
    }

    /// The name of a region or pool anywhere in the country.
    pub(super) fn place_name(&self, code: &str) -> String {
        let contents = self.contents;
        place_name(&contents.scheme.regions, code, contents.lang)
    }

    /// Code and name of a pool; another place's own word, and a name that says the code itself, alone.
    pub(super) fn pool_name(&self, pool: &str) -> String {
        let name = self.place_name(pool);
        if name.contains(pool) {
            name
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
