//! Books: which file holds which rows, under which headers.

mod entries;
mod spelling;

use std::path::Path;

use anyhow::Result;
use chrono::Datelike;
use rayon::prelude::*;

use crate::domain::{RegionLevel, SourceKind};

use super::Form;
use super::forms::{Column, FileForm, Kind, Layout, Printer};
use super::key::Answer;
use super::tasks::{FIGURES, Table};
use super::world::World;
use spelling::{cell, line};

/// Rows of some persons, as lines of fields joined by commas, one text a file; no field holds a comma.
pub(super) struct Pages {
    lines: Vec<String>,
    /// Findings expected of these persons.
    pub(super) answers: Vec<Answer>,
    /// Pairs of payment files that share rows.
    pub(super) pairs: Vec<(usize, usize)>,
}

/// All files of a sample.
pub(super) struct Library<'a> {
    world: &'a World<'a>,
    layouts: Vec<Layout>,
    /// Positions in `layouts`; `None` where the scheme has no such book.
    register: Option<usize>,
    residents: Option<usize>,
    employees: Option<usize>,
    payments: Vec<usize>,
    /// By category.
    rosters: Vec<Option<usize>>,
    /// The lists of the month before, where the scheme tells batches apart.
    rosters_before: Vec<Option<usize>>,
    elsewhere_registrations: Option<usize>,
    elsewhere_payments: Option<usize>,
    deaths: Option<usize>,
    departures: Option<usize>,
    students: Option<usize>,
    previous: Option<usize>,
    households: Option<usize>,
    /// Layout of the tasks table.
    tasks: Option<Layout>,
    /// Whether rows name a county.
    counties: bool,
}

impl<'a> Library<'a> {
    /// Lays out every file that the scheme has a source for.
    pub(super) fn new(world: &'a World<'a>, tasks: &Table, form: Form) -> Self {
        let root = world.scheme.regions.root();
        let counties = world
            .scheme
            .regions
            .get(root)
            .is_some_and(|region| region.level < RegionLevel::County);
        let mut library = Library {
            world,
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
        library.lay_out_people(form);
        library.lay_out_money(form);
        library.lay_out_events(form);
        let level = tasks
            .rows
            .first()
            .map_or(RegionLevel::Township, |row| row.level);
        library.tasks = world.has(SourceKind::Tasks).then(|| {
            library.layout(
                "任务分解",
                form,
                FileForm::Xlsx,
                true,
                &tasks_header(level, tasks),
            )
        });
        library
    }

    fn lay_out_people(&mut self, form: Form) {
        let county = if self.counties { "县市区 " } else { "" };
        let header = format!(
            "序号 {county}乡镇 村 组 户号 户主姓名 与户主关系 姓名 证件类型 身份证号 性别 出生日期:day"
        );
        self.register = self.add(
            SourceKind::Register,
            "常住人口",
            form,
            FileForm::Xlsx,
            true,
            &header,
        );
        self.residents = self.add(
            SourceKind::Registrations,
            "参保登记_居民",
            form,
            FileForm::Utf8Bom,
            false,
            &format!("参保登记号 人员姓名 证件类型 证件号码 险种类型 参保状态 参保年度 统筹区 {county}乡镇 行政村 参保日期:day 中途参保情形 情形发生日期:day"),
        );
        self.employees = self.add(
            SourceKind::Registrations,
            "参保登记_职工",
            form,
            FileForm::Utf8Bom,
            false,
            "序号 参保登记号 姓名 身份证件号码 险种 人员参保状态 参保地 参保日期:day 停保日期:day",
        );
        self.students = self.add(
            SourceKind::Students,
            "在校学生",
            form,
            FileForm::Gb18030,
            false,
            "序号 学校名称 姓名 身份证号 统筹区",
        );
        self.previous = self.add(
            SourceKind::Previous,
            "上年参保",
            form,
            FileForm::Parquet,
            false,
            &format!("姓名 身份证号码 险种 参保状态 参保年度 {county}乡镇 行政村"),
        );
        self.households = self.add(
            SourceKind::Households,
            "集体账户",
            form,
            FileForm::Xlsx,
            true,
            "序号 村小组 户号 户主姓名 姓名 身份证号码 与户主关系 集体账户名 开户行 账号",
        );
    }

    fn lay_out_money(&mut self, form: Form) {
        if self.world.has(SourceKind::Payments) {
            let last = self.world.files_from.len() - 1;
            for file in 0..=last {
                let day = self.world.file_until(file).format("%Y%m%d");
                // One month's file comes from the office's workbook, with its own headers.
                let (mixed, header) = if file == last {
                    (
                        FileForm::Xlsx,
                        "序号 缴费人姓名 证件类型 身份证件号码 费款所属期起 个人缴费金额:money 财政资助金额:money 缴款日期:day 电子税票号码 缴费地 原凭证号",
                    )
                } else {
                    (
                        FileForm::Gb18030,
                        "电子税票号码 缴费人姓名 证件类型 证件号码 缴费年度 缴费金额:money 财政资助金额:money 缴费日期:day 缴费地 原税票号码",
                    )
                };
                let mut layout = self.layout_named(
                    format!("缴费明细_{day}"),
                    "缴费明细",
                    form,
                    mixed,
                    file == last,
                    header,
                );
                layout.total_row = true;
                self.layouts.push(layout);
                self.payments.push(self.layouts.len() - 1);
            }
        }
        self.lay_out_rosters(form);
        self.elsewhere_registrations = self.add(
            SourceKind::Elsewhere,
            "异地参保",
            form,
            FileForm::Gb18030,
            false,
            "序号 姓名 身份证号码 险种 参保状态 参保地 参保日期:day",
        );
        self.elsewhere_payments = self.add(
            SourceKind::Elsewhere,
            "异地缴费",
            form,
            FileForm::Utf8Bom,
            false,
            "序号 姓名 身份证号码 缴费年度 缴费金额:money 缴费时间:day 票据号 缴费地",
        );
    }

    /// One file a payer; categories without one share a file.
    fn lay_out_rosters(&mut self, form: Form) {
        if !self.world.has(SourceKind::Rosters) {
            return;
        }
        let county = if self.counties { "县市区 " } else { "" };
        let before = self.world.rosters_before();
        let mut payers: Vec<(String, usize)> = Vec::new();
        for category in &self.world.scheme.categories {
            let payer: String = category
                .payer
                .chars()
                .filter(|c| c.is_alphanumeric())
                .collect();
            let payer = if payer.is_empty() {
                "其他".to_owned()
            } else {
                payer
            };
            let known = payers
                .iter()
                .find(|(name, _)| *name == payer)
                .map(|(_, at)| *at);
            let at = known.unwrap_or_else(|| {
                let headers = ["救助身份", "对象类别", "人员类别"];
                let header = format!(
                    "序号 {county}乡镇 村 姓名 身份证号 {} 认定日期:day 核准日期:day 退出日期:day",
                    headers[payers.len() % headers.len()]
                );
                let title = format!("资助名册_{payer}");
                self.layouts
                    .push(self.layout(&title, form, FileForm::Xlsx, true, &header));
                payers.push((payer, self.layouts.len() - 1));
                if let Some(day) = before {
                    let stem = format!("{title}_{}", day.format("%Y%m%d"));
                    self.layouts.push(self.layout_named(
                        stem,
                        &title,
                        form,
                        FileForm::Xlsx,
                        true,
                        &header,
                    ));
                }
                payers[payers.len() - 1].1
            });
            self.rosters.push(Some(at));
            self.rosters_before.push(before.map(|_| at + 1));
        }
    }

    fn lay_out_events(&mut self, form: Form) {
        self.deaths = self.add(
            SourceKind::Deaths,
            "死亡人员",
            form,
            FileForm::Utf8Bom,
            true,
            "序号 姓名 身份证号 死亡日期:day",
        );
        self.departures = self.add(
            SourceKind::Departures,
            "迁出人员",
            form,
            FileForm::Xlsx,
            true,
            "序号 姓名 公民身份号码 迁出日期:day 迁往地",
        );
    }

    fn add(
        &mut self,
        kind: SourceKind,
        title: &str,
        form: Form,
        mixed: FileForm,
        dressed: bool,
        header: &str,
    ) -> Option<usize> {
        self.world.has(kind).then(|| {
            self.layouts
                .push(self.layout(title, form, mixed, dressed, header));
            self.layouts.len() - 1
        })
    }

    fn layout(
        &self,
        title: &str,
        form: Form,
        mixed: FileForm,
        dressed: bool,
        header: &str,
    ) -> Layout {
        let day = self.world.as_of.format("%Y%m%d");
        self.layout_named(
            format!("{title}_{day}"),
            title,
            form,
            mixed,
            dressed,
            header,
        )
    }

    fn layout_named(
        &self,
        stem: String,
        title: &str,
        form: Form,
        mixed: FileForm,
        dressed: bool,
        header: &str,
    ) -> Layout {
        let columns: Vec<Column> = header
            .split(' ')
            .map(|word| match word.split_once(':') {
                Some((name, "day")) => Column {
                    header: name.to_owned(),
                    kind: Kind::Day,
                },
                Some((name, _)) => Column {
                    header: name.to_owned(),
                    kind: Kind::Number,
                },
                None => Column {
                    header: word.to_owned(),
                    kind: Kind::Text,
                },
            })
            .collect();
        let serial = columns[0].header == "序号";
        let file_form = match form {
            Form::Mixed => mixed,
            Form::Xlsx => FileForm::Xlsx,
            Form::Parquet => FileForm::Parquet,
            Form::Csv if matches!(mixed, FileForm::Gb18030) => FileForm::Gb18030,
            Form::Csv => FileForm::Utf8Bom,
        };
        let as_of = self.world.as_of;
        Layout {
            stem,
            title: format!(
                "{}{}",
                self.world.scheme.name.replace(',', "，"),
                title.replace('_', "·")
            ),
            subtitle: format!(
                "截至{}年{}月{}日　　单位：人、元",
                as_of.year(),
                as_of.month(),
                as_of.day()
            ),
            columns,
            serial,
            dressed,
            total_row: dressed,
            form: file_form,
            made: as_of,
        }
    }

    /// Empty pages.
    pub(super) fn blank_pages(&self) -> Pages {
        Pages {
            lines: vec![String::new(); self.layouts.len()],
            answers: Vec::new(),
            pairs: Vec::new(),
        }
    }

    /// Whether a file's row groups are divided by how many rows it will have.
    pub(super) fn counts_rows(&self) -> bool {
        self.layouts
            .iter()
            .any(|layout| layout.form == FileForm::Parquet)
    }

    /// Rows by file.
    pub(super) fn rows(&self, pages: &Pages) -> Vec<u64> {
        pages
            .lines
            .iter()
            .map(|lines| memchr::memchr_iter(b'\n', lines.as_bytes()).count() as u64)
            .collect()
    }

    /// Opens every file but the tasks table; `rows` of each, and about `group` in a row group.
    pub(super) fn open(&self, rows: &[u64], group: usize, out: &Path) -> Result<Shelf<'_>> {
        let printers = self.layouts.iter().enumerate();
        let open =
            |(at, layout)| Printer::open(layout, rows.get(at).copied().unwrap_or(0), group, out);
        Ok(Shelf(printers.map(open).collect::<Result<_>>()?))
    }

    /// Writes the tasks table, if there is one: its name and data rows.
    pub(super) fn print_tasks(
        &self,
        tasks: &Table,
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
pub(super) struct Shelf<'a>(Vec<Printer<'a>>);

impl Shelf<'_> {
    /// Takes the next pages of every file, in this order.
    pub(super) fn take(&mut self, pages: &[Pages]) -> Result<()> {
        let take = |(at, printer): (usize, &mut Printer<'_>)| {
            pages
                .iter()
                .try_for_each(|one| printer.take(&one.lines[at]))
        };
        self.0.par_iter_mut().enumerate().try_for_each(take)
    }

    /// Closes every file; their names and data rows.
    pub(super) fn close(self) -> Result<Vec<(String, u64)>> {
        self.0
            .into_par_iter()
            .map(|printer| printer.finish(None))
            .collect()
    }
}

/// Header of the tasks table: only figures that are published.
fn tasks_header(level: RegionLevel, tasks: &Table) -> String {
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
fn tasks_page(tasks: &Table) -> (String, String) {
    let figures = |figures: [Option<u64>; FIGURES]| -> Vec<String> {
        (0..FIGURES)
            .filter(|&at| tasks.totals[at].is_some())
            .map(|at| figures[at].map_or(String::new(), |figure| figure.to_string()))
            .collect()
    };
    let mut page = String::new();
    for row in &tasks.rows {
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
