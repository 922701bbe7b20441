//! Columns of the data files, declared once: csv heads are read off here, and so is the reference page (in Chinese).

use crate::domain::{Fate, Standing};
use crate::words::{Label, Lang};

/// What the cells of a column of a data file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellOf {
    /// A text, as it was cleaned.
    Text,
    /// The stable code of a member of a closed list.
    Code,
    /// A whole number.
    Count,
    /// Money in fen.
    Fen,
    /// A day.
    Day,
    /// A decimal number: six places where nothing else is said.
    Rate,
    /// `true` or `false`.
    Flag,
}

/// A column of a data file.
#[derive(Clone, Copy, Debug)]
pub struct DataColumn {
    /// Its name, stable for ever.
    pub name: &'static str,
    /// What its cells are; empty (csv) or null (parquet) where there is nothing.
    pub of: CellOf,
    /// What they mean.
    pub meaning: &'static str,
}

/// A file of the folder `data`.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// Its name: `coverage.csv`.
    pub name: &'static str,
    /// What its rows are.
    pub meaning: &'static str,
    /// Its columns, in order.
    pub columns: Vec<DataColumn>,
}

const fn column(name: &'static str, of: CellOf, meaning: &'static str) -> DataColumn {
    DataColumn { name, of, meaning }
}

const fn text(name: &'static str, meaning: &'static str) -> DataColumn {
    column(name, CellOf::Text, meaning)
}

const fn code(name: &'static str, meaning: &'static str) -> DataColumn {
    column(name, CellOf::Code, meaning)
}

const fn count(name: &'static str, meaning: &'static str) -> DataColumn {
    column(name, CellOf::Count, meaning)
}

const fn fen(name: &'static str, meaning: &'static str) -> DataColumn {
    column(name, CellOf::Fen, meaning)
}

const fn day(name: &'static str, meaning: &'static str) -> DataColumn {
    column(name, CellOf::Day, meaning)
}

const fn rate(name: &'static str, meaning: &'static str) -> DataColumn {
    column(name, CellOf::Rate, meaning)
}

const fn flag(name: &'static str, meaning: &'static str) -> DataColumn {
    column(name, CellOf::Flag, meaning)
}

const COVERAGE_BEFORE: &[DataColumn] = &[
    code("level", "级别"),
    text("code", "区划代码。“其他”为空"),
    text("name", "区划名称"),
    text("parent", "上级区划代码"),
    count("register", "底册人数"),
    count("population", "任务表的人口数"),
    count("task", "任务数"),
    count("floor", "保底任务数"),
    count("last_year", "上年参保数"),
    count("registered", "在本地正常登记的人次"),
    count("registered_resident", "其中居民"),
    count("registered_employee", "其中职工"),
];

const COVERAGE_AFTER: &[DataColumn] = &[
    count("insured", "底册人口中在任何地方参保的人数"),
    count(
        "settled",
        "已落实的人数：参保、死亡、参军、服刑、失联、自愿放弃",
    ),
    rate("rate_strict", "insured ÷ register"),
    rate("rate_settled", "settled ÷ register"),
    rate("rate_register", "insured ÷ register"),
    rate("rate_population", "registered ÷ population"),
    rate("rate_task", "registered_resident ÷ task"),
    flag("target_met", "主要指标是否达到应达数"),
    count("missing", "主要指标还差多少人"),
    count("rank", "主要指标的名次，同级内 1、1、3"),
];

/// Columns of coverage.csv.
pub(super) fn coverage() -> Vec<DataColumn> {
    let counts = Standing::ALL
        .iter()
        .map(|one| count(one.code(), one.label(Lang::Zh)));
    COVERAGE_BEFORE
        .iter()
        .copied()
        .chain(counts)
        .chain(COVERAGE_AFTER.iter().copied())
        .collect()
}

/// Columns of bridge.csv.
pub(super) const BRIDGE: &[DataColumn] = &[
    text("code", "区划代码"),
    code("line", "步骤"),
    count("persons", "人数。“减”的步骤也写正数"),
];

/// Columns of funding.csv.
pub(super) const FUNDING: &[DataColumn] = &[
    text("payer", "出资单位"),
    text("category", "类别"),
    text("region_code", "区划代码"),
    count("persons", "人数"),
    fen("fen", "资助金额"),
];

/// Columns of audit.csv.
pub(super) const AUDIT: &[DataColumn] = &[
    code("kind", "重复的种类"),
    text("region_code", "区划代码"),
    count("persons", "人数"),
    count("registrations", "多出的登记数"),
    fen("fen", "多出的财政补助。通知没有写财政补助的为空"),
];

const SOURCES_BEFORE: &[DataColumn] = &[
    code("source", "来源"),
    text("file", "文件名"),
    text("sheet", "工作表名，csv 为空"),
    text("sha256", "文件的 SHA-256"),
    text("encoding", "文字编码"),
    count("rows_read", "读入行数"),
];

/// Columns of sources.csv.
pub(super) fn sources() -> Vec<DataColumn> {
    let counts = Fate::ALL
        .iter()
        .map(|one| count(one.code(), one.label(Lang::Zh)));
    SOURCES_BEFORE.iter().copied().chain(counts).collect()
}

/// Columns of received.csv.
pub(super) const RECEIVED: &[DataColumn] = &[
    text("file", "文件名，含子文件夹"),
    text("sheet", "工作表名，csv 为空"),
    code("source", "来源；空的是没有来源认领、未采用的文件"),
    text("sha256", "文件的 SHA-256"),
    text("batch", "文件名写的批次"),
    count("rows_read", "读入行数"),
    count("used", "采用行数"),
    count("nobody", "既无证件号码又无姓名的行数"),
    count("placeless", "没有写辖区内地区的行数"),
    count("outside", "地区在辖区外的行数"),
    count("no_amount", "没有写金额的行数"),
    day("first_paid_on", "最早的缴费日期"),
    day("last_paid_on", "最晚的缴费日期"),
    fen("fen", "金额合计，个人加财政，冲正之前"),
];

/// Columns of checks.csv.
pub(super) const CHECKS: &[DataColumn] = &[
    code("check", "问题代码"),
    flag("ran", "是否运行"),
    text("why_not", "没有运行的原因：no-source:来源，几个以 | 分隔"),
    count("rows", "条数"),
];

/// Columns of findings.parquet.
const FINDINGS: &[DataColumn] = &[
    code("code", "问题代码"),
    code("level", "级别"),
    text("id", "证件号码"),
    text("name", "姓名"),
    text("region_code", "此人所在的区划代码"),
    text("region", "区划名称"),
    code("source", "来源"),
    text("file", "文件名"),
    text("sheet", "工作表名"),
    count("row", "行号，从 1 起"),
    text("expected", "应为，含义见问题代码"),
    text("found", "实为，含义见问题代码"),
    code("other_source", "另一条记录的来源"),
    text("other_file", "另一条记录的文件名"),
    text("other_sheet", "另一条记录的工作表名"),
    count("other_row", "另一条记录的行号"),
    fen("amount_fen", "涉及的金额"),
    text("clause", "条款"),
    code("acts", "由谁处理"),
];

/// Columns of cases.parquet.
const CASES: &[DataColumn] = &[
    text("case", "案件号，永不改变"),
    code("reason", "退费原因"),
    text("id", "证件号码"),
    text("name", "姓名"),
    code("scheme", "险种"),
    text("keep_pool", "保留的统筹区"),
    code("kept_why", "保留的理由"),
    text("refund_pool", "退费的统筹区"),
    text("voucher", "凭证号"),
    day("paid_on", "缴费日期"),
    day("first_paid_on", "首次缴费日期，顺延认定用"),
    day("event_on", "事由发生日期"),
    fen("paid_fen", "个人缴费，冲正之后"),
    fen("refund_fen", "应退金额"),
    flag("eligible", "是否符合退费条件"),
    text("why_not", "不符合的原因：代码，事由日期，时限，以 | 分隔"),
    text("doubts", "疑点：代码，以 | 分隔；有疑点的是待核，不退"),
    text("clause", "条款"),
    text("evidence", "须备的材料，代码以 | 分隔"),
    code("state", "办理状态"),
];

/// Columns of subsidy.parquet.
const SUBSIDY: &[DataColumn] = &[
    text("id", "证件号码"),
    text("name", "姓名"),
    text("region_code", "区划代码"),
    text("category", "类别"),
    text("payer", "出资单位"),
    fen("premium_fen", "个人缴费标准"),
    fen("payable_fen", "应缴"),
    fen("grant_fen", "应资助"),
    fen("paid_fen", "已缴"),
    fen("subsidised_fen", "已资助"),
    fen("difference_fen", "已缴减应缴"),
    code("verdict", "结论"),
];

/// Columns of entries.parquet.
const ENTRIES: &[DataColumn] = &[
    text("id", "证件号码"),
    text("name", "姓名"),
    text("region_code", "区划代码"),
    text("case", "情形的名称。在校学生为 student，须等待的为 late"),
    code("price", "价格"),
    day("paid_on", "首笔有效缴费日期"),
    fen("payable_fen", "应缴"),
    fen("paid_fen", "已缴"),
    day("starts_on", "待遇起算日"),
    day("waits_until", "等待期满日"),
    day("benefit_from", "享受待遇首日"),
    day("benefit_to", "享受待遇末日"),
    text("clause", "条款"),
];

/// Columns of standings.parquet.
const STANDINGS: &[DataColumn] = &[
    text("id", "证件号码"),
    text("name", "姓名"),
    text("region_code", "底册所在的区划代码"),
    code("standing", "状态"),
    code("source", "凭哪个来源"),
    text("file", "文件名"),
    count("row", "行号"),
];

/// Columns of transit.parquet.
const TRANSIT: &[DataColumn] = &[
    code("what", "等什么：registration 等登记，money 等钱到账"),
    text("id", "证件号码"),
    text("name", "姓名"),
    text("region_code", "区划代码"),
    day("paid_on", "缴费日期；等登记的是本地首笔"),
    fen("fen", "个人加资助"),
    day("until", "等登记的：到哪天还没有登记，就不再是在途"),
    code("source", "来源"),
    text("file", "文件名"),
    text("sheet", "工作表名"),
    count("row", "行号"),
];

/// Columns of roster_changes.parquet.
const ROSTER_CHANGES: &[DataColumn] = &[
    code("change", "变动"),
    text("id", "证件号码"),
    text("name", "姓名"),
    text("region_code", "区划代码"),
    text("category", "类别"),
    text("before", "变动前"),
    text("after", "变动后"),
    text("source_file", "文件名"),
    count("row", "行号"),
];

/// Columns of repairs.parquet.
const REPAIRS: &[DataColumn] = &[
    code("source", "来源"),
    text("file", "文件名"),
    text("sheet", "工作表名"),
    count("row", "行号"),
    code("field", "字段"),
    text("before", "原文"),
    text("after", "改写后"),
    code("rule", "按哪条规则"),
];

/// Columns of assessment.csv.
pub(super) const ASSESSMENT: &[DataColumn] = &[
    code("level", "级别"),
    text("code", "区划代码"),
    text("name", "区划名称"),
    day("day", "计数的那一天"),
    count("count", "完成数"),
    count("of", "分母"),
    rate("rate", "count ÷ of"),
    count("need", "应达数"),
    count("missing", "还差"),
    count("rank", "名次"),
    count("previous_rank", "上一期名次"),
    count("rank_change", "名次变化，上升为正"),
    rate("points_change", "完成率变化，百分点"),
    flag("lagging", "是否落后"),
    count("lag_weeks", "连续落后几期"),
    flag("summoned", "是否约谈"),
    flag("criticised", "是否通报批评"),
    count("tier", "达到第几档奖补，0 为没有"),
    fen("tier_fen", "奖补金额"),
    flag("tier_due", "该档是否到期"),
    rate("score", "得分，四位小数"),
    count("fund_persons", "工作经费计的人数"),
    fen("fund_fen", "工作经费"),
    flag("clinic", "村卫生室是否列入名单"),
];

/// Columns of leaders.csv.
pub(super) const LEADERS: &[DataColumn] = &[
    text("post", "岗位"),
    text("regions", "所联单位的区划代码，以 | 分隔"),
    rate("mean_rate", "平均完成率"),
    rate("score", "得分，四位小数"),
];

/// Name, what the rows are, columns.
type Declared = (&'static str, &'static str, fn() -> Vec<DataColumn>);

/// Every file of the folder `data`.
const FILES: &[Declared] = &[
    (
        "coverage.csv",
        "各级各地的参保数、状态和参保率。方案的地区和它以下每个区划一行；有人不属于任何下级的，上级之下另有一行“其他”，没有代码。按级别、代码排列。UTF-8 带 BOM。",
        coverage,
    ),
    (
        "bridge.csv",
        "参保桥：每个区划从登记人次走到底册人数，一步一行。",
        || BRIDGE.to_vec(),
    ),
    (
        "funding.csv",
        "资助资金：应资助、在本地有正常居民登记、没有职工登记的人。",
        || FUNDING.to_vec(),
    ),
    (
        "audit.csv",
        "财政补助重复：多出的正常登记，按种类和区划。",
        || AUDIT.to_vec(),
    ),
    (
        "sources.csv",
        "读了哪些文件：每个文件、每张工作表一行，各去向之和等于读入行数。",
        sources,
    ),
    (
        "received.csv",
        "文件夹里有什么：每个文件、每张工作表一行，包括没有来源认领的；数是判断之前数的。",
        || RECEIVED.to_vec(),
    ),
    (
        "checks.csv",
        "每种检查是否运行、查出多少条。",
        || CHECKS.to_vec(),
    ),
    ("findings.parquet", "问题，一条一行。", || {
        FINDINGS.to_vec()
    }),
    (
        "cases.parquet",
        "退费案件，一张凭证一行。",
        || CASES.to_vec(),
    ),
    (
        "subsidy.parquet",
        "资助名单：有资格、受了资助或现在名册上的每个人一行。",
        || SUBSIDY.to_vec(),
    ),
    (
        "entries.parquet",
        "中途参保、学年参保和须等待的人，一人一行。",
        || ENTRIES.to_vec(),
    ),
    (
        "standings.parquet",
        "底册每人一行：状态和凭哪一行。",
        || STANDINGS.to_vec(),
    ),
    (
        "transit.parquet",
        "在途：已缴费、登记可能还没到的人，和自述还没到账的缴费。",
        || TRANSIT.to_vec(),
    ),
    (
        "roster_changes.parquet",
        "名册各批之间的变动，一人一类一行。",
        || ROSTER_CHANGES.to_vec(),
    ),
    (
        "repairs.parquet",
        "读入时改写过的单元格，一处一行。",
        || REPAIRS.to_vec(),
    ),
    (
        "assessment.csv",
        "考核：方案整体一行，其后每个被考核的单位一行。方案写了 [assessment] 才有。UTF-8 带 BOM。",
        || ASSESSMENT.to_vec(),
    ),
    (
        "leaders.csv",
        "联系几个单位的领导。方案写了 [[assessment.leader]] 才有。UTF-8 带 BOM。",
        || LEADERS.to_vec(),
    ),
];

/// Every file of the folder `data`.
pub fn files() -> Vec<DataFile> {
    let file = |(name, meaning, columns): &Declared| DataFile {
        name,
        meaning,
        columns: columns(),
    };
    FILES.iter().map(file).collect()
}

/// The head of a csv.
pub(super) fn head(columns: &[DataColumn]) -> Vec<&'static str> {
    columns.iter().map(|column| column.name).collect()
}
