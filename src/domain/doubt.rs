//! Doubts: why a row is not believed so far that money may move on it (docs/readings.md#doubts).

closed_list! {
    /// What is not known of a row, or of the payment, relation or person that it speaks of. A case is the union of the doubts
    /// of the rows it rests on; with any of them it is 待核.
    ///
    /// No doubt is: a reading that the pipeline states, a repair that is told, a name that differs in a rare letter only, a
    /// column that a book does not have.
    pub enum Doubt {
        /// A value that decides is written and cannot be read: an amount, a day.
        Unread = "unread",
        /// The row has more cells than its header: no cell of it is believed.
        TooLong = "too-long",
        /// The row bears another name than the person.
        OtherName = "other-name",
        /// The number is used by several people.
        SharedNumber = "shared-number",
        /// A remark behind the name says that the person is dead or moved out.
        MarkedGone = "marked-gone",
        /// The place that decides is named and not understood.
        UnknownPlace = "unknown-place",
        /// A status, category or insurance is named and not understood.
        UnknownWord = "unknown-word",
        /// Another row has the same values, in another sender's file or on the same order: perhaps the same payment once more.
        SameValues = "same-values",
        /// Two rows of one record, or two sources, contradict each other on one fact.
        Contradicted = "contradicted",
        /// Nobody said what is due: the price of this person is not settled.
        PriceUnknown = "price-unknown",
        /// The day of the event that decides is not known.
        EventUnknown = "event-unknown",
        /// A value was guessed for this row or file, and another reading of the same cells would change the money.
        Guessed = "guessed",
        /// More than the scheme's highest price was paid at once.
        AboveHighestPrice = "above-highest-price",
        /// Nothing explains the overpayment but a slip in what was entered.
        NotExplained = "not-explained",
    }
}

/// A set of doubts, as columns hold it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doubts(u16);

impl Doubts {
    /// None.
    pub const NONE: Doubts = Doubts(0);

    /// One doubt.
    pub const fn one(doubt: Doubt) -> Self {
        Doubts(1 << doubt.index())
    }

    /// The set that a column holds; null = none.
    pub const fn of_bits(bits: u16) -> Self {
        Doubts(bits)
    }

    /// As a column holds it.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Doubts(self.0 | other.0)
    }

    /// Whether a doubt is among them.
    pub const fn has(self, doubt: Doubt) -> bool {
        self.0 >> doubt.index() & 1 == 1
    }

    /// Whether there is none.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The doubts, in declared order.
    pub fn each(self) -> impl Iterator<Item = Doubt> {
        Doubt::ALL
            .iter()
            .copied()
            .filter(move |doubt| self.0 >> doubt.index() & 1 == 1)
    }
}

const _: () = assert!(Doubt::COUNT <= 16, "a set of doubts is kept in 16 bits");
