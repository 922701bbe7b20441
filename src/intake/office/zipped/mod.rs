//! The light pass over a zipped workbook, before calamine opens it: what it is, whether it is whole, how large it really is,
//! and what its sheets keep out of sight.
//!
//! Every part that will be read is inflated once here, its bytes counted and thrown away, so that a few KB cannot become a
//! machine's whole memory later. Parts that nobody reads (pictures, drawings) are left alone.

mod inflate;
mod merged_xml;
mod parts;
mod sheet_bin;
mod sheet_xml;

use std::collections::{HashMap, HashSet};
use std::io::BufReader;

use rayon::prelude::*;

use crate::domain::Refusal;
use crate::domain::fault::WrongContent;
use crate::intake::bounds::{self, MOST_SHEETS};
use crate::intake::guard::{Panicked, guarded};
use crate::intake::lines::{Laid, OutOfSight};
use crate::intake::merged::{Merges, TooMany};
use crate::intake::office::records::TooLong;
use crate::intake::office::streamed::Unread;
use crate::intake::trouble::Trouble;
use inflate::{DOCUMENT, HELD, LISTED, Limit, STREAMED};
pub(crate) use parts::Parts;
use parts::broken;
pub(crate) use sheet_xml::{attribute, each_element};

/// Which office's workbook an archive is.
enum Office {
    /// xlsx and xlsm.
    Xlsx,
    /// Excel's binary workbook.
    Xlsb,
    /// OpenDocument spreadsheet.
    Ods,
}

/// A workbook that was looked through and may be opened.
pub(crate) enum Zipped<'b> {
    /// An xlsx or xlsm in which nothing is out of the ordinary.
    Xlsx(Package, Parts<'b>),
    /// An xlsx for a whole parser: how each sheet is laid out, charts and all, in the order of the workbook.
    OddXlsx(Vec<Laid>),
    /// Excel's binary workbook.
    Xlsb(Package, Parts<'b>),
    /// OpenDocument spreadsheet.
    Ods(Parts<'b>),
}

/// What a workbook says of itself.
pub(crate) struct Package {
    pub file: String,
    /// Its worksheets.
    pub tabs: Vec<Worksheet>,
    /// The part of shared texts, and that of styles, should they be there.
    pub texts: String,
    /// Bytes of the shared texts, inflated.
    pub texts_bytes: usize,
    pub styles: String,
    /// Days are counted from 1904.
    pub is_1904: bool,
}

/// A worksheet.
pub(crate) struct Worksheet {
    pub name: String,
    pub part: String,
    pub hidden: OutOfSight,
    pub merged: Merges,
}

impl<'b> Zipped<'b> {
    /// Looks an archive through.
    pub(crate) fn look(file: &str, bytes: &'b [u8]) -> Result<Self, Trouble> {
        let mut parts = Parts::open(file, bytes)?;
        match office(&mut parts)? {
            Office::Xlsx => xlsx(&mut parts),
            Office::Xlsb => xlsb(&mut parts),
            Office::Ods => ods(&mut parts),
        }
    }
}

/// How many files stand in an archive that is no office's document; nothing where it is one, or broken.
pub(crate) fn files_in_archive(bytes: &[u8]) -> Option<u64> {
    let mut parts = Parts::open("", bytes).ok()?;
    let is_plain = match office(&mut parts) {
        Err(Trouble::Refused(refusals)) => refusals.iter().any(|refusal| {
            matches!(refusal, Refusal::Content(WrongContent::WrongKind { found, .. }) if found == PLAIN)
        }),
        Ok(_) | Err(Trouble::Broken(_)) => false,
    };
    let files = parts.names().filter(|name| !name.ends_with('/')).count();
    is_plain.then_some(files as u64)
}

/// An archive of whatever.
const PLAIN: &str = "zip";

/// What the parts say the archive is: never its name, nor a word somewhere in its bytes.
fn office(parts: &mut Parts<'_>) -> Result<Office, Trouble> {
    if let Some(kind) = parts.whole("mimetype")? {
        match String::from_utf8_lossy(&kind).trim() {
            "application/vnd.oasis.opendocument.spreadsheet"
            | "application/vnd.oasis.opendocument.spreadsheet-template" => {
                return Ok(Office::Ods);
            }
            other => {
                let kinds = [
                    ("opendocument.text", "odt"),
                    ("opendocument.presentation", "odp"),
                    ("opendocument", "OpenDocument"),
                ];
                if let Some((_, found)) = kinds.iter().find(|(word, _)| other.contains(word)) {
                    return Err(wrong(parts, found));
                }
            }
        }
    }
    let main = main_part(parts)?;
    let kind = main
        .as_deref()
        .map_or(Ok(None), |main| content_type(parts, main))?
        .unwrap_or_default();
    let place = main
        .unwrap_or_else(|| usual_main(parts).to_owned())
        .to_ascii_lowercase();
    let is = |words: &[&str], start: &str| {
        words.iter().any(|word| kind.contains(word)) || kind.is_empty() && place.starts_with(start)
    };
    if is(&["sheet.binary"], "xl/workbook.bin") {
        Ok(Office::Xlsb)
    } else if is(&["spreadsheetml", "ms-excel"], "xl/") {
        Ok(Office::Xlsx)
    } else if is(&["wordprocessingml", "ms-word"], "word/") {
        Err(wrong(parts, "docx"))
    } else if is(&["presentationml", "ms-powerpoint"], "ppt/") {
        Err(wrong(parts, "pptx"))
    } else {
        Err(wrong(parts, PLAIN))
    }
}

fn wrong(parts: &Parts<'_>, found: &str) -> Trouble {
    Refusal::Content(WrongContent::WrongKind {
        file: parts.file().to_owned(),
        found: found.to_owned(),
    })
    .into()
}

/// Where the main part stands in an archive that does not say so.
fn usual_main(parts: &Parts<'_>) -> &'static str {
    let usual = [
        "xl/workbook.xml",
        "xl/workbook.bin",
        "word/document.xml",
        "ppt/presentation.xml",
    ];
    usual
        .into_iter()
        .find(|part| parts.has(part))
        .unwrap_or_default()
}

/// The office document that the package names, as calamine finds it.
fn main_part(parts: &mut Parts<'_>) -> Result<Option<String>, Trouble> {
    let relations = relations(parts, "_rels/.rels")?;
    let main = relations
        .into_iter()
        .rfind(|relation| relation.kind.ends_with("/relationships/officeDocument"));
    Ok(main.map(|relation| relation.target.trim_start_matches('/').to_owned()))
}

/// What `[Content_Types].xml` calls a part.
fn content_type(parts: &mut Parts<'_>, part: &str) -> Result<Option<String>, Trouble> {
    let mut found = None;
    elements(parts, "[Content_Types].xml", |name, element| {
        let named = || {
            attribute(element, "PartName").is_some_and(|name| {
                name.replace('\\', "/")
                    .trim_start_matches('/')
                    .eq_ignore_ascii_case(part)
            })
        };
        if name == "Override" && named() {
            found = attribute(element, "ContentType");
        }
    })?;
    Ok(found)
}

/// A link from one part to another.
struct Relation {
    id: String,
    kind: String,
    target: String,
}

impl Relation {
    /// The part it leads to from a part in this folder.
    fn part(&self, folder: &str) -> String {
        match self.target.strip_prefix('/') {
            Some(absolute) => absolute.to_owned(),
            None => format!("{folder}{}", self.target),
        }
    }
}

fn relations(parts: &mut Parts<'_>, part: &str) -> Result<Vec<Relation>, Trouble> {
    let mut relations = Vec::new();
    elements(parts, part, |name, element| {
        if name == "Relationship" {
            let value = |name| attribute(element, name).unwrap_or_default();
            relations.push(Relation {
                id: value("Id"),
                kind: value("Type"),
                target: unescaped(&value("Target")).replace('\\', "/"),
            });
        }
    })?;
    Ok(relations)
}

/// A value without its entities; as it is where it has one that nobody knows.
pub(crate) fn unescaped(value: &str) -> String {
    quick_xml::escape::unescape(value).map_or_else(|_| value.to_owned(), |text| text.into_owned())
}

/// Gives the elements of a small part, if there is such a part.
fn elements(
    parts: &mut Parts<'_>,
    part: &str,
    mut each: impl FnMut(&str, &quick_xml::events::BytesStart<'_>),
) -> Result<(), Trouble> {
    let Some(bytes) = parts.whole(part)? else {
        return Ok(());
    };
    let outcome = guarded(|| {
        each_element(&bytes[..], |element, _| {
            if let Some(element) = element {
                each(element.local_name().into_inner(), element);
            }
            true
        })
    });
    let file = parts.file();
    outcome
        .map_err(|_| broken(file, Panicked::REASON))?
        .map_err(|e| broken(file, format!("part {part}: {e}")))
}

/// What a sheet's pass found.
#[derive(Clone, Default)]
struct Seen {
    laid: Laid,
    /// It is to be read by a whole parser.
    odd: bool,
}

/// Passes every sheet, each once however many tabs name it, on all cores.
fn sheets(
    parts: &Parts<'_>,
    named: &[Option<String>],
    pass: impl Fn(&mut Parts<'_>, &str, u64) -> Result<Seen, Trouble> + Sync,
) -> Result<Vec<Seen>, Trouble> {
    let mut times: HashMap<&str, u64> = HashMap::new();
    named
        .iter()
        .flatten()
        .for_each(|part| *times.entry(part).or_default() += 1);
    let distinct: Vec<(&str, u64)> = times.into_iter().collect();
    let seen: HashMap<&str, Seen> = distinct
        .into_par_iter()
        .map(|(part, times)| Ok((part, pass(&mut parts.clone(), part, times)?)))
        .collect::<Result<_, Trouble>>()?;
    let of = |part: &Option<String>| {
        part.as_ref()
            .and_then(|part| seen.get(part.as_str()))
            .cloned()
            .unwrap_or_default()
    };
    Ok(named.iter().map(of).collect())
}

/// Passes the parts that a reader keeps as a whole.
fn held(parts: &Parts<'_>, named: &[(String, Limit)]) -> Result<(), Trouble> {
    named
        .par_iter()
        .try_for_each(|(part, limit)| parts.clone().pass(part, *limit, 1, |_| Ok(())).map(drop))
}

fn xlsx<'b>(parts: &mut Parts<'b>) -> Result<Zipped<'b>, Trouble> {
    let main = main_part(parts)?.unwrap_or_else(|| "xl/workbook.xml".to_owned());
    let (folder, name) = split(&main);
    let workbook = workbook(parts, folder, name)?;
    held(parts, &[(format!("{folder}theme/theme1.xml"), LISTED)])?;
    let (texts, styles) = (
        format!("{folder}sharedStrings.xml"),
        format!("{folder}styles.xml"),
    );
    pass_styles(parts, &styles)?;
    let named: Vec<Option<String>> = workbook
        .tabs
        .iter()
        .map(|tab| tab.as_ref().map(|tab| tab.part.clone()))
        .collect();
    let (odd, seen) = rayon::join(
        || shared_texts(&mut parts.clone(), &texts),
        || sheets(parts, &named, xlsx_sheet),
    );
    let ((odd, texts_bytes), seen) = (odd?, seen?);
    let odd = odd || workbook.odd || seen.iter().any(|seen| seen.odd);
    if odd {
        all_for_calamine(parts, &named)?;
        return Ok(Zipped::OddXlsx(
            seen.into_iter().map(|seen| seen.laid).collect(),
        ));
    }
    let texts_bytes = usize::try_from(texts_bytes).unwrap_or(0);
    let (file, tabs) = (parts.file().to_owned(), tabs(workbook.tabs, seen));
    let package = Package {
        file,
        tabs,
        texts,
        texts_bytes,
        styles,
        is_1904: workbook.is_1904,
    };
    Ok(Zipped::Xlsx(package, parts.clone()))
}

/// The worksheets, with what was found on them.
fn tabs(tabs: Vec<Option<Worksheet>>, seen: Vec<Seen>) -> Vec<Worksheet> {
    let tab = |(tab, seen): (Option<Worksheet>, Seen)| {
        let tab = tab?;
        Some(Worksheet {
            hidden: OutOfSight {
                sheet: tab.hidden.sheet,
                ..seen.laid.hidden
            },
            merged: seen.laid.merged,
            ..tab
        })
    };
    tabs.into_iter().zip(seen).filter_map(tab).collect()
}

/// Folder and name of a part; the folder ends in `/`.
fn split(part: &str) -> (&str, &str) {
    part.rfind('/')
        .map_or(("", part), |at| part.split_at(at + 1)) // behind an ASCII character: a boundary
}

/// What `workbook.xml` says.
struct Workbook {
    /// Every sheet, in order; `None` for what is no worksheet.
    tabs: Vec<Option<Worksheet>>,
    is_1904: bool,
    /// calamine is to say what is wrong with it.
    odd: bool,
}

fn workbook(parts: &mut Parts<'_>, folder: &str, workbook: &str) -> Result<Workbook, Trouble> {
    let relations = relations(parts, &format!("{folder}_rels/{workbook}.rels"))?;
    let relations: HashMap<&str, &Relation> = relations
        .iter()
        .map(|relation| (relation.id.as_str(), relation))
        .collect();
    let mut found = Workbook {
        tabs: Vec::new(),
        is_1904: false,
        odd: relations.is_empty(),
    };
    elements(
        parts,
        &format!("{folder}{workbook}"),
        |name, element| match name {
            "sheet" => {
                let value = |name| attribute(element, name);
                let id = value("id");
                let relation = id
                    .as_ref()
                    .and_then(|id| relations.get(id.as_str()).copied());
                // A deleted sheet whose macros remain stays as an entry that leads nowhere.
                found.odd |= relation.is_none() && id.is_none_or(|id| !id.is_empty());
                let hidden = OutOfSight {
                    sheet: value("state").is_some_and(|state| state != "visible"),
                    ..OutOfSight::default()
                };
                let tab = |part| Worksheet {
                    name: unescaped(&value("name").unwrap_or_default()),
                    part,
                    hidden,
                    merged: Merges::default(),
                };
                found.tabs.push(
                    relation
                        .filter(|relation| relation.kind.ends_with("/worksheet"))
                        .map(|relation| tab(relation.part(folder))),
                );
            }
            // An extension's element of the same name has no such attribute.
            "workbookPr" => {
                if let Some(value) = attribute(element, "date1904") {
                    found.is_1904 = matches!(value.trim(), "1" | "true");
                }
            }
            _ => {}
        },
    )?;
    if found.tabs.len() > MOST_SHEETS {
        return Err(bounds::too_many_sheets(parts.file()).into());
    }
    let mut names: Vec<&str> = found
        .tabs
        .iter()
        .flatten()
        .map(|tab| tab.name.as_str())
        .collect();
    names.sort_unstable();
    found.odd |= found.tabs.is_empty() || names.windows(2).any(|pair| pair[0] == pair[1]);
    Ok(found)
}

fn xlsx_sheet(parts: &mut Parts<'_>, part: &str, times: u64) -> Result<Seen, Trouble> {
    let (file, mut glance) = (parts.file().to_owned(), sheet_xml::XmlGlance::new());
    parts.pass(part, STREAMED, times, |chunk| glance.at(&file, part, chunk))?;
    let odd = glance.declares;
    let mut laid = Laid::default();
    if glance.hides || odd {
        laid = sheet_xml::laid(parts, part, odd)?;
    }
    if !odd {
        laid.merged = glance.merged();
    }
    Ok(Seen { laid, odd })
}

/// Whether the shared texts are to be read by a whole parser, and how many bytes they are.
fn shared_texts(parts: &mut Parts<'_>, part: &str) -> Result<(bool, u64), Trouble> {
    let mut declares = sheet_xml::Declares::default();
    let take = |chunk: &[u8]| {
        declares.at(chunk);
        Ok(())
    };
    let bytes = parts.pass(part, HELD, 1, take)?.unwrap_or(0);
    Ok((declares.any, bytes))
}

/// Passes every part but the sheets, which were: calamine looks for its parts by names and relations as it reads them,
/// which in an odd file need not be as they are read here.
fn all_for_calamine(parts: &Parts<'_>, sheets: &[Option<String>]) -> Result<(), Trouble> {
    let passed: HashSet<String> = sheets
        .iter()
        .flatten()
        .map(|part| part.to_ascii_lowercase())
        .collect();
    let others: Vec<&str> = parts
        .names()
        .filter(|name| !passed.contains(*name))
        .collect();
    others.into_par_iter().try_for_each(|part| {
        let mut parts = parts.clone();
        if part.ends_with("styles.xml") {
            return pass_styles(&mut parts, part);
        }
        let bytes = parts.pass(part, HELD, 1, |_| Ok(()))?.unwrap_or(0);
        if part.ends_with("sharedstrings.xml") {
            credible_texts(&mut parts, part, bytes)
        } else {
            Ok(())
        }
    })
}

/// Only calamine believes a count.
fn credible_texts(parts: &mut Parts<'_>, part: &str, bytes: u64) -> Result<(), Trouble> {
    let file = parts.file().to_owned();
    let Some(reader) = parts.again(part)? else {
        return Ok(());
    };
    let claimed = guarded(|| sheet_xml::claimed_texts(BufReader::new(reader)))
        .map_err(|_| broken(&file, Panicked::REASON))?;
    if sheet_xml::is_credible(claimed, bytes) {
        Ok(())
    } else {
        Err(broken(
            &file,
            format!("part {part}: claims more texts than it holds"),
        ))
    }
}

fn pass_styles(parts: &mut Parts<'_>, part: &str) -> Result<(), Trouble> {
    let mut tags = sheet_xml::StyleTags::default();
    let take = |chunk: &[u8]| {
        tags.at(chunk);
        Ok(())
    };
    parts.pass(part, LISTED, 1, take)?;
    if tags.are_credible() {
        Ok(())
    } else {
        Err(inflate::refusal(parts.file(), part, 512 << 20).into())
    }
}

fn xlsb<'b>(parts: &mut Parts<'b>) -> Result<Zipped<'b>, Trouble> {
    let file = parts.file().to_owned();
    let main = main_part(parts)?.unwrap_or_else(|| "xl/workbook.bin".to_owned());
    let (folder, name) = split(&main);
    let workbook = parts
        .whole(&main)?
        .ok_or_else(|| broken(&file, format!("part {main} is missing")))?;
    let workbook = sheet_bin::BinWorkbook::read(&workbook)
        .map_err(|reason| broken(&file, format!("part {main}: {reason}")))?;
    let relations = relations(parts, &format!("{folder}_rels/{name}.rels"))?;
    let listed = binary_tabs(&file, folder, workbook.sheets, &relations)?;
    if listed.len() > MOST_SHEETS {
        return Err(bounds::too_many_sheets(&file).into());
    }
    let (texts, styles) = (
        format!("{folder}sharedStrings.bin"),
        format!("{folder}styles.bin"),
    );
    [(&texts, HELD), (&styles, LISTED)]
        .into_par_iter()
        .try_for_each(|(part, limit)| records(&mut parts.clone(), part, limit, 1).map(drop))?;
    let named: Vec<Option<String>> = listed
        .iter()
        .map(|tab| tab.as_ref().map(|tab| tab.part.clone()))
        .collect();
    let seen = sheets(parts, &named, |parts, part, times| {
        records(parts, part, STREAMED, times)
    })?;
    let package = Package {
        file,
        tabs: tabs(listed, seen),
        texts,
        texts_bytes: 0,
        styles,
        is_1904: workbook.is_1904,
    };
    Ok(Zipped::Xlsb(package, parts.clone()))
}

/// Every sheet, in order; `None` for what is no worksheet.
fn binary_tabs(
    file: &str,
    folder: &str,
    sheets: Vec<sheet_bin::ListedSheet>,
    relations: &[Relation],
) -> Result<Vec<Option<Worksheet>>, Trouble> {
    let mut names = HashSet::new();
    let mut tab = |sheet: sheet_bin::ListedSheet| {
        if sheet.relation.is_empty() {
            return Ok(None);
        }
        let trouble = |reason: &str| Unread::Broken(reason.to_owned()).trouble(file, &sheet.name);
        let relation = relations
            .iter()
            .rfind(|relation| relation.id == sheet.relation);
        let relation = relation.ok_or_else(|| trouble("a sheet without its part"))?;
        if !relation.kind.ends_with("/worksheet") {
            return Ok(None);
        }
        if !names.insert(sheet.name.clone()) {
            return Err(trouble("two sheets of one name"));
        }
        let hidden = OutOfSight {
            sheet: sheet.is_hidden,
            ..OutOfSight::default()
        };
        Ok(Some(Worksheet {
            part: relation.part(folder),
            name: sheet.name,
            hidden,
            merged: Merges::default(),
        }))
    };
    sheets.into_iter().map(&mut tab).collect()
}

fn records(parts: &mut Parts<'_>, part: &str, limit: Limit, times: u64) -> Result<Seen, Trouble> {
    let (file, mut glance) = (parts.file().to_owned(), sheet_bin::BinGlance::new());
    let long = |TooLong| broken(&file, format!("part {part}: {}", TooLong::REASON));
    parts.pass(part, limit, times, |chunk| glance.at(chunk).map_err(long))?;
    let many = |many: TooMany| many.refusal(&file, part);
    let (hidden, merged) = glance.seen().map_err(many)?;
    Ok(Seen {
        laid: Laid { hidden, merged },
        odd: false,
    })
}

fn ods<'b>(parts: &mut Parts<'b>) -> Result<Zipped<'b>, Trouble> {
    let mut locked = false;
    elements(parts, "META-INF/manifest.xml", |name, _| {
        locked |= name == "encryption-data"
    })?;
    if locked || parts.has("encrypted-package") {
        return Err(Refusal::Content(WrongContent::Password {
            file: parts.file().to_owned(),
        })
        .into());
    }
    held(parts, &[("content.xml".to_owned(), DOCUMENT)])?;
    Ok(Zipped::Ods(parts.clone()))
}
