//! Intake: file → text table with origin; the header found by content; every row kept.
//!
//! In:  the scheme's source rules and the folder of inputs.
//! Out: `Sheet`s: per sheet a frame of text columns named by field, with row number and digest, and the count of rows set aside.
//! Never: interprets a value, decides between two rows, or drops one.

mod ask;
mod beside;
mod book;
mod bounds;
mod cell;
mod claim;
mod columnar;
pub mod family;
mod glimpse;
mod guard;
mod handed;
mod header;
mod kind;
mod lines;
mod marks;
mod merged;
mod office;
mod old;
mod rows;
mod sheet;
mod sheets;
mod spans;
mod strangers;
mod suggest;
mod text;
mod trouble;
mod watch;

use std::cmp::Reverse;
use std::path::Path;

use rayon::prelude::*;

use crate::domain::{Complaint, SourceKind, fault::Complaints};
use crate::scheme::Scheme;
use book::Errand;
use claim::{Claim, Claims};
use glimpse::Seen;

pub use beside::{Beside, NoTable};
pub use glimpse::Glimpse;
pub use guard::hush_caught_panics;
pub use handed::{Borrowed, CellTexts, Handed, Taker};
pub use header::{key as header_key, needed};
pub use sheet::{
    LongRow, MergedColumn, Origin, SheetLine, SideTable, SourceColumn, SourceSheet, Sure,
    Surroundings, TotalRow,
};
pub use strangers::{Unclaimed, unclaimed};
pub use suggest::{is_word_of_headers, likeness, meant};
pub use trouble::{Trouble, told_apart};
pub use watch::{Silent, Watch};

/// One claimed file, whatever came of reading it.
#[derive(Debug)]
pub struct Looked {
    /// The source that claims it.
    pub source: SourceKind,
    /// File name relative to the inputs folder, `/` between folders.
    pub file: String,
    /// Its sheets, or why there are none.
    pub outcome: Result<Vec<SourceSheet>, Trouble>,
    /// The first rows of its sheets, where one looked closely; none where the file cannot be opened at all.
    pub glimpses: Vec<Glimpse>,
}

/// Reads every file that the scheme's sources claim in the folder, and hands the rows on while reading.
///
/// # Errors
/// `Complaints` with everything that is wrong with the files, at once; else a `Fault`.
pub fn hand_on(
    scheme: &Scheme,
    inputs: &Path,
    taker: &dyn Taker,
    watch: &dyn Watch,
) -> anyhow::Result<()> {
    let errand = Errand {
        year: scheme.year,
        window: scheme.window,
        taker: Some(taker),
        watch,
    };
    let each = |claim: &Claim<'_>| -> Result<(), Trouble> {
        let sheets = errand.read(claim, None)?;
        sheets
            .into_iter()
            .try_for_each(|sheet| taker.finish(sheet))
            .map_err(Trouble::Broken)
    };
    every_file(scheme, inputs, each).map(|_| ())
}

/// The sheets themselves, rows and all, in order of declared source, file name and sheet: for whoever looks at what was read.
///
/// # Errors
/// As `hand_on`.
pub fn read(scheme: &Scheme, inputs: &Path, watch: &dyn Watch) -> anyhow::Result<Vec<SourceSheet>> {
    let errand = Errand {
        year: scheme.year,
        window: scheme.window,
        taker: None,
        watch,
    };
    let each = |claim: &Claim<'_>| {
        let sheets = errand.read(claim, None);
        sheets
            .iter()
            .flatten()
            .for_each(SourceSheet::assert_balanced);
        sheets
    };
    Ok(every_file(scheme, inputs, each)?
        .into_iter()
        .flatten()
        .collect())
}

/// Works on every claimed file, on all cores, and tells of everything that is wrong at once.
fn every_file<T: Send>(
    scheme: &Scheme,
    inputs: &Path,
    each: impl Fn(&Claim<'_>) -> Result<T, Trouble> + Sync + Send,
) -> anyhow::Result<Vec<T>> {
    let Claims { claims, wrong, .. } = claim::claims(scheme, inputs)?;
    if !wrong.is_empty() {
        return Err(Complaints(wrong).into());
    }
    let (mut read, mut troubles) = (Vec::new(), Vec::new());
    for outcome in on_all_cores(&claims, each) {
        match outcome {
            Ok(of_file) => read.push(of_file),
            Err(trouble) => troubles.push(trouble),
        }
    }
    match told_apart(troubles) {
        (wrong, None) if wrong.is_empty() => Ok(read),
        (wrong, Some(fault)) if wrong.is_empty() => Err(fault.into()),
        (wrong, None) => Err(Complaints(wrong).into()),
        // Both are told: who mends the one should not meet the other only then.
        (wrong, Some(fault)) => Err(anyhow::Error::from(fault).context(Complaints(wrong))),
    }
}

/// Does something with every file, side by side, the largest first: begun last, it would be read alone. What comes of them is in
/// the order given. Bridged: a thread that waits inside one file does not begin another.
fn on_all_cores<T: Send>(claims: &[Claim<'_>], each: impl Fn(&Claim<'_>) -> T + Sync) -> Vec<T> {
    let mut in_turn: Vec<(usize, &Claim<'_>)> = claims.iter().enumerate().collect();
    in_turn.sort_by_cached_key(|(_, claim)| Reverse(kind::weight(&claim.path)));
    let mut done: Vec<(usize, T)> = in_turn
        .into_iter()
        .par_bridge()
        .map(|(at, claim)| (at, each(claim)))
        .collect();
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, of_file)| of_file).collect()
}

/// Bytes of all files that the scheme's sources claim in the folder, by what it takes to hold their rows: a csv as it is, what
/// is compressed several times over. Nothing where the folder or a file cannot be read: reading says why.
pub fn weight(scheme: &Scheme, inputs: &Path) -> u64 {
    let Ok(Claims { claims, .. }) = claim::claims(scheme, inputs) else {
        return 0;
    };
    claims.iter().map(|claim| kind::weight(&claim.path)).sum()
}

/// What there is in a folder of inputs.
#[derive(Debug)]
pub struct Overview {
    /// Every claimed file, in order of declared source and name.
    pub looked: Vec<Looked>,
    /// Names of files that no source claims, relative to the folder.
    pub unclaimed: Vec<String>,
    /// Those of them that are no tables.
    pub no_tables: Vec<NoTable>,
    /// What is wrong with the claims.
    pub wrong: Vec<Complaint>,
}

/// Reads as `read` does, but goes on where something is wrong: every claimed file with what came of it, files that nobody
/// claims, and what is wrong with the claims. `closely` also keeps the first rows of every sheet.
///
/// # Errors
/// `Complaints` where there is no such folder; a `Fault` where it, or a folder in it, may not be listed.
pub fn survey(
    scheme: &Scheme,
    inputs: &Path,
    closely: bool,
    watch: &dyn Watch,
) -> anyhow::Result<Overview> {
    let Claims {
        claims,
        unclaimed,
        wrong,
    } = claim::claims(scheme, inputs)?;
    Ok(Overview {
        looked: look(scheme, &claims, closely, watch),
        no_tables: beside::no_tables(inputs, &unclaimed),
        unclaimed,
        wrong,
    })
}

fn look(scheme: &Scheme, claims: &[Claim<'_>], closely: bool, watch: &dyn Watch) -> Vec<Looked> {
    let errand = Errand {
        year: scheme.year,
        window: scheme.window,
        taker: None,
        watch,
    };
    let one = |claim: &Claim<'_>| {
        let seen = closely.then(Seen::default);
        let outcome = errand.read(claim, seen.as_ref());
        outcome
            .iter()
            .flatten()
            .for_each(SourceSheet::assert_balanced);
        let glimpses = seen.map(Seen::into_glimpses).unwrap_or_default();
        Looked {
            source: claim.rule.kind,
            file: claim.file.clone(),
            outcome,
            glimpses,
        }
    };
    on_all_cores(claims, one)
}
