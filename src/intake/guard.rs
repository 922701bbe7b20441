//! Other people's readers, kept from taking the program down: a panic of theirs on a hostile file is a broken file.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};

thread_local! {
    /// Whether this thread is inside a reader of somebody else's.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Readers at work that use polars' threads.
static ON_ALL_THREADS: AtomicUsize = AtomicUsize::new(0);

/// A reader that gave up by panicking. What it said is not kept: it may hold a cell's text.
#[derive(Debug)]
pub(crate) struct Panicked;

impl Panicked {
    /// For a fault; `words` knows it.
    pub(crate) const REASON: &'static str = "the reader gave up";
}

/// Makes a call into a reader of somebody else's. Only such calls: a panic of ours must stay one.
///
/// After a panic what the call worked on is in no known state: drop it.
pub(crate) fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, Panicked> {
    let before = GUARDED.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(call));
    GUARDED.set(before);
    outcome.map_err(|_| Panicked)
}

/// The same for a reader that works on polars' threads: a panic there comes back to the caller, but is printed where it
/// happens.
pub(crate) fn guarded_on_all_threads<T>(call: impl FnOnce() -> T) -> Result<T, Panicked> {
    ON_ALL_THREADS.fetch_add(1, Ordering::Relaxed);
    let outcome = guarded(call);
    ON_ALL_THREADS.fetch_sub(1, Ordering::Relaxed);
    outcome
}

/// Keeps panics that are caught here from being printed; all others are printed as ever. For `main`, once.
pub fn hush_caught_panics() {
    let loud = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let of_polars = || {
            std::thread::current()
                .name()
                .is_some_and(|name| name.starts_with("polars-"))
        };
        let is_caught = GUARDED.get() || ON_ALL_THREADS.load(Ordering::Relaxed) > 0 && of_polars();
        if !is_caught {
            loud(panic);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_inside_is_an_error_and_one_outside_stays_a_panic() {
        assert_eq!(guarded(|| 7).unwrap(), 7);
        assert!(guarded(|| [0_u8; 0].first().copied().expect("hostile")).is_err());
        assert!(!GUARDED.get());
        assert!(panic::catch_unwind(|| panic!("ours")).is_err());
    }
}
