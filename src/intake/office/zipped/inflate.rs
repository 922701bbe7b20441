//! What a part may inflate to. Declared sizes lie, so what comes out is counted.

use crate::domain::Refusal;
use crate::domain::fault::WrongContent;

const MIB: u64 = 1 << 20;

/// How far a part may inflate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// Bytes, at most.
    pub(super) most: u64,
    /// From so many bytes on, the part must also stay below `RATIO` times its packed size.
    pub(super) ratio_from: u64,
}

/// Lists of sheets, relations, styles, a theme: kept as a whole by whoever reads them. Some workbooks carry tens of MiB of
/// styles and names that decades of pasting left behind.
pub(super) const LISTED: Limit = Limit {
    most: 64 * MIB,
    ratio_from: 16 * MIB,
};

/// Shared texts, kept as a whole: room for a million rows in which every text is another.
pub(super) const HELD: Limit = Limit {
    most: 384 * MIB,
    ratio_from: 64 * MIB,
};

/// Sheets, which go by in a stream: 1 M rows × 30 columns are 2 GiB.
pub(super) const STREAMED: Limit = Limit {
    most: 3 * 1024 * MIB,
    ratio_from: 256 * MIB,
};

/// The one part of an ods that holds all sheets, which goes by in a stream too. Blank cells are counted there, not
/// repeated, so that an honest one stays below the ratio at any size.
pub(super) const DOCUMENT: Limit = Limit {
    most: 3 * 1024 * MIB,
    ratio_from: 32 * MIB,
};

/// All parts of a file together. A sheet named by two tabs counts twice, since it is read twice.
pub(super) const TOTAL: u64 = 6 * 1024 * MIB;

/// Sheets of records inflate 5–30 times, sheets of blank formatted cells up to a hundred; deflate itself ends at 1032.
const RATIO: u64 = 200;

/// What a part has inflated to so far.
pub(super) struct Gauge<'n> {
    file: &'n str,
    part: &'n str,
    limit: Limit,
    packed: u64,
    inflated: u64,
}

impl<'n> Gauge<'n> {
    /// Nothing inflated yet of a part that is packed into so many bytes.
    pub(super) fn new(file: &'n str, part: &'n str, limit: Limit, packed: u64) -> Self {
        Gauge {
            file,
            part,
            limit,
            packed,
            inflated: 0,
        }
    }

    /// Counts what came out, and refuses what is too much.
    pub(super) fn count(&mut self, bytes: usize) -> Result<(), Refusal> {
        self.inflated = self.inflated.saturating_add(bytes as u64);
        let swollen = self.inflated > self.limit.ratio_from
            && self.inflated > self.packed.saturating_mul(RATIO);
        if self.inflated > self.limit.most || swollen {
            Err(self.refusal())
        } else {
            Ok(())
        }
    }

    /// Bytes so far.
    pub(super) fn inflated(&self) -> u64 {
        self.inflated
    }

    fn refusal(&self) -> Refusal {
        let limit = if self.inflated > self.limit.most {
            self.limit.most
        } else {
            self.limit.ratio_from
        };
        refusal(self.file, self.part, limit)
    }
}

/// A part is larger than a limit.
pub(super) fn refusal(file: &str, part: &str, limit: u64) -> Refusal {
    Refusal::Content(WrongContent::Inflates {
        file: file.to_owned(),
        part: part.to_owned(),
        limit_mib: limit / MIB,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_and_ratio_are_limits_and_the_ratio_counts_only_for_what_is_large() {
        let limit = Limit {
            most: 4000,
            ratio_from: 1000,
        };
        for (packed, inflated, fits) in [
            (1, 1000, true), // small: whatever its ratio
            (1, 1001, false),
            (10, 2000, true),
            (10, 2001, false),
            (1000, 4000, true),
            (1000, 4001, false),
        ] {
            let mut gauge = Gauge::new("a.xlsx", "p", limit, packed);
            let counted = gauge
                .count(inflated / 2)
                .and_then(|()| gauge.count(inflated - inflated / 2));
            assert_eq!(counted.is_ok(), fits, "{packed} {inflated}");
        }
    }
}
