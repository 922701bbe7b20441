//! Domain: the words of the trade, as closed lists and small exact types.
//!
//! In:  nothing.
//! Out: person key, region tree, the country's list, periods, money, ratios, fates, standings, finding codes, fields, column
//!      names, faults; how bytes become letters, for all who read text.
//! Never: opens files, knows a table, or speaks a human language.

#[macro_use]
mod closed_list;
pub mod blank;
pub mod case;
pub mod columns;
pub mod country;
pub(crate) mod decoding;
pub mod doubt;
pub mod entry;
pub mod fate;
pub mod fault;
pub mod field;
pub mod finding;
pub mod fraction;
pub mod grave;
pub mod kept;
pub mod letters;
pub mod money;
pub mod period;
pub mod person;
pub mod ratio;
pub mod record;
pub mod region;
pub mod repair;
pub mod slip;
pub mod standing;
pub mod waiting;
pub mod working;

pub use case::{CaseState, Evidence, KeptWhy, Reason};
pub use doubt::{Doubt, Doubts};
pub use entry::{Price, Starts};
pub use fate::{Fate, FateCounts};
pub use fault::{Complaint, Damage, Excerpt, Fault, Refusal, Spot};
pub use field::{Field, SourceKind};
pub use finding::{Actor, Code, Family, Holds, Level};
pub use fraction::Fraction;
pub use grave::{Accepted, Grave, GraveCode};
pub use kept::{Kept, WhyKept};
pub use money::Fen;
pub use period::Days;
pub use person::{PersonKey, UnusableRow};
pub use ratio::Ratio;
pub use record::{Cover, Status};
pub use region::{Meant, Region, RegionLevel, RegionTree};
pub use repair::{Repair, Repairs};
pub use slip::{TomlSlip, WrongRegion};
pub use standing::{Standing, Whereabouts};
pub use waiting::Waiting;
pub use working::WorkingDays;
