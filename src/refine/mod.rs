//! Refine: text → typed columns beside the text; each row gets its fate.
//!
//! In:  sheets of text and pieces of them, the scheme, the as-of date.
//! Out: `Rows`: one typed frame a source (docs on each field), origins, fates; of one bucket of persons at a time.
//! Never: opens a file, or looks at two books at once.

mod account;
pub mod arrivals;
mod batches;
mod book;
mod buckets;
pub mod dates;
mod declared;
mod elsewhere;
mod exported;
mod fates;
mod figures;
mod frame;
pub mod identity;
mod ledger;
mod links;
pub mod money;
pub mod names;
mod noted;
pub mod overlap;
mod payments;
pub mod places;
mod registrations;
mod repairs;
mod repeats;
mod residents;
mod reversals;
mod rosters;
mod rows;
mod says;
mod settle;
mod sorting;
mod states;
mod sums;
mod table;
mod tasks;
mod typing;
pub mod vocabulary;
mod written;
pub mod years;

pub use account::Account;
pub use batches::Turn;
pub use buckets::Buckets;
pub use exported::Exported;
pub use links::Claimed;
pub use rows::{Rows, Truncated, UnknownWord};
pub use sorting::{Sorter, sorted, typed};
