//! The desk: whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use canbao::domain::Fault;
use canbao::report::{Desk, Output};
use chrono::NaiveDate;
use rayon::prelude::*;

const SLUG: &str = "tiny-2022";

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2022, 3, 31).unwrap()
}

fn document(path: &str, text: &str) -> Output<'static> {
    let bytes = text.as_bytes().to_vec();
    Output::new(path, move || Ok(bytes.clone()))
}

fn write(out: &Path, text: &str) -> anyhow::Result<PathBuf> {
    let documents = vec![
        document("manifest.json", text),
        document("data/a.csv", text),
        document("分发/易俗河镇.xlsx", text),
    ];
    Desk::ready(out, SLUG, as_of())?.write(documents)
}

/// Every file below a folder with its bytes; empty folders too; the lock left out.
fn tree(folder: &Path) -> BTreeMap<String, String> {
    fn walk(at: &Path, root: &Path, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .replace('\\', "/");
            if path.is_dir() {
                found.insert(format!("{name}/"), String::new());
                walk(&path, root, found);
            } else if name != ".lock" {
                found.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

fn fault_of(error: &anyhow::Error) -> &Fault {
    error
        .downcast_ref()
        .unwrap_or_else(|| panic!("no fault: {error:?}"))
}

#[test]
fn new_reports_take_the_place_of_the_old_ones_and_nothing_else_is_left() {
    let out = tempfile::tempdir().unwrap();
    assert_eq!(
        write(out.path(), "one").unwrap(),
        out.path().join(SLUG).join("2022-03-31")
    );
    Desk::ready(out.path(), SLUG, as_of())
        .unwrap()
        .write(vec![document("data/b.csv", "two")])
        .unwrap();
    let left: Vec<String> = tree(&out.path().join(SLUG)).into_keys().collect();
    assert_eq!(
        left,
        ["2022-03-31/", "2022-03-31/data/", "2022-03-31/data/b.csv"]
    );
}

#[test]
fn a_document_that_fails_leaves_the_older_reports_as_they_were() {
    let out = tempfile::tempdir().unwrap();
    write(out.path(), "one").unwrap();
    let before = tree(&out.path().join(SLUG));
    let mut documents: Vec<Output> = (0..20)
        .map(|n| document(&format!("data/{n}.csv"), "two"))
        .collect();
    documents.push(Output::new("data/bad.csv", || {
        Err(anyhow::anyhow!("no bytes"))
    }));
    let error = Desk::ready(out.path(), SLUG, as_of())
        .unwrap()
        .write(documents)
        .unwrap_err();
    assert_eq!(error.to_string(), "no bytes");
    assert_eq!(tree(&out.path().join(SLUG)), before);
}

/// Two long lists are merged by threads of their own while their documents wait; the merging is done in the pool.
#[test]
fn documents_may_wait_for_work_that_other_threads_do_in_the_pool() {
    let summed = || {
        std::thread::scope(|scope| {
            scope
                .spawn(|| (0..1_000u64).into_par_iter().sum::<u64>())
                .join()
                .unwrap()
        })
    };
    let documents = 4 * rayon::current_num_threads();
    let (done, waited) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let out = tempfile::tempdir().unwrap();
        let document = |n| {
            Output::new(format!("{n}.csv"), move || {
                Ok(summed().to_string().into_bytes())
            })
        };
        let written = Desk::ready(out.path(), SLUG, as_of())
            .unwrap()
            .write((0..documents).map(document).collect());
        done.send(written.map(|folder| tree(&folder).len()).unwrap())
            .unwrap();
    });
    // Only a deadlock takes so long.
    assert_eq!(
        waited.recv_timeout(std::time::Duration::from_secs(120)),
        Ok(documents)
    );
}

#[test]
fn a_desk_that_is_given_up_leaves_nothing_behind() {
    let out = tempfile::tempdir().unwrap();
    drop(Desk::ready(out.path(), SLUG, as_of()).unwrap());
    assert!(tree(&out.path().join(SLUG)).is_empty());
}

#[test]
fn the_next_start_settles_a_half_done_exchange() {
    // what an interrupted run left; what the next start makes of it
    for (left, settled) in [
        (&["2022-03-31"][..], "2022-03-31"),
        (&["2022-03-31", ".2022-03-31.new"], "2022-03-31"),
        (&[".2022-03-31.old", ".2022-03-31.new"], ".2022-03-31.old"),
        (&[".2022-03-31.old"], ".2022-03-31.old"),
        (&["2022-03-31", ".2022-03-31.old"], "2022-03-31"),
    ] {
        let out = tempfile::tempdir().unwrap();
        for folder in left {
            fs::create_dir_all(out.path().join(SLUG).join(folder)).unwrap();
            fs::write(out.path().join(SLUG).join(folder).join("who"), folder).unwrap();
        }
        drop(Desk::ready(out.path(), SLUG, as_of()).unwrap());
        let expected = BTreeMap::from([
            ("2022-03-31/".to_owned(), String::new()),
            ("2022-03-31/who".to_owned(), settled.to_owned()),
        ]);
        assert_eq!(tree(&out.path().join(SLUG)), expected, "{left:?}");
    }
}

#[test]
fn reports_that_cannot_move_away_leave_the_new_ones_pending_until_the_next_success() {
    let out = tempfile::tempdir().unwrap();
    write(out.path(), "one").unwrap();
    let folder = out.path().join(SLUG);
    let desk = Desk::ready(out.path(), SLUG, as_of()).unwrap();
    // Stands for a file open in Excel: the old folder cannot move onto a folder that is not empty.
    fs::create_dir(folder.join(".2022-03-31.old")).unwrap();
    fs::write(folder.join(".2022-03-31.old/held"), "").unwrap();
    let error = desk.write(vec![document("data/a.csv", "two")]).unwrap_err();
    drop(desk);
    let Fault::OutputLocked { path, pending } = fault_of(&error) else {
        panic!("{error:?}")
    };
    assert_eq!(
        (path, pending),
        (
            &folder.join("2022-03-31"),
            &folder.join("2022-03-31.pending")
        )
    );
    assert_eq!(
        fs::read_to_string(folder.join("2022-03-31/data/a.csv")).unwrap(),
        "one"
    );
    assert_eq!(
        fs::read_to_string(pending.join("data/a.csv")).unwrap(),
        "two"
    );

    write(out.path(), "three").unwrap();
    assert_eq!(
        fs::read_to_string(folder.join("2022-03-31/data/a.csv")).unwrap(),
        "three"
    );
    assert!(
        !tree(&folder)
            .keys()
            .any(|name| name.contains("pending") || name.contains("old"))
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_known_before_the_work() {
    let out = tempfile::tempdir().unwrap();
    let file = out.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Desk::ready(&file.join("below"), SLUG, as_of()).unwrap_err();
    assert!(
        matches!(fault_of(&error), Fault::Unwritable { .. }),
        "{error:?}"
    );

    // A file has the name of the report folder.
    fs::create_dir_all(out.path().join(SLUG)).unwrap();
    fs::write(out.path().join(SLUG).join("2022-03-31"), "mine").unwrap();
    let error = Desk::ready(out.path(), SLUG, as_of()).unwrap_err();
    assert!(
        matches!(fault_of(&error), Fault::Unwritable { .. }),
        "{error:?}"
    );
    assert_eq!(
        fs::read_to_string(out.path().join(SLUG).join("2022-03-31")).unwrap(),
        "mine"
    );
}

#[test]
fn a_second_run_on_the_same_folder_is_told_to_wait() {
    let out = tempfile::tempdir().unwrap();
    let first = Desk::ready(out.path(), SLUG, as_of()).unwrap();
    let error = Desk::ready(out.path(), SLUG, as_of()).unwrap_err();
    assert!(matches!(fault_of(&error), Fault::Busy { .. }), "{error:?}");
    drop(first);
    Desk::ready(out.path(), SLUG, as_of()).unwrap();
}
