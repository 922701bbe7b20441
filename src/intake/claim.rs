//! Which file belongs to which book.

use std::collections::{HashSet, VecDeque};
use std::path::{Path, PathBuf};

use super::family::FileName;
use crate::domain::fault::{WrongInputs, WrongSetting};
use crate::domain::{Complaint, Days, Fault, Refusal, fault::Complaints};
use crate::scheme::{Scheme, SourceRule};

/// A file that a source claims.
pub(crate) struct Claim<'a> {
    /// The source's rule.
    pub rule: &'a SourceRule,
    /// Name relative to the inputs folder, `/` between folders.
    pub file: String,
    /// What its name says.
    pub name: FileName,
    /// Where it lies.
    pub path: PathBuf,
}

/// What the sources claim in the folder.
pub(crate) struct Claims<'a> {
    /// Every claimed file, in order of declared source and name.
    pub claims: Vec<Claim<'a>>,
    /// Names of files that no source claims.
    pub unclaimed: Vec<String>,
    /// All that is wrong with the claims.
    pub wrong: Vec<Complaint>,
}

/// Every file of the folder, and which source claims it.
///
/// # Errors
/// `Complaints` where there is no such folder; a `Fault` where it, or a folder in it, may not be listed.
pub(crate) fn claims<'a>(scheme: &'a Scheme, inputs: &Path) -> anyhow::Result<Claims<'a>> {
    is_a_folder(inputs).map_err(|refusal| Complaints(vec![refusal.into()]))?;
    let files = Walk::over(inputs)?;
    let mut claims = Claims {
        claims: Vec::new(),
        unclaimed: Vec::new(),
        wrong: Vec::new(),
    };
    for rule in &scheme.sources {
        claims.take(rule, &files, (inputs, scheme.window));
    }
    let claimed: HashSet<&str> = claims
        .claims
        .iter()
        .map(|claim| claim.file.as_str())
        .collect();
    let is_unclaimed = |file: &&String| !claimed.contains(file.as_str());
    claims.unclaimed = files.iter().filter(is_unclaimed).cloned().collect();
    Ok(claims)
}

fn is_a_folder(inputs: &Path) -> Result<(), Refusal> {
    if inputs.is_file() {
        let file = inputs.to_owned();
        return Err(Refusal::Inputs(WrongInputs::InputsAreAFile { file }));
    }
    if !inputs.is_dir() {
        let folder = inputs.to_owned();
        return Err(Refusal::Inputs(WrongInputs::NoInputs { folder }));
    }
    Ok(())
}

impl<'a> Claims<'a> {
    /// Takes the files of a source, which may be nobody else's.
    fn take(&mut self, rule: &'a SourceRule, files: &[String], (inputs, window): (&Path, Days)) {
        let patterns = patterns(rule, &mut self.wrong);
        let is_its = |file: &&String| patterns.iter().any(|p| p.matches_with(file, OPTIONS));
        let mut found = false;
        for file in files.iter().filter(is_its) {
            found = true;
            match self.claims.iter().find(|claim| claim.file == *file) {
                Some(first) => {
                    let twice = Refusal::Inputs(WrongInputs::FileClaimedTwice {
                        file: file.clone(),
                        first: first.rule.kind,
                        second: rule.kind,
                    });
                    self.wrong.push(twice.into());
                }
                None => self.claims.push(Claim {
                    rule,
                    file: file.clone(),
                    name: FileName::read(file, rule, window),
                    path: inputs.join(file),
                }),
            }
        }
        if !found && rule.required {
            let missing = Refusal::Inputs(WrongInputs::NoMatchingFile {
                source: rule.kind,
                patterns: rule.files.clone(),
                folder: inputs.to_owned(),
            });
            self.wrong.push(missing.into());
        }
    }
}

/// `*` stays inside one folder, as in a shell. `.CSV` is `.csv`: on the machines that clerks use they are one name.
const OPTIONS: glob::MatchOptions = glob::MatchOptions {
    case_sensitive: false,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

fn patterns(rule: &SourceRule, wrong: &mut Vec<Complaint>) -> Vec<glob::Pattern> {
    let mut patterns = Vec::new();
    for text in &rule.files {
        match glob::Pattern::new(text) {
            Ok(pattern) => patterns.push(pattern),
            Err(_) => wrong.push(
                Refusal::Setting(WrongSetting::BadPattern {
                    key: "files".into(),
                    text: text.clone(),
                })
                .into(),
            ),
        }
    }
    patterns
}

/// The walk over all files below a folder. Dotfiles and the lock files of Excel, WPS and LibreOffice are not there.
#[derive(Default)]
struct Walk {
    files: Vec<String>,
    /// Links to folders, with the name they have below the folder.
    links: VecDeque<(PathBuf, String)>,
    /// Folders that were walked, by their true names: a link to one of them leads in a circle, or to files met already.
    walked: HashSet<PathBuf>,
    /// Folders that may not be listed: what lies in them could be anything.
    closed: Vec<Fault>,
}

/// Folders that systems keep on every disk and let nobody list. Nothing of a bureau's lies in them.
const OF_THE_SYSTEM: [&str; 3] = ["lost+found", "System Volume Information", "$RECYCLE.BIN"];

impl Walk {
    /// Names of all files, in order.
    ///
    /// # Errors
    /// Every folder that may not be listed.
    fn over(inputs: &Path) -> Result<Vec<String>, Fault> {
        let mut walk = Walk::default();
        walk.folder(inputs, "");
        // Folders come before links to them, so that a file has the same name on every machine.
        while let Some((path, prefix)) = walk.links.pop_front() {
            walk.folder(&path, &prefix);
        }
        walk.files.sort();
        if walk.closed.len() > 1 {
            return Err(Fault::Several {
                faults: walk.closed,
            });
        }
        walk.closed.pop().map_or(Ok(walk.files), Err)
    }

    fn folder(&mut self, folder: &Path, prefix: &str) {
        let listed = folder
            .canonicalize()
            .and_then(|place| Ok((place, entries(folder)?)));
        let (place, entries) = match listed {
            Ok(listed) => listed,
            Err(error) => {
                self.closed.push(Fault::Unlistable {
                    folder: folder.to_owned(),
                    reason: error.to_string(),
                });
                return;
            }
        };
        if !self.walked.insert(place) {
            return;
        }
        for (name, path) in entries {
            let of_the_system = OF_THE_SYSTEM.contains(&name.as_str());
            if name.starts_with('.') || name.starts_with("~$") || of_the_system {
                continue;
            }
            if !path.is_dir() {
                self.files.push(format!("{prefix}{name}"));
            } else if path.is_symlink() {
                self.links.push_back((path, format!("{prefix}{name}/")));
            } else {
                self.folder(&path, &format!("{prefix}{name}/"));
            }
        }
    }
}

/// Names and paths of what lies in a folder, in order.
fn entries(folder: &Path) -> std::io::Result<Vec<(String, PathBuf)>> {
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        entries.push((name, entry.path()));
    }
    entries.sort();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_cannot_be_listed_is_told_and_those_of_the_system_are_passed_by() {
        let folder = tempfile::tempdir().unwrap();
        let fault = Walk::over(&folder.path().join("gone")).unwrap_err();
        assert!(matches!(fault, Fault::Unlistable { .. }), "{fault}");
        for name in OF_THE_SYSTEM {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("a.csv"), "").unwrap();
        }
        assert_eq!(Walk::over(folder.path()).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn patterns_take_names_in_any_case() {
        let pattern = glob::Pattern::new("常住人口*.csv").unwrap();
        assert!(pattern.matches_with("常住人口2.CSV", OPTIONS));
        assert!(
            !pattern.matches_with("旧/常住人口2.csv", OPTIONS),
            "a star stays inside its folder"
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_between_folders_end() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("子/孙")).unwrap();
        for file in ["b.csv", "子/孙/a.csv", "~$b.csv"] {
            std::fs::write(at(file), "").unwrap();
        }
        symlink(folder.path(), at("子/孙/圈")).unwrap();
        symlink(at("子/孙"), at("先")).unwrap();
        assert_eq!(Walk::over(folder.path()).unwrap(), ["b.csv", "子/孙/a.csv"]);
    }
}
