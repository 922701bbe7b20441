//! What was typed, as low-level arguments, and what it means, as an order.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use chrono::NaiveDate;
use clap::builder::PossibleValuesParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{Bars, Only, Order};
use crate::domain::fault::Complaints;
use crate::domain::{Complaint, Refusal};
use crate::sample::{Form, SampleOrder};
use crate::words::Lang;

/// What to do.
pub enum Typed {
    /// `run`
    Run {
        /// What was asked for.
        order: Order,
        /// Shows how far it has come.
        bars: Arc<Bars>,
    },
    /// `check`
    Check {
        /// What was asked for.
        order: Order,
        /// Shows how far it has come.
        bars: Arc<Bars>,
    },
    /// `sample`
    Sample {
        /// Pipeline file.
        pipeline: PathBuf,
        /// What to make; its published figures are read later.
        order: SampleOrder,
        /// Language of the closing lines.
        lang: Lang,
    },
    /// Help or version was printed.
    Shown,
}

/// Understands the command line.
///
/// # Errors
/// `Complaints` that say which argument makes no sense.
pub fn parse(arguments: Vec<OsString>, lang: Lang) -> Result<Typed> {
    let matches = match command(lang).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            error.print()?;
            return Ok(Typed::Shown);
        }
        Err(error) => return Err(bad("command line", error.render().to_string().trim())),
    };
    match matches.subcommand() {
        Some(("run", typed)) => {
            let (order, bars) = watched(order(typed, lang)?, typed.get_flag("verbose"));
            Ok(Typed::Run { order, bars })
        }
        Some(("check", typed)) => {
            let (order, bars) = watched(order(typed, lang)?, false);
            Ok(Typed::Check { order, bars })
        }
        Some(("sample", typed)) => Ok(Typed::Sample { pipeline: path(typed, "pipeline"), order: sample(typed), lang }),
        _ => Err(bad("command line", "")),
    }
}

fn watched(order: Order, verbose: bool) -> (Order, Arc<Bars>) {
    let bars = Arc::new(Bars::new(order.lang, verbose));
    let started = chrono::Local::now().to_rfc3339_opts(chrono::SecondsFormat::Secs, false);
    (Order { watch: bars.clone(), started: Some(started), ..order }, bars)
}

fn bad(name: &str, text: &str) -> anyhow::Error {
    let refusal = Refusal::BadArgument { name: name.to_owned(), text: text.to_owned() };
    Complaints(vec![Complaint::from(refusal)]).into()
}

fn path(typed: &ArgMatches, name: &str) -> PathBuf {
    typed.get_one::<PathBuf>(name).cloned().unwrap_or_default() // clap has seen to it that required ones are there
}

fn order(typed: &ArgMatches, lang: Lang) -> Result<Order> {
    let as_of = match typed.get_one::<String>("as-of") {
        None => chrono::Local::now().date_naive(),
        Some(text) => NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| bad("--as-of", text))?,
    };
    // `check` has no --out and no --only.
    let only =
        typed.try_get_one::<String>("only").ok().flatten().map(|only| if only == "data" { Only::Data } else { Only::Reports });
    let out = typed.try_get_one::<PathBuf>("out").ok().flatten().cloned();
    let buckets = typed.try_get_one::<u64>("buckets").ok().flatten().copied();
    Ok(Order {
        pipeline: path(typed, "pipeline"),
        as_of,
        inputs: typed.get_one::<PathBuf>("inputs").cloned(),
        out: out.unwrap_or_else(|| PathBuf::from("reports")),
        lang,
        only,
        buckets: buckets.and_then(|buckets| usize::try_from(buckets).ok()).unwrap_or(1), // one bucket: all in memory
        ..Order::default()
    })
}

fn sample(typed: &ArgMatches) -> SampleOrder {
    let form = match typed.get_one::<String>("form").map(String::as_str) {
        Some("csv") => Form::Csv,
        Some("xlsx") => Form::Xlsx,
        Some("parquet") => Form::Parquet,
        _ => Form::Mixed,
    };
    SampleOrder {
        people: typed.get_one::<u64>("people").copied(),
        seed: typed.get_one::<u64>("seed").copied().unwrap_or(1), // the documented default
        weeks: typed.get_one::<u32>("weeks").copied().unwrap_or(0), // the documented default
        form,
        out: path(typed, "out"),
        tasks: Vec::new(),
    }
}

fn command(lang: Lang) -> Command {
    let say = |zh: &'static str, en: &'static str| lang.pick(zh, en);
    let pipeline = || {
        let help = say("方案文件，如 pipelines/xiangtan-2022.toml", "pipeline file, such as pipelines/xiangtan-2022.toml");
        Arg::new("pipeline").value_name("PIPELINE").required(true).value_parser(value_parser!(PathBuf)).help(help)
    };
    let folder = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("DIR").value_parser(value_parser!(PathBuf)).help(help)
    };
    let as_of = || {
        let help = say("统计截止日期（年-月-日），默认今天", "day the figures speak of (YYYY-MM-DD); default today");
        Arg::new("as-of").long("as-of").value_name("DATE").help(help)
    };
    let inputs = || folder("inputs", say("数据文件夹，默认按方案文件", "folder of inputs; default: the pipeline's"));
    let language = Arg::new("lang")
        .long("lang")
        .global(true)
        .value_parser(PossibleValuesParser::new(["zh", "en"]))
        .help(say("界面与报表语言，默认随系统", "language of messages and reports; default: the system's"));
    let help_flag =
        Arg::new("help").short('h').long("help").global(true).action(ArgAction::Help).help(say("显示帮助", "show help"));
    Command::new("canbao")
        .version(env!("CARGO_PKG_VERSION"))
        .about(say("参保：城乡居民医保参保对账", "canbao: reconciles resident medical-insurance enrolment"))
        .after_help(say(
            "退出码：0 报表已生成；1 已生成，且有“禁止”级问题；2 命令、方案或数据文件有误，未生成；3 机器或磁盘故障，原报表未动",
            "exit: 0 reports written; 1 written, a finding of level deny fired; 2 what was typed, declared or sent is wrong, nothing written; 3 machine or disk failed, older reports untouched",
        ))
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(help_flag)
        .arg(language)
        .subcommand(
            Command::new("run")
                .about(say("对账并生成报表", "reconcile and write the reports"))
                .args([pipeline(), as_of(), inputs()])
                .arg(folder("out", say("报表总文件夹，默认 reports", "folder of all reports; default reports")))
                .arg(Arg::new("only").long("only").value_parser(PossibleValuesParser::new(["data", "reports"])).help(say(
                    "只生成数据文件（data）或只生成工作簿（reports）",
                    "only the data files, or only the workbooks",
                )))
                .arg(Arg::new("verbose").short('v').long("verbose").action(ArgAction::SetTrue).help(say(
                    "逐步显示用时和内存峰值",
                    "tell each room's time and the peak memory",
                )))
                .arg(Arg::new("buckets").long("buckets").hide(true).value_parser(value_parser!(u64).range(1..=4096))),
        )
        .subcommand(
            Command::new("check")
                .about(say("预检：看懂了什么、缺什么，不写任何文件", "pre-flight: what was understood and what is missing; writes nothing"))
                .args([pipeline(), as_of(), inputs()]),
        )
        .subcommand(
            Command::new("sample")
                .about(say("生成一套模拟数据（含预设问题和答案）", "make a synthetic scheme with planted faults and an answer key"))
                .arg(pipeline())
                .arg(folder("out", say("写入的文件夹", "folder to write to")).required(true))
                .arg(Arg::new("people").long("people").value_name("N").value_parser(value_parser!(u64).range(1..)).help(say(
                    "人数，默认按任务表的全部人数",
                    "persons; default: the full size of the tasks table",
                )))
                .arg(Arg::new("seed").long("seed").value_name("N").value_parser(value_parser!(u64)).help(say(
                    "随机种子，默认 1；同一种子结果相同",
                    "seed, default 1; the same seed gives the same files",
                )))
                .arg(Arg::new("weeks").long("weeks").value_name("N").value_parser(value_parser!(u32)).help(say(
                    "缴费期最后 N 周按周出缴费文件，默认 0（按月）",
                    "the last N weeks of the window get a payment file each; default 0 (by month)",
                )))
                .arg(Arg::new("form").long("form").value_parser(PossibleValuesParser::new(["csv", "xlsx", "parquet", "mixed"])).help(say(
                    "文件形式，默认 mixed（如各单位实际所发）",
                    "file form, default mixed (as offices really send)",
                ))),
        )
}
