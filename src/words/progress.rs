//! Progress: what is being done right now, in one short line. No names, no numbers of persons' documents.

use super::labels::{Label, labels};
use super::{Lang, say};

closed_list! {
    /// A stretch of the walk, in order.
    pub enum Stage {
        /// The pipeline file.
        Scheme = "scheme",
        /// Files to text, and text to values while files are still being read.
        Reading = "reading",
        /// Rows to persons, and what does not agree of them.
        Judging = "judging",
        /// Counts, rates, money.
        Measuring = "measuring",
        /// Reports.
        Writing = "writing",
    }
}

labels! { Stage {
    Scheme: "核对方案", "checking the pipeline";
    Reading: "读取与识别", "reading and typing";
    Judging: "逐人比对", "reconciling";
    Measuring: "汇总统计", "measuring";
    Writing: "生成报表", "writing reports";
} }

/// A plain progress line: `[2/5] 读取与识别 …`. `walk` are the stages that this walk has.
pub fn progress(stage: Stage, walk: &[Stage], lang: Lang) -> String {
    let at = walk.iter().take_while(|one| **one != stage).count() + 1;
    let (of, label) = (walk.len(), stage.label(lang));
    say!(lang, "[{at}/{of}] {label} …", "[{at}/{of}] {label} ...")
}

/// The same with rows done so far, for a stage that knows them.
pub fn progress_rows(stage: Stage, walk: &[Stage], rows: u64, lang: Lang) -> String {
    let (line, rows) = (progress(stage, walk, lang), super::grouped(rows));
    say!(lang, "{line} {rows} 行", "{line} {rows} rows")
}

/// What a stage took.
pub struct Took {
    /// Time.
    pub time: std::time::Duration,
    /// Rows read in it; 0 = it reads none.
    pub rows: u64,
    /// Bytes of memory at most so far, where the machine tells.
    pub peak: Option<u64>,
}

/// With `-v`: how long a stage took, rows read in it, and the peak memory so far.
pub fn stage_took(stage: Stage, took: Took, lang: Lang) -> String {
    let Took { time, rows, peak } = took;
    let (label, millis) = (stage.label(lang), time.as_millis());
    let count = super::grouped(rows);
    let rows = if rows == 0 {
        String::new()
    } else {
        say!(lang, "，{count} 行", ", {count} rows")
    };
    let peak = peak.map_or_else(String::new, |bytes| {
        let mib = bytes >> 20;
        say!(lang, "，内存峰值 {mib} MiB", ", peak memory {mib} MiB")
    });
    say!(
        lang,
        "{label}：{millis} 毫秒{rows}{peak}",
        "{label}: {millis} ms{rows}{peak}"
    )
}
