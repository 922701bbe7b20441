//! The program against the oracle, on random small worlds; and against itself, however the same world is laid out.
//!
//! `.ci/properties` deepens the search: 2,000 worlds, others each time.

mod oracle;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError};

use oracle::answer::{Answer, answer};
use oracle::assess::{compared, is_running};
use oracle::drive;
use oracle::files::{Layout, world_files};
use oracle::policies;
use oracle::random::worlds;
use oracle::world::World;

/// The oracle needs no files, so it is tried on its own as well: its assertions hold in any world.
#[test]
fn the_oracle_balances_its_own_books_in_any_world() {
    proptest!(config(400), |(world in worlds())| {
        let answer = answer(&world);
        let rows: usize = world.books.values().map(Vec::len).sum();
        prop_assert_eq!(answer.fates.values().sum::<u64>(), rows as u64);
    });
}

/// What the generator builds must not hang on the order of rows and files, or the search would raise false alarms.
#[test]
fn the_oracle_says_the_same_of_rows_and_files_in_any_order() {
    proptest!(config(400), |(world in worlds())| {
        let mut turned = world.clone();
        for rows in turned.books.values_mut() {
            rows.reverse();
            rows.iter_mut().for_each(|row| row.file = 9 - row.file);
        }
        let found = differences(&answer(&world), &answer(&turned));
        prop_assert!(found.is_empty(), "{}", found.join("\n"));
    });
}

/// A code that no random world ever shows would be compared with nothing.
#[test]
fn random_worlds_show_every_finding_standing_reason_and_fate() {
    let mut seen: BTreeSet<String> = Default::default();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..4_000 {
        let world = proptest::strategy::ValueTree::current(
            &worlds().new_tree(&mut runner).expect("a world"),
        );
        let answer = answer(&world);
        seen.extend(answer.findings.into_iter().map(|f| f.0));
        seen.extend(answer.standings.into_iter().map(|s| s.2));
        seen.extend(answer.cases.into_iter().map(|c| c.reason));
        seen.extend(answer.fates.into_keys());
        seen.extend(answer.bridge.into_keys().map(|b| b.1));
        seen.extend(answer.audit.into_keys());
        for entry in &answer.entries {
            seen.insert(entry.price.clone());
            seen.extend((!entry.waits_until.is_empty()).then(|| "waits".to_owned()));
        }
        seen.extend(answer.entries.into_iter().map(|e| e.case));
    }
    // No world writes a row that is longer than its header, three names under a number, old numbers, or remarks behind
    // names; tests/gallery has such files.
    let written_nowhere = [
        "row-too-long",
        "id-shared",
        "id-claimed",
        "marked-gone",
        "control-total",
    ];
    let codes = canbao::domain::Code::ALL.iter().map(|c| c.code());
    let codes = codes.filter(|code| !written_nowhere.contains(code));
    let words = SEEN_SOMEWHERE.split_whitespace();
    let missing: Vec<&str> = codes
        .chain(words)
        .filter(|word| !seen.contains(*word))
        .collect();
    assert!(missing.is_empty(), "never found: {missing:?}");
}

/// Beside the codes: reasons of refunds, fates, prices, cases and waits of late entries, extra registrations, and
/// standings and lines of the bridge.
const SEEN_SOMEWHERE: &str = "
    R01 R02 R03 R04 R05 R06 R07 R08 R09 R10 R11
    repeated reversed after-as-of other-year other-scheme
    personal full two-years unpriced student late 情形1 waits
    same-pool cross-region cross-scheme
    pending deceased local-employee elsewhere-resident other in-transit uninsured counted-elsewhere surplus";

#[test]
fn the_program_and_the_oracle_agree_on_every_figure() {
    proptest!(config(120), |(world in worlds(), layout in layouts())| {
        agree(&world, &layout)?;
    });
}

#[test]
fn a_week_later_ranks_rates_and_lag_are_told_against_the_week_before() {
    proptest!(config(60), |(world in worlds(), thursday in 0usize..4)| {
        a_week_apart(world, thursday)?;
    });
}

fn a_week_apart(mut world: World, thursday: usize) -> Result<(), TestCaseError> {
    use chrono::{Days, NaiveDate};
    policies::weekly(&mut world.scheme);
    let (month, day) = [(1, 6), (3, 3), (4, 7), (3, 31)][thursday];
    world.as_of = NaiveDate::from_ymd_opt(2022, month, day).expect("a Thursday");
    let mut before = world.clone();
    before.as_of = world.as_of - Days::new(7);
    let place = tempfile::tempdir().map_err(failed)?;
    let written = world_files(&world, place.path(), &Layout::default());
    let out = place.path().join("reports");
    let stopped = |error| TestCaseError::fail(format!("the program stopped: {error:?}"));
    let earlier = drive::run(&written, before.as_of, &out, 1).map_err(stopped)?;
    let later = drive::run_since(&written, world.as_of, &out, earlier).map_err(stopped)?;
    let (now, then) = (answer(&world), answer(&before));
    let expected = compared(&now.assessment, &then.assessment, is_running(&world));
    let found = drive::read(&later, &world).assessment;
    let found = table("assessment", &expected, &found);
    prop_assert!(found.is_empty(), "oracle ≠ program:\n{}", found.join("\n"));
    Ok(())
}

#[test]
fn order_of_rows_files_and_columns_and_the_number_of_buckets_change_nothing() {
    proptest!(config(60), |(world in worlds(), layout in layouts(), buckets in 2usize..9)| {
        let plain = data_files(&world, &Layout { words: layout.words, ..Layout::default() }, 1)?;
        let other = data_files(&world, &layout, buckets)?;
        for (name, content) in &plain {
            prop_assert_eq!(content, &other[name], "{} differs", name);
        }
    });
}

/// The same worlds every time; with `PROPTEST_CASES` (`.ci/properties`) as many others. Shrunk cases become tests of their
/// own, so no file of seeds is kept.
fn config(cases: u32) -> Config {
    let base = Config {
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => base,
        None => Config {
            cases,
            rng_seed: RngSeed::Fixed(2022),
            ..base
        },
    }
}

fn layouts() -> impl Strategy<Value = Layout> {
    (
        any::<u64>(),
        any::<u64>(),
        any::<bool>(),
        0usize..4,
        0usize..6,
        0usize..3,
    )
        .prop_map(
            |(rows, columns, files_swapped, titles, words, encoding)| Layout {
                rows,
                columns,
                files_swapped,
                titles,
                words,
                encoding,
            },
        )
}

fn failed(error: impl std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

/// Writes the world, runs the program on it, and hands its report folder over while it lasts.
fn with_report<T>(
    world: &World,
    layout: &Layout,
    buckets: usize,
    read: impl FnOnce(&Path) -> T,
) -> Result<T, TestCaseError> {
    let place = tempfile::tempdir().map_err(failed)?;
    let written = world_files(world, place.path(), layout);
    let folder = drive::run(
        &written,
        world.as_of,
        &place.path().join("reports"),
        buckets,
    )
    .map_err(|error| TestCaseError::fail(format!("the program stopped: {error:?}")))?;
    Ok(read(&folder))
}

fn agree(world: &World, layout: &Layout) -> Result<(), TestCaseError> {
    let mut program = with_report(world, layout, 1, |folder| drive::read(folder, world))?;
    let mut oracle = answer(world);
    for answer in [&mut program, &mut oracle] {
        settle_unpaid(answer);
    }
    let differences = differences(&oracle, &program);
    prop_assert!(
        differences.is_empty(),
        "oracle ≠ program:\n{}",
        differences.join("\n")
    );
    Ok(())
}

/// Persons counted in another region who have not paid may stand in both lines or in neither; their difference is fixed.
fn settle_unpaid(answer: &mut Answer) {
    let codes: BTreeSet<String> = answer.bridge.keys().map(|(code, _)| code.clone()).collect();
    for code in codes {
        let mut take = |line: &str| {
            answer
                .bridge
                .remove(&(code.clone(), line.to_owned()))
                .unwrap_or(0)
        };
        let difference = take("counted-elsewhere") - take("unpaid");
        if difference != 0 {
            answer
                .bridge
                .insert((code, "counted-elsewhere less unpaid".into()), difference);
        }
    }
}

/// What one says and the other does not, line by line.
fn differences(oracle: &Answer, program: &Answer) -> Vec<String> {
    let (mine, theirs) = (oracle, program);
    let mut found = [
        multiset("finding", &mine.findings, &theirs.findings),
        multiset("standing", &mine.standings, &theirs.standings),
        multiset("case", &mine.cases, &theirs.cases),
        multiset("subsidy", &mine.subsidies, &theirs.subsidies),
        multiset("entry", &mine.entries, &theirs.entries),
        table("audit", &mine.audit, &theirs.audit),
        table("leader", &mine.leaders, &theirs.leaders),
        table("assessment", &mine.assessment, &theirs.assessment),
        table("fate", &mine.fates, &theirs.fates),
        table("bridge", &mine.bridge, &theirs.bridge),
        table("funding", &mine.funding, &theirs.funding),
    ]
    .concat();
    let rows = |answer: &Answer| answer.coverage.keys().cloned().collect::<Vec<_>>();
    let (mine, theirs) = (rows(oracle), rows(program));
    if mine != theirs {
        found.push(format!("coverage: oracle {mine:?}, program {theirs:?}"));
    }
    for (row, cells) in &oracle.coverage {
        if let Some(theirs) = program.coverage.get(row) {
            found.extend(table(&format!("coverage of {row:?}"), cells, theirs));
        }
    }
    found
}

fn multiset<T: Ord + std::fmt::Debug>(what: &str, oracle: &[T], program: &[T]) -> Vec<String> {
    let mut balance: BTreeMap<&T, i64> = BTreeMap::new();
    for item in oracle {
        *balance.entry(item).or_insert(0) += 1;
    }
    for item in program {
        *balance.entry(item).or_insert(0) -= 1;
    }
    let told = |(item, n): (&T, i64)| {
        let who = if n > 0 { "oracle" } else { "program" };
        format!("{what} only of the {who} ({}×): {item:?}", n.abs())
    };
    let apart = balance.into_iter().filter(|(_, n)| *n != 0);
    apart.map(told).collect()
}

fn table<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    what: &str,
    oracle: &BTreeMap<K, V>,
    program: &BTreeMap<K, V>,
) -> Vec<String> {
    let keys: BTreeSet<&K> = oracle.keys().chain(program.keys()).collect();
    let told = |key: &K| {
        let (mine, theirs) = (oracle.get(key), program.get(key));
        (mine != theirs).then(|| format!("{what} {key:?}: oracle {mine:?}, program {theirs:?}"))
    };
    keys.into_iter().filter_map(told).collect()
}

/// Every data file as text. Where a row comes from is left out; of the order of lines, what such places decided.
fn data_files(
    world: &World,
    layout: &Layout,
    buckets: usize,
) -> Result<BTreeMap<String, String>, TestCaseError> {
    with_report(world, layout, buckets, |folder| {
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder.join("data")).expect("a report has data files") {
            let path = entry.expect("a file of the folder").path();
            let name = path.file_name().expect("a file has a name");
            let name = name.to_string_lossy().into_owned();
            // One line a file: another layout is other files.
            if !["sources.csv", "received.csv"].contains(&name.as_str()) {
                files.insert(name.clone(), content(&name, &path));
            }
        }
        files
    })
}

fn content(name: &str, path: &Path) -> String {
    match name {
        "findings.parquet" | "standings.parquet" | "transit.parquet" | "repairs.parquet" => {
            let mut lines = drive::parquet(path);
            for line in &mut lines {
                line.retain(|column, _| !PLACES.contains(&column.as_str()));
            }
            let mut lines: Vec<String> = lines.iter().map(|line| format!("{line:?}")).collect();
            lines.sort();
            lines.join("\n")
        }
        parquet if parquet.ends_with(".parquet") => format!("{:?}", drive::parquet(path)),
        _ => {
            let bytes = std::fs::read(path).expect("a file of the folder");
            String::from_utf8_lossy(&bytes).into_owned()
        }
    }
}

/// Columns that say where a row stands.
#[rustfmt::skip]
const PLACES: [&str; 6] = ["file", "sheet", "row", "other_file", "other_sheet", "other_row"];
