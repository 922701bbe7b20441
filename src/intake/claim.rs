//! Which file belongs to which book.

use std::path::{Path, PathBuf};

use crate::domain::{Complaint, Refusal, fault::Complaints};
use crate::scheme::{Scheme, SourceRule};

/// A file that a source claims.
pub(super) struct Claim<'a> {
    /// The source's rule.
    pub(super) rule: &'a SourceRule,
    /// Name relative to the inputs folder, `/` between folders.
    pub(super) file: String,
    /// Where it lies.
    pub(super) path: PathBuf,
}

/// Every claimed file, in order of declared source and name, and all that is wrong with the claims.
///
/// # Errors
/// There is no such folder.
pub(super) fn claims<'a>(scheme: &'a Scheme, inputs: &Path) -> Result<(Vec<Claim<'a>>, Vec<Complaint>), Complaints> {
    if inputs.is_file() {
        return Err(Complaints(vec![Refusal::InputsAreAFile { file: inputs.to_owned() }.into()]));
    }
    if !inputs.is_dir() {
        return Err(Complaints(vec![Refusal::NoInputs { folder: inputs.to_owned() }.into()]));
    }
    let mut files = Vec::new();
    walk(inputs, "", &mut files);
    files.sort();
    let mut wrong: Vec<Complaint> = Vec::new();
    let mut claims: Vec<Claim<'a>> = Vec::new();
    for rule in &scheme.sources {
        let patterns = patterns(rule, &mut wrong);
        let mut found = false;
        for file in files.iter().filter(|file| patterns.iter().any(|p| p.matches_with(file, OPTIONS))) {
            found = true;
            match claims.iter().find(|claim| claim.file == *file) {
                Some(first) => {
                    wrong
                        .push(Refusal::FileClaimedTwice { file: file.clone(), first: first.rule.kind, second: rule.kind }.into());
                }
                None => claims.push(Claim { rule, file: file.clone(), path: inputs.join(file) }),
            }
        }
        if !found && rule.required {
            let patterns = rule.files.clone();
            wrong.push(Refusal::NoMatchingFile { source: rule.kind, patterns, folder: inputs.to_owned() }.into());
        }
    }
    Ok((claims, wrong))
}

/// `*` stays inside one folder, as in a shell.
const OPTIONS: glob::MatchOptions =
    glob::MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

fn patterns(rule: &SourceRule, wrong: &mut Vec<Complaint>) -> Vec<glob::Pattern> {
    let mut patterns = Vec::new();
    for text in &rule.files {
        match glob::Pattern::new(text) {
            Ok(pattern) => patterns.push(pattern),
            Err(_) => wrong.push(Refusal::BadPattern { key: "files".into(), text: text.clone() }.into()),
        }
    }
    patterns
}

/// Names of all files below a folder. Dotfiles and the lock files of Excel, WPS and LibreOffice are not there.
fn walk(folder: &Path, prefix: &str, files: &mut Vec<String>) {
    // A folder that may not be listed holds nothing we could read: a required source will say that its file is missing.
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name.starts_with("~$") {
            continue;
        }
        let path = entry.path();
        if path.is_dir() {
            walk(&path, &format!("{prefix}{name}/"), files);
        } else {
            files.push(format!("{prefix}{name}"));
        }
    }
}
