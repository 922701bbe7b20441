//! The program against the oracle, on random small worlds; and against itself, however the same world is laid out.
//!
//! `PROPTEST_CASES` deepens the search.

mod oracle;

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError};

use oracle::answer::{Answer, answer};
use oracle::assess::compared;
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
    let mut seen: std::collections::BTreeSet<String> = Default::default();
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
        seen.extend(answer.entries.iter().map(|e| e.price.clone()));
        seen.extend(
            answer
                .entries
                .iter()
                .filter(|e| !e.waits_until.is_empty())
                .map(|_| "waits".to_owned()),
        );
        seen.extend(answer.entries.into_iter().map(|e| e.case));
    }
    let codes = canbao::domain::Code::ALL.iter().map(|c| c.code());
    let missing: Vec<&str> = codes.filter(|code| !seen.contains(*code)).collect();
    assert!(missing.is_empty(), "never found: {missing:?}");
    for word in [
        "R01", "R02", "R03", "R04", "R05", "R06", "R07", "R08", "R09", "R10", "R11",
    ] {
        assert!(seen.contains(word), "{word} never happens");
    }
    for word in [
        "repeated",
        "reversed",
        "after-as-of",
        "other-year",
        "other-scheme",
    ] {
        assert!(seen.contains(word), "{word} never happens");
    }
    for word in [
        "personal",
        "full",
        "two-years",
        "unpriced",
        "student",
        "late",
        "情形1",
        "waits",
    ] {
        assert!(seen.contains(word), "{word} never happens");
    }
    for word in ["same-pool", "cross-region", "cross-scheme"] {
        assert!(seen.contains(word), "{word} never happens");
    }
    for word in [
        "pending",
        "deceased",
        "local-employee",
        "elsewhere-resident",
        "other",
        "uninsured",
        "counted-elsewhere",
        "surplus",
    ] {
        assert!(seen.contains(word), "{word} never happens");
    }
}

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
    let later = drive::run_since(&written, world.as_of, &out, 1, Some(earlier)).map_err(stopped)?;
    let expected = compared(&answer(&world).assessment, &answer(&before).assessment);
    let mut found = Vec::new();
    table(
        "assessment",
        &expected,
        &drive::read(&later, &world).assessment,
        &mut found,
    );
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

/// The same worlds every time; with `PROPTEST_CASES` as many others as one likes. Shrunk cases become tests of their
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
    let codes: std::collections::BTreeSet<String> =
        answer.bridge.keys().map(|(code, _)| code.clone()).collect();
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
    let mut found = Vec::new();
    multiset("finding", &oracle.findings, &program.findings, &mut found);
    multiset(
        "standing",
        &oracle.standings,
        &program.standings,
        &mut found,
    );
    multiset("case", &oracle.cases, &program.cases, &mut found);
    multiset("subsidy", &oracle.subsidies, &program.subsidies, &mut found);
    multiset("entry", &oracle.entries, &program.entries, &mut found);
    table("audit", &oracle.audit, &program.audit, &mut found);
    table("leader", &oracle.leaders, &program.leaders, &mut found);
    table(
        "assessment",
        &oracle.assessment,
        &program.assessment,
        &mut found,
    );
    table("fate", &oracle.fates, &program.fates, &mut found);
    table("bridge", &oracle.bridge, &program.bridge, &mut found);
    table("funding", &oracle.funding, &program.funding, &mut found);
    let (mine, theirs): (Vec<_>, Vec<_>) = (
        oracle.coverage.keys().collect(),
        program.coverage.keys().collect(),
    );
    if mine != theirs {
        found.push(format!(
            "coverage rows: oracle {mine:?}, program {theirs:?}"
        ));
    }
    for (row, cells) in &oracle.coverage {
        if let Some(theirs) = program.coverage.get(row) {
            table(&format!("coverage of {row:?}"), cells, theirs, &mut found);
        }
    }
    found
}

fn multiset<T: Ord + std::fmt::Debug>(
    what: &str,
    oracle: &[T],
    program: &[T],
    found: &mut Vec<String>,
) {
    let mut balance: BTreeMap<&T, i64> = BTreeMap::new();
    for item in oracle {
        *balance.entry(item).or_insert(0) += 1;
    }
    for item in program {
        *balance.entry(item).or_insert(0) -= 1;
    }
    for (item, n) in balance.into_iter().filter(|(_, n)| *n != 0) {
        let who = if n > 0 { "oracle" } else { "program" };
        found.push(format!("{what} only of the {who} ({}×): {item:?}", n.abs()));
    }
}

fn table<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    what: &str,
    oracle: &BTreeMap<K, V>,
    program: &BTreeMap<K, V>,
    found: &mut Vec<String>,
) {
    let keys: std::collections::BTreeSet<&K> = oracle.keys().chain(program.keys()).collect();
    for key in keys
        .into_iter()
        .filter(|key| oracle.get(key) != program.get(key))
    {
        found.push(format!(
            "{what} {key:?}: oracle {:?}, program {:?}",
            oracle.get(key),
            program.get(key)
        ));
    }
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
            let name = path
                .file_name()
                .expect("a file has a name")
                .to_string_lossy()
                .into_owned();
            let content = match name.as_str() {
                "sources.csv" => continue, // one line a file: another layout is other files
                "findings.parquet" | "standings.parquet" | "repairs.parquet" => {
                    let mut lines = drive::parquet(&path);
                    for line in &mut lines {
                        line.retain(|column, _| {
                            ![
                                "file",
                                "sheet",
                                "row",
                                "other_file",
                                "other_sheet",
                                "other_row",
                            ]
                            .contains(&column.as_str())
                        });
                    }
                    let mut lines: Vec<String> =
                        lines.iter().map(|line| format!("{line:?}")).collect();
                    lines.sort();
                    lines.join("\n")
                }
                parquet if parquet.ends_with(".parquet") => format!("{:?}", drive::parquet(&path)),
                _ => String::from_utf8_lossy(&std::fs::read(&path).expect("a file of the folder"))
                    .into_owned(),
            };
            files.insert(name, content);
        }
        files
    })
}
