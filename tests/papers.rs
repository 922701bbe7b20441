//! The papers: what the code cites stands in the repository, every link leads somewhere, and the
//! README stays the first minute.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Bytes of the README at most: what is read in a minute.
const README_BYTES: usize = 6 * 1024;

/// Where papers are cited: sources and whatever else a reader of the code opens.
const CITING: [&str; 8] = [
    "src",
    "tests",
    "benches",
    ".ci",
    "pipelines",
    "sample_data",
    "reports/README.md",
    "Cargo.toml",
];

/// Papers that stand beside the repository: whoever only has the repository cannot open them.
const ELSEWHERE: [&str; 3] = ["DESIGN", "HOUSE_STYLE", "domain.md §"];

/// A paper that somebody points at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cited {
    /// As written: `docs/readings.md`.
    paper: String,
    /// What follows `#`.
    anchor: Option<String>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// This file, which names papers that are not there.
fn is_this(file: &Path) -> bool {
    file.ends_with("tests/papers.rs")
}

/// The text files under these folders, by path from the root.
fn texts(among: &[&str]) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for name in among {
        collect(&root().join(name), &mut files);
    }
    files.sort();
    let text = |file: PathBuf| Some((file.clone(), fs::read_to_string(&file).ok()?)); // no text: no citation
    let found: Vec<(PathBuf, String)> = files.into_iter().filter_map(text).collect();
    assert!(!found.is_empty(), "{among:?} hold texts");
    found
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        files.push(path.to_path_buf());
        return;
    }
    for entry in fs::read_dir(path).expect("a folder of the repository can be read") {
        collect(&entry.expect("its entries too").path(), files);
    }
}

/// Papers of the repository that are read as papers: those of the root and of `docs`.
fn papers() -> Vec<(PathBuf, String)> {
    let is_paper = |file: &Path| file.extension().is_some_and(|ending| ending == "md");
    let of_root = fs::read_dir(root()).expect("the root can be read");
    let of_root = of_root.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = of_root.filter(|file| file.is_file()).collect();
    collect(&root().join("docs"), &mut files);
    files.retain(|file| is_paper(file));
    files.sort();
    let text = |file: PathBuf| {
        let text = fs::read_to_string(&file).expect("a paper is text");
        (file, text)
    };
    files.into_iter().map(text).collect()
}

/// Every paper a text names, by its file name: `docs/readings.md#standing`, `README.md`.
fn cited(text: &str) -> Vec<Cited> {
    let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
    let mut found = Vec::new();
    for (at, _) in text.match_indices(".md") {
        let (before, after) = (&text[..at], &text[at + 3..]);
        let start = before
            .char_indices()
            .rev()
            .take_while(|(_, c)| part(*c))
            .last()
            .map_or(at, |(start, _)| start);
        let goes_on = after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if start == at || goes_on {
            continue; // *.md, or another ending
        }
        let anchor = after.strip_prefix('#').map(|anchor| {
            let is_anchor = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            anchor.chars().take_while(|c| is_anchor(*c)).collect()
        });
        found.push(Cited {
            paper: text[start..at + 3].to_owned(),
            anchor,
        });
    }
    found
}

/// The file that a citation means: from the root, from `docs`, or beside whoever cites it.
fn meant(paper: &str, citing: &Path) -> Option<PathBuf> {
    let beside = citing.parent().unwrap_or(Path::new("")); // a file lies in a folder
    let places = [root(), root().join("docs"), beside.to_path_buf()];
    places
        .into_iter()
        .map(|place| place.join(paper))
        .find(|file| file.is_file())
}

/// What a paper can be entered by: `<a id="…"></a>`, and its headings as a browser names them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = ids(text).into_iter().map(str::to_owned).collect();
    let mut in_code = false;
    for line in text.lines() {
        in_code ^= line.starts_with("```");
        let heading = line.trim_start_matches('#');
        if !in_code && heading.len() < line.len() && heading.starts_with(' ') {
            found.insert(heading_id(heading));
        }
    }
    found
}

/// Anchors that are written out.
fn ids(text: &str) -> Vec<&str> {
    let after = text.split("<a id=\"").skip(1);
    after.filter_map(|rest| rest.split('"').next()).collect()
}

/// `## A payment's way` → `a-payments-way`
fn heading_id(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let text = heading.trim().to_lowercase();
    text.chars()
        .filter(kept)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// Where the links and pictures of a paper lead: `[words](there)`.
fn links(text: &str) -> Vec<&str> {
    let after = text.split("](").skip(1);
    let mut found: Vec<&str> = after.filter_map(|rest| rest.split(')').next()).collect();
    found.retain(|link| !link.contains("://") && !link.starts_with("mailto:"));
    found
}

fn from_root(file: &Path) -> String {
    let short = file.strip_prefix(root()).unwrap_or(file); // every file lies under the root
    short.display().to_string()
}

fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_paper_and_anchor_that_is_cited_stands_in_the_repository() {
    let mut known: BTreeMap<PathBuf, BTreeSet<String>> = BTreeMap::new();
    let mut wrong = Vec::new();
    let citing = texts(&CITING);
    for (file, text) in citing.iter().filter(|(file, _)| !is_this(file)) {
        for Cited { paper, anchor } in cited(text) {
            let Some(meant) = meant(&paper, file) else {
                wrong.push(format!("{}: there is no {paper}", from_root(file)));
                continue;
            };
            let of_paper = known.entry(meant).or_insert_with_key(|paper| {
                anchors(&fs::read_to_string(paper).expect("a paper is text"))
            });
            if anchor
                .as_ref()
                .is_some_and(|anchor| !of_paper.contains(anchor))
            {
                let anchor = anchor.unwrap_or_default(); // it is there
                wrong.push(format!("{}: {paper} has no #{anchor}", from_root(file)));
            }
        }
    }
    none(&wrong);
}

#[test]
fn no_paper_is_cited_that_only_lies_beside_the_repository() {
    let mut wrong = Vec::new();
    for (file, text) in texts(&CITING).iter().filter(|(file, _)| !is_this(file)) {
        for (at, line) in (1..).zip(text.lines()) {
            if ELSEWHERE.iter().any(|paper| line.contains(paper)) {
                wrong.push(format!("{}:{at} {}", from_root(file), line.trim()));
            }
        }
    }
    none(&wrong);
}

#[test]
fn every_link_of_a_paper_leads_to_a_file_and_an_anchor() {
    let mut wrong = Vec::new();
    for (file, text) in papers() {
        for link in links(&text) {
            let (paper, anchor) = link
                .split_once('#')
                .map_or((link, None), |(p, a)| (p, Some(a)));
            let beside = file.parent().unwrap_or(Path::new("")); // a paper lies in a folder
            let there = if paper.is_empty() {
                file.clone()
            } else {
                beside.join(paper)
            };
            let is_entered = |anchor: &str| {
                fs::read_to_string(&there).is_ok_and(|text| anchors(&text).contains(anchor))
            };
            if !there.exists() || anchor.is_some_and(|anchor| !is_entered(anchor)) {
                wrong.push(format!("{}: {link}", from_root(&file)));
            }
        }
    }
    none(&wrong);
}

#[test]
fn an_anchor_stands_once_in_its_paper() {
    let mut wrong = Vec::new();
    for (file, text) in papers() {
        let mut met = BTreeSet::new();
        let twice = ids(&text).into_iter().filter(|id| !met.insert(*id));
        wrong.extend(twice.map(|id| format!("{}: {id}", from_root(&file))));
    }
    none(&wrong);
}

#[test]
fn the_readme_is_read_in_a_minute() {
    let readme = fs::read_to_string(root().join("README.md")).expect("there is a README");
    assert!(
        readme.len() <= README_BYTES,
        "README.md has {} bytes of {README_BYTES}",
        readme.len()
    );
}

#[test]
fn the_reader_of_papers_sees_what_is_cited() {
    let of = |paper: &str, anchor: Option<&str>| Cited {
        paper: paper.to_owned(),
        anchor: anchor.map(str::to_owned),
    };
    // text, cited
    for (text, expected) in [
        (
            "as docs/readings.md#kept-pool says",
            vec![of("docs/readings.md", Some("kept-pool"))],
        ),
        (
            "(readings.md#standing).",
            vec![of("readings.md", Some("standing"))],
        ),
        ("见 docs/clerk.md，再看", vec![of("docs/clerk.md", None)]),
        (
            "tests/files/old/README.md",
            vec![of("tests/files/old/README.md", None)],
        ),
        ("*.md, x.md5, a.mdx", vec![]),
    ] {
        assert_eq!(cited(text), expected, "{text}");
    }
    let paper = "# The law\n<a id=\"fates\"></a>\n## A row's fate\n```\n# no heading\n```\n";
    let expected = ["a-rows-fate", "fates", "the-law"].map(str::to_owned);
    assert_eq!(anchors(paper), BTreeSet::from(expected));
    assert_eq!(
        links("[a](b.md#c), ![d](e.png), [f](https://g)"),
        ["b.md#c", "e.png"]
    );
}
