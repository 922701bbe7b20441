//! Exchange: how folders change places, so that at every moment the older or the new report lies there whole, and what
//! somebody may have typed is never removed (docs/readings.md#kept-reports).

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::disk::{remove, unwritable};
use super::seal::{Ledger, worked_on};
use crate::domain::{Fault, Kept, WhyKept};

/// Puts `fresh` where `folder` is, and `folder` into `old`.
pub(super) fn swap(fresh: &Path, folder: &Path, old: &Path) -> io::Result<()> {
    if at_once(fresh, folder, old)? {
        return Ok(());
    }
    fs::rename(folder, old)?;
    fs::rename(fresh, folder).inspect_err(|_| {
        let _ = fs::rename(old, folder); // the older report is in its place again, or the next start puts it there
    })
}

/// The same in one step of the system, where it and the disk know such a step: there is then no moment without a report.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn at_once(fresh: &Path, folder: &Path, old: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};

    // What is broken off between the two leaves a whole new report under the name of the old one.
    fs::rename(fresh, old)?;
    if renameat_with(CWD, old, CWD, folder, RenameFlags::EXCHANGE).is_ok() {
        return Ok(true);
    }
    fs::rename(old, fresh)?;
    Ok(false)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn at_once(_fresh: &Path, _folder: &Path, _old: &Path) -> io::Result<bool> {
    Ok(false)
}

/// Removes a report in whose stead there is a `newer` one, or calls it `<named>.<n>` where somebody may have worked on it or
/// where it holds more. Says what was kept.
pub(super) fn retire(aside: &Path, newer: &Path, named: &Path) -> io::Result<Option<Kept>> {
    if !is_there(aside) {
        return Ok(None);
    }
    let ledger = Ledger::of(aside);
    let fuller = || {
        let newer = Ledger::of(newer);
        let covered = newer
            .zip(ledger.as_ref())
            .is_some_and(|(newer, older)| newer.covers(older));
        (!covered).then_some(WhyKept::Fuller)
    };
    let Some(why) = worked_on(aside, ledger.as_ref()).or_else(fuller) else {
        discard(aside, named)?;
        return Ok(None);
    };
    let place = numbered(named);
    fs::rename(aside, &place)?;
    Ok(Some(Kept { place, why }))
}

/// Removes a report under a name that says so: broken off in the middle, what is left of it is no report any more.
fn discard(aside: &Path, named: &Path) -> io::Result<()> {
    let name = named.file_name().unwrap_or_default().to_string_lossy();
    let gone = named.with_file_name(format!(".{name}.gone"));
    remove(&gone)?;
    fs::rename(aside, &gone)?;
    remove(&gone)
}

/// `<as-of>.1`, or the first number that is free.
fn numbered(folder: &Path) -> PathBuf {
    let named = |number: u32| {
        let mut name = folder.as_os_str().to_owned();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    };
    (1..)
        .map(named)
        .find(|path| !is_there(path))
        .expect("numbers do not end before a disk does")
}

/// Also a link that leads nowhere.
pub(super) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Settles what interrupted runs left, of whatever day or region: whoever holds the lock is alone with it.
pub(super) fn settle(parent: &Path) -> Result<Vec<Kept>, Fault> {
    let mut kept = Vec::new();
    for entry in fs::read_dir(parent).map_err(unwritable(parent))? {
        let path = entry.map_err(unwritable(parent))?.path();
        let Some((name, kind)) = path.file_name().and_then(left_by_a_run) else {
            continue;
        };
        let folder = parent.join(name);
        match kind {
            // Half a report, rows that wait, and what is being removed: nobody's work.
            Left::Half => remove(&path).map_err(unwritable(&path))?,
            Left::Old if is_there(&folder) => {
                kept.extend(retire(&path, &folder, &folder).map_err(unwritable(&path))?);
            }
            Left::Old => fs::rename(&path, &folder).map_err(unwritable(&folder))?,
        }
    }
    Ok(kept)
}

/// What an interrupted run leaves.
enum Left {
    Half,
    Old,
}

/// `.2022-03-31.old` is what a run left of the report `2022-03-31`.
fn left_by_a_run(name: &OsStr) -> Option<(&str, Left)> {
    let (report, kind) = name.to_str()?.strip_prefix('.')?.rsplit_once('.')?;
    let kind = match kind {
        "new" | "scratch" | "gone" => Left::Half,
        "old" => Left::Old,
        _ => return None,
    };
    let day = report.get(..10)?;
    day.parse::<NaiveDate>().ok()?;
    Some((report, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_the_desk_are_what_a_run_left() {
        // name; the report it belongs to
        for (name, report) in [
            (".2022-03-31.old", Some("2022-03-31")),
            (".2022-03-31-430321100.new", Some("2022-03-31-430321100")),
            (".2022-03-31.scratch", Some("2022-03-31")),
            (".2022-03-31.gone", Some("2022-03-31")),
            (".2022-03-31.txt", None),
            ("2022-03-31.old", None),
            (".笔记.old", None),
            (".lock", None),
        ] {
            let found = left_by_a_run(OsStr::new(name)).map(|(report, _)| report);
            assert_eq!(found, report, "{name}");
        }
    }
}
