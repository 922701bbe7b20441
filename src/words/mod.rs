//! Words: what people read, in Chinese and English, exhaustive by the compiler.
//!
//! In:  codes of the inner rooms.
//! Out: labels, sentences, advice.
//! Never: computes, or decides what is said.

pub mod assessment;
pub mod check;
mod complaints;
mod faults;
mod findings;
#[cfg(test)]
pub(crate) mod fixture;
mod graves;
mod in_columns;
mod kept;
mod labels;
pub mod outputs;
mod progress;
mod reasons;
mod received;
pub mod settings;
mod slips;
mod suggestions;
mod summary;
pub mod tables;
#[cfg(test)]
mod tests;
mod warnings;

pub use complaints::complaint;
pub use faults::{error, fault};
pub use findings::{advice, example, when};
pub use graves::accepted;
pub use kept::kept;
pub use labels::{Label, place_name, settled_by, why_not};
pub use progress::{Stage, Took, progress, progress_rows, stage_took};
pub use summary::summary;
pub use warnings::warning;

/// The language of messages and reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// 中文
    Zh,
    /// English
    En,
}

impl Lang {
    /// One of two texts: the one way to write a sentence in both languages.
    pub const fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

/// What is wrong, and what to do about it.
type Halves = (String, String);

/// A sentence with facts in it, in both languages.
macro_rules! say {
    ($lang:expr, $zh:literal, $en:literal $(,)?) => {
        match $lang {
            $crate::words::Lang::Zh => format!($zh),
            $crate::words::Lang::En => format!($en),
        }
    };
}
use say;

/// What is wrong; what to do about it. Both with facts in them, both in both languages.
macro_rules! halves {
    ($lang:expr, $zh:literal, $en:literal; $advice_zh:literal, $advice_en:literal $(;)?) => {
        (say!($lang, $zh, $en), say!($lang, $advice_zh, $advice_en))
    };
}
use halves;

/// Words one after the other, as the language separates them.
fn listed(words: &[String], lang: Lang) -> String {
    words.join(lang.pick("、", ", "))
}

/// A header on one line, as far as it may be told: a person's name or number is never.
fn told(header: &str, lang: Lang) -> String {
    if crate::survey::is_discreet(header) {
        header.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        lang.pick(
            "（可能是个人信息，不显示）",
            "(perhaps a person's, not shown)",
        )
        .to_owned()
    }
}

/// Headers as far as they may be told.
fn told_all(headers: &[String], lang: Lang) -> String {
    let told: Vec<String> = headers.iter().map(|header| told(header, lang)).collect();
    listed(&told, lang)
}

/// A count with a comma every three digits: `780,873`.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
