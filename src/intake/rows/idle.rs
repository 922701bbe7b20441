//! Idle columns: nobody uses them, and they hold the numbers of persons all the same. Of two persons in a row nobody knows
//! which one the row is about.

use crate::domain::person::check_character;
use crate::domain::{Field, PersonKey};
use crate::intake::cell;
use crate::intake::sheet::{SourceColumn, Sure};

/// Records of each part of a sheet that are looked at: enough for a share of them to mean something.
const LOOKED_AT: u32 = 64;

/// Columns that no field is read from; none where the pipeline itself says which number a record is about.
pub(super) fn idle(columns: &[SourceColumn]) -> Vec<usize> {
    let number = columns
        .iter()
        .find(|column| column.field == Some(Field::Id));
    if number.is_none_or(|column| column.sure == Some(Sure::Declared)) {
        return Vec::new();
    }
    let is_idle = |column: &SourceColumn| column.field.is_none() && !column.header.is_empty();
    (0..columns.len())
        .filter(|at| is_idle(&columns[*at]))
        .collect()
}

/// What was met in the first records.
#[derive(Default)]
pub(crate) struct Numbers {
    records: u32,
    /// Columns, and the person numbers in them.
    met: Vec<(usize, u32)>,
}

impl Numbers {
    /// Looks at a record, as long as few were looked at. `cell`: the text of a column.
    pub(super) fn look<'c>(&mut self, idle: &[usize], cell: impl Fn(usize) -> &'c str) {
        if idle.is_empty() || self.records >= LOOKED_AT {
            return;
        }
        self.records += 1;
        for at in idle.iter().filter(|at| is_of_a_person(cell(**at))) {
            self.add(*at, 1);
        }
    }

    fn add(&mut self, column: usize, numbers: u32) {
        match self.met.iter_mut().find(|(of, _)| *of == column) {
            Some((_, met)) => *met += numbers,
            None => self.met.push((column, numbers)),
        }
    }

    /// Adds another part's.
    pub(super) fn append(&mut self, other: Numbers) {
        self.records += other.records;
        for (column, numbers) in other.met {
            self.add(column, numbers);
        }
    }

    /// Columns, from 1, in which more than half of the records have the number of a person.
    pub(super) fn full(mut self) -> Vec<u64> {
        self.met.retain(|(_, numbers)| numbers * 2 > self.records);
        let mut columns: Vec<u64> = self.met.iter().map(|(at, _)| *at as u64 + 1).collect();
        columns.sort_unstable();
        columns
    }
}

/// Eighteen characters with a day of birth and the right check character.
fn is_of_a_person(cell: &str) -> bool {
    let text = cell::trimmed(cell).trim_start_matches('\'');
    let Some((digits, last)) = text.split_at_checked(17) else {
        return false;
    };
    if last.len() != 1 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let Ok(number) = digits.parse() else {
        return false;
    };
    last.eq_ignore_ascii_case(&check_character(number).to_string())
        && PersonKey::national(number).birth().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_valid_numbers_of_persons_are_met() {
        for (cell, expected) in [
            ("420525196001101007", true),
            (" '42052519610211101x", true),
            ("420525196001101008", false),
            ("420525196013101007", false),
            ("342200000010841", false),
            ("证件号码", false),
            ("", false),
        ] {
            assert_eq!(is_of_a_person(cell), expected, "{cell}");
        }
    }

    #[test]
    fn a_column_is_full_where_more_than_half_of_the_records_have_a_number() {
        let mut numbers = Numbers::default();
        for at in 0..3 {
            let mut part = Numbers::default();
            part.look(&[1, 4], |column| match (column, at) {
                (1, _) | (4, 0) => "420525196001101007",
                _ => "",
            });
            numbers.append(part);
        }
        assert_eq!(numbers.full(), [2]);
    }
}
