//! Kept: what became of older reports that were not simply replaced.

use super::{Lang, grouped, say};
use crate::domain::{Kept, WhyKept};

/// A line an older report; `None` where every one was simply replaced.
pub fn kept(all: &[Kept], lang: Lang) -> Option<String> {
    let lines: Vec<String> = all.iter().map(|one| line(one, lang)).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn line(kept: &Kept, lang: Lang) -> String {
    let place = kept.place.display();
    match &kept.why {
        WhyKept::Changed { document } => say!(
            lang,
            "原报表已另存为 {place}：其中的 {document} 生成后有人修改过，所填内容请自行抄到新报表",
            "the older report is kept as {place}: somebody has worked in its {document}; carry what was typed over by hand"
        ),
        WhyKept::NotOurs { files } => {
            let files = grouped(*files);
            say!(
                lang,
                "原报表已另存为 {place}：其中有 {files} 个文件不是本程序生成的",
                "the older report is kept as {place}: it holds {files} file(s) that no run wrote"
            )
        }
        WhyKept::Unknown => say!(
            lang,
            "原报表已另存为 {place}：无从核对它生成后是否改动过（旧版本生成，或 manifest.json 已改动）；确认不要的，可自行删除",
            "the older report is kept as {place}: nothing tells whether somebody has worked on it (an older program, or a changed manifest.json); delete it where nobody needs it"
        ),
        WhyKept::Fuller => say!(
            lang,
            "原报表已另存为 {place}：它的内容比本次 --only 所要的多",
            "the older report is kept as {place}: it holds more than --only asked for now"
        ),
        WhyKept::SaysTheSame => say!(
            lang,
            "{place} 中已有完整的报表，数据与本次一致，原样保留，未作改动",
            "{place} holds a full report already, with the same contents as now: it stays as it is"
        ),
    }
}
