//! Rows below a header: told apart, and gathered into columns of text.
//!
//! In:  a header, and rows of cells.
//! Out: records as columns of text with their digests, and every other row counted by its reason.
//! Never: reads a file, or a value.

mod chunks;
mod forms;
mod gathered;
mod idle;
mod judged;
mod merged;
mod plan;

pub(crate) use gathered::{Gathered, PlainRun, joined};
pub(crate) use judged::RowIs;
pub(crate) use merged::Met;
pub(crate) use plan::Plan;
