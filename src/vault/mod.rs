//! Vault: rows with a key in; the same rows bucket by bucket, or in order, out.
//!
//! In:  frames of rows with a key, of several books and from several threads (`Filling`); rows of lists, sorted (`SortedRun`).
//! Out: all rows of a key together, bucket by bucket (`Vault`), each bucket worked on in turn (`in_turn`); lists in their
//!      order, batch by batch (`Runs`). In memory where they fit, else in a scratch folder that goes with the vault.
//! Never: knows a column, a book or a list by its meaning: labels, titles and orders are told it from outside.

mod collecting;
mod division;
mod filling;
mod keys;
mod moves;
mod opening;
mod packed;
mod pieces;
mod rekeying;
mod runs;
mod scratch;
mod shelves;
mod turns;

pub use collecting::Collecting;
pub use division::{Division, Load};
pub use filling::Filling;
pub use moves::{Moves, Tangle};
pub use opening::Vault;
pub use pieces::Labels;
pub use runs::{BATCH_ROWS, Runs, SortedRun, Worded};
pub use scratch::Kept;
pub use shelves::Titled;
pub use turns::{Adds, Sum, in_turn, on_its_own};
