//! The program's side: runs it on written files and reads its data files back.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

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
    as_of: chrono::NaiveDate,
    out: &Path,
    buckets: usize,
) -> anyhow::Result<PathBuf> {
    run_since(written, as_of, out, buckets, None)
}

/// The same, compared with an earlier run's folder.
pub fn run_since(
    written: &Written,
    as_of: chrono::NaiveDate,
    out: &Path,
    buckets: usize,
    since: Option<PathBuf>,
) -> anyhow::Result<PathBuf> {
    let order = canbao::run::Order {
        pipeline: written.pipeline.clone(),
        as_of,
        inputs: Some(written.inputs.clone()),
        out: out.to_owned(),
        lang: canbao::words::Lang::Zh,
        buckets: u32::try_from(buckets).ok(),
        // Many of them lie in scratch.
        memory: if buckets > 5 { 64 << 10 } else { u64::MAX },
        only: Some(canbao::run::Only::Data),
        since,
        ..Default::default()
    };
    Ok(canbao::run::reconcile(&order)?.folder)
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
    let take = |line: &Line, column: &str| {
        line.get(column).cloned().unwrap_or_else(|| {
            panic!(
                "no column {column} in {:?}",
                line.keys().collect::<Vec<_>>()
            )
        })
    };
    let mut answer = Answer::default();
    for line in parquet(&data.join("findings.parquet")) {
        answer
            .findings
            .push((take(&line, "code"), take(&line, "id")));
    }
    for line in parquet(&data.join("standings.parquet")) {
        answer.standings.push((
            take(&line, "id"),
            take(&line, "region_code"),
            take(&line, "standing"),
        ));
    }
    for mut line in csv_lines(&data.join("coverage.csv")) {
        let row = (
            take(&line, "level"),
            take(&line, "parent"),
            take(&line, "code"),
        );
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
        assert!(
            answer.coverage.insert(row, line).is_none(),
            "a region stands twice in coverage.csv"
        );
    }
    for line in csv_lines(&data.join("bridge.csv")) {
        let persons = number(&take(&line, "persons"));
        // 其他 has no code of its own; lines without anybody say nothing.
        if !take(&line, "code").is_empty() && persons != 0 {
            answer
                .bridge
                .insert((take(&line, "code"), take(&line, "line")), persons.abs());
        }
    }
    for line in parquet(&data.join("cases.parquet")) {
        let of = |column: &str| take(&line, column);
        let with_event = WITH_EVENT.contains(&of("reason").as_str());
        answer.cases.push(Case {
            id: of("id"),
            reason: of("reason"),
            keep_pool: of("keep_pool"),
            refund_pool: of("refund_pool"),
            voucher: of("voucher"),
            paid_on: of("paid_on"),
            first_paid_on: of("first_paid_on"),
            event_on: if with_event {
                of("event_on")
            } else {
                String::new()
            },
            paid_fen: number(&of("paid_fen")),
            refund_fen: number(&of("refund_fen")),
            eligible: of("eligible") == "true",
        });
    }
    for line in csv_lines(&data.join("funding.csv")) {
        let row = (
            take(&line, "payer"),
            take(&line, "category"),
            take(&line, "region_code"),
        );
        let figures = (
            number(&take(&line, "persons")) as u64,
            number(&take(&line, "fen")),
        );
        answer.funding.insert(row, figures);
    }
    answer.subsidies = parquet(&data.join("subsidy.parquet"))
        .iter()
        .map(subsidy)
        .filter(|s| s.grant > 0)
        .collect();
    answer.subsidies.sort();
    answer.entries = parquet(&data.join("entries.parquet"))
        .iter()
        .map(entry)
        .collect();
    answer.audit = audit(&data.join("audit.csv"), world);
    if data.join("assessment.csv").exists() {
        answer.assessment = assessment(&data.join("assessment.csv"), world);
    }
    if data.join("leaders.csv").exists() {
        let lines = csv_lines(&data.join("leaders.csv"));
        answer.leaders = lines
            .iter()
            .map(|l| (take(l, "post"), (take(l, "mean_rate"), take(l, "score"))))
            .collect();
    }
    answer.entries.sort();
    answer.fates = fates(&data.join("sources.csv"), world);
    answer.findings.sort();
    answer.standings.sort();
    answer.cases.sort();
    answer
}

fn subsidy(line: &Line) -> Subsidy {
    let of = |column: &str| {
        line.get(column)
            .cloned()
            .unwrap_or_else(|| panic!("no column {column} in subsidy.parquet"))
    };
    Subsidy {
        id: of("id"),
        category: of("category"),
        payer: of("payer"),
        payable: number(&of("payable_fen")),
        grant: number(&of("grant_fen")),
        paid: number(&of("paid_fen")),
        subsidised: number(&of("subsidised_fen")),
        difference: number(&of("difference_fen")),
    }
}

fn entry(line: &Line) -> Entry {
    let of = |column: &str| {
        line.get(column)
            .cloned()
            .unwrap_or_else(|| panic!("no column {column} in entries.parquet"))
    };
    Entry {
        id: of("id"),
        case: of("case"),
        price: of("price"),
        paid_on: of("paid_on"),
        payable_fen: number(&of("payable_fen")),
        paid_fen: number(&of("paid_fen")),
        starts_on: of("starts_on"),
        waits_until: of("waits_until"),
        benefit_from: of("benefit_from"),
        benefit_to: of("benefit_to"),
    }
}

/// The audit figure by kind, its regions added up; the money must be the registrations times the subsidy.
fn audit(path: &Path, world: &World) -> Audit {
    let mut audit = Audit::new();
    for line in csv_lines(path) {
        let of = |column: &str| number(&line[column]) as u64;
        let row = audit.entry(line["kind"].clone()).or_insert((0, 0));
        *row = (row.0 + of("persons"), row.1 + of("registrations"));
        let fen = world
            .scheme
            .fiscal_fen
            .map(|fen| (fen * number(&line["registrations"])).to_string())
            .unwrap_or_default();
        assert_eq!(line["fen"], fen, "money of {line:?}");
    }
    audit
}

/// The rows of the assessment's level, without empty cells; yes and no as words of the oracle.
fn assessment(path: &Path, world: &World) -> Table {
    let mut table = Table::new();
    for line in csv_lines(path)
        .into_iter()
        .filter(|line| line["code"] != world.scheme.root && !line["code"].is_empty())
    {
        let mut cells = BTreeMap::new();
        for (column, text) in line
            .iter()
            .filter(|(column, _)| super::assess::COMPARED.contains(&column.as_str()))
        {
            let nothing = text.is_empty() || (column == "tier_fen" && text == "0");
            if !nothing {
                cells.insert(column.clone(), text.clone());
            }
        }
        assert!(
            table.insert(line["code"].clone(), cells).is_none(),
            "a region stands twice in assessment.csv"
        );
    }
    table
}

/// Rows by fate over all sources but the tasks, heads and titles left out.
fn fates(path: &Path, _world: &World) -> BTreeMap<String, u64> {
    let mut fates = BTreeMap::new();
    for line in csv_lines(path)
        .iter()
        .filter(|line| line.get("source").is_some_and(|s| s != "tasks"))
    {
        for (column, text) in line {
            let is_fate = !matches!(
                column.as_str(),
                "source" | "file" | "sheet" | "sha256" | "encoding" | "rows_read"
            );
            if is_fate
                && !matches!(column.as_str(), "blank" | "heading" | "note")
                && number(text) > 0
            {
                *fates.entry(column.clone()).or_insert(0) += number(text) as u64;
            }
        }
    }
    fates
}
