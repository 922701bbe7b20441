//! Load: file → document → rules → `Scheme`, with every mistake on the way noted before anything is refused.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use sha2::{Digest, Sha256};
use toml::de::DeTable;

use super::region_table::{self, RegionFile};
use super::slips::{self, Slipped};
use super::written::{Margin, Table, Value};
use super::{
    EntryRules, Scheme, assessment, entries, folder, lists, rates, rules, sources, transit, values,
};
use crate::domain::fault::Complaints;
use crate::domain::fault::{WrongInputs, WrongSetting};
use crate::domain::{Complaint, Refusal, RegionTree};

/// Reads and checks a pipeline file and the region table beside it (`regions/<slug>.csv`, or what
/// `[scheme] regions` names).
///
/// # Errors
/// `Complaints`, carried by `anyhow`: every mistake of both files at once, each with line, column and excerpt.
pub fn load(path: &Path) -> anyhow::Result<Scheme> {
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| unreadable(path, &error))?;
    // A byte order mark is what the editor of Windows leaves; columns are counted without it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);

    let margin = Margin::new(path, text);
    let masked = with_impossible_dates_masked(text);
    let (document, errors) = DeTable::parse_recoverable(&masked);
    for Slipped { at, slip, reason } in slips::slips(text, &errors) {
        let refusal = Refusal::Setting(WrongSetting::Syntax { slip, reason });
        margin.note(at, refusal);
    }
    if !errors.is_empty() {
        // What the parser guesses around a syntax error would only raise false alarms.
        return Err(Complaints(margin.complaints()).into());
    }
    let (scheme, table) = read(path, &margin, document.get_ref());
    let mut complaints = margin.complaints();
    complaints.extend(table.complaints);
    match scheme {
        Some(mut scheme) if complaints.is_empty() => {
            scheme.digest = digest(&[&bytes, &table.bytes]);
            Ok(scheme)
        }
        _ => {
            assert!(
                !complaints.is_empty(),
                "a pipeline that cannot be loaded has a reason"
            );
            Err(Complaints(complaints).into())
        }
    }
}

/// Reads every table of the document. `None` only after something was noted; what is noted does not stop the rest.
fn read(path: &Path, margin: &Margin<'_>, document: &DeTable<'_>) -> (Option<Scheme>, RegionFile) {
    let root = Table::document(margin, document);
    let slug = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let folder = path.parent().unwrap_or(Path::new(""));

    let head = head(&root.need_table("scheme"), folder, &slug);
    let premium = rules::premium(&root.need_table("premium"));
    let window = root.need_table("window").days();
    let benefit = rules::benefit(&root.need_table("benefit"), head.year);
    let roster_table = root.table("roster");
    let roster = rules::roster(&roster_table);
    let until = roster_table.get("until");
    let granted_until = until.as_ref().and_then(Value::date);
    if let (Some(at), Some(day), Some(window)) = (&until, granted_until, window)
        && day < window.to
    {
        at.refuse(rules::contradiction("roster.until", "window.to"));
    }
    let categories = rules::categories(&root, premium.map(|premium| premium.personal));
    let late = entries::late(&root, &categories);
    let students = entries::students(&root.table("students"));
    let waiting = entries::waiting(&root.table("waiting"), head.year);
    let refunds = rules::refunds(&root);
    let groups = rules::groups(&root, &categories);
    let coverage = rates::coverage(
        &root.need_table("coverage"),
        &head.table,
        root.get("assessment").is_some(),
    );
    let levels = rules::levels(&root.table("levels"));
    let clauses = rules::clauses(
        &root.table("clauses"),
        head.basis.as_deref().unwrap_or_default(),
    );
    let vocabulary = sources::vocabulary(&root);
    let (sources, roster_stop) = sources::sources(&root.need_table("sources"), &categories);
    let lists = lists::lists(&root.table("lists"));
    let (tasks, notes) = (rules::tasks(&root.table("tasks")), rules::notes(&root));
    let (ignored, accepted) = folder::asked(&root);
    let transit = transit::transit(&root.table("transit"));
    let around = assessment::Around {
        region: head.region.as_deref(),
        table: &head.table,
        window_from: window.map(|window| window.from),
        groups: &groups,
        rates: &coverage.rates,
    };
    let assessment = assessment::assessment(&root.table("assessment"), &around);

    let mut table = head.table;
    let regions = std::mem::take(&mut table.regions);
    let scheme = || {
        let premium = premium?;
        Some(Scheme {
            slug,
            digest: String::new(),
            name: head.name?,
            year: head.year?,
            pool_digits: head.pool_digits?,
            basis: head.basis?,
            inputs: head.inputs?,
            premium: premium.personal,
            fiscal: premium.fiscal,
            window: window?,
            benefit: benefit?,
            roster: roster?,
            categories,
            late,
            entries: EntryRules {
                previous: premium.previous,
                granted_until,
                students,
                waiting,
            },
            refunds,
            insured_when_paid: coverage.insured_when_paid,
            rates: coverage.rates,
            groups,
            levels,
            clauses,
            vocabulary,
            sources,
            tasks,
            notes,
            assessment,
            lists,
            roster_stop,
            transit,
            ignored,
            accepted,
            regions: RegionTree::new(&head.region?, regions),
            region_file: head.region_file,
        })
    };
    (scheme(), table)
}

/// What `[scheme]` says, and the region table it names.
struct Head {
    name: Option<String>,
    year: Option<i32>,
    region: Option<String>,
    pool_digits: Option<usize>,
    basis: Option<String>,
    inputs: Option<PathBuf>,
    region_file: PathBuf,
    table: RegionFile,
}

fn head(scheme: &Table<'_>, folder: &Path, slug: &str) -> Head {
    let region = scheme.need("region");
    let code = region.as_ref().and_then(Value::text);
    let file = scheme.get("regions");
    let name = file
        .as_ref()
        .and_then(Value::text)
        .unwrap_or_else(|| format!("regions/{slug}.csv"));
    let region_file = folder.join(name);
    let table = region_table::read(&region_file, code.as_deref()).unwrap_or_else(|refusal| {
        match &file {
            Some(file) => file.refuse(refusal),
            None => scheme.refuse(refusal),
        }
        RegionFile::default()
    });
    if let (Some(at), Some(code)) = (&region, &code)
        && !table.regions.is_empty()
        && table.complaints.is_empty() // a wrong code may be its own
        && !table.regions.iter().any(|known| known.code == *code)
    {
        at.refuse(WrongInputs::RegionNotInTable { code: code.clone() });
    }
    Head {
        region_file,
        name: scheme.need("name").and_then(|value| value.text()),
        year: scheme.need("year").and_then(|value| year(&value)),
        region: code,
        pool_digits: match scheme.get("pool-digits") {
            // Municipal pooling is what the five notices have.
            None => Some(4),
            Some(value) => pool_digits(&value),
        },
        basis: scheme.need("basis").and_then(|value| value.text()),
        inputs: scheme
            .need("inputs")
            .and_then(|value| value.text())
            .map(|inputs| folder.join(inputs)),
        table,
    }
}

fn year(value: &Value<'_>) -> Option<i32> {
    let year = value.number()?;
    let plausible = i32::try_from(year)
        .ok()
        .filter(|year| (1998..=2100).contains(year));
    if plausible.is_none() {
        // 1998 is the year of the first national decision on basic medical insurance.
        value.refuse(WrongSetting::UnknownWord {
            key: value.key.clone(),
            word: year.to_string(),
            known: vec!["1998–2100".into()],
        });
    }
    plausible
}

fn pool_digits(value: &Value<'_>) -> Option<usize> {
    match value.number()? {
        2 => Some(2),
        4 => Some(4),
        6 => Some(6),
        other => {
            let known = ["2", "4", "6"].map(str::to_owned).to_vec();
            value.refuse(WrongSetting::UnknownWord {
                key: value.key.clone(),
                word: other.to_string(),
                known,
            });
            None
        }
    }
}

/// The text with unquoted dates that the parser refuses (2021-02-30) replaced by quoted nonsense of the same length,
/// so that they can be told as impossible dates beside all other mistakes instead of ending the reading.
fn with_impossible_dates_masked(text: &str) -> Cow<'_, str> {
    let date = Regex::new(r"\d{4}-\d{1,2}-\d{1,2}").expect("a constant expression"); // covered by every test that loads
    let mut masked = Cow::Borrowed(text);
    loop {
        let (_, errors) = DeTable::parse_recoverable(&masked);
        let spans: Vec<_> = errors.iter().filter_map(toml::de::Error::span).collect();
        let refused = date.find_iter(&masked).find(|found| {
            let told = spans
                .iter()
                .any(|span| span.start <= found.end() && found.start() <= span.end);
            told && values::date(found.as_str()).is_none()
        });
        let Some(range) = refused.map(|found| found.range()) else {
            return masked;
        };
        let nonsense = format!("\"{}\"", "?".repeat(range.len() - 2));
        masked.to_mut().replace_range(range, &nonsense);
    }
}

fn unreadable(path: &Path, error: &dyn std::error::Error) -> Complaints {
    let refusal = Refusal::Inputs(WrongInputs::PipelineUnreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    });
    Complaints(vec![Complaint::from(refusal)])
}

/// SHA-256 (hex) over the bytes of both files, one after the other.
fn digest(files: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for bytes in files {
        hasher.update(bytes);
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
