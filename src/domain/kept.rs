//! Kept: an older report that a new one did not simply replace.

use std::path::PathBuf;

/// An older report folder that was put aside, or left where it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it lies now.
    pub place: PathBuf,
    /// Why it was not removed.
    pub why: WhyKept,
}

/// Why an older report is kept (docs/readings.md#kept-reports).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyKept {
    /// A document is not as the run wrote it: somebody has worked in it.
    Changed { document: String },
    /// It holds so many files that no run wrote. They are not named: a name may be a person's.
    NotOurs { files: u64 },
    /// Nothing says what the run wrote: an older program, or a manifest that was changed.
    Unknown,
    /// It holds documents that the new one was not asked for.
    Fuller,
    /// It holds documents that the new one was not asked for, and all of the new one's as they are: it stays in its place.
    SaysTheSame,
}
