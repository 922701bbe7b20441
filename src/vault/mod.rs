//! Vault: rows that are more than memory holds, kept in buckets until they are asked for.
//!
//! In:  rows with a key, from several threads; frames that are to be read in an order of their own.
//! Out: the same rows bucket by bucket, or in order, from memory or from scratch; work on the buckets, side by side.
//! Never: knows a column, a book or a person by its meaning: names and orders are given to it.

mod division;
mod turns;

pub use turns::{Adds, Sum, in_turn, on_its_own};
