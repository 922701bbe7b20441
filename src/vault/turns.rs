//! Turns: work on the buckets, each once, some of them side by side, and what they come to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use polars::prelude::*;
use polars_core::runtime::THREAD_POOL;

use super::division::AT_ONCE;

/// Broadcasts go on one after the other: a thread that waits inside a bucket would begin the next.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Does something bucket by bucket, side by side, each thread with something of its own, which is handed back. On the threads
/// that polars works on, so that no frame is handed to another thread and waited for at every join and filter; and broadcast,
/// not spawned: a thread that waits inside one bucket helps with another's frames, but must not begin another bucket.
///
/// # Errors
/// The first that work on a bucket says; no further bucket is then begun.
///
/// # Panics
/// On one of those threads: it would wait for itself.
pub fn in_turn<S: Send>(
    buckets: usize,
    own: impl Fn() -> S + Sync,
    each: impl Fn(&mut S, usize) -> anyhow::Result<()> + Sync,
) -> anyhow::Result<Vec<S>> {
    let next = AtomicUsize::new(0);
    let work = || {
        let _watch = StopsOthers(&next, buckets);
        let mut own = own();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= buckets {
                return Ok(own);
            }
            each(&mut own, at).inspect_err(|_| next.store(buckets, Ordering::Relaxed))?;
        }
    };
    assert!(
        THREAD_POOL.current_thread_index().is_none(),
        "buckets are worked on from outside the threads of frames"
    );
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let of_threads = THREAD_POOL.broadcast(|thread| (thread.index() < AT_ONCE).then(work));
    of_threads.into_iter().flatten().collect()
}

/// Ends the handing out of buckets where work on one of them panics: what the others come to would pile up behind it.
struct StopsOthers<'n>(&'n AtomicUsize, usize);

impl Drop for StopsOthers<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(self.1, Ordering::Relaxed);
        }
    }
}

/// What adds up, bucket by bucket.
pub trait Adds {
    /// Adds another's, which comes behind its own.
    fn append(&mut self, other: Self);
}

/// What buckets come to so far: each is added as soon as all before it are, so that few stand beside the sum and the order in
/// which they are done does not show.
pub struct Sum<T>(Mutex<Summing<T>>);

struct Summing<T> {
    whole: T,
    /// Buckets added.
    added: usize,
    waiting: BTreeMap<usize, T>,
}

impl<T: Adds> Sum<T> {
    /// With something before the first bucket.
    pub fn of(whole: T) -> Self {
        Sum(Mutex::new(Summing {
            whole,
            added: 0,
            waiting: BTreeMap::new(),
        }))
    }

    /// Takes what a bucket comes to, from any thread, every bucket once.
    pub fn take(&self, at: usize, part: T) {
        let mut sum = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sum.waiting.insert(at, part);
        while let Some(part) = sum.first() {
            sum.whole.append(part);
            sum.added += 1;
        }
    }

    /// All of it.
    ///
    /// # Panics
    /// When a bucket was left out.
    pub fn whole(self) -> T {
        let sum = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        assert!(sum.waiting.is_empty(), "a bucket was left out of the sum");
        sum.whole
    }
}

impl<T> Summing<T> {
    /// The bucket that is next.
    fn first(&mut self) -> Option<T> {
        self.waiting.remove(&self.added)
    }
}

/// Gives a frame texts of its own: the few rows taken from a bucket would else keep the texts of all its rows in memory.
///
/// # Errors
/// None that a frame with columns of its own could cause.
pub fn on_its_own(frame: &mut DataFrame) -> PolarsResult<()> {
    let is_text = |column: &&Column| column.dtype() == &DataType::String;
    let names: Vec<PlSmallStr> = frame
        .columns()
        .iter()
        .filter(is_text)
        .map(|column| column.name().clone())
        .collect();
    for name in names {
        let own: StringChunked = frame.column(&name)?.str()?.iter().collect();
        frame.with_column(own.with_name(name).into_column())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use rayon::prelude::*;

    use super::*;

    #[test]
    fn every_bucket_is_worked_on_once_and_what_the_threads_have_comes_back() {
        for buckets in [0, 1, 2, 100] {
            let of_threads = in_turn(buckets, Vec::new, |mine, at| {
                mine.push(at);
                Ok(())
            });
            let mut all: Vec<usize> = of_threads.unwrap().into_iter().flatten().collect();
            all.sort_unstable();
            assert_eq!(all, (0..buckets).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_thread_that_waits_inside_a_bucket_begins_no_other() {
        thread_local! { static INSIDE: Cell<bool> = const { Cell::new(false) } }
        let at_once = AtomicUsize::new(0);
        let one = |_: &mut (), _| {
            assert!(!INSIDE.replace(true), "a bucket within a bucket");
            assert!(at_once.fetch_add(1, Ordering::SeqCst) < AT_ONCE);
            // Parts long enough to be stolen and waited for.
            let parts = (0..64_usize)
                .into_par_iter()
                .with_max_len(1)
                .map(|part| (0..20_000).fold(part, |sum, n| sum ^ sum.wrapping_add(n)));
            assert!(parts.max().is_some());
            at_once.fetch_sub(1, Ordering::SeqCst);
            INSIDE.set(false);
            Ok(())
        };
        std::thread::scope(|threads| {
            for _ in 0..3 {
                // One bucket leaves a thread free to take parts of it, so that the other waits.
                threads.spawn(|| (0..100).for_each(|_| drop(in_turn(1, || (), one).unwrap())));
            }
        });
    }

    #[test]
    fn a_bucket_that_fails_is_told_whatever_became_of_the_others() {
        for failing in [0, 1, 99] {
            let told = in_turn(
                100,
                || (),
                |(), at| {
                    if at == failing {
                        anyhow::bail!("bucket {at}")
                    } else {
                        Ok(())
                    }
                },
            );
            assert_eq!(told.unwrap_err().to_string(), format!("bucket {failing}"));
        }
    }

    #[test]
    fn a_panic_in_one_bucket_is_a_panic_of_all() {
        let work = || {
            in_turn(
                2,
                || (),
                |(), at| {
                    if at == 1 {
                        panic!("bucket {at}")
                    } else {
                        Ok(())
                    }
                },
            )
        };
        let panic = catch_unwind(AssertUnwindSafe(work)).unwrap_err();
        assert_eq!(panic.downcast_ref::<String>().unwrap(), "bucket 1");
    }

    impl Adds for Vec<usize> {
        fn append(&mut self, mut other: Self) {
            Vec::append(self, &mut other);
        }
    }

    #[test]
    fn what_buckets_come_to_is_added_in_their_order_whichever_is_done_first() {
        let sum = Sum::of(vec![99]);
        for at in [2, 0, 3, 1] {
            sum.take(at, vec![at]);
        }
        assert_eq!(sum.whole(), [99, 0, 1, 2, 3]);
    }
}
