//! What every reader is asked.

use super::glimpse::Seen;
use crate::scheme::SourceRule;

/// What a sheet is asked for.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    /// The source rule of the file.
    pub rule: &'a SourceRule,
    /// Coverage year.
    pub year: i32,
    /// Where the first rows of every sheet are kept, if proposals are to be made from them.
    pub seen: Option<&'a Seen>,
}
