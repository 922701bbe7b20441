//! Header: where the header of a sheet is, and what each of its columns holds.
//!
//! In:  the first rows of a sheet, and what a source asks for.
//! Out: a `Header`: the column of every field, tables beside it, people of a household.
//! Never: reads a row below it as a record.

mod agreement;
mod claims;
mod draft;
mod found;
mod household;
mod levels;
mod meaning;
mod needed;
mod search;
mod segments;
mod synonyms;
mod traditional;
mod unfit;
mod words;

pub(crate) use agreement::is_same_value;
pub(crate) use found::{Found, Header, Neighbour};
pub use meaning::key;
pub(crate) use meaning::letters;
pub use needed::needed;
pub(crate) use search::{HEAD_CELLS, HEAD_ROWS, begun, find, named};
pub(crate) use synonyms::{field, is_common, words as words_for};
pub(crate) use unfit::{refusal, unsettled};
pub(crate) use words::{fields_of, looks_like_a_header};
