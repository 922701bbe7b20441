//! Scaled: the pipeline of a sample that has fewer persons than its notice counts. Targets that a notice states in persons
//! are brought to the sample's size; whoever runs the sample by the notice's own pipeline holds it against the whole place.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::order::SampleOrder;
use super::tasks::TasksTable;
use super::world::World;
use crate::scheme::Scheme;

/// Folder for the pipeline, within the sample's.
const FOLDER: &str = "方案";
/// The setting that is a number of persons.
const TARGET: &str = "target-persons";

/// Writes `方案/<slug>.toml` with its region table where the pipeline states a target in persons, and says where it lies;
/// `None` = the pipeline holds for every size. `pipeline`: where the scheme was read from.
///
/// # Errors
/// Whatever keeps a file from being read or written.
pub fn pipeline(scheme: &Scheme, order: &SampleOrder, pipeline: &Path) -> Result<Option<PathBuf>> {
    let text = fs::read_to_string(pipeline).with_context(|| pipeline.display().to_string())?;
    let has_target = |line: &str| setting(line) == Some(TARGET);
    if order.people.is_none() || !text.lines().any(has_target) {
        return Ok(None);
    }
    let world = World::new(scheme, order)?;
    let size = TasksTable::size(&world, order);
    let text: String = text
        .lines()
        .map(|line| match setting(line) {
            Some(TARGET) => resized(line, size),
            Some("inputs") => "inputs = \"..\"\n".to_owned(),
            Some("regions") => String::new(),
            _ => format!("{line}\n"),
        })
        .collect();
    let folder = order.out.join(FOLDER);
    let regions = folder.join("regions");
    fs::create_dir_all(&regions).with_context(|| regions.display().to_string())?;
    let table = regions.join(format!("{}.csv", scheme.slug));
    fs::copy(&scheme.region_file, &table).with_context(|| table.display().to_string())?;
    let file = folder.join(format!("{}.toml", scheme.slug));
    fs::write(&file, text).with_context(|| file.display().to_string())?;
    Ok(Some(file))
}

/// The key of a line that sets something.
fn setting(line: &str) -> Option<&str> {
    line.split_once('=').map(|(key, _)| key.trim())
}

/// The line with its number at the sample's size.
fn resized(line: &str, size: (u64, u64)) -> String {
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    let of_the_notice: u64 = digits.parse().unwrap_or_default(); // the scheme has read it as a number
    let own = super::tasks::scaled(of_the_notice, size);
    format!("{TARGET} = {own} # 样本按人数缩小；通知为 {of_the_notice} 人\n")
}
