//! Places of a run as small numbers: region codes and pools are compared and counted far more often than they are read.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use polars::prelude::*;

use crate::domain::columns as c;
use crate::refine::places::Atlas;

/// u32: the pool that a row lies in, by its position among the places.
pub const POOL_AT: &str = "pool_at";
/// u32?: the region that a row names, by its position among the places.
pub const REGION_AT: &str = "region_at";

/// A region code or a pool. The order of places is the order of their texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(NonZeroU32);

impl Place {
    fn new(at: usize) -> Self {
        let at = u32::try_from(at + 1).expect("there are fewer places than rows, and rows fit u32");
        Place(NonZeroU32::new(at).expect("one more than a position")) // at least 1
    }

    /// Position among the places, in order of their texts.
    pub fn at(self) -> usize {
        self.number() as usize
    }

    /// The same as columns of places hold it.
    pub fn number(self) -> u32 {
        self.0.get() - 1
    }
}

/// Every place that any row names, in order: the same for every bucket.
pub struct Places {
    texts: Vec<String>,
    /// The same as a column, from which columns of places are taken.
    column: Column,
    pools: Vec<Place>,
    root: Place,
    /// By a row's number of its place: the region that it names, and where it counts.
    of_row: Vec<(Option<Place>, Place)>,
    /// The regions of the same as a column of numbers.
    regions: Column,
}

impl Places {
    /// The places of an atlas, with the scheme's region and the pools that regions lie in.
    pub(crate) fn of(atlas: &Atlas, root: &str, pool_digits: usize) -> Self {
        let pool = |text: &str| -> usize {
            text.char_indices()
                .nth(pool_digits)
                .map_or(text.len(), |(at, _)| at)
        };
        let mut texts: Vec<&str> = atlas
            .regions()
            .flatten()
            .chain(atlas.pools())
            .chain([root])
            .collect();
        texts.sort_unstable();
        texts.dedup();
        let pools: BTreeSet<&str> = texts.iter().map(|text| &text[..pool(text)]).collect();
        texts.extend(pools);
        texts.sort_unstable();
        texts.dedup();
        let known: PlHashMap<&str, usize> = texts
            .iter()
            .zip(0..)
            .map(|(text, at)| (*text, at))
            .collect();
        let find = |text: &str| Place::new(known[text]); // every place and its pool were taken in above
        let pools = texts.iter().map(|text| find(&text[..pool(text)])).collect(); // a pool's pool is itself
        let of_row: Vec<(Option<Place>, Place)> = atlas
            .regions()
            .zip(atlas.pools())
            .map(|(region, pool)| (region.map(find), find(pool)))
            .collect();
        let regions = of_row.iter().map(|(region, _)| region.map(Place::number));
        let regions: UInt32Chunked = regions.collect();
        let root = find(root);
        let column =
            StringChunked::from_iter_values("".into(), texts.iter().copied()).into_column();
        let texts = texts.into_iter().map(str::to_owned).collect();
        Places {
            texts,
            column,
            pools,
            root,
            of_row,
            regions: regions.into_column(),
        }
    }

    /// The regions that rows name, by their numbers in the atlas.
    pub fn regions(&self, numbers: &UInt32Chunked) -> Vec<Option<Place>> {
        numbers
            .into_no_null_iter()
            .map(|number| self.of_row[number as usize].0)
            .collect()
    }

    /// Where rows count, by their numbers in the atlas.
    pub(super) fn pools(&self, numbers: &UInt32Chunked) -> Vec<Option<Place>> {
        numbers
            .into_no_null_iter()
            .map(|number| Some(self.of_row[number as usize].1))
            .collect()
    }

    /// Rows with the pool that each lies in as a number beside its text (`POOL_AT`): pools are joined, grouped and sorted by
    /// it.
    ///
    /// # Panics
    /// Where a row has no place: every typed row has one.
    pub fn beside_pools(&self, mut rows: DataFrame) -> PolarsResult<DataFrame> {
        let numbers = rows.column(c::PLACE)?.u32()?;
        assert_eq!(numbers.null_count(), 0, "every row has a place");
        let pools = numbers
            .into_no_null_iter()
            .map(|number| self.of_row[number as usize].1.number());
        let pools = UInt32Chunked::from_iter_values(POOL_AT.into(), pools).into_column();
        rows.with_column(pools)?;
        Ok(rows)
    }

    /// The text of the place at a position.
    pub fn text_at(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }

    /// The text of a place.
    pub fn text(&self, place: Place) -> &str {
        &self.texts[place.at()]
    }

    /// These columns of places, as text.
    pub fn spelled(&self, mut frame: DataFrame, names: &[&str]) -> PolarsResult<DataFrame> {
        for name in names {
            let texts = self.column.take(frame.column(name)?.u32()?)?;
            frame.with_column(texts.with_name((*name).into()))?;
        }
        Ok(frame)
    }

    /// Rows of a book with the region that each names as a number (`REGION_AT`, null where it names none).
    pub fn beside_regions(&self, mut rows: DataFrame) -> PolarsResult<DataFrame> {
        let regions = self.regions.take(rows.column(c::PLACE)?.u32()?)?;
        rows.with_column(regions.with_name(REGION_AT.into()))?;
        Ok(rows)
    }

    /// The pool at the head of a region code.
    pub(super) fn pool(&self, region: Place) -> Place {
        self.pools[region.at()]
    }

    /// Whether a pool is one of those that the scheme's region lies in, or that lie in it.
    pub fn is_ours(&self, pool: Place) -> bool {
        let (pool, root) = (self.text(pool), self.text(self.root));
        pool.starts_with(root) || root.starts_with(pool)
    }

    /// The scheme's own region.
    pub fn root(&self) -> Place {
        self.root
    }

    /// All places, in order.
    pub fn each(&self) -> impl Iterator<Item = Place> {
        (0..self.texts.len()).map(Place::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refine::places::Located;

    #[test]
    fn places_are_in_the_order_of_their_texts_and_know_their_pools() {
        let long = "湘潭县易俗河镇烟塘村"; // longer than a view holds
        let at = |region: Option<&str>, pool: &str| Located {
            region: region.map(str::to_owned),
            text: None,
            verdict: None,
            here: true,
            pool: pool.to_owned(),
            guessed: false,
        };
        let named = [
            Some("430381"),
            Some(long),
            None,
            Some("430321100201"),
            Some(""),
        ];
        let pools = ["4303", "?", "4304", "4303", "?"];
        let all: Vec<Located> = named
            .iter()
            .zip(pools)
            .map(|(region, pool)| at(*region, pool))
            .collect();
        let places = Places::of(&Atlas::of(&all), "430321", 4);
        let rows = UInt32Chunked::from_slice("".into(), &[3, 0, 0, 2, 1, 4]);
        let text = |place: Option<Place>| place.map(|place| places.text(place));
        let regions = places.regions(&rows);
        assert_eq!(
            regions.iter().map(|place| text(*place)).collect::<Vec<_>>(),
            [3, 0, 0, 2, 1, 4].map(|at: usize| named[at])
        );
        let lies_in: Vec<_> = places.pools(&rows).into_iter().map(text).collect();
        assert_eq!(lies_in, [3, 0, 0, 2, 1, 4].map(|at: usize| Some(pools[at])));
        let table = places
            .beside_pools(df!(c::PLACE => [3_u32, 0, 0, 2, 1, 4]).unwrap())
            .unwrap();
        let numbers: Vec<u32> = table
            .column(POOL_AT)
            .unwrap()
            .u32()
            .unwrap()
            .into_no_null_iter()
            .collect();
        let by_number = |at: u32| places.text(places.each().nth(at as usize).unwrap());
        assert_eq!(
            numbers.into_iter().map(by_number).collect::<Vec<_>>(),
            [3, 0, 0, 2, 1, 4].map(|at: usize| pools[at])
        );
        assert!(
            regions[0] < regions[1]
                && regions[1] == regions[2]
                && regions[1] < regions[4]
                && regions[5] < regions[0]
        );
        let pool = |place: Option<Place>| places.text(places.pool(place.unwrap()));
        assert_eq!(
            [pool(regions[1]), pool(regions[0]), pool(regions[4])],
            ["4303", "4303", "湘潭县易"]
        );
        assert_eq!(places.text(places.root()), "430321");
        assert!(places.each().map(|place| places.text(place)).is_sorted());
    }
}
