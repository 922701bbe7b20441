//! Region table: `code,name,level,parent,alias,unit`, the county's own list of its places
//! (docs/readings.md#regions).

use std::collections::{HashMap, HashSet};
use std::fs;
use std::ops::Range;
use std::path::Path;

use super::excerpt;
use crate::domain::fault::WrongInputs;
use crate::domain::{Complaint, Refusal, Region, RegionLevel, Spot, WrongRegion};

/// The rows of a region table, its bytes, and what is wrong with it.
#[derive(Default)]
pub(super) struct RegionFile {
    /// Rows that make sense.
    pub(super) regions: Vec<Region>,
    /// The file as it is, for the digest.
    pub(super) bytes: Vec<u8>,
    /// One a row that makes no sense.
    pub(super) complaints: Vec<Complaint>,
}

/// Reads a region table. `root` is the scheme's region: parents above it need not stand in the table.
///
/// # Errors
/// A refusal when there is no table to read at all; rows that make no sense are in `complaints`.
pub(super) fn read(path: &Path, root: Option<&str>) -> Result<RegionFile, Refusal> {
    let refusal = |wrong| {
        Refusal::Inputs(WrongInputs::RegionTable {
            path: path.to_owned(),
            line: 0,
            wrong,
        })
    };
    let unreadable = |reason: String| refusal(WrongRegion::Unreadable { reason });
    let bytes = fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| unreadable(error.to_string()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        path,
        text,
        complaints: Vec::new(),
        refused: HashSet::new(),
    };
    let rows = reader.rows().map_err(refusal)?;
    if rows.is_empty() && reader.complaints.is_empty() {
        return Err(refusal(WrongRegion::NoRows));
    }
    reader.check_places(&rows, root);
    let complaints = reader.complaints;
    let regions = rows.into_iter().map(|(region, _)| region).collect();
    Ok(RegionFile {
        regions,
        bytes,
        complaints,
    })
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
    complaints: Vec<Complaint>,
    /// Codes of rows that make no sense: what follows from that is not told once more.
    refused: HashSet<String>,
}

/// Where the columns of the table stand.
struct Columns {
    code: usize,
    name: usize,
    level: usize,
    parent: usize,
    alias: Option<usize>,
    unit: Option<usize>,
    /// How many there are.
    count: usize,
}

impl Columns {
    fn of(headers: &csv::StringRecord) -> Result<Columns, WrongRegion> {
        let column = |name: &str| headers.iter().position(|header| header == name);
        let needed =
            |name: &str| column(name).ok_or_else(|| WrongRegion::NoColumn { name: name.into() });
        Ok(Columns {
            code: needed("code")?,
            name: needed("name")?,
            level: needed("level")?,
            parent: needed("parent")?,
            alias: column("alias"),
            unit: column("unit"),
            count: headers.len(),
        })
    }
}

impl Reader<'_> {
    fn rows(&mut self) -> Result<Vec<(Region, Range<usize>)>, WrongRegion> {
        let mut csv = csv::ReaderBuilder::new()
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(self.text.as_bytes());
        let headers = csv.headers().map_err(|_| WrongRegion::NoCsv)?.clone();
        let columns = Columns::of(&headers)?;
        let mut rows = Vec::new();
        let mut record = csv::StringRecord::new();
        while csv
            .read_record(&mut record)
            .map_err(|_| WrongRegion::NoCsv)?
        {
            let at = record
                .position()
                .map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0));
            let span = self.line_from(at);
            if let Some(region) = self.region(&record, &columns, &span) {
                rows.push((region, span));
            }
        }
        Ok(rows)
    }

    /// The region of a row; `None` where its level is no level.
    fn region(
        &mut self,
        record: &csv::StringRecord,
        columns: &Columns,
        span: &Range<usize>,
    ) -> Option<Region> {
        let cell = |column: usize| record.get(column).unwrap_or("").to_owned();
        let word = cell(columns.level);
        let unit = columns.unit.map(cell).unwrap_or_default();
        let (cells, headers) = (record.len(), columns.count);
        let complaints_before = self.complaints.len();
        if cells > headers {
            self.complain(span, WrongRegion::Surplus { cells, headers });
        }
        if cell(columns.name).is_empty() {
            self.complain(span, WrongRegion::NoName);
        }
        if !matches!(unit.as_str(), "" | "yes" | "no") {
            self.complain(span, WrongRegion::BadUnit { word: unit.clone() });
        }
        let Some(level) = RegionLevel::from_code(&word) else {
            self.refused.insert(cell(columns.code));
            self.complain(span, WrongRegion::BadLevel { word });
            return None;
        };
        if self.complaints.len() > complaints_before {
            self.refused.insert(cell(columns.code));
        }
        let aliases = columns.alias.map(cell).unwrap_or_default();
        let aliases = aliases.split('|').map(str::trim).filter(|a| !a.is_empty());
        Some(Region {
            code: cell(columns.code),
            name: cell(columns.name),
            level,
            parent: cell(columns.parent),
            aliases: aliases.map(str::to_owned).collect(),
            unit: unit == "yes",
        })
    }

    /// Codes of the right form, no code twice, no orphan.
    fn check_places(&mut self, rows: &[(Region, Range<usize>)], root: Option<&str>) {
        let mut first_lines = HashMap::with_capacity(rows.len());
        let levels: HashMap<&str, RegionLevel> = rows
            .iter()
            .map(|(r, _)| (r.code.as_str(), r.level))
            .collect();
        // Rows stand in the file's order: counted on from row to row, so that a province's 30,000 do not each count anew.
        let (mut line, mut counted) = (1, 0);
        for (region, span) in rows {
            let between = self
                .text
                .as_bytes()
                .get(counted..span.start)
                .unwrap_or_default();
            line += memchr::memchr_iter(b'\n', between).count();
            counted = span.start;
            let first = first_lines.insert(region.code.as_str(), line);
            let repeated = first.map(|line| WrongRegion::Repeated {
                code: region.code.clone(),
                line,
            });
            // One complaint a row: what is wrong with its parent would follow from what is wrong with its code.
            let bad_code = || wrong_code(region);
            let wrong = repeated.or_else(|| self.wrong_parent(region, &levels, root));
            let is_told = self.refused.contains(&region.code);
            if let Some(wrong) = wrong.or_else(bad_code).filter(|_| !is_told) {
                self.complain(span, wrong);
            }
        }
    }

    /// A scheme's region and its neighbours hang on something above the table; all else hangs inside it.
    fn wrong_parent(
        &self,
        region: &Region,
        levels: &HashMap<&str, RegionLevel>,
        root: Option<&str>,
    ) -> Option<WrongRegion> {
        let parent = region.parent.clone();
        let above = root.is_none_or(|root| root.starts_with(&parent) && root != parent);
        match levels.get(parent.as_str()) {
            None if !above && !self.refused.contains(&parent) => {
                Some(WrongRegion::NoParent { parent })
            }
            Some(level) if *level >= region.level => Some(WrongRegion::ParentTooLow {
                parent,
                parent_level: *level,
                level: region.level,
            }),
            _ => None,
        }
    }

    fn line_from(&self, at: usize) -> Range<usize> {
        // The csv reader's position may stand on the blank before a record.
        let at = at + self.text[at..].len() - self.text[at..].trim_start().len();
        at..self.text[at..]
            .find(['\r', '\n'])
            .map_or(self.text.len(), |n| at + n)
    }

    fn complain(&mut self, span: &Range<usize>, wrong: WrongRegion) {
        let (line, column) = excerpt::line_and_column(self.text, span.start);
        self.complaints.push(Complaint {
            place: Some(Spot {
                file: self.path.to_owned(),
                line,
                column,
            }),
            excerpt: excerpt::of(self.text, span.clone()),
            refusal: Refusal::Inputs(WrongInputs::RegionTable {
                path: self.path.to_owned(),
                line,
                wrong,
            }),
        });
    }
}

fn wrong_code(region: &Region) -> Option<WrongRegion> {
    let is_right = has_code_of_its_level(region);
    (!is_right).then(|| WrongRegion::BadCode {
        code: region.code.clone(),
        level: region.level,
        parent: region.parent.clone(),
    })
}

/// GB/T 2260 and GB/T 10114: 2, 4, 6, 9 or 12 digits that begin with the parent's; a unit has its parent's code and a letter.
fn has_code_of_its_level(region: &Region) -> bool {
    // GB/T 2260 writes the city as six digits, 430300; at the top there may be no parent at all.
    let parent = region
        .parent
        .strip_suffix("00")
        .filter(|_| region.parent.len() == 6)
        .unwrap_or(&region.parent);
    let Some(rest) = region.code.strip_prefix(parent) else {
        return false;
    };
    if region.unit {
        return rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_uppercase());
    }
    let digits = match region.level {
        RegionLevel::Province => 2,
        RegionLevel::City => 4,
        RegionLevel::County => 6,
        RegionLevel::Township => 9,
        RegionLevel::Village => 12,
    };
    region.code.len() == digits && region.code.bytes().all(|b| b.is_ascii_digit())
}
