//! What the pipeline says of the folder of inputs: files that are not needed, and grave facts that are accepted.

use glob::Pattern;

use super::written::{Table, Value};
use super::{Ignored, Leave};
use crate::domain::fault::WrongSetting;
use crate::domain::{Accepted, GraveCode};

/// What is ignored, and what is accepted.
pub(super) fn asked(root: &Table<'_>) -> (Vec<Ignored>, Vec<Leave>) {
    (ignored(&root.table("ignore")), accepted(root))
}

/// `[ignore]`: patterns of files, and why.
fn ignored(table: &Table<'_>) -> Vec<Ignored> {
    if !table.is_there() {
        return Vec::new();
    }
    let reason = table.need("reason").and_then(|value| value.text());
    let files = table.need("files").map(|value| value.some_list());
    let reason = reason.unwrap_or_default(); // complained of above
    let patterns = files.unwrap_or_default().into_iter().filter_map(|value| {
        let text = value.text()?;
        match Pattern::new(&text) {
            Ok(files) => Some(Ignored {
                files,
                reason: reason.clone(),
            }),
            Err(_) => {
                let key = value.key.clone();
                value.refuse(WrongSetting::BadPattern { key, text });
                None
            }
        }
    });
    patterns.collect()
}

/// `[[accept]]`: a grave fact, perhaps of one file, until a day, and why.
fn accepted(root: &Table<'_>) -> Vec<Leave> {
    let tables = root.tables("accept");
    let leave = |table: &Table<'_>| {
        let code = table.need("code");
        let reason = table.need("reason").and_then(|value| value.text());
        let until = table.need("until").and_then(|value| value.date());
        let file = table.get("file").and_then(|value| value.text());
        let code = code.and_then(|value: Value<'_>| value.member(GraveCode::ALL, GraveCode::code));
        Some(Leave {
            accepted: Accepted { code: code?, file },
            reason: reason?,
            until: until?,
        })
    };
    tables.iter().filter_map(leave).collect()
}
