//! What is wrong with a command line: the parser's error as a slip that `words` can say.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::menu::{COMMANDS, usage};
use crate::domain::fault::Slip;
use crate::domain::{Complaint, Excerpt, Refusal};
use crate::words::Lang;

/// Options that count something: none of it makes no sense.
const FROM_ONE: [&str; 2] = ["--people", "--buckets"];

/// The complaint, with how the command is written right below it.
pub(super) fn complaint(error: &clap::Error, command: Option<&str>, lang: Lang) -> Complaint {
    let excerpt = format!(
        "  {}{}",
        lang.pick("用法：", "Usage: "),
        usage(command, lang)
    );
    Complaint {
        place: None,
        excerpt: Excerpt(excerpt),
        refusal: Refusal::CommandLine(slip(error)),
    }
}

fn slip(error: &clap::Error) -> Slip {
    let told = |kind| text(error, kind);
    let option = || told(ContextKind::InvalidArg).unwrap_or_default();
    let typed = || told(ContextKind::InvalidValue).unwrap_or_default();
    match error.kind() {
        ErrorKind::MissingSubcommand => Slip::NoCommand {
            known: texts(error, ContextKind::ValidSubcommand),
        },
        ErrorKind::InvalidSubcommand => Slip::UnknownCommand {
            typed: told(ContextKind::InvalidSubcommand).unwrap_or_default(),
            near: told(ContextKind::SuggestedSubcommand),
            known: COMMANDS.map(str::to_owned).to_vec(),
        },
        ErrorKind::UnknownArgument if option().starts_with('-') => Slip::UnknownOption {
            typed: option(),
            near: told(ContextKind::SuggestedArg),
        },
        ErrorKind::UnknownArgument => Slip::Surplus { typed: option() },
        ErrorKind::MissingRequiredArgument => Slip::Missing {
            names: texts(error, ContextKind::InvalidArg),
        },
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if typed().is_empty() => {
            Slip::NoValue { option: option() }
        }
        ErrorKind::InvalidValue => Slip::BadChoice {
            option: name(&option()),
            typed: typed(),
            known: texts(error, ContextKind::ValidValue),
        },
        ErrorKind::ValueValidation => {
            let option = name(&option());
            let least = u64::from(FROM_ONE.contains(&option.as_str()));
            Slip::BadNumber {
                option,
                typed: typed(),
                least,
            }
        }
        ErrorKind::ArgumentConflict => Slip::Twice {
            option: name(&option()),
        },
        _ => Slip::Other {
            reason: error.kind().to_string(),
        },
    }
}

/// `--people <N>` is called `--people`.
fn name(option: &str) -> String {
    option.split(' ').next().unwrap_or(option).to_owned()
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    texts(error, kind).into_iter().next()
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}
