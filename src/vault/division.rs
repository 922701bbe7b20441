//! Division: how much is done at a time, and why so much.

/// Buckets that are worked on side by side: each holds what is known of its rows in memory.
pub(super) const AT_ONCE: usize = 2;
