//! The program's side: runs it on written files and reads its data files back.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use canbao::domain::{Accepted, GraveCode};
use canbao::run::{Only, Order, reconcile};
use chrono::NaiveDate;
use polars_io::SerReader;
use polars_io::parquet::read::ParquetReader;

use super::answer::Answer;
use super::assess::Table;
use super::cases::{Audit, Case, WITH_EVENT};
use super::entries::Entry;
use super::files::Written;
use super::money::Subsidy;
use super::world::World;

/// A row of a data file: column → text as it stands there.
pub type Line = BTreeMap<String, String>;

/// Runs the program's data half and returns the report folder.
pub fn run(
    written: &Written,
    as_of: NaiveDate,
    out: &Path,
    buckets: usize,
) -> anyhow::Result<PathBuf> {
    let order = Order {
        buckets: u32::try_from(buckets).ok(),
        // Many of them lie in scratch.
        memory: if buckets > 5 { 64 << 10 } else { u64::MAX },
        ..order(written, as_of, out)
    };
    Ok(reconcile(&order)?.folder)
}

/// The same in one bucket, compared with an earlier run's folder.
pub fn run_since(
    written: &Written,
    as_of: NaiveDate,
    out: &Path,
    since: PathBuf,
) -> anyhow::Result<PathBuf> {
    let order = Order {
        since: Some(since),
        ..order(written, as_of, out)
    };
    Ok(reconcile(&order)?.folder)
}

fn order(written: &Written, as_of: NaiveDate, out: &Path) -> Order {
    Order {
        pipeline: written.pipeline.clone(),
        as_of,
        inputs: Some(written.inputs.clone()),
        out: out.to_owned(),
        lang: canbao::words::Lang::Zh,
        buckets: Some(1),
        memory: u64::MAX,
        only: Some(Only::Data),
        // A world of a dozen rows is soon mostly of another region, or without places.
        accepted: GraveCode::ALL
            .iter()
            .map(|code| Accepted {
                code: *code,
                file: None,
            })
            .collect(),
        ..Default::default()
    }
}

/// A parquet file as texts; nulls are empty.
pub fn parquet(path: &Path) -> Vec<Line> {
    let file = fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let frame = ParquetReader::new(file)
        .finish()
        .expect("a whole parquet file");
    let names: Vec<String> = frame
        .get_column_names()
        .iter()
        .map(|name| name.to_string())
        .collect();
    (0..frame.height())
        .map(|row| {
            let cell = |name: &String| match frame
                .column(name)
                .expect("its own column")
                .get(row)
                .expect("a row of it")
            {
                polars::prelude::AnyValue::Null => String::new(),
                value => value.str_value().into_owned(),
            };
            names
                .iter()
                .map(|name| (name.clone(), cell(name)))
                .collect()
        })
        .collect()
}

/// A csv file of ours as texts.
pub fn csv_lines(path: &Path) -> Vec<Line> {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().expect("a header").clone();
    let line = |record: csv::StringRecord| {
        header
            .iter()
            .map(str::to_owned)
            .zip(record.iter().map(str::to_owned))
            .collect()
    };
    reader
        .records()
        .map(|record| line(record.expect("a whole record")))
        .collect()
}

fn number(text: &str) -> i64 {
    text.parse()
        .unwrap_or_else(|_| panic!("`{text}` is no number"))
}

/// Reads a report folder into the oracle's form.
pub fn read(folder: &Path, world: &World) -> Answer {
    let data = folder.join("data");
    let frame = |name: &str| parquet(&data.join(name));
    let table = |name: &str| csv_lines(&data.join(name));
    let table_if_written = |name: &str| match data.join(name).exists() {
        true => table(name),
        false => Vec::new(),
    };
    let mut answer = Answer {
        findings: frame("findings.parquet").iter().map(finding).collect(),
        standings: frame("standings.parquet").iter().map(standing).collect(),
        coverage: coverage(table("coverage.csv")),
        bridge: table("bridge.csv").iter().filter_map(bridged).collect(),
        cases: frame("cases.parquet").iter().map(case).collect(),
        funding: table("funding.csv").iter().map(funded).collect(),
        subsidies: frame("subsidy.parquet").iter().map(subsidy).collect(),
        entries: frame("entries.parquet").iter().map(entry).collect(),
        audit: audit(&table("audit.csv"), world),
        assessment: assessment(table_if_written("assessment.csv"), world),
        leaders: table_if_written("leaders.csv").iter().map(leader).collect(),
        fates: fates(&table("sources.csv")),
    };
    answer.subsidies.retain(|subsidy| subsidy.grant > 0);
    answer.subsidies.sort();
    answer.entries.sort();
    answer.findings.sort();
    answer.standings.sort();
    answer.cases.sort();
    answer
}

fn text(line: &Line, column: &str) -> String {
    let columns = || line.keys().collect::<Vec<_>>();
    let text = line.get(column).cloned();
    text.unwrap_or_else(|| panic!("no column {column} in {:?}", columns()))
}

fn figure(line: &Line, column: &str) -> i64 {
    number(&text(line, column))
}

fn finding(line: &Line) -> (String, String) {
    (text(line, "code"), text(line, "id"))
}

fn standing(line: &Line) -> (String, String, String) {
    let of = |column| text(line, column);
    (of("id"), of("region_code"), of("standing"))
}

/// Rows by level, parent and code; a truth as a word of the oracle.
fn coverage(lines: Vec<Line>) -> BTreeMap<(String, String, String), Line> {
    let mut coverage = BTreeMap::new();
    for mut line in lines {
        let row = ["level", "parent", "code"].map(|column| text(&line, column));
        for column in ["level", "parent", "code", "name"] {
            line.remove(column);
        }
        if let Some(met) = line.get_mut("target_met") {
            *met = match met.as_str() {
                "1" | "yes" | "是" => "true".into(),
                "0" | "no" | "否" => "false".into(),
                other => other.to_owned(),
            };
        }
        let first = coverage.insert(row.into(), line).is_none();
        assert!(first, "a region stands twice in coverage.csv");
    }
    coverage
}

/// 其他 has no code of its own; lines without anybody say nothing.
fn bridged(line: &Line) -> Option<((String, String), i64)> {
    let persons = figure(line, "persons");
    let row = (text(line, "code"), text(line, "line"));
    (!row.0.is_empty() && persons != 0).then_some((row, persons.abs()))
}

fn case(line: &Line) -> Case {
    let of = |column| text(line, column);
    let with_event = WITH_EVENT.contains(&of("reason").as_str());
    Case {
        id: of("id"),
        reason: of("reason"),
        keep_pool: of("keep_pool"),
        refund_pool: of("refund_pool"),
        voucher: of("voucher"),
        paid_on: of("paid_on"),
        first_paid_on: of("first_paid_on"),
        event_on: Some(of("event_on"))
            .filter(|_| with_event)
            .unwrap_or_default(),
        paid_fen: figure(line, "paid_fen"),
        refund_fen: figure(line, "refund_fen"),
        eligible: of("eligible") == "true",
    }
}

fn funded(line: &Line) -> ((String, String, String), (u64, i64)) {
    let row = ["payer", "category", "region_code"].map(|column| text(line, column));
    let persons = figure(line, "persons") as u64;
    (row.into(), (persons, figure(line, "fen")))
}

fn leader(line: &Line) -> (String, (String, String)) {
    let of = |column| text(line, column);
    (of("post"), (of("mean_rate"), of("score")))
}

fn subsidy(line: &Line) -> Subsidy {
    let of = |column| text(line, column);
    Subsidy {
        id: of("id"),
        category: of("category"),
        payer: of("payer"),
        payable: figure(line, "payable_fen"),
        grant: figure(line, "grant_fen"),
        paid: figure(line, "paid_fen"),
        subsidised: figure(line, "subsidised_fen"),
        difference: figure(line, "difference_fen"),
    }
}

fn entry(line: &Line) -> Entry {
    let of = |column| text(line, column);
    Entry {
        id: of("id"),
        case: of("case"),
        price: of("price"),
        paid_on: of("paid_on"),
        payable_fen: figure(line, "payable_fen"),
        paid_fen: figure(line, "paid_fen"),
        starts_on: of("starts_on"),
        waits_until: of("waits_until"),
        benefit_from: of("benefit_from"),
        benefit_to: of("benefit_to"),
    }
}

/// The audit figure by kind, its regions added up; the money must be the registrations times the subsidy.
fn audit(lines: &[Line], world: &World) -> Audit {
    let mut audit = Audit::new();
    for line in lines {
        let of = |column| figure(line, column) as u64;
        let row = audit.entry(text(line, "kind")).or_insert((0, 0));
        *row = (row.0 + of("persons"), row.1 + of("registrations"));
        let fen = world.scheme.fiscal_fen;
        let fen = fen.map(|fen| (fen * figure(line, "registrations")).to_string());
        assert_eq!(line["fen"], fen.unwrap_or_default(), "money of {line:?}");
    }
    audit
}

/// The rows of the assessment's level, without empty cells; yes and no as words of the oracle.
fn assessment(lines: Vec<Line>, world: &World) -> Table {
    let mut table = Table::new();
    for mut line in lines {
        let code = text(&line, "code");
        if code == world.scheme.root || code.is_empty() {
            continue;
        }
        line.retain(|column, text| {
            let nothing = text.is_empty() || (column == "tier_fen" && text == "0");
            super::assess::COMPARED.contains(&column.as_str()) && !nothing
        });
        let first = table.insert(code, line).is_none();
        assert!(first, "a region stands twice in assessment.csv");
    }
    table
}

/// Rows by fate over all sources but the tasks, heads and titles left out.
fn fates(lines: &[Line]) -> BTreeMap<String, u64> {
    let of_a_row = ["source", "file", "sheet", "sha256", "encoding", "rows_read"];
    let of_a_head = ["blank", "heading", "note"];
    let mut fates = BTreeMap::new();
    for line in lines.iter().filter(|line| line["source"] != "tasks") {
        for (column, text) in line {
            let is_fate = !of_a_row.contains(&&**column) && !of_a_head.contains(&&**column);
            if is_fate && number(text) > 0 {
                *fates.entry(column.clone()).or_insert(0) += number(text) as u64;
            }
        }
    }
    fates
}
