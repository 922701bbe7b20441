//! People: one row a person: everything every book says.
//!
//! In:  typed rows, the scheme, the as-of date; one bucket of keys at a time.
//! Out: `People`: the books' rows that count, and one frame with one row a person.
//! Never: decides who is right, or looks across buckets.

mod books;
mod bucket;
mod cells;
pub mod columns;
pub mod entry;
mod gather;
mod grants;
pub mod in_force;
mod index;
mod own;
pub mod p;
mod person;
mod places;
pub mod read;
mod summary;
mod who;

use polars::prelude::*;

pub use books::Books;
pub use bucket::{People, gather};
pub use columns::{ColumnKind, PERSONS, PersonColumn};
pub use index::{Book, taken};
pub use person::ALWAYS;
pub use places::{Place, Places};
pub use summary::PlacesNamed;
pub use who::{FACES, Stands};

/// A left join whose right side has one row a key: one that would multiply rows is an error, not a wrong report.
pub fn to_one() -> JoinArgs {
    let mut args = JoinArgs::new(JoinType::Left);
    args.validation = JoinValidation::ManyToOne;
    args
}
