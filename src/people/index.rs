//! Who is who in a bucket: a key is looked up once a row; from then on its person is a position.

use polars::prelude::*;

/// The keys of a bucket, each at its position, in the order in which the books name them.
#[derive(Default)]
pub struct Index {
    keys: Vec<u64>,
    positions: PlHashMap<u64, u32>,
}

impl Index {
    /// Positions of the persons of these rows; whoever is new gets the next one.
    pub(super) fn enter(&mut self, keys: &UInt64Chunked) -> Vec<u32> {
        // A later book names mostly persons who are known; the first names most of them.
        self.positions
            .reserve(keys.len().saturating_sub(self.keys.len()));
        keys.into_no_null_iter()
            .map(|key| self.entered(key))
            .collect()
    }

    fn entered(&mut self, key: u64) -> u32 {
        *self.positions.entry(key).or_insert_with(|| {
            let next = u32::try_from(self.keys.len())
                .expect("a bucket has fewer persons than rows, and rows fit u32");
            self.keys.push(key);
            next
        })
    }

    /// The position of a key, if any book names it.
    pub fn get(&self, key: u64) -> Option<usize> {
        self.position(key).map(|at| at as usize)
    }

    /// The same as a row's `p::WHO` has it.
    pub fn position(&self, key: u64) -> Option<u32> {
        self.positions.get(&key).copied()
    }

    /// Every key, by position.
    pub fn keys(&self) -> &[u64] {
        &self.keys
    }
}

/// Rows by person: those of one person stand together, in the order of the book.
pub(super) struct Grouped {
    starts: Vec<u32>,
    rows: Vec<u32>,
}

impl Grouped {
    /// Groups rows by the position of their person, below `persons`.
    pub(super) fn by(who: &[u32], persons: usize) -> Self {
        let mut starts = vec![0u32; persons + 1];
        for person in who {
            starts[*person as usize + 1] += 1;
        }
        for person in 0..persons {
            starts[person + 1] += starts[person];
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; who.len()];
        for (row, person) in (0u32..).zip(who) {
            let at = &mut next[*person as usize];
            rows[*at as usize] = row;
            *at += 1;
        }
        Grouped { starts, rows }
    }

    /// Rows of a person; none of one who came later than this book.
    fn of(&self, person: usize) -> &[u32] {
        match (self.starts.get(person), self.starts.get(person + 1)) {
            (Some(from), Some(to)) => &self.rows[*from as usize..*to as usize],
            _ => &[],
        }
    }

    /// Rows of each person who has several.
    fn several(&self) -> impl Iterator<Item = &[u32]> {
        let persons = self.starts.windows(2).filter(|pair| pair[1] - pair[0] > 1);
        persons.map(|pair| &self.rows[pair[0] as usize..pair[1] as usize])
    }
}

/// A book with its rows by person. Every row has the position of its person as `p::WHO`.
pub struct Book {
    /// Rows, in one piece.
    pub rows: DataFrame,
    by_person: Grouped,
}

impl Book {
    /// Enters the persons of a book.
    pub(super) fn entered(mut rows: DataFrame, index: &mut Index) -> PolarsResult<Self> {
        rows.rechunk_mut();
        let who = index.enter(rows.column(crate::domain::columns::KEY)?.u64()?);
        let by_person = Grouped::by(&who, index.keys.len());
        rows.with_column(UInt32Chunked::from_vec(super::p::WHO.into(), who).into_column())?;
        Ok(Book { rows, by_person })
    }

    /// Positions of a person's rows.
    pub fn of(&self, person: usize) -> &[u32] {
        self.by_person.of(person)
    }

    /// Positions of the rows of persons who have several, person by person.
    pub fn several(&self) -> impl Iterator<Item = &[u32]> {
        self.by_person.several()
    }

    /// Rows of persons who have several: all that can exclude each other.
    pub fn crowded(&self) -> PolarsResult<DataFrame> {
        taken(&self.rows, self.several().flatten().copied().collect())
    }

    /// Rows of these persons.
    pub fn of_persons(&self, persons: impl IntoIterator<Item = u32>) -> PolarsResult<DataFrame> {
        taken(
            &self.rows,
            persons
                .into_iter()
                .flat_map(|person| self.of(person as usize))
                .copied()
                .collect(),
        )
    }
}

/// These rows of a frame.
pub fn taken(frame: &DataFrame, rows: Vec<u32>) -> PolarsResult<DataFrame> {
    frame.take(&IdxCa::from_vec("".into(), rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::columns as c;

    #[test]
    fn rows_of_a_person_stand_together_whatever_book_named_them_first() {
        let mut index = Index::default();
        let book = |keys: &[u64], index: &mut Index| {
            Book::entered(df!(c::KEY => keys).unwrap(), index).unwrap()
        };
        let first = book(&[7, 5, 7], &mut index);
        let second = book(&[9, 5], &mut index);
        assert_eq!(index.keys(), [7, 5, 9]);
        // person, rows of the first book, rows of the second
        for (person, of_first, of_second) in [
            (0, vec![0, 2], vec![]),
            (1, vec![1], vec![1]),
            (2, vec![], vec![0]),
            (3, vec![], vec![]),
        ] {
            assert_eq!(first.of(person), of_first, "{person}");
            assert_eq!(second.of(person), of_second, "{person}");
        }
        assert_eq!(first.several().collect::<Vec<_>>(), [[0, 2]]);
    }

    #[test]
    fn every_key_keeps_its_position_however_many_follow() {
        let mut index = Index::default();
        assert_eq!(index.position(7), None);
        // Serial numbers of one day in one place, and documents.
        let keys: Vec<u64> = (0..40_000)
            .map(|at| {
                if at % 3 == 0 {
                    at << 40 | 1 << 63
                } else {
                    43_032_119_900_101_000 + at
                }
            })
            .collect();
        for part in keys.chunks(7_000) {
            index.enter(&UInt64Chunked::from_slice(c::KEY.into(), part));
        }
        index.enter(&UInt64Chunked::from_slice(c::KEY.into(), &keys));
        assert_eq!(index.keys(), keys);
        assert!(
            (0u32..)
                .zip(&keys)
                .all(|(at, key)| index.position(*key) == Some(at))
        );
        assert_eq!(index.position(43_032_119_900_101_000), None); // 0 is one of three
    }
}
