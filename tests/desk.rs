//! The desk: whole or not at all.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use canbao::domain::{Fault, Kept, WhyKept};
use canbao::report::{Desk, Digests, Output, Placed};
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

/// A manifest of which the desk makes one that a later run believes.
fn manifest(part: &'static str, inputs: &'static str) -> Output<'static> {
    Output::closing("manifest.json", move |outputs: &Digests| {
        let outputs = serde_json::to_string(outputs)?;
        let text = format!(
            r#"{{"inputs": "{inputs}", "documents": "{part}", "outputs": {outputs}, "run": {{"seal": ""}}}}"#
        );
        Ok(text.into_bytes())
    })
}

fn placed(out: &Path, documents: Vec<Output<'static>>) -> anyhow::Result<Placed> {
    Desk::ready(out, SLUG, as_of())?.write(documents)
}

/// A whole report of these inputs.
fn write(out: &Path, text: &'static str) -> anyhow::Result<Placed> {
    let documents = vec![
        manifest("all", text),
        document("data/a.csv", text),
        document("分发/易俗河镇.xlsx", text),
    ];
    placed(out, documents)
}

/// The data files alone.
fn write_data(out: &Path, text: &'static str) -> Placed {
    let documents = vec![manifest("data", text), document("data/a.csv", text)];
    placed(out, documents).unwrap()
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
        write(out.path(), "one").unwrap().folder,
        out.path().join(SLUG).join("2022-03-31")
    );
    let next = vec![manifest("all", "two"), document("data/b.csv", "two")];
    assert_eq!(placed(out.path(), next).unwrap().kept, []);
    let left: Vec<String> = tree(&out.path().join(SLUG)).into_keys().collect();
    assert_eq!(
        left,
        [
            "2022-03-31/",
            "2022-03-31/data/",
            "2022-03-31/data/b.csv",
            "2022-03-31/manifest.json"
        ]
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
        done.send(written.map(|placed| tree(&placed.folder).len()).unwrap())
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

/// A whole report of these inputs under this name, as a killed run may have left it.
fn left_behind(out: &Path, name: &str, text: &'static str) {
    let made = tempfile::tempdir().unwrap();
    let folder = write(made.path(), text).unwrap().folder;
    fs::create_dir_all(out.join(SLUG)).unwrap();
    fs::rename(folder, out.join(SLUG).join(name)).unwrap();
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
        for name in left {
            left_behind(out.path(), name, name);
        }
        drop(Desk::ready(out.path(), SLUG, as_of()).unwrap());
        let tree = tree(&out.path().join(SLUG));
        let tops: Vec<&String> = tree
            .keys()
            .filter(|name| name.find('/') == Some(name.len() - 1))
            .collect();
        assert_eq!(tops, ["2022-03-31/"], "{left:?}");
        assert_eq!(tree["2022-03-31/data/a.csv"], settled, "{left:?}");
    }
}

#[test]
fn a_run_of_any_day_settles_what_runs_of_other_days_left() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join(SLUG);
    for name in [
        ".2021-12-31.old",
        ".2021-12-31-430321100.old",
        ".2021-11-30.new",
    ] {
        left_behind(out.path(), name, "older");
    }
    fs::create_dir(folder.join(".2021-10-31.scratch")).unwrap();
    fs::create_dir(folder.join(".笔记.old")).unwrap();
    write(out.path(), "now").unwrap();
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            ".lock",
            ".笔记.old",
            "2021-12-31",
            "2021-12-31-430321100",
            "2022-03-31"
        ]
    );
}

/// What somebody may have done to a report.
type Deed = fn(&Path);

#[test]
fn a_report_that_somebody_has_worked_on_is_kept_under_a_number_and_said_so() {
    let deeds: [(Deed, WhyKept); 6] = [
        (
            |at| fs::write(at.join("分发/易俗河镇.xlsx"), "typed").unwrap(),
            WhyKept::Changed {
                document: "分发/易俗河镇.xlsx".into(),
            },
        ),
        (
            |at| fs::write(at.join("data/a.csv"), "").unwrap(),
            WhyKept::Changed {
                document: "data/a.csv".into(),
            },
        ),
        (
            |at| fs::write(at.join("分发/我的.xlsx"), "mine").unwrap(),
            WhyKept::NotOurs { files: 1 },
        ),
        (
            |at| fs::rename(at.join("data/a.csv"), at.join("b.csv")).unwrap(),
            WhyKept::NotOurs { files: 1 },
        ),
        (
            |at| fs::remove_file(at.join("manifest.json")).unwrap(),
            WhyKept::Unknown,
        ),
        (
            |at| {
                let file = at.join("manifest.json");
                let text = fs::read_to_string(&file).unwrap();
                fs::write(file, text.replace("\"all\"", "\"data\"")).unwrap();
            },
            WhyKept::Unknown,
        ),
    ];
    for (deed, why) in deeds {
        let out = tempfile::tempdir().unwrap();
        let folder = write(out.path(), "one").unwrap().folder;
        deed(&folder);
        let worked_on = tree(&folder);
        let next = write(out.path(), "two").unwrap();
        let place = out.path().join(SLUG).join("2022-03-31.1");
        assert_eq!(tree(&place), worked_on, "{why:?}");
        assert_eq!(next.kept, [Kept { place, why }]);
        assert_eq!(
            fs::read_to_string(folder.join("data/a.csv")).unwrap(),
            "two"
        );
        // Again, while the first that was kept lies there.
        deed(&folder);
        write(out.path(), "one").unwrap();
        assert!(out.path().join(SLUG).join("2022-03-31.2").is_dir());
        // And nobody has worked on this one.
        assert_eq!(write(out.path(), "two").unwrap().kept, []);
    }
}

#[test]
fn what_a_system_leaves_in_folders_and_a_file_that_was_removed_keep_no_report() {
    let out = tempfile::tempdir().unwrap();
    let folder = write(out.path(), "one").unwrap().folder;
    for name in [".DS_Store", "Thumbs.db", "data/desktop.ini"] {
        fs::write(folder.join(name), "system").unwrap();
    }
    fs::remove_file(folder.join("分发/易俗河镇.xlsx")).unwrap();
    assert_eq!(write(out.path(), "two").unwrap().kept, []);
}

#[test]
fn what_was_typed_into_a_report_that_a_killed_run_put_aside_is_kept_by_the_next_start() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join(SLUG);
    left_behind(out.path(), "2022-03-31", "new");
    left_behind(out.path(), ".2022-03-31.old", "one");
    fs::write(folder.join(".2022-03-31.old/data/a.csv"), "typed").unwrap();
    let next = write(out.path(), "two").unwrap();
    assert_eq!(next.kept.len(), 1);
    let kept = fs::read_to_string(folder.join("2022-03-31.1/data/a.csv")).unwrap();
    assert_eq!(kept, "typed");
}

#[test]
fn a_part_of_a_report_does_not_take_the_place_of_the_whole() {
    let out = tempfile::tempdir().unwrap();
    let folder = write(out.path(), "one").unwrap().folder;
    let whole = tree(&folder);
    // The same data: the whole report says it already.
    let same = write_data(out.path(), "one");
    assert_eq!(tree(&folder), whole);
    assert_eq!(
        same.kept,
        [Kept {
            place: folder.clone(),
            why: WhyKept::SaysTheSame
        }]
    );
    // Other data: the whole report keeps what it has, under a number.
    let other = write_data(out.path(), "two");
    let place = out.path().join(SLUG).join("2022-03-31.1");
    assert_eq!(tree(&place), whole);
    assert_eq!(
        other.kept,
        [Kept {
            place,
            why: WhyKept::Fuller
        }]
    );
    assert_eq!(
        fs::read_to_string(folder.join("data/a.csv")).unwrap(),
        "two"
    );
    // A part gives way to the same part, and to a whole report.
    assert_eq!(write_data(out.path(), "three").kept, []);
    assert_eq!(write(out.path(), "four").unwrap().kept, []);
}

#[test]
fn a_whole_report_in_which_somebody_typed_stays_where_only_data_says_the_same() {
    let out = tempfile::tempdir().unwrap();
    let folder = write(out.path(), "one").unwrap().folder;
    fs::write(folder.join("分发/易俗河镇.xlsx"), "typed").unwrap();
    let typed = tree(&folder);
    write_data(out.path(), "one");
    assert_eq!(tree(&folder), typed);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_look_into_a_report() {
    use std::os::unix::fs::PermissionsExt;

    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("new");
    let folder = write(&out, "one").unwrap().folder;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for path in ["", "data", "分发"] {
        assert_eq!(mode(&folder.join(path)), 0o700, "{path}");
    }
    for path in ["manifest.json", "data/a.csv", "分发/易俗河镇.xlsx"] {
        assert_eq!(mode(&folder.join(path)), 0o600, "{path}");
    }
    assert_eq!((mode(&out), mode(&out.join(SLUG))), (0o700, 0o700));
}

#[cfg(unix)]
#[test]
fn a_folder_of_reports_that_others_may_open_stays_so() {
    use std::os::unix::fs::PermissionsExt;

    let out = tempfile::tempdir().unwrap();
    fs::set_permissions(out.path(), fs::Permissions::from_mode(0o755)).unwrap();
    write(out.path(), "one").unwrap();
    let mode = fs::metadata(out.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}

/// Set for the process that writes one report after the other until it is killed.
const WRITES_INTO: &str = "CANBAO_WRITES_INTO";

#[test]
fn a_report_is_whole_after_a_kill_at_any_moment() {
    const NAME: &str = "a_report_is_whole_after_a_kill_at_any_moment";
    if let Some(out) = std::env::var_os(WRITES_INTO) {
        loop {
            for text in ["one", "two"] {
                write(Path::new(&out), text).unwrap();
            }
        }
    }
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join(SLUG).join("2022-03-31");
    let mut said = BTreeMap::new();
    for moment in 0..60 {
        let began = Instant::now();
        write(out.path(), "older").unwrap();
        let one_report = began.elapsed();
        let mut running = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", NAME])
            .env(WRITES_INTO, out.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // From the moment at which it has begun to write.
        for _ in 0..20_000 {
            let a = fs::read_to_string(folder.join("data/a.csv"));
            if a.is_ok_and(|text| text != "older") {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(one_report * moment / 15);
        running.kill().unwrap();
        running.wait().unwrap();
        // A run of another day.
        let other = NaiveDate::from_ymd_opt(2022, 4, 30).unwrap();
        drop(Desk::ready(out.path(), SLUG, other).unwrap());
        let found = tree(&folder);
        let text = &found["data/a.csv"];
        assert!(["one", "two"].contains(&text.as_str()), "{found:?}");
        assert_eq!(&found["分发/易俗河镇.xlsx"], text);
        assert!(found["manifest.json"].contains(text.as_str()), "{found:?}");
        *said.entry(text.clone()).or_insert(0) += 1;
        let names: Vec<_> = fs::read_dir(out.path().join(SLUG))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names.len(), 2, "the report and the lock: {names:?}");
    }
    assert_eq!(said.len(), 2, "both were met: {said:?}");
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
    let documents = vec![manifest("all", "two"), document("data/a.csv", "two")];
    let error = desk.write(documents).unwrap_err();
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
    let tree = tree(&folder);
    assert!(
        !tree
            .keys()
            .any(|name| name.contains("pending") || name.contains("old"))
    );
    // Nobody knows whose the file was: it has a place of its own.
    assert!(tree.contains_key("2022-03-31.1/held"), "{tree:?}");
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
