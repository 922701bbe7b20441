//! PENDING: stands in for `crate::words::Label` until that is merged. To swap, delete this file and write
//! `use crate::words::Label;` for `use super::labels_pending::Label;` in the files beside it.

use crate::domain::{Actor, CaseState, Code, Evidence, Level, Reason, RegionLevel, SourceKind, Standing};
use crate::measure::BridgeLine;
use crate::words::Lang;

/// A short name for people.
pub(super) trait Label: Copy {
    fn label(self, lang: Lang) -> &'static str;
}

macro_rules! codes_for_now {
    ($($name:ident)+) => { $(impl Label for $name { fn label(self, _: Lang) -> &'static str { self.code() } })+ };
}
codes_for_now! { Actor BridgeLine CaseState Code Evidence Level Reason RegionLevel SourceKind Standing }
