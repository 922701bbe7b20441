//! Words: what people read, in Chinese and English, exhaustive by the compiler.
//!
//! In:  codes of the inner rooms.
//! Out: labels, sentences, advice.
//! Never: computes, or decides what is said.

pub mod tables;

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
