//! Values of the frames in words: data files hold codes and fen, tables hold names and yuan.

use super::Books;
use crate::domain::Code;
use crate::domain::money::yuan_text;
use crate::words::tables;

/// What `expected` and `found` of a finding hold.
#[derive(Clone, Copy)]
enum Holds {
    /// Words, figures or a day, as they are.
    AsWritten,
    /// Money in fen.
    Fen,
    /// 统筹区.
    Pool,
    /// Region code.
    Region,
}

const fn holds(code: Code) -> Holds {
    match code {
        Code::DuplicatePayment | Code::AmountWrong | Code::SubsidyMissed | Code::SubsidyUnentitled => Holds::Fen,
        Code::DuplicateRegistration | Code::CrossRegion | Code::CrossScheme | Code::WrongRegion | Code::StudentDuplicate => {
            Holds::Pool
        }
        Code::RegisterDuplicate => Holds::Region,
        _ => Holds::AsWritten,
    }
}

impl Books<'_> {
    /// What a finding of this code expected or found, in words.
    pub(super) fn said(&self, code: &str, value: &str) -> String {
        match Code::from_code(code).map_or(Holds::AsWritten, holds) {
            // An amount that could not be read is shown as it was written.
            Holds::Fen => value.parse().map_or_else(|_| value.to_owned(), yuan_text),
            Holds::Pool => self.pool_name(value),
            Holds::Region => self.contents.scheme.regions.name(value).to_owned(),
            Holds::AsWritten => value.to_owned(),
        }
    }

    /// Code and name of a pool, or the code alone where the region table does not hold it.
    pub(super) fn pool_name(&self, pool: &str) -> String {
        let name = self.contents.scheme.regions.name(pool);
        if name == pool || name.is_empty() { pool.to_owned() } else { format!("{pool} {name}") }
    }

    /// Why a case is not eligible: `not-before-limit|event|limit` or `event-unknown||limit`, with the clause.
    pub(super) fn why_not(&self, why_not: &str, clause: &str) -> String {
        let mut parts = why_not.split('|');
        let (ground, event, limit) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        tables::why_not(ground, event, limit, clause, self.contents.lang).unwrap_or_else(|| why_not.to_owned())
    }

    /// Why a pool was kept.
    pub(super) fn kept_why(&self, code: &str) -> String {
        tables::kept_why(code, self.contents.lang).map_or_else(|| code.to_owned(), str::to_owned)
    }

    /// What became of a grant.
    pub(super) fn verdict(&self, code: &str) -> String {
        tables::verdict(code, self.contents.lang).map_or_else(|| code.to_owned(), str::to_owned)
    }
}
