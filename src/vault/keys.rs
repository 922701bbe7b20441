//! Order of the rows of a list: the same as a sort by its columns, mostly decided by one number a row.
//!
//! Sorting millions of rows by text compares the same beginnings over and over. So the leading columns of a row are packed
//! into 128 bits that compare as the columns do; only rows whose bits are equal are compared column by column. 18 letters of
//! seven bits fit.

use std::cmp::Ordering;

use polars::prelude::*;
use rayon::prelude::*;

/// Bits of a packed beginning.
const BITS: u32 = u128::BITS;
/// A letter of ASCII.
const LETTER: u32 = 7;
/// Stands for every letter beyond ASCII; what follows it decides nothing any more.
const BEYOND: u8 = 127;

/// The columns that rows are ordered by, as numbers and texts that compare as they are; nothing stands before anything.
pub(super) struct Keys {
    columns: Vec<SortKey>,
    packed: Vec<u128>,
}

enum SortKey {
    Text(StringChunked),
    Short(UInt8Chunked),
    Number(UInt32Chunked),
    Day(Int32Chunked),
    Money(Int64Chunked),
    Flag(BooleanChunked),
}

impl SortKey {
    fn of(column: &Column) -> PolarsResult<SortKey> {
        let column = column.rechunk();
        Ok(match column.dtype() {
            DataType::String => SortKey::Text(column.str()?.clone()),
            DataType::UInt8 => SortKey::Short(column.u8()?.clone()),
            DataType::UInt32 => SortKey::Number(column.u32()?.clone()),
            DataType::Date => SortKey::Day(column.date()?.physical().clone()),
            DataType::Boolean => SortKey::Flag(column.bool()?.clone()),
            _ => SortKey::Money(column.cast(&DataType::Int64)?.i64()?.clone()),
        })
    }

    fn compare(&self, at: usize, other: &SortKey, there: usize) -> Ordering {
        match (self, other) {
            (SortKey::Text(a), SortKey::Text(b)) => a.get(at).cmp(&b.get(there)),
            (SortKey::Short(a), SortKey::Short(b)) => a.get(at).cmp(&b.get(there)),
            (SortKey::Number(a), SortKey::Number(b)) => a.get(at).cmp(&b.get(there)),
            (SortKey::Day(a), SortKey::Day(b)) => a.get(at).cmp(&b.get(there)),
            (SortKey::Money(a), SortKey::Money(b)) => a.get(at).cmp(&b.get(there)),
            (SortKey::Flag(a), SortKey::Flag(b)) => a.get(at).cmp(&b.get(there)),
            _ => unreachable!("runs of one list have the same columns"),
        }
    }
}

impl Keys {
    /// Keys of a frame by these columns, the first first.
    pub(super) fn of(frame: &DataFrame, order: &[PlSmallStr]) -> PolarsResult<Keys> {
        let columns = order
            .iter()
            .map(|name| SortKey::of(frame.column(name)?))
            .collect::<PolarsResult<Vec<SortKey>>>()?;
        let packed = (0..frame.height())
            .into_par_iter()
            .map(|row| packed(&columns, row))
            .collect();
        Ok(Keys { columns, packed })
    }

    /// How row `at` stands to row `there` of other keys by the same columns.
    pub(super) fn compare(&self, at: usize, other: &Keys, there: usize) -> Ordering {
        let by_columns = || {
            let pairs = self.columns.iter().zip(&other.columns);
            pairs
                .map(|(a, b)| a.compare(at, b, there))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        };
        self.packed[at]
            .cmp(&other.packed[there])
            .then_with(by_columns)
    }

    /// Positions of the rows in their order; rows that are equal throughout stay as they stand.
    pub(super) fn sorted(&self) -> Vec<IdxSize> {
        let mut order: Vec<(u128, IdxSize)> = self.packed.iter().copied().zip(0..).collect();
        let full = |a: IdxSize, b: IdxSize| self.compare(a as usize, self, b as usize);
        order.par_sort_unstable_by(|a, b| {
            a.0.cmp(&b.0)
                .then_with(|| full(a.1, b.1))
                .then(a.1.cmp(&b.1))
        });
        order.into_iter().map(|(_, row)| row).collect()
    }

    /// Whether the rows stand in their order already.
    pub(super) fn is_sorted(&self) -> bool {
        (1..self.packed.len())
            .into_par_iter()
            .all(|row| self.compare(row - 1, self, row).is_le())
    }
}

/// The beginning of a row in 128 bits: never greater than another row's where the row stands before it.
fn packed(columns: &[SortKey], row: usize) -> u128 {
    let mut bits = Bits {
        bits: 0,
        left: BITS,
    };
    for column in columns {
        match column {
            SortKey::Text(texts) => bits.noted(texts.get(row), |bits, text| bits.text(text)),
            SortKey::Short(numbers) => bits.noted(numbers.get(row), |bits, number| {
                bits.number(u128::from(number), 8)
            }),
            SortKey::Number(numbers) => bits.noted(numbers.get(row), |bits, number| {
                bits.number(u128::from(number), 32)
            }),
            SortKey::Day(_) | SortKey::Money(_) | SortKey::Flag(_) => bits.left = 0,
        }
        if bits.left == 0 {
            break;
        }
    }
    bits.bits
}

struct Bits {
    bits: u128,
    left: u32,
}

impl Bits {
    /// A value that may be missing: what is missing stands first.
    fn noted<T>(&mut self, value: Option<T>, note: impl FnOnce(&mut Self, T)) {
        self.number(u128::from(value.is_some()), 1);
        if let Some(value) = value {
            note(self, value);
        }
    }

    fn number(&mut self, number: u128, width: u32) {
        match self.left.checked_sub(width) {
            Some(left) => {
                self.left = left;
                self.bits |= number << left;
            }
            None => {
                self.bits |= number >> (width - self.left);
                self.left = 0;
            }
        }
    }

    /// Letters, and an end that stands before all of them: a shorter text comes first.
    fn text(&mut self, text: &str) {
        for letter in text.bytes() {
            if self.left < LETTER {
                self.left = 0;
                return;
            }
            match letter {
                // A letter that looks like the end: what follows stands behind everything that ends here.
                0 => return self.rest(self.left - LETTER),
                BEYOND.. => return self.rest(self.left),
                _ => self.number(u128::from(letter), LETTER),
            }
        }
        if self.left < LETTER {
            self.left = 0;
        } else {
            self.number(0, LETTER);
        }
    }

    /// Says the greatest that fits in so many bits at the end, and no more.
    fn rest(&mut self, bits: u32) {
        self.bits |= 1u128.checked_shl(bits).map_or(u128::MAX, |above| above - 1);
        self.left = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_as_their_columns_sort_them_whatever_the_letters() {
        let ids = [
            Some("430321199001011234"),
            Some("43032119900101123X"),
            Some("430321199001011234 "),
            Some("43032119900101"),
            Some("E12345678"),
            Some("护照1"),
            Some("护照0"),
            Some("\u{7f}b"),
            Some("\u{7f}a"),
            Some("1\0a"),
            Some("1"),
            Some("1\u{1}"),
            Some("1\0"),
            Some(""),
            None,
            Some("430321199001011234"),
            Some("4303211990010112340000000000"),
            Some("430321199001011234000000000"),
        ];
        let height = ids.len() as u32;
        let small: Vec<Option<u8>> = (0..height)
            .map(|row| (row % 3 > 0).then_some((row % 4) as u8))
            .collect();
        let frame =
            df!("small" => small, "id" => ids, "row" => (0..height).rev().collect::<Vec<_>>())
                .unwrap();
        for order in [vec!["id", "row"], vec!["small", "id", "row"], vec!["row"]] {
            let order: Vec<PlSmallStr> = order.into_iter().map(PlSmallStr::from).collect();
            let sorted = frame
                .sort(order.clone(), SortMultipleOptions::default())
                .unwrap();
            let keys = Keys::of(&frame, &order).unwrap();
            let rows = IdxCa::from_vec("".into(), keys.sorted());
            assert!(
                frame.take(&rows).unwrap().equals_missing(&sorted),
                "{order:?}"
            );
            assert!(Keys::of(&sorted, &order).unwrap().is_sorted());
            assert!(!keys.is_sorted());
        }
    }
}
