//! What can be typed, and its help in both languages.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, value_parser};

use crate::words::Lang;

/// Every command.
pub(super) const COMMANDS: [&str; 3] = ["run", "check", "sample"];

/// How a command is written; that of the program where none is named.
pub(super) fn usage(command: Option<&str>, lang: Lang) -> &'static str {
    match command {
        Some("run") => lang.pick(
            "canbao run <PIPELINE> [选项]",
            "canbao run <PIPELINE> [OPTIONS]",
        ),
        Some("check") => lang.pick(
            "canbao check <PIPELINE> [选项]",
            "canbao check <PIPELINE> [OPTIONS]",
        ),
        Some("sample") => lang.pick(
            "canbao sample <PIPELINE> --out <DIR> [选项]",
            "canbao sample <PIPELINE> --out <DIR> [OPTIONS]",
        ),
        _ => lang.pick("canbao <命令> [选项]", "canbao <COMMAND> [OPTIONS]"),
    }
}

/// The parser. Its own headings would be English, so each command has a template.
pub(super) fn command(lang: Lang) -> Command {
    let template = lang.pick(
        "{about}\n\n用法：{usage}\n\n命令：\n{subcommands}\n\n选项：\n{options}{after-help}",
        "{about}\n\nUsage: {usage}\n\nCommands:\n{subcommands}\n\nOptions:\n{options}{after-help}",
    );
    Command::new("canbao")
        .version(env!("CARGO_PKG_VERSION"))
        .about(lang.pick(
            "参保：城乡居民医保参保对账",
            "canbao: reconciles resident medical-insurance enrolment",
        ))
        .override_usage(usage(None, lang))
        .help_template(template)
        .after_help(lang.pick(EXIT_ZH, EXIT_EN))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .args([help(lang), language(lang), version(lang)])
        .subcommands([run(lang), check(lang), sample(lang)])
}

const EXIT_ZH: &str = "\
各命令的说明：canbao run --help

退出码：
  0  报表已生成
  1  报表已生成，且有“严重”级问题（方案中定为 deny 的）
  2  命令、方案或数据文件有误，未生成报表
  3  机器或磁盘故障，原有报表未动";

const EXIT_EN: &str = "\
help on one command: canbao run --help

Exit codes:
  0  reports written
  1  reports written, and a finding of level deny fired
  2  what was typed, declared or sent is wrong; nothing written
  3  the machine or disk failed; older reports untouched";

fn run(lang: Lang) -> Command {
    walk("run", lang)
        .about(lang.pick("对账并生成报表", "reconcile and write the reports"))
        .args([pipeline(lang), as_of(lang), inputs(lang), accept(lang)])
        .arg(folder("out", lang.pick("报表总文件夹，默认 reports", "folder of all reports; default reports")))
        .arg(folder(
            "since",
            lang.pick(
                "上一期的报表文件夹，周通报据此列排名升降、连续落后",
                "report folder of an earlier run: ranks, changes and lag are against it",
            ),
        ))
        .arg(choice("only", "data|reports", &["data", "reports"]).help(lang.pick(
            "只生成数据文件（data）或只生成工作簿（reports），默认都生成",
            "only the data files, or only the workbooks; default both",
        )))
        .arg(Arg::new("region").long("region").value_name("CODE").help(lang.pick(
            "工作簿只出该地区及其下级（区划代码，如 430521），数据文件不变",
            "workbooks only of this region and below (its code, such as 430521); data files as ever",
        )))
        .arg(
            Arg::new("verbose")
                .short('v')
                .long("verbose")
                .action(ArgAction::SetTrue)
                .help(lang.pick("逐步显示用时、行数和内存峰值", "tell the time, rows and peak memory of each stage")),
        )
        .arg(Arg::new("memory").long("memory").value_name("SIZE").help(lang.pick(
            "内存上限，如 4GiB，默认为空闲内存的一半；放不下的数据暂存于报表文件夹旁，用完即删",
            "memory to stay within, such as 4GiB; default half of what is free; what does not fit waits on disk beside the reports",
        )))
        .arg(Arg::new("buckets").long("buckets").value_name("N").hide(true).value_parser(value_parser!(u64).range(1..=4096)))
}

fn check(lang: Lang) -> Command {
    walk("check", lang)
        .about(lang.pick(
            "预检：看懂了什么、缺什么，不写任何文件",
            "pre-flight: what was understood and what is missing; writes nothing",
        ))
        .args([pipeline(lang), as_of(lang), inputs(lang), accept(lang)])
        .arg(Arg::new("suggest").long("suggest").action(ArgAction::SetTrue).help(lang.pick(
            "对认不出的列，给出可粘贴到方案文件的 columns 设置",
            "for columns that are not understood, propose the columns lines to paste into the pipeline",
        )))
}

fn accept(lang: Lang) -> Arg {
    Arg::new("accept")
        .long("accept")
        .value_name("CODE[=FILE]")
        .action(ArgAction::Append)
        .help(lang.pick(
            "已核实、仍要照此运行的情况，代码见提示；报表封面会写明；可多次",
            "a fact that was looked into and is right all the same, by its code; the cover says so; may come several times",
        ))
}

fn sample(lang: Lang) -> Command {
    walk("sample", lang)
        .about(lang.pick(
            "生成一套模拟数据（含预设问题和答案）",
            "make a synthetic scheme with planted faults and an answer key",
        ))
        .arg(pipeline(lang))
        .arg(
            folder(
                "out",
                lang.pick("写入的文件夹（必填）", "folder to write to (required)"),
            )
            .required(true),
        )
        .arg(
            number("people")
                .value_parser(value_parser!(u64).range(1..))
                .help(lang.pick(
                    "人数，默认按任务表的全部人数",
                    "persons; default: the full size of the tasks table",
                )),
        )
        .arg(
            number("seed")
                .value_parser(value_parser!(u64))
                .help(lang.pick(
                    "随机种子，默认 1；同一种子结果相同",
                    "seed, default 1; the same seed gives the same files",
                )),
        )
        .arg(
            number("weeks")
                .value_parser(value_parser!(u32))
                .help(lang.pick(
                    "缴费期最后 N 周按周出缴费文件，默认 0（按月）",
                    "the last N weeks of the window get a payment file each; default 0 (by month)",
                )),
        )
        .arg(
            choice(
                "form",
                "csv|xlsx|parquet|mixed",
                &["csv", "xlsx", "parquet", "mixed"],
            )
            .help(lang.pick(
                "文件形式，默认 mixed（如各单位实际所发）",
                "file form; default mixed (as offices really send)",
            )),
        )
}

/// A command that starts from a pipeline.
fn walk(name: &'static str, lang: Lang) -> Command {
    Command::new(name)
        .override_usage(usage(Some(name), lang))
        .help_template(lang.pick(
            "{about}\n\n用法：{usage}\n\n参数：\n{positionals}\n\n选项：\n{options}",
            "{about}\n\nUsage: {usage}\n\nArguments:\n{positionals}\n\nOptions:\n{options}",
        ))
}

fn pipeline(lang: Lang) -> Arg {
    let help = lang.pick(
        "方案文件，如 pipelines/xiangtan-2022.toml",
        "pipeline file, such as pipelines/xiangtan-2022.toml",
    );
    Arg::new("pipeline")
        .value_name("PIPELINE")
        .required(true)
        .value_parser(value_parser!(PathBuf))
        .help(help)
}

fn as_of(lang: Lang) -> Arg {
    let help = lang.pick(
        "统计截止日期，如 2022-02-28，默认今天",
        "day the figures speak of, such as 2022-02-28; default today",
    );
    Arg::new("as-of")
        .long("as-of")
        .value_name("DATE")
        .help(help)
}

fn inputs(lang: Lang) -> Arg {
    folder(
        "inputs",
        lang.pick(
            "数据文件夹，默认按方案文件",
            "folder of inputs; default: the pipeline's",
        ),
    )
}

/// Global options stand last in every help.
fn help(lang: Lang) -> Arg {
    let text = lang.pick("显示帮助", "show help");
    Arg::new("help")
        .short('h')
        .long("help")
        .global(true)
        .action(ArgAction::Help)
        .display_order(902)
        .help(text)
}

fn language(lang: Lang) -> Arg {
    let text = lang.pick(
        "界面与报表语言，默认随系统",
        "language of messages and reports; default: the system's",
    );
    choice("lang", "zh|en", &["zh", "en"])
        .global(true)
        .display_order(901)
        .help(text)
}

fn version(lang: Lang) -> Arg {
    let text = lang.pick("显示版本", "show the version");
    Arg::new("version")
        .short('V')
        .long("version")
        .action(ArgAction::Version)
        .display_order(903)
        .help(text)
}

fn folder(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name("DIR")
        .value_parser(value_parser!(PathBuf))
        .help(help)
}

fn number(name: &'static str) -> Arg {
    Arg::new(name).long(name).value_name("N")
}

/// Its values stand in its name: the parser's own list of them would be headed in English.
fn choice(name: &'static str, shown: &'static str, values: &'static [&'static str]) -> Arg {
    let parser = PossibleValuesParser::new(values.iter().copied());
    Arg::new(name)
        .long(name)
        .value_name(shown)
        .hide_possible_values(true)
        .value_parser(parser)
}
