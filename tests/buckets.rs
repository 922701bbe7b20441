//! Buckets: what is written does not depend on how many there are or where they lie, and nothing of them stays behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use canbao::run::{Order, reconcile};
use chrono::NaiveDate;

/// Everything in scratch: less memory than any input asks for.
const SCARCE: u64 = 64 << 10;

fn order(slug: &str, inputs: &Path, out: &Path) -> Order {
    let day = match slug {
        "xiangtan-2022" | "shaoyang-2022" => "2022-03-31",
        "zhuji-2023" => "2023-03-31",
        _ => "2022-01-31",
    };
    Order {
        pipeline: PathBuf::from(format!(
            "{}/pipelines/{slug}.toml",
            env!("CARGO_MANIFEST_DIR")
        )),
        as_of: day.parse::<NaiveDate>().expect("a date"),
        inputs: Some(inputs.to_path_buf()),
        out: out.to_path_buf(),
        ..Order::default()
    }
}

fn sample(slug: &str) -> PathBuf {
    PathBuf::from(format!("{}/sample_data/{slug}", env!("CARGO_MANIFEST_DIR")))
}

/// Every file below a folder by its path in it.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder of ours") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(folder)
                    .expect("below it")
                    .to_string_lossy()
                    .into_owned();
                found.insert(name, fs::read(&path).expect("a file of ours"));
            }
        }
    }
    found
}

/// Names in the folder of a scheme's reports, other than those of the reports.
fn left_behind(out: &Path, slug: &str) -> Vec<String> {
    let entries = fs::read_dir(out.join(slug)).expect("the scheme's folder");
    let names = entries.map(|entry| {
        entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    names
        .filter(|name| name.starts_with('.') && name != ".lock")
        .collect()
}

#[test]
fn the_reports_are_the_same_byte_for_byte_whatever_the_number_of_buckets_and_wherever_they_lie() {
    for slug in ["kaiping-2022", "shaoyang-2022"] {
        let expected = report(slug, 1, u64::MAX);
        assert!(expected.len() > 20, "data files and workbooks");
        for (buckets, memory) in [
            (2, u64::MAX),
            (7, u64::MAX),
            (64, u64::MAX),
            (1, SCARCE),
            (7, SCARCE),
            (64, SCARCE),
        ] {
            let found = report(slug, buckets, memory);
            let of = format!("{slug} in {buckets} buckets within {memory} bytes");
            assert!(found.keys().eq(expected.keys()), "{of}: {:?}", found.keys());
            for (name, bytes) in &expected {
                assert!(found[name] == *bytes, "{of}: {name} differs");
            }
        }
    }
}

/// Every file of the report of a sample, judged so; nothing is left behind beside it.
fn report(slug: &str, buckets: u32, memory: u64) -> BTreeMap<String, Vec<u8>> {
    let out = tempfile::tempdir().expect("a scratch folder");
    let order = Order {
        buckets: Some(buckets),
        memory,
        ..order(slug, &sample(slug), out.path())
    };
    let report = files(&reconcile(&order).expect("a sample that runs").folder);
    assert_eq!(left_behind(out.path(), slug), Vec::<String>::new());
    report
}

#[test]
fn scarce_memory_divides_the_persons_by_itself_and_the_reports_stay_the_same() {
    let slug = "zhuji-2023";
    let (whole, divided) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let expected = files(
        &reconcile(&order(slug, &sample(slug), whole.path()))
            .expect("a sample that runs")
            .folder,
    );
    let scarce = Order {
        memory: SCARCE,
        ..order(slug, &sample(slug), divided.path())
    };
    let found = files(&reconcile(&scarce).expect("the same sample").folder);
    assert!(found == expected);
}

#[test]
fn nothing_stays_in_scratch_after_a_file_that_cannot_be_read() {
    let slug = "kaiping-2022";
    let (inputs, out) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    for (name, bytes) in files(&sample(slug)) {
        fs::write(inputs.path().join(name), bytes).expect("a copy");
    }
    // Under a name that the payments claim, and no table at all.
    let payments = fs::read_dir(inputs.path())
        .expect("the copy")
        .map(|entry| entry.expect("an entry").path());
    let payments = payments
        .filter(|path| path.to_string_lossy().contains("缴费明细"))
        .max()
        .expect("payments");
    fs::write(&payments, b"%PDF-1.7 no table").expect("a broken file");
    let scarce = Order {
        memory: SCARCE,
        ..order(slug, inputs.path(), out.path())
    };
    assert!(reconcile(&scarce).is_err(), "a pdf is no export");
    assert_eq!(left_behind(out.path(), slug), Vec::<String>::new());
}

#[test]
fn what_a_killed_run_left_in_scratch_goes_with_the_next_one() {
    let slug = "zhuji-2023";
    let out = tempfile::tempdir().expect("a folder");
    let old = out.path().join(slug).join(".2023-03-31.scratch");
    fs::create_dir_all(&old).expect("a folder");
    fs::write(old.join("register-0-0.parquet"), b"numbers of persons").expect("a file");
    reconcile(&order(slug, &sample(slug), out.path())).expect("a sample that runs");
    assert_eq!(left_behind(out.path(), slug), Vec::<String>::new());
}
