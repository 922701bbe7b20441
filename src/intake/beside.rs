//! What lies beside the tables: files that nobody claims and that are none.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::kind::{self, FileKind};
use super::office;

/// A file that no source claims, and that is no table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoTable {
    /// Name relative to the inputs folder, `/` between folders.
    pub file: String,
    /// What it is.
    pub is: Beside,
}

/// What lies beside the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// A pipe, a socket or a device: never opened, for that may wait for ever.
    NoFile,
    /// An archive with so many files in it, where they can be counted. Their names may be persons' and are not kept.
    Archive(Option<u64>),
}

/// Bytes of the largest archive whose files are counted.
const MOST_BYTES: u64 = 256 << 20;

/// Those of these files that are no tables.
pub(super) fn no_tables(inputs: &Path, files: &[String]) -> Vec<NoTable> {
    let told = |file: &String| {
        let is = of(&inputs.join(file))?;
        let file = file.clone();
        Some(NoTable { file, is })
    };
    files.iter().filter_map(told).collect()
}

fn of(path: &Path) -> Option<Beside> {
    let about = std::fs::metadata(path).ok()?;
    if !about.is_file() {
        return Some(Beside::NoFile);
    }
    let mut file = File::open(path).ok()?;
    let mut bytes = Vec::new();
    file.by_ref().take(4096).read_to_end(&mut bytes).ok()?;
    match kind::of(&bytes) {
        FileKind::Zip if about.len() <= MOST_BYTES => {
            file.read_to_end(&mut bytes).ok()?;
            let files = office::files_in_archive(&bytes)?;
            Some(Beside::Archive(Some(files)))
        }
        FileKind::Zip | FileKind::Other("rar" | "7z" | "gzip") => Some(Beside::Archive(None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_told_and_never_opened_and_archives_are_counted() {
        use std::os::unix::net::UnixListener;

        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let pipe = std::process::Command::new("mkfifo")
            .arg(at("管道.csv"))
            .status();
        assert!(pipe.unwrap().success());
        let _socket = UnixListener::bind(at("s")).unwrap();
        std::fs::write(at("a.rar"), b"Rar!\x1a\x07\x00").unwrap();
        std::fs::write(at("b.csv"), "姓名").unwrap();
        std::fs::write(
            at("空.zip"),
            b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        )
        .unwrap();
        let files = ["a.rar", "b.csv", "s", "没有.csv", "管道.csv", "空.zip"].map(str::to_owned);
        let told = no_tables(folder.path(), &files);
        let told: Vec<(&str, Beside)> = told.iter().map(|one| (&*one.file, one.is)).collect();
        let expected = [
            ("a.rar", Beside::Archive(None)),
            ("s", Beside::NoFile),
            ("管道.csv", Beside::NoFile),
            ("空.zip", Beside::Archive(Some(0))),
        ];
        assert_eq!(told, expected);
    }
}
