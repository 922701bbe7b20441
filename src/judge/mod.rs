//! Judge: says of every person what does not agree.
//!
//! In:  people, one row a person, with what each book says about them; rows that nobody can be joined to.
//! Out: findings, one standing a person, refund cases, and tallies that add up.
//! Never: reads files, drops persons, or speaks a human language.

mod amounts;
mod assessed;
mod bucket;
mod cases;
mod cells;
mod changes;
mod checks;
mod counting;
mod counts;
mod entries;
mod expected;
mod fates;
pub mod households;
mod judged;
mod later;
pub mod lists;
mod names;
pub mod needs;
pub mod note;
mod order;
mod rosters;
mod rows;
pub mod rulebook;
mod standings;
mod suspects;
mod tables;
mod tallies;
pub mod transit;
mod unread;

use std::panic::resume_unwind;

pub use changes::{Change, RosterChange};
pub use entries::{LATE, STUDENT};
pub use judged::{Brief, Judged, Said};
pub use lists::Printed;
pub use rulebook::{Enrolment, Extra, OnTheWay, OutOfForce, Remark, RowClass, Verdict};
pub use tables::{Figures, added, contradictions, figures, in_full};
pub use tallies::{SubsidiesRecorded, Tallies};

use bucket::{Judging, of_checks_that_ran};
use counting::Counting;
use judged::Part;

use crate::refine::{Buckets, Rows};
use crate::vault::{Sum, in_turn};

/// Takes what a bucket says as soon as it is judged, and last, as one bucket more, what only all of them together could say.
/// Called from several threads.
pub type Takes<'t> = &'t (dyn Fn(usize, Said) -> anyhow::Result<()> + Sync);

/// Judges bucket by bucket; what the buckets come to adds up. The result does not depend on the number of buckets.
///
/// # Errors
/// `Fault` where scratch cannot be read or written; else only when a frame breaks its contract.
pub fn by_bucket<'b>(
    buckets: &Buckets,
    brief: Brief<'b>,
    take: Takes<'_>,
) -> anyhow::Result<Judged<'b>> {
    let figures = buckets.figures();
    let judging = Judging::of(buckets, &figures, brief)?;
    let sum = Sum::of(judging.of_figures(&figures)?);
    let none = || Counting::of(brief.scheme, brief.as_of);
    let counted = in_turn(buckets.count(), none, |counting, at| {
        let mut part = judging.bucket(at, counting)?;
        take(at, std::mem::take(&mut part.said))?;
        sum.take(at, part);
        Ok(())
    })?;
    let mut whole = sum.whole();
    let (tallies, last) = std::thread::scope(|threads| {
        let added = || {
            let mut all = none();
            counted.into_iter().for_each(|mine| all.append(mine));
            all.into_tallies(&judging.places)
        };
        let tallies = threads.spawn(added);
        let last = of_all_together(&mut whole, &figures, (buckets, brief));
        (
            tallies.join().unwrap_or_else(|panic| resume_unwind(panic)),
            last,
        )
    });
    take(buckets.count(), last?)?;
    let mut judged = whole.judged;
    judged.tallies = tallies;
    judged.changes.sort();
    assert_balanced(&judged, &figures);
    Ok(judged)
}

/// What only all buckets together can say.
fn of_all_together(
    whole: &mut Part<'_>,
    figures: &Rows,
    (buckets, brief): (&Buckets, Brief<'_>),
) -> anyhow::Result<Said> {
    let mut findings = vec![std::mem::take(&mut whole.said.findings)];
    let later = std::mem::take(&mut whole.later);
    findings.extend(later.finished(&whole.candidates, &brief.scheme.regions)?);
    if !whole.remainder.is_empty() {
        let kept = |at| buckets.kept(at);
        findings.push(suspects::id_suspect(
            &whole.remainder,
            buckets.count(),
            &kept,
        )?);
    }
    findings.push(households::footing(&whole.judged.members, figures)?);
    Ok(Said {
        findings: of_checks_that_ran(findings, figures)?,
        ..Said::default()
    })
}

/// Rows counted while reading and rows that came to a fate are two counts of one truth.
fn assert_balanced(judged: &Judged<'_>, figures: &Rows) {
    for (origin, fates) in figures.origins.iter().zip(&judged.fates) {
        let (file, sheet) = (&origin.file, &origin.sheet);
        let (read, settled) = (origin.rows_read, fates.total());
        assert_eq!(read, settled, "rows lost or born in {file} [{sheet}]");
    }
}
