//! Rows below a header: told apart, and gathered into columns of text.

use std::borrow::Cow;

use polars::prelude::{DataFrame, IntoColumn, NamedFromOwned, Series, StringChunkedBuilder};

use super::cell::{self, Cells};
use super::header::Header;
use super::{Column, TotalRow};
use crate::domain::{Fate, FateCounts, Field, SourceKind, columns};

/// What a header says about the rows below it.
pub(super) struct Plan {
    source: SourceKind,
    columns: Vec<Column>,
    fields: Vec<(usize, Field)>,
    doubles: Vec<(usize, usize, Field)>,
    /// What becomes of the cells of every column.
    uses: Vec<Use>,
    /// The use of a cell beyond the header.
    beyond: Use,
    id: Option<usize>,
    name: Option<usize>,
    /// Columns that name a region, and columns with figures (tasks tables).
    regions: Vec<usize>,
    figures: Vec<usize>,
    /// Rows at and above the header as written: met again below, they are headings of a new page.
    headings: Vec<Vec<String>>,
}

/// What becomes of the cells of a column.
#[derive(Clone, Copy)]
struct Use {
    /// Seed of their digests; `None` for the serial number, which says nothing about a record.
    seed: Option<u64>,
    /// Position among the fields that are kept.
    slot: Option<usize>,
    /// Kept with the blanks around it: whoever repairs the cell must say what was written.
    whole: bool,
}

impl Plan {
    /// From a header and the rows up to and including it.
    pub(super) fn new(source: SourceKind, header: &Header, above: &[Cells<'_>]) -> Self {
        let is_serial = |column: usize| header.fields.iter().any(|(c, f)| *c == column && *f == Field::Serial);
        let of = |wanted: Field| header.fields.iter().find(|(_, f)| *f == wanted).map(|(c, _)| *c);
        let all = |wanted: &[Field]| wanted.iter().filter_map(|f| of(*f)).collect();
        let as_written = |row: &Cells<'_>| without_tail(row).map(str::to_owned).collect::<Vec<_>>();
        let used = |(column, key): (usize, &String)| Use {
            // Two offices' headers for one field are one column.
            seed: (!is_serial(column)).then(|| {
                let field = header.fields.iter().find(|(c, _)| *c == column).map(|(_, field)| field.code());
                cell::seed(field.unwrap_or(key))
            }),
            slot: header.fields.iter().position(|(c, _)| *c == column),
            whole: header.fields.iter().any(|(c, field)| *c == column && matches!(field, Field::Id | Field::Name)),
        };
        Plan {
            source,
            columns: header.columns.clone(),
            fields: header.fields.clone(),
            doubles: header.doubles.clone(),
            uses: header.keys.iter().enumerate().map(used).collect(),
            beyond: Use { seed: Some(cell::seed("")), slot: None, whole: false },
            id: of(Field::Id),
            name: of(Field::Name),
            regions: all(&[Field::Village, Field::Township, Field::County, Field::Place, Field::RegionCode]),
            figures: all(&[Field::Task, Field::Population, Field::Floor, Field::LastYear]),
            headings: above.iter().map(as_written).filter(|row| !row.is_empty()).collect(),
        }
    }

    /// A sheet without a header: nothing in it is data.
    pub(super) fn of_notes(source: SourceKind) -> Self {
        let header = Header {
            at: 0,
            levels: 0,
            columns: Vec::new(),
            keys: Vec::new(),
            fields: Vec::new(),
            doubles: Vec::new(),
            undeclared: Vec::new(),
        };
        Plan::new(source, &header, &[])
    }

    /// Why a row is set aside; `None` = it is a record.
    fn set_aside(&self, cells: &[Cow<'_, str>]) -> Option<Fate> {
        let id = self.id.map_or("", |column| cell::at(cells, column));
        if looks_like_id(id) && !self.headings.iter().any(|row| row.iter().any(|text| text == id)) {
            return None;
        }
        if cells.iter().all(|c| cell::trimmed(c).is_empty()) {
            return Some(Fate::Blank);
        }
        if self.fields.is_empty() {
            return Some(Fate::Note);
        }
        if self.headings.iter().any(|row| row.iter().map(String::as_str).eq(without_tail(cells))) {
            return Some(Fate::Heading);
        }
        if self.is_total(cells) {
            return Some(Fate::Total);
        }
        self.is_note(cells, id).then_some(Fate::Note)
    }

    /// 合计 and its kin in one of the first cells, or where the name or region stands.
    fn is_total(&self, cells: &[Cow<'_, str>]) -> bool {
        let more = self.name.into_iter().chain(self.regions.iter().copied());
        (0..4).chain(more).any(|column| names_a_total(cell::at(cells, column)))
    }

    /// A signature or remark line, or next to nothing that names neither a person nor a region with figures.
    fn is_note(&self, cells: &[Cow<'_, str>], id: &str) -> bool {
        let filled: Vec<&str> = cells.iter().map(|c| cell::trimmed(c)).filter(|text| !text.is_empty()).collect();
        if filled.iter().any(|text| is_signature(text)) || filled.first().is_some_and(|first| is_remark(first)) {
            return true;
        }
        if filled.len() > 2 {
            return false;
        }
        let prose = filled.len() == 1 && filled[0].chars().count() > 30;
        if self.source == SourceKind::Tasks {
            let any = |columns: &[usize]| columns.iter().any(|c| !cell::at(cells, *c).is_empty());
            return !any(&self.figures) && (!any(&self.regions) || prose);
        }
        let name = self.name.map_or("", |column| cell::at(cells, column));
        id.is_empty() && (name.is_empty() || prose)
    }
}

fn looks_like_id(text: &str) -> bool {
    text.len() >= 10 && text.bytes().filter(u8::is_ascii_alphanumeric).count() >= 10
}

fn names_a_total(text: &str) -> bool {
    const NAMES: [&str; 6] = ["合计", "总计", "小计", "共计", "总合计", "累计"];
    // Every name ends in 计, and no cell that long is one: this spares almost every row the normalising.
    if text.is_empty() || text.len() > 60 || !text.contains('计') {
        return false;
    }
    let word = cell::squeezed(text);
    let word = word.trim_end_matches([':', '(', ')', '人']);
    NAMES.contains(&word) || ["合计", "小计", "总计"].iter().any(|end| word.ends_with(end))
}

/// How the lines below a table begin that say who filled it in.
fn is_signature(text: &str) -> bool {
    const SIGNED: [&str; 18] = [
        "填表人",
        "填报人",
        "审核人",
        "制表",
        "填表单位",
        "填报单位",
        "单位负责人",
        "负责人:",
        "经办人:",
        "复核人",
        "填表日期",
        "填报日期",
        "单位(盖章)",
        "打印日期",
        "打印时间",
        "导出时间",
        "导出日期",
        "联系电话:",
    ];
    let start = start_of(text);
    SIGNED.iter().any(|word| start.starts_with(word))
}

/// 注：, 说明1., 备注、: a remark is marked as one, since a name may begin with any of these characters.
fn is_remark(text: &str) -> bool {
    let start = start_of(text);
    let marked = |rest: &str| rest.starts_with([':', '.', '、', '1', '2', '3']);
    ["说明", "备注", "附注", "注"].iter().any(|word| start.strip_prefix(word).is_some_and(marked))
}

fn start_of(text: &str) -> String {
    cell::squeezed(&text.chars().take(16).collect::<String>())
}

/// Trimmed cells up to the last filled one.
fn without_tail<'c>(cells: &'c [Cow<'_, str>]) -> impl Iterator<Item = &'c str> {
    let filled = cells.iter().rposition(|c| !cell::trimmed(c).is_empty()).map_or(0, |last| last + 1);
    cells[..filled].iter().map(|c| cell::trimmed(c))
}

/// Rows on their way into a frame. A large file is gathered in parts; parts are joined in order.
pub(super) struct Gathered {
    texts: Vec<StringChunkedBuilder>,
    rows: Vec<u32>,
    digests: Vec<u64>,
    /// Rows set aside by reason.
    pub(super) set_aside: FateCounts,
    /// Total rows with their matched cells.
    pub(super) totals: Vec<TotalRow>,
    /// Rows met, whatever became of them.
    pub(super) rows_read: u64,
    /// A field whose two columns differ somewhere.
    pub(super) differing: Option<Field>,
}

impl Gathered {
    /// Nothing yet, with room for so many rows.
    pub(super) fn new(plan: &Plan, capacity: usize) -> Self {
        let builder = |(_, field): &(usize, Field)| StringChunkedBuilder::new(field.code().into(), capacity);
        Gathered {
            texts: plan.fields.iter().map(builder).collect(),
            rows: Vec::with_capacity(capacity),
            digests: Vec::with_capacity(capacity),
            set_aside: FateCounts::default(),
            totals: Vec::new(),
            rows_read: 0,
            differing: None,
        }
    }

    /// Takes a row of the head: blank or heading, never data.
    pub(super) fn take_heading(&mut self, cells: &[Cow<'_, str>]) {
        let blank = cells.iter().all(|c| cell::trimmed(c).is_empty());
        self.rows_read += 1;
        self.set_aside.add(if blank { Fate::Blank } else { Fate::Heading }, 1);
    }

    /// Takes rows that are not there at all: gaps between the rows of a workbook.
    pub(super) fn take_blanks(&mut self, rows: u64) {
        self.rows_read += rows;
        self.set_aside.add(Fate::Blank, rows);
    }

    /// Takes one row below the header.
    pub(super) fn take(&mut self, plan: &Plan, row: u32, cells: &[Cow<'_, str>]) {
        self.rows_read += 1;
        if let Some(fate) = plan.set_aside(cells) {
            self.set_aside.add(fate, 1);
            if fate == Fate::Total {
                let cell = |(column, field): &(usize, Field)| (*field, cell::at(cells, *column).to_owned());
                let cells = plan.fields.iter().map(cell).filter(|(_, text)| !text.is_empty()).collect();
                self.totals.push(TotalRow { row, cells });
            }
            return;
        }
        let mut digest = 0_u64;
        for (column, written) in cells.iter().enumerate() {
            let text = cell::trimmed(written);
            let used = plan.uses.get(column).unwrap_or(&plan.beyond);
            if let Some(texts) = used.slot.map(|slot| &mut self.texts[slot]) {
                if text.is_empty() { texts.append_null() } else { texts.append_value(if used.whole { written } else { text }) }
            }
            if let Some(seed) = used.seed.filter(|_| !text.is_empty()) {
                digest = digest.wrapping_add(cell::digest(seed, text));
            }
        }
        // Columns that a short row does not reach.
        for used in plan.uses.iter().skip(cells.len()) {
            if let Some(slot) = used.slot {
                self.texts[slot].append_null();
            }
        }
        let differs = |(first, other, _): &&(usize, usize, Field)| cell::at(cells, *first) != cell::at(cells, *other);
        if let Some((.., field)) = plan.doubles.iter().find(differs) {
            self.differing = Some(*field);
        }
        self.rows.push(row);
        self.digests.push(digest);
    }

    /// Headers of the columns that claim a field.
    pub(super) fn claimants(plan: &Plan, field: Field) -> Vec<String> {
        plan.columns.iter().filter(|c| c.field == Some(field)).map(|c| c.header.clone()).collect()
    }

    /// The frame of the data rows.
    pub(super) fn frame(&mut self) -> DataFrame {
        let rows = std::mem::take(&mut self.rows);
        let height = rows.len();
        let mut all: Vec<_> =
            std::mem::take(&mut self.texts).into_iter().map(|text| IntoColumn::into_column(text.finish())).collect();
        all.push(Series::from_vec(columns::ROW.into(), rows).into_column());
        all.push(Series::from_vec(columns::DIGEST.into(), std::mem::take(&mut self.digests)).into_column());
        DataFrame::new(height, all).expect("one column a field, each of every row")
    }
}
