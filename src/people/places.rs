//! Places of a bucket as small numbers: region codes and pools are compared and counted far more often than they are read.

use std::num::NonZeroU32;

use polars::prelude::*;

/// A region code or a pool. The order of places is the order of their texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(NonZeroU32);

impl Place {
    fn new(at: usize) -> Self {
        let at = u32::try_from(at + 1).expect("a bucket has fewer places than rows, and rows fit u32");
        Place(NonZeroU32::new(at).expect("one more than a position")) // at least 1
    }

    /// Position among the places of the bucket, in order of their texts.
    pub fn at(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// Every place that a bucket's books name, in order.
pub struct Places {
    texts: Vec<String>,
    /// The same as a column, from which columns of places are taken.
    column: Column,
    pools: Vec<Place>,
    root: Place,
}

impl Places {
    /// The text of a place.
    pub fn text(&self, place: Place) -> &str {
        &self.texts[place.at()]
    }

    /// A column of places, as text.
    pub(super) fn column(&self, name: &str, places: impl Iterator<Item = Option<Place>>) -> Column {
        let at: IdxCa = places.map(|place| Some(place?.0.get() - 1)).collect();
        self.column.take(&at).expect("places stand among the places").with_name(name.into()) // a place is a position there
    }

    /// The pool at the head of a region code.
    pub(super) fn pool(&self, region: Place) -> Place {
        self.pools[region.at()]
    }

    /// The scheme's own region.
    pub fn root(&self) -> Place {
        self.root
    }

    /// Every place, in order.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.texts.len()
    }
}

/// Numbers texts while books are read; their order is known only when all are.
#[derive(Default)]
pub(super) struct Numbering {
    // A text of at most 12 bytes is its own view: that is every region code and nearly every pool.
    short: PlHashMap<u128, u32>,
    long: PlHashMap<String, u32>,
    texts: Vec<String>,
}

/// A column of places, numbered in the order in which they came; 0 where none is named.
pub(super) struct Numbered(Vec<u32>);

impl Numbering {
    /// Numbers a column.
    pub(super) fn column(&mut self, texts: &StringChunked) -> Numbered {
        let mut numbers = Vec::with_capacity(texts.len());
        for piece in texts.downcast_iter() {
            let mut last = (0u128, 0u32); // books are sorted by place more often than not
            for (at, view) in piece.views().iter().enumerate() {
                let number = match piece.get(at) {
                    None => 0,
                    Some(text) if text.len() > 12 => self.long(text),
                    Some(_) if last.1 > 0 && last.0 == view.as_u128() => last.1,
                    Some(text) => {
                        last = (view.as_u128(), self.short(view.as_u128(), text));
                        last.1
                    }
                };
                numbers.push(number);
            }
        }
        Numbered(numbers)
    }

    fn short(&mut self, view: u128, text: &str) -> u32 {
        let texts = &mut self.texts;
        *self.short.entry(view).or_insert_with(|| next(texts, text))
    }

    fn long(&mut self, text: &str) -> u32 {
        match self.long.get(text) {
            Some(number) => *number,
            None => {
                let number = next(&mut self.texts, text);
                self.long.insert(text.to_owned(), number);
                number
            }
        }
    }

    /// Puts the places in order, with the scheme's region and the pools that registers lie in.
    pub(super) fn ordered(self, root: &str, pool_digits: usize) -> (Places, Order) {
        let pool = |text: &str| text.chars().take(pool_digits).collect::<String>();
        let mut texts: Vec<String> = self.texts.clone();
        texts.push(root.to_owned());
        let pools: Vec<String> = texts.iter().map(|text| pool(text)).collect();
        texts.extend(pools);
        texts.sort_unstable();
        texts.dedup();
        let find = |text: &str| {
            let at = texts.binary_search_by(|known| known.as_str().cmp(text));
            Place::new(at.expect("every place and its pool were taken in")) // pushed above
        };
        // A pool is a place, too; nobody asks for the pool of one.
        let pools = texts.iter().map(|text| texts.binary_search(&pool(text)).map_or(find(text), Place::new)).collect();
        let order = Order(self.texts.iter().map(|text| find(text)).collect());
        let root = find(root);
        let column = StringChunked::from_iter_values("".into(), texts.iter().map(String::as_str)).into_column();
        (Places { texts, column, pools, root }, order)
    }
}

fn next(texts: &mut Vec<String>, text: &str) -> u32 {
    texts.push(text.to_owned());
    u32::try_from(texts.len()).expect("a bucket has fewer places than rows, and rows fit u32")
}

/// The place of each number.
pub(super) struct Order(Vec<Place>);

impl Order {
    /// A column's places.
    pub(super) fn of(&self, column: &Numbered) -> Vec<Option<Place>> {
        column.0.iter().map(|number| number.checked_sub(1).map(|at| self.0[at as usize])).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_in_the_order_of_their_texts_and_know_their_pools() {
        let mut numbering = Numbering::default();
        let long = "湘潭县易俗河镇烟塘村"; // longer than a view holds
        let named = [Some("430381"), Some(long), None, Some("430321100201"), Some("430381"), Some(""), Some(long)];
        let numbered = numbering.column(&StringChunked::from_iter(named));
        let (places, order) = numbering.ordered("430321", 4);
        let column = order.of(&numbered);
        let texts: Vec<Option<&str>> = column.iter().map(|place| place.map(|place| places.text(place))).collect();
        assert_eq!(texts, named);
        assert!(column[3] < column[0] && column[0] < column[1] && column[5] < column[3]);
        assert_eq!((column[0], column[1]), (column[4], column[6]));
        let pool = |place: Option<Place>| places.text(places.pool(place.unwrap()));
        assert_eq!([pool(column[0]), pool(column[3]), pool(column[1])], ["4303", "4303", "湘潭县易"]);
        assert_eq!(places.text(places.root()), "430321");
    }
}
