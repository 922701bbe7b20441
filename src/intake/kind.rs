//! What a file is, by its first bytes: endings lie.

use memchr::memmem;

/// What the content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A zip archive: `zipped` says of what.
    Zip,
    /// parquet.
    Parquet,
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
pub(super) fn of(bytes: &[u8]) -> Kind {
    let has = |needle: &[u8]| memmem::find(bytes, needle).is_some();
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        // Names inside OLE files are UTF-16.
        return if has(&utf16("EncryptedPackage")) { Kind::Password } else { Kind::Other("xls") };
    }
    let marks: [(&[u8], Kind); 11] = [
        (b"PK\x03\x04", Kind::Zip),
        // An archive without a single part.
        (b"PK\x05\x06", Kind::Zip),
        (b"PAR1", Kind::Parquet),
        (b"%PDF", Kind::Other("pdf")),
        (b"Rar!", Kind::Other("rar")),
        (b"7z\xbc\xaf", Kind::Other("7z")),
        (b"\x1f\x8b", Kind::Other("gzip")),
        (b"\xff\xfe", Kind::Other("UTF-16")),
        (b"\xfe\xff", Kind::Other("UTF-16")),
        (b"\x89PNG", Kind::Other("png")),
        (b"\xff\xd8\xff", Kind::Other("jpeg")),
    ];
    if let Some((_, kind)) = marks.iter().find(|(mark, _)| bytes.starts_with(mark)) {
        return *kind;
    }
    text(bytes)
}

fn text(bytes: &[u8]) -> Kind {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start: Vec<u8> = bytes.iter().skip_while(|b| b.is_ascii_whitespace()).take(4096).copied().collect();
    if start.is_empty() {
        return Kind::Empty;
    }
    if start[0] == b'<' {
        let lower = start.to_ascii_lowercase();
        let html = [&b"<html"[..], b"<table", b"<!doctype html"].iter().any(|tag| memmem::find(&lower, tag).is_some());
        return Kind::Other(if html { "html" } else { "xml" });
    }
    if start.contains(&0) { Kind::Other("binary") } else { Kind::Text }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
