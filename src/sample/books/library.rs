//! Library: the files of a sample, their headers, and who gets which lines.

use std::path::Path;

use anyhow::Result;
use chrono::{Datelike, NaiveDate};
use rayon::prelude::*;

use crate::domain::{RegionLevel, SourceKind};
use crate::sample::forms::{CellKind, FileColumn, FileForm, Layout, Printer};
use crate::sample::key::Answer;
use crate::sample::order::Form;
use crate::sample::people::Villager;
use crate::sample::tasks::{FIGURES, TasksTable};
use crate::sample::world::World;

use super::spelling::{cell, line};

/// Rows of some persons, as lines of fields joined by commas, one text a file; no field holds a comma. Where a
/// file has serial numbers they are the persons', so that nobody's line depends on the lines before it.
pub(in crate::sample) struct Pages {
    lines: Vec<String>,
    /// Findings expected of these persons.
    pub(in crate::sample) answers: Vec<Answer>,
    /// Pairs of payment files that share rows.
    pub(in crate::sample) pairs: Vec<(usize, usize)>,
}

/// All files of a sample.
pub(in crate::sample) struct Library<'a> {
    pub(super) world: &'a World<'a>,
    /// File forms.
    form: Form,
    layouts: Vec<Layout>,
    /// Positions in `layouts`; `None` where the scheme has no such book.
    pub(super) register: Option<usize>,
    pub(super) residents: Option<usize>,
    pub(super) employees: Option<usize>,
    pub(super) payments: Vec<usize>,
    /// By category.
    pub(super) rosters: Vec<Option<usize>>,
    /// The lists of the month before, where the scheme tells batches apart.
    pub(super) rosters_before: Vec<Option<usize>>,
    pub(super) elsewhere_registrations: Option<usize>,
    pub(super) elsewhere_payments: Option<usize>,
    pub(super) deaths: Option<usize>,
    pub(super) departures: Option<usize>,
    pub(super) students: Option<usize>,
    pub(super) previous: Option<usize>,
    pub(super) households: Option<usize>,
    /// Layout of the tasks table.
    tasks: Option<Layout>,
    /// Whether rows name a county.
    pub(super) counties: bool,
}

/// A file as it is planned.
struct Draft<'a> {
    /// Title, and the file's name before its day.
    title: &'a str,
    /// Its form in a mixed sample.
    mixed: FileForm,
    /// Whether title lines stand above, a total row and a signature below.
    dressed: bool,
    /// Headers with a blank between; `:day` and `:money` say what a workbook's cells are.
    header: &'a str,
}

impl<'a> Library<'a> {
    /// Lays out every file that the scheme has a source for.
    pub(in crate::sample) fn new(world: &'a World<'a>, tasks: &TasksTable, form: Form) -> Self {
        let root = world.scheme.regions.root();
        let counties = world
            .scheme
            .regions
            .get(root)
            .is_some_and(|region| region.level < RegionLevel::County);
        let mut library = Library {
            world,
            form,
            layouts: Vec::new(),
            register: None,
            residents: None,
            employees: None,
            payments: Vec::new(),
            rosters: Vec::new(),
            rosters_before: Vec::new(),
            elsewhere_registrations: None,
            elsewhere_payments: None,
            deaths: None,
            departures: None,
            students: None,
            previous: None,
            households: None,
            tasks: None,
            counties,
        };
        library.lay_out_people();
        library.lay_out_money();
        library.lay_out_rosters();
        library.lay_out_elsewhere();
        library.lay_out_events();
        let header = tasks_header(tasks);
        library.tasks = world.has(SourceKind::Tasks).then(|| {
            let draft = Draft {
                title: "任务分解",
                mixed: FileForm::Xlsx,
                dressed: true,
                header: &header,
            };
            library.layout(&draft, world.as_of)
        });
        library
    }

    fn lay_out_people(&mut self) {
        let county = self.county();
        let register = format!(
            "序号 {county}乡镇 村 组 户号 户主姓名 与户主关系 姓名 证件类型 身份证号 性别 出生日期:day"
        );
        self.register = self.add(
            SourceKind::Register,
            Draft {
                title: "常住人口",
                mixed: FileForm::Xlsx,
                dressed: true,
                header: &register,
            },
        );
        let residents = format!(
            "参保登记号 人员姓名 证件类型 证件号码 险种类型 参保状态 参保年度 统筹区 {county}乡镇 行政村 参保日期:day 中途参保情形 情形发生日期:day"
        );
        self.residents = self.add(
            SourceKind::Registrations,
            Draft {
                title: "参保登记_居民",
                mixed: FileForm::Utf8Bom,
                dressed: false,
                header: &residents,
            },
        );
        self.employees = self.add(
            SourceKind::Registrations,
            Draft {
                title: "参保登记_职工",
                mixed: FileForm::Utf8Bom,
                dressed: false,
                header: "序号 参保登记号 姓名 身份证件号码 险种 人员参保状态 参保地 参保日期:day 停保日期:day",
            },
        );
    }

    fn lay_out_money(&mut self) {
        if !self.world.has(SourceKind::Payments) {
            return;
        }
        // One month's file comes from the office's workbook, with its own headers.
        let last = Draft {
            title: "缴费明细",
            mixed: FileForm::Xlsx,
            dressed: true,
            header: "序号 缴费人姓名 证件类型 身份证件号码 费款所属期起 个人缴费金额:money 财政资助金额:money 缴款日期:day 电子税票号码 缴费地 原凭证号",
        };
        let others = Draft {
            mixed: FileForm::Gb18030,
            dressed: false,
            header: "电子税票号码 缴费人姓名 证件类型 证件号码 缴费年度 缴费金额:money 财政资助金额:money 缴费日期:day 缴费地 原税票号码",
            ..last
        };
        let files = self.world.files_from.len();
        for file in 0..files {
            let draft = if file + 1 == files { &last } else { &others };
            let mut layout = self.layout(draft, self.world.file_until(file));
            layout.total_row = true;
            let at = self.put(layout);
            self.payments.push(at);
        }
    }

    /// One file a payer; categories without one share a file.
    fn lay_out_rosters(&mut self) {
        if !self.world.has(SourceKind::Rosters) {
            return;
        }
        let county = self.county();
        let before = self.world.rosters_before();
        let mut payers: Vec<(String, usize)> = Vec::new();
        for category in &self.world.scheme.categories {
            let payer = file_word(&category.payer);
            let known = payers.iter().find(|(name, _)| *name == payer);
            let at = known.map(|(_, at)| *at).unwrap_or_else(|| {
                let word = ["救助身份", "对象类别", "人员类别"][payers.len() % 3];
                let header = format!(
                    "序号 {county}乡镇 村 姓名 身份证号 {word} 认定日期:day 核准日期:day 退出日期:day"
                );
                let draft = Draft {
                    title: &format!("资助名册_{payer}"),
                    mixed: FileForm::Xlsx,
                    dressed: true,
                    header: &header,
                };
                let at = self.put(self.layout(&draft, self.world.as_of));
                // The list of the month before follows the one it precedes.
                if let Some(day) = before {
                    self.put(self.layout(&draft, day));
                }
                payers.push((payer, at));
                at
            });
            self.rosters.push(Some(at));
            self.rosters_before.push(before.map(|_| at + 1));
        }
    }

    fn lay_out_elsewhere(&mut self) {
        self.elsewhere_registrations = self.add(
            SourceKind::Elsewhere,
            Draft {
                title: "异地参保",
                mixed: FileForm::Gb18030,
                dressed: false,
                header: "序号 姓名 身份证号码 险种 参保状态 参保地 参保日期:day",
            },
        );
        self.elsewhere_payments = self.add(
            SourceKind::Elsewhere,
            Draft {
                title: "异地缴费",
                mixed: FileForm::Utf8Bom,
                dressed: false,
                header: "序号 姓名 身份证号码 缴费年度 缴费金额:money 缴费时间:day 票据号 缴费地",
            },
        );
    }

    fn lay_out_events(&mut self) {
        self.deaths = self.add(
            SourceKind::Deaths,
            Draft {
                title: "死亡人员",
                mixed: FileForm::Utf8Bom,
                dressed: true,
                header: "序号 姓名 身份证号 死亡日期:day",
            },
        );
        self.departures = self.add(
            SourceKind::Departures,
            Draft {
                title: "迁出人员",
                mixed: FileForm::Xlsx,
                dressed: true,
                header: "序号 姓名 公民身份号码 迁出日期:day 迁往地",
            },
        );
        self.students = self.add(
            SourceKind::Students,
            Draft {
                title: "在校学生",
                mixed: FileForm::Gb18030,
                dressed: false,
                header: "序号 学校名称 姓名 身份证号 统筹区",
            },
        );
        let previous = format!(
            "姓名 身份证号码 险种 参保状态 参保年度 {}乡镇 行政村",
            self.county()
        );
        self.previous = self.add(
            SourceKind::Previous,
            Draft {
                title: "上年参保",
                mixed: FileForm::Parquet,
                dressed: false,
                header: &previous,
            },
        );
        self.households = self.add(
            SourceKind::Households,
            Draft {
                title: "集体账户",
                mixed: FileForm::Xlsx,
                dressed: true,
                header: "序号 村小组 户号 户主姓名 姓名 身份证号码 与户主关系 集体账户名 开户行 账号",
            },
        );
    }

    /// The header of a county column, where rows name one.
    fn county(&self) -> &'static str {
        if self.counties { "县市区 " } else { "" }
    }

    /// A file of the as-of date, if the scheme has such a book.
    fn add(&mut self, kind: SourceKind, draft: Draft<'_>) -> Option<usize> {
        self.world
            .has(kind)
            .then(|| self.put(self.layout(&draft, self.world.as_of)))
    }

    fn put(&mut self, layout: Layout) -> usize {
        self.layouts.push(layout);
        self.layouts.len() - 1
    }

    fn layout(&self, draft: &Draft<'_>, day: NaiveDate) -> Layout {
        let as_of = self.world.as_of;
        let columns: Vec<FileColumn> = draft.header.split(' ').map(column).collect();
        Layout {
            stem: format!("{}_{}", draft.title, day.format("%Y%m%d")),
            title: format!(
                "{}{}",
                self.world.scheme.name.replace(',', "，"),
                draft.title.replace('_', "·")
            ),
            subtitle: format!(
                "截至{}年{}月{}日　　单位：人、元",
                as_of.year(),
                as_of.month(),
                as_of.day()
            ),
            serial: columns[0].kind == CellKind::Serial,
            columns,
            dressed: draft.dressed,
            total_row: draft.dressed,
            form: match self.form {
                Form::Mixed => draft.mixed,
                Form::Xlsx => FileForm::Xlsx,
                Form::Parquet => FileForm::Parquet,
                Form::Csv if draft.mixed == FileForm::Gb18030 => FileForm::Gb18030,
                Form::Csv => FileForm::Utf8Bom,
            },
            made: as_of,
        }
    }

    /// Empty pages.
    pub(in crate::sample) fn blank_pages(&self) -> Pages {
        Pages {
            lines: vec![String::new(); self.layouts.len()],
            answers: Vec::new(),
            pairs: Vec::new(),
        }
    }

    /// Begins a person's line in a file: with the serial number, where it has such.
    pub(super) fn begin<'p>(
        &self,
        file: usize,
        person: &Villager,
        pages: &'p mut Pages,
    ) -> &'p mut String {
        let text = &mut pages.lines[file];
        if self.layouts[file].serial {
            cell(text, &person.serial.to_string());
        }
        text
    }

    /// Whether a file's row groups are divided by how many rows it will have.
    pub(in crate::sample) fn counts_rows(&self) -> bool {
        self.layouts
            .iter()
            .any(|layout| layout.form == FileForm::Parquet)
    }

    /// Rows by file.
    pub(in crate::sample) fn rows(&self, pages: &Pages) -> Vec<u64> {
        pages
            .lines
            .iter()
            .map(|lines| memchr::memchr_iter(b'\n', lines.as_bytes()).count() as u64)
            .collect()
    }

    /// Opens every file but the tasks table; `rows` of each, and about `group` in a row group.
    pub(in crate::sample) fn open(
        &self,
        rows: &[u64],
        group: usize,
        out: &Path,
    ) -> Result<OpenFiles<'_>> {
        let printers = self.layouts.iter().enumerate();
        let open =
            |(at, layout)| Printer::open(layout, rows.get(at).copied().unwrap_or(0), group, out);
        Ok(OpenFiles(printers.map(open).collect::<Result<_>>()?))
    }

    /// Writes the tasks table, if there is one: its name and data rows.
    pub(in crate::sample) fn print_tasks(
        &self,
        tasks: &TasksTable,
        group: usize,
        out: &Path,
    ) -> Result<Option<(String, u64)>> {
        let Some(layout) = &self.tasks else {
            return Ok(None);
        };
        let (page, total) = tasks_page(tasks);
        let mut printer = Printer::open(layout, tasks.rows.len() as u64 + 1, group, out)?;
        printer.take(&page)?;
        printer.finish(Some(&total)).map(Some)
    }
}

/// The files while they are written.
pub(in crate::sample) struct OpenFiles<'a>(Vec<Printer<'a>>);

impl OpenFiles<'_> {
    /// Takes the next pages of every file, in this order.
    pub(in crate::sample) fn take(&mut self, pages: &[Pages]) -> Result<()> {
        let take = |(at, printer): (usize, &mut Printer<'_>)| {
            pages
                .iter()
                .try_for_each(|one| printer.take(&one.lines[at]))
        };
        self.0.par_iter_mut().enumerate().try_for_each(take)
    }

    /// Closes every file; their names and data rows.
    pub(in crate::sample) fn close(self) -> Result<Vec<(String, u64)>> {
        self.0
            .into_par_iter()
            .map(|printer| printer.finish(None))
            .collect()
    }
}

/// A column by its word in a draft.
fn column(word: &str) -> FileColumn {
    let (header, kind) = match word.split_once(':') {
        Some((name, "day")) => (name, CellKind::Day),
        Some((name, _)) => (name, CellKind::Number),
        None if word == "序号" => (word, CellKind::Serial),
        None => (word, CellKind::Text),
    };
    FileColumn {
        header: header.to_owned(),
        kind,
    }
}

/// A payer as file names have it.
fn file_word(payer: &str) -> String {
    let word: String = payer.chars().filter(|c| c.is_alphanumeric()).collect();
    if word.is_empty() {
        "其他".to_owned()
    } else {
        word
    }
}

/// Header of the tasks table: only figures that are published.
fn tasks_header(tasks: &TasksTable) -> String {
    let level = tasks.rows.first();
    let level = level.map_or(RegionLevel::Township, |row| row.level);
    let (name, population) = match level {
        RegionLevel::Province | RegionLevel::City | RegionLevel::County => ("县市区", "常住人口"),
        RegionLevel::Township => ("乡镇", "常住人口"),
        RegionLevel::Village => ("村名", "村人口数"),
    };
    let mut header = format!("序号 {name}");
    let words = [
        population,
        "任务数",
        "保底任务数",
        "上年参保数",
        "上年职工参保数",
        "上年基本医疗保险参保数",
    ];
    for (at, word) in words.into_iter().enumerate() {
        if tasks.totals[at].is_some() {
            header.push_str(&format!(" {word}:number"));
        }
    }
    header
}

/// Lines of the tasks table and its total row (the total row carries a number like any other: its name must tell).
fn tasks_page(tasks: &TasksTable) -> (String, String) {
    let figures = |figures: [Option<u64>; FIGURES]| -> Vec<String> {
        (0..FIGURES)
            .filter(|&at| tasks.totals[at].is_some())
            .map(|at| figures[at].map_or(String::new(), |figure| figure.to_string()))
            .collect()
    };
    let mut page = String::new();
    for (serial, row) in (1..).zip(&tasks.rows) {
        cell(&mut page, &serial.to_string());
        cell(&mut page, &row.name);
        let figures = figures(row.figures);
        line(
            &mut page,
            &figures.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }
    (
        page,
        format!(
            "{},合计,{}",
            tasks.rows.len() + 1,
            figures(tasks.totals).join(",")
        ),
    )
}
