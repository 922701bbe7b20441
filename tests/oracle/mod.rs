//! The oracle: the books of docs/readings.md once more, row by row, from that paper only.
//!
//! In:  a `World`: a small scheme and the rows of its books, as the texts that stand in the files.
//! Out: an `Answer`: findings, standings, coverage, bridge, refund cases, funding, late entries and assessment, as plain maps and vectors;
//!      and the same world written as files, for the program to read.
//! Never: uses a frame, or any code of `src/` (only the stable codes, as text). It must be able to disagree.
#![allow(dead_code)] // every test takes the part it needs

pub mod answer;
pub mod assess;
pub mod cases;
pub mod count;
pub mod drive;
pub mod entries;
pub mod files;
pub mod findings;
pub mod identity;
mod late_tables;
pub mod money;
pub mod places;
pub mod policies;
pub mod random;
pub mod rows;
mod tables;
pub mod world;
mod written;
