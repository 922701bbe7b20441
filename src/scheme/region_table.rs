//! Region table: `code,name,level,parent,alias,unit`, the county's own list of its places, as csv or xlsx
//! (docs/readings.md#regions).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::ops::Range;
use std::path::Path;

use super::{excerpt, region_sheet};
use crate::domain::fault::WrongInputs;
use crate::domain::{Complaint, Refusal, Region, RegionLevel, Spot, WrongRegion, decoding};

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
    let text = text_of(&bytes).map_err(refusal)?;
    let mut reader = Reader {
        path,
        text: &text,
        complaints: Vec::new(),
        refused: HashSet::new(),
    };
    let rows = reader.rows().map_err(refusal)?;
    if rows.is_empty() && reader.complaints.is_empty() {
        return Err(refusal(WrongRegion::NoRows));
    }
    reader.check_places(&rows, root);
    let complaints = reader.complaints;
    drop(text);
    let regions = rows.into_iter().map(|(region, _)| region).collect();
    Ok(RegionFile {
        regions,
        bytes,
        complaints,
    })
}

/// The table as csv, told by its content: of a workbook the first sheet, line by line, so that a complaint names its rows.
fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, WrongRegion> {
    let unreadable = |reason: String| WrongRegion::Unreadable { reason };
    if bytes.starts_with(b"PK\x03\x04") {
        return region_sheet::as_csv(bytes)
            .map(Cow::Owned)
            .map_err(unreadable);
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(WrongRegion::OldWorkbook);
    }
    let has_header = |text: &str| {
        let mut words = text.lines().next().unwrap_or_default().split(',');
        words.any(|word| is_called(word, &CODE))
    };
    let decoded = decoding::decode(bytes, has_header);
    decoded
        .map(|decoded| decoded.text)
        .map_err(|line| unreadable(format!("no text on line {line}")))
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

/// What a column is called, its own word first.
type Called = [&'static str; 3];

const CODE: Called = ["code", "代码", "编码"];
const NAME: Called = ["name", "名称", "区划名称"];
const LEVEL: Called = ["level", "级别", "层级"];
const PARENT: Called = ["parent", "上级", "上级代码"];
const ALIAS: Called = ["alias", "别名", "别称"];
const UNIT: Called = ["unit", "单位", "无代码单位"];

fn is_called(header: &str, called: &Called) -> bool {
    let header = header.trim_matches(|c: char| c == '"' || c.is_whitespace());
    called.iter().any(|word| header.eq_ignore_ascii_case(word))
}

impl Columns {
    fn of(headers: &csv::StringRecord) -> Result<Columns, WrongRegion> {
        let column = |called: &Called| headers.iter().position(|header| is_called(header, called));
        let needed = |called: &Called| {
            let name = called[0].to_owned();
            column(called).ok_or(WrongRegion::NoColumn { name })
        };
        Ok(Columns {
            code: needed(&CODE)?,
            name: needed(&NAME)?,
            level: needed(&LEVEL)?,
            parent: needed(&PARENT)?,
            alias: column(&ALIAS),
            unit: column(&UNIT),
            count: headers.len(),
        })
    }
}

/// A level by its code or in Chinese: 县, 县级, 区县.
fn level_called(word: &str) -> Option<RegionLevel> {
    let chinese = || {
        Some(match word.strip_suffix('级').unwrap_or(word) {
            "省" => RegionLevel::Province,
            "市" | "地市" => RegionLevel::City,
            "县" | "区县" | "县区" => RegionLevel::County,
            "乡镇" | "乡" | "镇" | "街道" | "乡镇街道" => RegionLevel::Township,
            "村" | "行政村" | "社区" | "村社区" => RegionLevel::Village,
            _ => return None,
        })
    };
    RegionLevel::from_code(word).or_else(chinese)
}

/// The level whose codes have as many digits.
fn level_by_length(code: &str) -> Option<RegionLevel> {
    let mut levels = RegionLevel::ALL.iter().copied();
    levels.find(|level| digits_of(*level) == code.len())
}

/// GB/T 2260 and GB/T 10114.
const fn digits_of(level: RegionLevel) -> usize {
    match level {
        RegionLevel::Province => 2,
        RegionLevel::City => 4,
        RegionLevel::County => 6,
        RegionLevel::Township => 9,
        RegionLevel::Village => 12,
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
            if record.iter().all(str::is_empty) {
                continue;
            }
            let span = self.line_from(at);
            if let Some(region) = self.region(&record, &columns, &span) {
                rows.push((region, span));
            }
        }
        Ok(rows)
    }

    /// The region of a row; `None` where neither its level nor its code says how high it stands.
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
        if !matches!(unit.as_str(), "" | "yes" | "no" | "是" | "否") {
            self.complain(span, WrongRegion::BadUnit { word: unit.clone() });
        }
        let known = level_called(&word);
        if known.is_none() {
            self.complain(span, WrongRegion::BadLevel { word });
        }
        if self.complaints.len() > complaints_before {
            self.refused.insert(cell(columns.code));
        }
        // A row that makes no sense stays, as what it seems to be: what stands below it makes sense.
        let level = known.or_else(|| level_by_length(&cell(columns.code)))?;
        let aliases = columns.alias.map(cell).unwrap_or_default();
        let aliases = aliases.split('|').map(str::trim).filter(|a| !a.is_empty());
        Some(Region {
            code: cell(columns.code),
            name: cell(columns.name),
            level,
            parent: cell(columns.parent),
            aliases: aliases.map(str::to_owned).collect(),
            unit: matches!(unit.as_str(), "yes" | "是"),
        })
    }

    /// Codes of the right form, no code twice, no orphan. One complaint a row, and one a cause: what stands below a row that
    /// is complained of, or below a parent that was missed before, is not told once more.
    fn check_places(&mut self, rows: &[(Region, Range<usize>)], root: Option<&str>) {
        let mut first_lines = HashMap::with_capacity(rows.len());
        let known = Known::of(rows, root);
        let mut missed: HashSet<&str> = HashSet::new();
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
            let code = region.code.as_str();
            let first = first_lines.insert(code, line).filter(|_| !code.is_empty());
            let repeated = first.map(|line| WrongRegion::Repeated {
                code: region.code.clone(),
                line,
            });
            // One complaint a row: what is wrong with its parent would follow from what is wrong with its code.
            let bad_code = || wrong_code(region);
            let wrong = repeated.or_else(|| self.wrong_parent(region, &known));
            let is_told = self.refused.contains(code)
                || matches!(&wrong, Some(WrongRegion::NoParent { .. }))
                    && !missed.insert(&region.parent);
            if let Some(wrong) = wrong.or_else(bad_code).filter(|_| !is_told) {
                self.complain(span, wrong);
            }
        }
    }

    /// A scheme's region and its neighbours hang on something above the table; all else hangs inside it.
    fn wrong_parent(&self, region: &Region, known: &Known<'_>) -> Option<WrongRegion> {
        let parent = region.parent.clone();
        let above = known
            .root
            .is_none_or(|root| root.starts_with(&parent) && root != parent);
        let is_told = self.refused.contains(&parent);
        match known.levels.get(parent.as_str()) {
            None if !above && !is_told && !known.is_misspelt(region) => {
                Some(WrongRegion::NoParent { parent })
            }
            Some(level)
                if *level >= region.level && !is_told && !known.wrong.contains(parent.as_str()) =>
            {
                Some(WrongRegion::ParentTooLow {
                    parent,
                    parent_level: *level,
                    level: region.level,
                })
            }
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

/// What the rows of a table say together.
struct Known<'r> {
    root: Option<&'r str>,
    levels: HashMap<&'r str, RegionLevel>,
    /// Codes that are wrong or stand twice.
    wrong: HashSet<&'r str>,
    /// Where a row with such a code stands: digits of its level, parent.
    gaps: HashSet<(usize, &'r str)>,
}

impl<'r> Known<'r> {
    fn of(rows: &'r [(Region, Range<usize>)], root: Option<&'r str>) -> Self {
        let mut known = Known {
            root,
            levels: HashMap::with_capacity(rows.len()),
            wrong: HashSet::new(),
            gaps: HashSet::new(),
        };
        for (region, _) in rows {
            let code = region.code.as_str();
            let is_second = known.levels.insert(code, region.level).is_some();
            if is_second || wrong_code(region).is_some() {
                known.wrong.insert(code);
                let digits = digits_of(region.level);
                known.gaps.insert((digits, &region.parent));
            }
        }
        known
    }

    /// Whether the parent of a region is missing because a row that stands where the parent would has a wrong code.
    fn is_misspelt(&self, region: &Region) -> bool {
        let parent = region.parent.as_str();
        let above = (0..parent.len()).filter_map(|length| parent.get(..length));
        let is_gap = |above| self.gaps.contains(&(parent.len(), above));
        parent.len() < digits_of(region.level) && above.into_iter().any(is_gap)
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
    region.code.len() == digits_of(region.level) && region.code.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "code,name,level,parent,alias,unit\n\
        4205,宜昌市,city,42,,\n\
        420525,远安县,county,4205,远安,\n\
        420525101,鸣凤镇,township,420525,鸣凤|鸣风,\n\
        420525101200,双路村,village,420525101,,\n\
        420525A,开发区,township,420525,,yes\n";

    fn read_bytes(bytes: &[u8]) -> Result<RegionFile, Refusal> {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = folder.path().join("r");
        fs::write(&path, bytes).expect("writable");
        read(&path, Some("420525"))
    }

    /// Lines that are complained of.
    fn told(text: &str) -> Vec<usize> {
        let file = read_bytes(text.as_bytes()).expect("a table");
        let line = |complaint: &Complaint| complaint.place.as_ref().map_or(0, |spot| spot.line);
        file.complaints.iter().map(line).collect()
    }

    #[test]
    fn every_encoding_gives_the_same_regions() {
        let expected = read_bytes(SOUND.as_bytes()).expect("a table").regions;
        assert_eq!(expected.len(), 5);
        assert_eq!(expected[2].aliases, ["鸣凤", "鸣风"]);
        let gb = encoding_rs::GBK.encode(SOUND).0.into_owned();
        let wide = |mark: [u8; 2], bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let letters = SOUND.encode_utf16().flat_map(bytes);
            mark.into_iter().chain(letters).collect()
        };
        let marked = [b"\xef\xbb\xbf".as_slice(), SOUND.as_bytes()].concat();
        for bytes in [
            gb,
            wide([0xff, 0xfe], u16::to_le_bytes),
            wide([0xfe, 0xff], u16::to_be_bytes),
            marked,
            SOUND.replace('\n', "\r\n").into_bytes(),
        ] {
            let file = read_bytes(&bytes).expect("a table");
            assert_eq!(file.regions, expected);
            assert_eq!(file.complaints.len(), 0);
            assert_eq!(file.bytes, bytes);
        }
    }

    #[test]
    fn a_header_and_levels_in_chinese_mean_the_same() {
        let chinese = "代码,名称,级别,上级代码,别名,单位\n\
            4205,宜昌市,市,42,,否\n\
            420525,远安县,县级,4205,远安,\n\
            420525101,鸣凤镇,乡镇,420525,鸣凤|鸣风,\n\
            420525101200,双路村,村,420525101,,\n\
            ,,,,,\n\
            420525A,开发区,乡级,420525,,是\n";
        let expected = read_bytes(SOUND.as_bytes()).expect("a table").regions;
        for bytes in [
            chinese.as_bytes().to_vec(),
            encoding_rs::GBK.encode(chinese).0.into_owned(),
        ] {
            let file = read_bytes(&bytes).expect("a table");
            assert_eq!(file.regions, expected);
            assert_eq!(file.complaints.len(), 0);
        }
    }

    #[test]
    fn one_wrong_row_is_one_complaint_whatever_stands_below_it() {
        // what is written instead, lines complained of
        for (from, to, lines) in [
            ("", "", &[][..]),
            // the township's level; its code, too short or another letter; its name: its villages are not told again
            (",township,420525,鸣凤", ",镇子,420525,鸣凤", &[4]),
            (",township,420525,鸣凤", ",village,420525,鸣凤", &[4]),
            ("420525101,", "42052510,", &[4]),
            ("420525101,", "42052510l,", &[4]),
            ("420525101,", ",", &[4]),
            ("鸣凤镇", "", &[4]),
            // the county's: neither its townships nor that the scheme has no region
            ("420525,远安县,county", "42O525,远安县,county", &[3]),
            ("420525,远安县,county", "420525,远安县,区县市", &[3]),
            // no row at all: the first child says so
            ("420525101,鸣凤镇,township,420525,鸣凤|鸣风,\n", "", &[4]),
            ("420525101,鸣凤镇", "420525,鸣凤镇", &[4]),
        ] {
            let more = "420525101201,北门村,village,420525101,,\n\
                420525101202,凤山村,village,420525101,,\n";
            let text = format!("{}{more}", SOUND.replacen(from, to, 1));
            assert_eq!(told(&text), lines, "{from} → {to}");
        }
    }

    #[test]
    fn two_wrong_rows_are_two_complaints() {
        let more = "420525102,嫘祖镇,镇子,420525,,\n\
            420525103201,孤村,village,420525103,,\n\
            420525104201,又孤村,village,420525104,,\n";
        assert_eq!(told(&format!("{SOUND}{more}")), [7, 8, 9]);
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (bytes, is_refused_for) in [
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(),
                "OldWorkbook",
            ),
            (b"PK\x03\x04 cut off", "Unreadable"),
            (b"code,name\n4205\xff\xff", "Unreadable"),
            (b"code,name,level,parent\n", "NoRows"),
            (b"code,name,level\n", "NoColumn"),
        ] {
            let refusal = read_bytes(bytes)
                .err()
                .map(|refusal| format!("{refusal:?}"));
            let refusal = refusal.expect("no table");
            assert!(refusal.contains(is_refused_for), "{refusal}");
        }
    }
}
