//! Survey: says before the run what every file was taken for, what looks wrong with it, and what could be declared.
//!
//! In:  files as intake looked at them, the scheme, the as-of date.
//! Out: grave facts, for which a run stops; `Survey`: files and sheets as understood, warnings, proposals for `columns`; all of it values.
//! Never: stops anything itself, keeps a cell of a row, or speaks a human language.

mod clues;
mod counts;
mod discreet;
mod expect;
mod first_rows;
mod grave;
mod suggest;
mod warning;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use chrono::NaiveDate;
use polars::prelude::DataFrame;

pub use clues::Clue;
pub use discreet::is_discreet;
pub use first_rows::FirstRows;
pub use grave::{flood_of_amounts, grave, halved};
pub use suggest::{Choice, Open, Proposal, Why};
pub use warning::{At, OddCells, OddSameness, OddSize, OddTime, Warning, Yardstick};

use self::counts::{Counts, Gist};
use crate::domain::fault::Complaints;
use crate::domain::{
    Accepted, Code, Complaint, FateCounts, Fault, Grave, GraveCode, Refusal, SourceKind,
};
use crate::intake::{self, Looked, Overview, SourceSheet, Trouble};
use crate::judge::{self, Brief, Printed, Said};
use crate::refine;
use crate::scheme::Scheme;
use crate::vault::Division;

/// What a survey is of.
pub struct Asked {
    /// Folder that was looked at.
    pub inputs: PathBuf,
    /// The day the reports would speak of.
    pub as_of: NaiveDate,
    /// Whether somebody named that day: of today, which nobody chose, no folder of last year is told that it is late.
    pub names_day: bool,
    /// Whether proposals are wanted.
    pub closely: bool,
    /// Grave facts that a run is given leave to.
    pub accepted: Vec<Accepted>,
}

/// What `check` tells before the work.
pub struct Survey {
    /// The scheme.
    pub scheme: Scheme,
    /// The day the reports would speak of.
    pub as_of: NaiveDate,
    /// Folder that was looked at.
    pub inputs: PathBuf,
    /// Every claimed file, in order of source and name.
    pub files: Vec<SurveyedFile>,
    /// Names of files in the folder that no source claims.
    pub unclaimed: Vec<String>,
    /// What looks wrong, though nothing stops.
    pub warnings: Vec<Warning>,
    /// The first rows of what would stop the run.
    pub first_rows: Vec<FirstRows>,
    /// What could be declared, a source each; `None` where nobody asked.
    pub proposals: Option<Vec<Proposal>>,
    /// Everything that would stop the run: what is wrong with the files …
    pub wrong: Vec<Complaint>,
    /// … and what the machine did.
    pub fault: Option<Fault>,
}

/// One file as it was understood.
pub struct SurveyedFile {
    /// The source that claims it.
    pub source: SourceKind,
    /// File name relative to the inputs folder.
    pub file: String,
    /// What is in it.
    pub content: Content,
}

/// What a file turned out to hold.
pub enum Content {
    /// Sheets.
    Sheets(Vec<SurveyedSheet>),
    /// Something that stops the run.
    Refused(Vec<Refusal>),
    /// The machine failed us.
    Broken,
}

/// One sheet as it was understood.
pub struct SurveyedSheet {
    /// The sheet; its table is empty.
    pub sheet: SourceSheet,
    /// Its rows by fate.
    pub fates: FateCounts,
    /// First and last payment day in it.
    pub days: Option<(NaiveDate, NaiveDate)>,
}

impl Survey {
    /// What would stop the run, as the run would say it: complaints before a fault.
    pub fn into_errors(self) -> Vec<anyhow::Error> {
        let wrong = (!self.wrong.is_empty()).then(|| Complaints(self.wrong).into());
        wrong
            .into_iter()
            .chain(self.fault.map(anyhow::Error::from))
            .collect()
    }
}

/// Types what could be read, counts it, and compares it with what one may expect. `closely`: also makes proposals.
///
/// # Errors
/// As `refine::typed`.
pub fn of(overview: Overview, scheme: Scheme, asked: Asked) -> Result<Survey> {
    let Asked {
        inputs,
        as_of,
        names_day,
        closely,
        accepted,
    } = asked;
    let Overview {
        looked,
        unclaimed,
        no_tables,
        wrong: claims_wrong,
    } = overview;
    let proposals = closely.then(|| suggest::proposals(&looked, &scheme));
    let Read {
        mut files,
        heads,
        sheets,
        troubles,
    } = Read::of(looked);
    let gists: Vec<Gist> = sheets.iter().map(Gist::of).collect();
    let to_judge = sheets.clone(); // texts are shared
    let rows = refine::typed(sheets, &scheme, as_of)?;
    rows.assert_balanced();
    let counts = Counts::of(&rows, &scheme, typed_order(&heads))?;
    beside_their_files(&mut files, &heads, &counts, &rows.fates());
    let heads: Vec<SourceSheet> = heads.into_iter().map(|(_, sheet)| sheet).collect();
    let added = judge::added(&rows, &scheme)?;
    let warnings = expect::warnings(&expect::Observed {
        files: &files,
        heads: &heads,
        no_tables: &no_tables,
        gists: &gists,
        counts: &counts,
        turns: &rows.turns,
        added: &added,
        scheme: &scheme,
        as_of,
    });
    let (of_files, fault) = intake::told_apart(troubles);
    // What would stop the run stands here too.
    let arrived = refine::arrivals::Arrived::of(&rows)?;
    let rosters = refine::arrivals::refusals(&arrived, &rows, &scheme)
        .into_iter()
        .map(Complaint::from);
    let twice = refine::overlap::Overlap::of(&rows, &scheme)?.graves(&rows);
    let beside = intake::unclaimed(&scheme, &inputs)?;
    let graves = grave(&rows, &beside, &scheme, as_of)?;
    let graves = graves.into_iter().chain(twice);
    let leave = |one: &Grave| {
        let declared = scheme.accepted_on(as_of);
        accepted
            .iter()
            .chain(declared)
            .any(|leave| leave.covers(one))
    };
    let is_asked = |one: &Grave| names_day || one.code() != GraveCode::AsOfOdd;
    let stands = |one: &Grave| is_asked(one) && !leave(one);
    let mut graves: Vec<Grave> = graves.filter(stands).collect();
    if graves.is_empty() && of_files.is_empty() && fault.is_none() {
        // What is misunderstood may show only in what is said of persons.
        let wrong = amounts_wrong(to_judge, &scheme, as_of)?;
        graves.extend(flood_of_amounts(&rows, wrong).filter(stands));
    }
    let first_rows = first_rows::of(&graves, &rows, &scheme)?;
    let wrong = claims_wrong
        .into_iter()
        .chain(of_files)
        .chain(rosters)
        .chain(graves.into_iter().map(Complaint::from))
        .collect();
    Ok(Survey {
        scheme,
        as_of,
        inputs,
        files,
        unclaimed,
        warnings,
        first_rows,
        proposals,
        wrong,
        fault,
    })
}

/// Judges all rows as a run would, and counts the amounts that are not what is due.
fn amounts_wrong(sheets: Vec<SourceSheet>, scheme: &Scheme, as_of: NaiveDate) -> Result<u64> {
    let buckets = refine::sorted(sheets, scheme, as_of, Division::WHOLE)?;
    let brief = Brief {
        scheme,
        as_of,
        in_transit_since: None, // amounts do not ask
        printed: Printed::Nothing,
    };
    let wrong = AtomicU64::new(0);
    let count = |_: usize, said: Said| {
        wrong.fetch_add(said.of_code(Code::AmountWrong)?, Ordering::Relaxed);
        Ok(())
    };
    judge::by_bucket(&buckets, brief, &count)?;
    Ok(wrong.into_inner())
}

/// What the files held.
#[derive(Default)]
struct Read {
    files: Vec<SurveyedFile>,
    /// Sheets without their rows, with the position of their file.
    heads: Vec<(usize, SourceSheet)>,
    sheets: Vec<SourceSheet>,
    troubles: Vec<Trouble>,
}

impl Read {
    fn of(looked: Vec<Looked>) -> Read {
        let mut read = Read::default();
        for one in looked {
            let content = read.content(one.outcome);
            read.files.push(SurveyedFile {
                source: one.source,
                file: one.file,
                content,
            });
        }
        read
    }

    /// What came of the next file; its sheets follow when they are counted.
    fn content(&mut self, outcome: Result<Vec<SourceSheet>, Trouble>) -> Content {
        match outcome {
            Ok(sheets) => {
                let at = self.files.len();
                let heads = sheets.iter().map(|sheet| (at, without_rows(sheet)));
                self.heads.extend(heads);
                self.sheets.extend(sheets);
                Content::Sheets(Vec::new())
            }
            Err(trouble) => {
                let content = match &trouble {
                    Trouble::Refused(refusals) => Content::Refused(refusals.clone()),
                    Trouble::Broken(_) => Content::Broken,
                };
                self.troubles.push(trouble);
                content
            }
        }
    }
}

/// Puts every sheet, with what was counted of it, to its file.
fn beside_their_files(
    files: &mut [SurveyedFile],
    heads: &[(usize, SourceSheet)],
    counts: &Counts,
    fates: &[FateCounts],
) {
    for (at, (file, sheet)) in heads.iter().enumerate() {
        if let Content::Sheets(of_file) = &mut files[*file].content {
            let origin = counts.origin_of[at];
            of_file.push(SurveyedSheet {
                sheet: sheet.clone(),
                fates: fates[origin],
                days: counts.sheets[origin].days,
            });
        }
    }
}

fn without_rows(sheet: &SourceSheet) -> SourceSheet {
    SourceSheet {
        table: DataFrame::empty(),
        ..sheet.clone()
    }
}

/// Position in `Rows::origins` of every sheet: refine lays them in order of source, file and sheet.
fn typed_order(heads: &[(usize, SourceSheet)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..heads.len()).collect();
    order.sort_by_key(|at| {
        let origin = &heads[*at].1.origin;
        (origin.source, origin.file.as_str(), origin.sheet.as_str())
    });
    let mut position = vec![0; order.len()];
    for (origin, at) in order.into_iter().enumerate() {
        position[at] = origin;
    }
    position
}
