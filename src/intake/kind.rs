//! What a file is, by its first bytes: endings lie.

use memchr::memmem;

use crate::domain::decoding;

/// What the content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// A zip archive: `zipped` says of what.
    Zip,
    /// parquet.
    Parquet,
    /// xls, or another program's OLE file.
    Ole,
    /// A web page.
    Html,
    /// Excel 2003's XML.
    Spreadsheet2003,
    /// Separated text.
    Text,
    /// An encrypted workbook.
    Password,
    /// Nothing at all.
    Empty,
    /// Something canbao does not read: its usual short name.
    Other(&'static str),
}

/// Says what the bytes are.
pub(crate) fn of(bytes: &[u8]) -> FileKind {
    let has = |needle: &[u8]| memmem::find(bytes, needle).is_some();
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        // Names inside OLE files are UTF-16.
        return if has(&utf16("EncryptedPackage")) {
            FileKind::Password
        } else {
            FileKind::Ole
        };
    }
    if is_bare_xls(bytes) {
        return FileKind::Ole;
    }
    let marks: [(&[u8], FileKind); 12] = [
        (b"PK\x03\x04", FileKind::Zip),
        // An archive without a single part.
        (b"PK\x05\x06", FileKind::Zip),
        // Excel 2 to 4: no workbook yet, one sheet a file.
        (b"\x09\x00\x04\x00", FileKind::Other("xls (Excel 2)")),
        (b"\x09\x02\x06\x00", FileKind::Other("xls (Excel 3)")),
        (b"\x09\x04\x06\x00", FileKind::Other("xls (Excel 4)")),
        (b"PAR1", FileKind::Parquet),
        (b"%PDF", FileKind::Other("pdf")),
        (b"Rar!", FileKind::Other("rar")),
        (b"7z\xbc\xaf", FileKind::Other("7z")),
        (b"\x1f\x8b", FileKind::Other("gzip")),
        (b"\x89PNG", FileKind::Other("png")),
        (b"\xff\xd8\xff", FileKind::Other("jpeg")),
    ];
    if let Some((_, kind)) = marks.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return *kind;
    }
    text(bytes)
}

/// A sheet's records without an OLE file around them: what a well-known twenty lines of PHP write, and many systems with
/// them. They begin with the record that begins a sheet, 0x0809, of 4 to 16 bytes.
pub(crate) fn is_bare_xls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x09, 0x08, 4..=16, 0, ..])
}

/// How many times the room of a parquet file a csv of the same rows takes: many, where columns say the same in every row.
const TIMES_PARQUET: u64 = 10;

/// The same of a workbook in a zip archive.
const TIMES_ZIPPED: u64 = 4;

/// For a fault; `words` knows it.
pub(crate) const NO_FILE: &str = "a pipe, a socket or a device";

/// Whether a path leads to something else than a file: to open it may wait for ever. One that is not there is told when it is
/// opened.
pub(crate) fn is_no_file(path: &std::path::Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| !about.is_file())
}

/// Bytes that a file's rows take as plain text, about. Nothing where it cannot be read.
pub(crate) fn weight(path: &std::path::Path) -> u64 {
    if is_no_file(path) {
        return 0;
    }
    let mut start = [0; 4];
    let read = std::fs::File::open(path)
        .and_then(|mut file| std::io::Read::read_exact(&mut file, &mut start));
    let bytes = std::fs::metadata(path).map_or(0, |file| file.len());
    match (read, &start) {
        (Ok(()), b"PAR1") => bytes * TIMES_PARQUET,
        (Ok(()), b"PK\x03\x04") => bytes * TIMES_ZIPPED,
        _ => bytes,
    }
}

/// Bytes of a text that say what text it is.
const SNIFFED: usize = 4096;

fn text(bytes: &[u8]) -> FileKind {
    let start = start_of(bytes);
    if start.is_empty() {
        return FileKind::Empty;
    }
    let has = |needle: &str| start.contains(needle);
    if start.starts_with('<') {
        return if has("urn:schemas-microsoft-com:office:spreadsheet") && !has("<html") {
            FileKind::Spreadsheet2003
        } else if [
            "<html",
            "<table",
            "<!doctype html",
            "<head",
            "<body",
            "<meta",
            "<style",
            "<div",
        ]
        .into_iter()
        .any(has)
        {
            FileKind::Html
        } else {
            FileKind::Other("xml")
        };
    }
    if has("<table") && has("<td") {
        return FileKind::Html;
    }
    if start.starts_with("mime-version:") || has("content-type: multipart/related") {
        return FileKind::Other("mht");
    }
    if is_binary(&start) {
        FileKind::Other("binary")
    } else {
        FileKind::Text
    }
}

/// More than a stray control character: no text. One that strayed into a text is told with its line when it is decoded.
fn is_binary(start: &str) -> bool {
    let strange = start
        .chars()
        .filter(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n'))
        .count();
    strange * 20 > start.chars().count()
}

/// The first letters, in lower case and without blanks before them, whatever the encoding: what is looked for is ASCII.
fn start_of(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(SNIFFED)];
    let encoding = encoding_rs::Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| decoding::is_wide(bytes));
    let text = encoding.unwrap_or(encoding_rs::UTF_8).decode(head).0;
    text.trim_start().to_ascii_lowercase()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
