//! The desk: reports appear whole or not at all, on Windows too
//! (docs/architecture.md#the-report-folder).
//!
//! Everything is written into `.<as-of>.new`; then `<as-of>` becomes `.<as-of>.old`, the new one moves in, the old one goes.

mod disk;
mod exchange;
mod seal;
mod sink;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::NaiveDate;

use self::disk::{remove, unwritable};
pub use self::seal::Digests;
use self::seal::Ledger;
use self::sink::Watched;
use super::Output;
use crate::domain::{Fault, Kept, WhyKept};

/// Written and removed again to learn whether the disk takes anything at all.
const PROBE_BYTES: usize = 64 * 1024;

/// Where the reports lie now.
#[derive(Debug)]
pub struct Placed {
    /// The folder of the reports.
    pub folder: PathBuf,
    /// Older reports that were not simply replaced.
    pub kept: Vec<Kept>,
}

/// A folder that can be written, held for one run.
#[derive(Debug)]
pub struct Desk {
    folder: PathBuf,
    fresh: PathBuf,
    old: PathBuf,
    pending: PathBuf,
    scratch: PathBuf,
    /// What was kept when the desk was made ready.
    kept: Vec<Kept>,
    /// Held until the desk is dropped; the operating system lets go of it even after a crash.
    lock: File,
}

impl Desk {
    /// Makes `<out>/<slug>/`, settles what an interrupted run left there, and fails now rather than in an hour.
    ///
    /// # Errors
    /// `Fault::Busy` while another run holds the folder; `Fault::Unwritable` or `DiskFull` where nothing can be written.
    pub fn ready(out: &Path, slug: &str, as_of: NaiveDate) -> anyhow::Result<Desk> {
        Desk::of_region(out, slug, as_of, None)
    }

    /// The same for the reports of one region, which stand in `<as-of>-<code>` beside those of the whole scheme.
    ///
    /// # Errors
    /// Those of `ready`.
    pub fn of_region(
        out: &Path,
        slug: &str,
        as_of: NaiveDate,
        region: Option<&str>,
    ) -> anyhow::Result<Desk> {
        let name = region.map_or_else(|| as_of.to_string(), |code| format!("{as_of}-{code}"));
        let parent = out.join(slug);
        disk::folder(&parent).map_err(unwritable(&parent))?;
        let lock = locked(&parent)?;
        let desk = Desk {
            folder: parent.join(&name),
            fresh: parent.join(format!(".{name}.new")),
            old: parent.join(format!(".{name}.old")),
            pending: parent.join(format!("{name}.pending")),
            scratch: parent.join(format!(".{name}.scratch")),
            kept: exchange::settle(&parent)?,
            lock,
        };
        desk.probe()?;
        Ok(desk)
    }

    /// Folder beside the reports for what does not fit into memory; whoever uses it makes it and removes it. What a killed run
    /// left there goes with the next start.
    pub fn scratch(&self) -> PathBuf {
        self.scratch.clone()
    }

    /// Writes all documents, then exchanges the folders. Says where the reports are, and what became of older ones on
    /// which somebody may have worked.
    ///
    /// # Errors
    /// Whatever a document or the machine says; older reports are then as they were. `Fault::OutputLocked` when they cannot
    /// be moved away: the new ones then stand in `<as-of>.pending`.
    pub fn write(&self, documents: Vec<Output<'_>>) -> anyhow::Result<Placed> {
        assert_places(&documents);
        let (closing, mut documents): (Vec<_>, Vec<_>) =
            documents.into_iter().partition(Output::is_closing);
        disk::folder(&self.fresh).map_err(unwritable(&self.fresh))?;
        // The longest first: begun last, it would be written alone.
        documents.sort_by_key(|document| Reverse(document.work));
        let digests = self.write_all(&documents)?;
        for document in &closing {
            let bytes = seal::sealed(document.closing_bytes(&digests)?);
            self.write_one(&Output::new(&document.path, move || Ok(bytes.clone())))?;
        }
        self.sync_folders(&documents);
        self.exchange()
    }

    /// In the order given, as many at a time as there are processors. Threads of their own: a document that waits for what
    /// others make (the next batch of a list) must not hold a worker of the pool in which they make it.
    fn write_all(&self, documents: &[Output<'_>]) -> anyhow::Result<Digests> {
        let next = AtomicUsize::new(0);
        let write = || {
            let mut digests = Digests::new();
            while let Some(document) = documents.get(next.fetch_add(1, Ordering::Relaxed)) {
                let digest = self
                    .write_one(document)
                    .inspect_err(|_| next.store(documents.len(), Ordering::Relaxed))?;
                digests.insert(document.path.clone(), digest);
            }
            Ok(digests)
        };
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..rayon::current_num_threads())
                .map(|_| scope.spawn(write))
                .collect();
            let written: Vec<anyhow::Result<Digests>> = writers
                .into_iter()
                .map(|writer| writer.join().unwrap_or_else(|panic| resume_unwind(panic)))
                .collect();
            let written: anyhow::Result<Vec<Digests>> = written.into_iter().collect();
            Ok(written?.into_iter().flatten().collect())
        })
    }

    /// Writes a document. Its digest.
    fn write_one(&self, document: &Output<'_>) -> anyhow::Result<String> {
        let path = self.fresh.join(&document.path);
        let open = || -> io::Result<File> {
            if let Some(parent) = path.parent() {
                disk::folder(parent)?;
            }
            disk::file(&path)
        };
        let mut sink = Watched::new(open().map_err(unwritable(&path))?);
        let written = document.write(&mut sink).and_then(|()| Ok(sink.flush()?));
        // What the machine said of the file says more than what a writer of workbooks made of it.
        if let Some(error) = sink.failed() {
            return Err(unwritable(&path)(error).into());
        }
        written?;
        Ok(sink.close().map_err(unwritable(&path))?)
    }

    /// So that a power cut after the exchange does not leave folders without their entries.
    fn sync_folders(&self, documents: &[Output<'_>]) {
        let mut folders: HashSet<PathBuf> = HashSet::from([self.fresh.clone()]);
        folders.extend(
            documents
                .iter()
                .filter_map(|d| self.fresh.join(&d.path).parent().map(Path::to_path_buf)),
        );
        for folder in folders {
            sync_folder(&folder);
        }
    }

    fn exchange(&self) -> anyhow::Result<Placed> {
        let mut placed = Placed {
            folder: self.folder.clone(),
            kept: self.kept.clone(),
        };
        if self.stands_already() {
            remove(&self.fresh).map_err(unwritable(&self.fresh))?;
            placed.kept.push(Kept {
                place: self.folder.clone(),
                why: WhyKept::SaysTheSame,
            });
            return Ok(placed);
        }
        if exchange::is_there(&self.folder) {
            if exchange::swap(&self.fresh, &self.folder, &self.old).is_err() {
                return Err(self.put_beside()?.into());
            }
        } else {
            fs::rename(&self.fresh, &self.folder).map_err(unwritable(&self.folder))?;
        }
        if let Some(parent) = self.folder.parent() {
            sync_folder(parent);
        }
        // The new reports are in place: what cannot be removed now is removed by the next start.
        for aside in [&self.old, &self.pending] {
            let kept = exchange::retire(aside, &self.folder, &self.folder);
            placed.kept.extend(kept.ok().flatten());
        }
        Ok(placed)
    }

    /// Whether the older report holds more than what was asked for now, and all of that as it is now.
    fn stands_already(&self) -> bool {
        let ledgers = Ledger::of(&self.folder).zip(Ledger::of(&self.fresh));
        ledgers.is_some_and(|(older, newer)| older.says_as_much_as(&newer, &self.folder))
    }

    /// Excel and WPS hold their file; its folder cannot move. The new reports are not thrown away for that.
    fn put_beside(&self) -> Result<Fault, Fault> {
        exchange::retire(&self.pending, &self.fresh, &self.folder)
            .map_err(unwritable(&self.pending))?;
        fs::rename(&self.fresh, &self.pending).map_err(unwritable(&self.pending))?;
        Ok(Fault::OutputLocked {
            path: self.folder.clone(),
            pending: self.pending.clone(),
        })
    }

    fn probe(&self) -> Result<(), Fault> {
        if self.folder.exists() && !self.folder.is_dir() {
            let error = io::Error::from(io::ErrorKind::NotADirectory);
            return Err(Fault::unwritable(self.folder.clone(), &error));
        }
        let path = self.fresh.join(".probe");
        let write = || -> io::Result<()> {
            disk::folder(&self.fresh)?;
            let mut file = disk::file(&path)?;
            file.write_all(&[0; PROBE_BYTES])?;
            file.sync_all()?;
            drop(file);
            // Reading and judging take minutes; a run that is broken off in them leaves nothing here.
            fs::remove_dir_all(&self.fresh)
        };
        write().map_err(unwritable(&self.fresh))
    }
}

impl Drop for Desk {
    /// After a success there is nothing left to remove; after anything else no half report stays behind.
    fn drop(&mut self) {
        let _ = remove(&self.fresh);
        // A program that is just being started by another thread holds a copy of it for a moment.
        let _ = self.lock.unlock();
    }
}

fn locked(parent: &Path) -> Result<File, Fault> {
    let path = parent.join(".lock");
    let file = File::options()
        .create(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(unwritable(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Fault::Busy {
            path: parent.to_path_buf(),
        }),
        // Some network shares know no locks; a bureau without them still needs its reports.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(error)) => Err(Fault::unwritable(path, &error)),
    }
}

/// # Panics
/// When two documents are to lie in one place, or one outside of the report: our bug.
fn assert_places(documents: &[Output<'_>]) {
    let mut paths = HashSet::new();
    for document in documents {
        assert!(
            paths.insert(document.path.as_str()),
            "two documents are called {}",
            document.path
        );
        assert!(
            is_inside(&document.path),
            "a document would leave its folder: {}",
            document.path
        );
    }
}

fn is_inside(path: &str) -> bool {
    Path::new(path)
        .components()
        .all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// Best effort: Windows opens no folder as a file, and needs no such call.
fn sync_folder(folder: &Path) {
    if let Ok(handle) = File::open(folder) {
        let _ = handle.sync_all();
    }
}
