//! Which file counts, on the sample of a county: last month's export beside this month's, copies, cumulative exports
//! (docs/readings.md#snapshot).

use std::fs;
use std::path::{Path, PathBuf};

use canbao::measure::RegionFigures;
use canbao::run::{Only, Order, Outcome, reconcile};
use tempfile::TempDir;

const REGISTRATIONS: &str = "参保登记_居民_20220331.csv";

/// The inputs of xiangtan-2022, in a folder of their own.
struct County(TempDir);

impl County {
    fn new() -> County {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample_data/xiangtan-2022");
        fs::create_dir(folder.path().join("data")).expect("a folder");
        for entry in fs::read_dir(sample).expect("the sample") {
            let file = entry.expect("a file");
            if file.file_name() != "answer_key.csv" {
                let to = folder.path().join("data").join(file.file_name());
                fs::copy(file.path(), to).expect("a copy");
            }
        }
        County(folder)
    }

    fn at(&self, file: &str) -> PathBuf {
        self.0.path().join("data").join(file)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.at(file)).expect("UTF-8")
    }

    fn write(&self, file: &str, text: &str) -> &County {
        fs::write(self.at(file), text).expect("a file");
        self
    }

    fn run(&self, as_of: &str) -> Outcome {
        let order = Order {
            pipeline: Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/xiangtan-2022.toml"),
            as_of: as_of.parse().expect("a day"),
            inputs: Some(self.0.path().join("data")),
            out: self.0.path().join("out"),
            only: Some(Only::Data),
            ..Order::default()
        };
        reconcile(&order).unwrap_or_else(|error| panic!("{error:?}"))
    }
}

fn whole(outcome: &Outcome) -> &RegionFigures {
    let root = outcome.scheme.regions.root();
    let mut rows = outcome.facts.coverage.iter();
    rows.find(|row| row.code == root).expect("the county")
}

/// The first so many normal registrations ended.
fn ended(text: &str, rows: usize) -> String {
    let mut left = rows;
    let lines = text.lines().map(|line| {
        let is_normal = left > 0 && line.contains(",390,1,2022,");
        left -= usize::from(is_normal);
        let line = if is_normal {
            line.replacen(",390,1,2022,", ",390,4,2022,", 1)
        } else {
            line.to_owned()
        };
        line + "\r\n"
    });
    lines.collect()
}

#[test]
fn of_an_export_a_month_the_newer_counts_and_the_county_misses_its_target() {
    let county = County::new();
    let march = county.read(REGISTRATIONS);
    county.write("参保登记_居民_20220430.csv", &ended(&march, 200));
    let outcome = county.run("2022-04-30");
    let rate = &whole(&outcome).rates[0];
    let of = rate.of.expect("a denominator");
    // The bar: 90.89 %, 107 missing, and never 98.74 %, reached.
    assert_eq!((rate.count * 10_000 + of / 2) / of, 9_089);
    assert_eq!(rate.missing(), Some(107));
    assert_eq!(rate.met(), Some(false));
}

#[test]
fn last_months_export_left_in_the_folder_changes_nothing() {
    let county = County::new();
    let march = county.read(REGISTRATIONS);
    let alone = county
        .write(REGISTRATIONS, &ended(&march, 20))
        .run("2022-03-31");
    county.write("参保登记_居民_20220228.csv", &march);
    let beside = county.run("2022-03-31");
    assert_eq!(whole(&beside).registered(), whole(&alone).registered());
    assert_eq!(whole(&beside).standings, whole(&alone).standings);
}

#[test]
fn copies_and_cumulative_exports_change_no_money() {
    let county = County::new();
    let plain = county.run("2022-03-31");
    let months = ["缴费明细_20211031.csv", "缴费明细_20211130.csv"]
        .map(|file| fs::read(county.at(file)).expect("a file"));
    fs::write(county.at("缴费明细_20211031 - 副本.csv"), &months[0]).expect("a file");
    let begins = months[1]
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a header")
        + 1;
    let cumulative = [&months[0][..], &months[1][begins..]].concat();
    fs::write(county.at("缴费明细_2021年累计.csv"), cumulative).expect("a file");
    let copied = county.run("2022-03-31");
    let money = |outcome: &Outcome| {
        let refunds = &outcome.facts.refunds;
        (refunds.cases, refunds.eligible_fen, refunds.refund_fen)
    };
    assert_eq!(money(&copied), money(&plain));
    assert_eq!(whole(&copied).standings, whole(&plain).standings);
}
