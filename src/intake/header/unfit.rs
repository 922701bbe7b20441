//! Why a sheet cannot be read by what the search found in it.

use crate::domain::Refusal;
use crate::domain::fault::WrongHeader;
use crate::intake::ask::Ask;
use crate::intake::header::found::{Found, Header};
use crate::intake::header::needed::needed;
use crate::intake::sheet::Origin;

/// What is wrong with a sheet in which the search found no header.
pub(crate) fn refusal(
    ask: Ask<'_>,
    origin: &Origin,
    found: &Found,
    row_of: impl Fn(usize) -> u32,
) -> Option<Refusal> {
    let (file, sheet) = (origin.file.clone(), origin.sheet.clone());
    match found {
        Found::Header(header) => unsettled(origin, header, row_of(header.at + header.levels - 1)),
        Found::Near {
            at,
            missing,
            headers,
        } => Some(Refusal::Header(WrongHeader::UnknownColumn {
            file,
            sheet,
            row: row_of(*at),
            field: *missing,
            headers: headers.clone(),
        })),
        Found::Nothing => {
            let missing = needed(ask.rule.kind).iter().map(|group| group[0]).collect();
            Some(Refusal::Header(WrongHeader::NoHeader {
                file,
                sheet,
                missing,
            }))
        }
    }
}

/// A header named by `columns` that the sheet does not have, or a household's people whose columns cannot be told apart.
pub(crate) fn unsettled(origin: &Origin, header: &Header, row: u32) -> Option<Refusal> {
    let (file, sheet) = (origin.file.clone(), origin.sheet.clone());
    if let Some((field, declared)) = header.undeclared.first() {
        let (header, headers) = (declared.clone(), header.words());
        return Some(Refusal::Header(WrongHeader::DeclaredColumnMissing {
            file,
            sheet,
            field: *field,
            header,
            headers,
        }));
    }
    let headers = header.untold.clone();
    (!headers.is_empty()).then_some(Refusal::Header(WrongHeader::PeopleBeside {
        file,
        sheet,
        row,
        headers,
    }))
}
