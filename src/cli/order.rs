//! What was asked for, in the terms of the walk.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::Accepted;
use crate::intake::Watch;
use crate::words::{Lang, Stage};

/// Which documents a run writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// Data files and manifest.
    Data,
    /// Workbooks and manifest.
    Reports,
}

/// Who is told how far the walk has come.
pub trait Progress: Watch + Send {
    /// A stage begins.
    fn stage(&self, stage: Stage);
    /// The stage went through so many rows.
    fn rows(&self, _rows: u64) {}
}

/// Tells nobody.
pub struct Unwatched;

impl Watch for Unwatched {
    fn begin(&self, _file: &str, _bytes: u64) {}
    fn done(&self, _file: &str, _rows: u64) {}
}
impl Progress for Unwatched {
    fn stage(&self, _stage: Stage) {}
}

/// What was asked for.
#[derive(Clone)]
pub struct Order {
    /// Pipeline file.
    pub pipeline: PathBuf,
    /// The day the reports speak of.
    pub as_of: NaiveDate,
    /// Whether somebody named that day; else it is today's.
    pub names_day: bool,
    /// Folder of inputs; `None` = the pipeline's.
    pub inputs: Option<PathBuf>,
    /// Folder of all reports; `<pipeline>/<as-of>` is made in it.
    pub out: PathBuf,
    /// Report folder of an earlier run that changes are against.
    pub since: Option<PathBuf>,
    /// Language of workbooks.
    pub lang: Lang,
    /// Memory to stay within, in bytes: what does not fit goes through a scratch folder.
    pub memory: u64,
    /// Into how many buckets the persons are divided, where that is not left to the size of the inputs; the result does not
    /// depend on it.
    pub buckets: Option<u32>,
    /// `None` = everything.
    pub only: Option<Only>,
    /// Code of the region that workbooks are of; `None` = all of the scheme.
    pub region: Option<String>,
    /// Grave facts that are accepted.
    pub accepted: Vec<Accepted>,
    /// Whether a survey also proposes what could be declared.
    pub suggest: bool,
    /// When the run started, as text for the manifest.
    pub started: Option<String>,
    /// Who is told.
    pub watch: Arc<dyn Progress + Sync>,
}

impl Default for Order {
    fn default() -> Self {
        Order {
            pipeline: PathBuf::new(),
            as_of: NaiveDate::default(),
            names_day: true,
            inputs: None,
            out: PathBuf::from("reports"),
            since: None,
            lang: Lang::Zh,
            memory: u64::MAX,
            buckets: None,
            only: None,
            region: None,
            accepted: Vec::new(),
            suggest: false,
            started: None,
            watch: Arc::new(Unwatched),
        }
    }
}
