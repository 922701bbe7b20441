//! manifest.json: what this report was made from, and its counts.
//!
//! What may differ between two runs on the same inputs stands only in its `run` object.

use serde::Serialize;
use serde_json::{Map, Value};

use super::super::{Contents, Digests};
use crate::domain::{Fate, FateCounts};
use crate::measure::Refunds;

/// Keys are written in the order of these fields.
#[derive(Serialize)]
struct Manifest<'a> {
    program: Program,
    pipeline: Pipeline<'a>,
    as_of: String,
    /// Day of the earlier run that changes are against.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    inputs: Vec<Input<'a>>,
    /// The run that the books are compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Last<'a>>,
    /// Grave facts that the run was given leave to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accepted: Vec<AcceptedFact<'a>>,
    counts: Counts,
    /// Which documents were asked for: `all`, `data` or `reports`.
    documents: &'static str,
    /// SHA-256 of every other document of the report.
    outputs: &'a Digests,
    run: Run<'a>,
}

#[derive(Serialize)]
struct Program {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Pipeline<'a> {
    slug: &'a str,
    digest: &'a str,
}

#[derive(Serialize)]
struct Input<'a> {
    source: &'static str,
    file: &'a str,
    sha256: &'a str,
    rows_read: u64,
}

#[derive(Serialize)]
struct Last<'a> {
    as_of: String,
    sha256: &'a str,
}

#[derive(Serialize)]
struct AcceptedFact<'a> {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

#[derive(Serialize)]
struct Counts {
    persons: u64,
    rows_read: u64,
    fates: Map<String, Value>,
    findings: Map<String, Value>,
    cases: Cases,
}

#[derive(Serialize)]
struct Cases {
    all: u64,
    eligible: u64,
    refund_fen: i64,
    eligible_fen: i64,
}

#[derive(Serialize)]
struct Run<'a> {
    started: Option<&'a str>,
    inputs_folder: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    /// SHA-256 of the manifest with an empty seal. The desk puts it there.
    seal: &'static str,
}

pub(super) fn manifest(contents: Contents<'_>, outputs: &Digests) -> anyhow::Result<Vec<u8>> {
    let Contents {
        facts, scheme, run, ..
    } = contents;
    let mut inputs: Vec<Input<'_>> = Vec::new();
    let mut fates = FateCounts::default();
    for (origin, of_sheet, _) in facts.received() {
        fates += of_sheet;
        let source = origin.source.code();
        match inputs.last_mut() {
            // Sheets of one file follow each other and share its digest.
            Some(last) if last.source == source && last.file == origin.file => {
                last.rows_read += origin.rows_read
            }
            _ => inputs.push(Input {
                source,
                file: &origin.file,
                sha256: &origin.sha256,
                rows_read: origin.rows_read,
            }),
        }
    }
    let manifest = Manifest {
        program: Program {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        },
        pipeline: Pipeline {
            slug: &scheme.slug,
            digest: &scheme.digest,
        },
        as_of: facts.as_of.to_string(),
        since: facts
            .assessment
            .as_ref()
            .and_then(|assessed| assessed.since)
            .map(|day| day.to_string()),
        counts: Counts {
            persons: facts.persons,
            rows_read: inputs.iter().map(|input| input.rows_read).sum(),
            fates: Fate::ALL
                .iter()
                .map(|&fate| (fate.code().to_owned(), fates.of(fate).into()))
                .collect(),
            findings: facts
                .checks
                .iter()
                .map(|check| (check.code.code().to_owned(), check.rows.into()))
                .collect(),
            cases: cases(contents),
        },
        inputs,
        last: facts.last.as_ref().map(|last| Last {
            as_of: last.as_of.to_string(),
            sha256: &last.sha256,
        }),
        accepted: facts
            .accepted
            .iter()
            .map(|one| AcceptedFact {
                code: one.code().code(),
                file: one.file(),
            })
            .collect(),
        documents: run.documents.code(),
        outputs,
        run: Run {
            started: run.started.as_deref(),
            inputs_folder: &run.inputs_folder,
            region: run.region.as_deref(),
            seal: "",
        },
    };
    let mut bytes = serde_json::to_vec_pretty(&manifest)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn cases(contents: Contents<'_>) -> Cases {
    let Refunds {
        cases: all,
        eligible,
        refund_fen,
        eligible_fen,
    } = contents.facts.refunds;
    Cases {
        all,
        eligible,
        refund_fen,
        eligible_fen,
    }
}
