//! Fates: why an input row was used or set aside.

closed_list! {
    /// Why one input row was used or set aside. Every row has exactly one.
    /// When two fit, the earlier wins: it explains the later away.
    pub enum Fate {
        /// No cell holds anything.
        Blank = "blank",
        /// Title, unit line, or header (also one repeated after a page break).
        Heading = "heading",
        /// Signature, remark or other prose below or between the data.
        Note = "note",
        /// A total or subtotal, recognised by its name.
        Total = "total",
        /// Hidden in the workbook and excluded by setting.
        Hidden = "hidden",
        /// Has more cells than its header: none of them is believed.
        TooLong = "too-long",
        /// Belongs to an older snapshot.
        Superseded = "superseded",
        /// Says of itself that it does not count: refunded, cancelled, closed.
        Void = "void",
        /// A payment that says of itself that its money has not arrived yet.
        NotArrived = "not-arrived",
        /// The same record once more.
        Repeated = "repeated",
        /// Of another coverage year.
        OtherYear = "other-year",
        /// Of another insurance than basic medical cover.
        OtherScheme = "other-scheme",
        /// Happened after the as-of date.
        AfterAsOf = "after-as-of",
        /// A payment wholly cancelled, or the reversal that cancelled it.
        Reversed = "reversed",
        /// Counted, but its number cannot be joined to anyone.
        IdUnusable = "id-unusable",
        /// Took part in everything.
        Used = "used",
    }
}

/// Rows by fate; adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FateCounts([u64; Fate::COUNT]);

impl FateCounts {
    /// Counts `rows` more rows of one fate.
    pub fn add(&mut self, fate: Fate, rows: u64) {
        self.0[usize::from(fate.index())] += rows;
    }

    /// Rows of one fate.
    pub fn of(&self, fate: Fate) -> u64 {
        self.0[usize::from(fate.index())]
    }

    /// Rows of all fates.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

impl std::ops::AddAssign for FateCounts {
    fn add_assign(&mut self, other: Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }
}
