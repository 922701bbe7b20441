//! Damage: what a transfer, a half-finished export, or somebody with bad intentions makes of a file.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::chance::Chance;

/// Bytes of a damaged file at most: what is small stays small enough to be read within its bounds.
const MOST: usize = 4 << 20;

/// A file with `times` mutations, drawn from `chance`. `others` are files to splice from.
pub fn file(original: &[u8], others: &[Vec<u8>], times: usize, chance: &mut Chance) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..times {
        bytes = once(bytes, others, chance);
        bytes.truncate(MOST);
    }
    bytes
}

fn once(bytes: Vec<u8>, others: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    // A broken archive is soon found out: most mutations go inside and leave it whole.
    if !chance.once_in(5) {
        if bytes.starts_with(b"PK")
            && let Some(archive) = archive(&bytes, others, chance)
        {
            return archive;
        }
        if bytes.starts_with(&[0xd0, 0xcf])
            && let Some(compound) = compound(&bytes, chance)
        {
            return compound;
        }
        if is_text(&bytes) {
            return text(bytes, chance);
        }
    }
    raw(bytes, others, chance)
}

fn is_text(bytes: &[u8]) -> bool {
    !bytes.iter().take(512).any(|b| *b < 9)
        && !bytes.starts_with(b"PAR1")
        && !bytes.starts_with(b"PK")
}

/// Bytes of any kind.
fn raw(mut bytes: Vec<u8>, others: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let (from, to) = chance.stretch(bytes.len());
    match chance.below(9) {
        0 => bytes.truncate(from),
        1 => drop(bytes.drain(from..to)),
        2 => {
            let copy = bytes[from..to].to_vec();
            let at = chance.below(bytes.len() + 1);
            bytes.splice(at..at, copy);
        }
        3 => {
            let other = chance.pick(others);
            let (from_other, to_other) = chance.stretch(other.len());
            bytes.splice(from..to, other[from_other..to_other].iter().copied());
        }
        4 => {
            let noise: Vec<u8> = (0..chance.below(64)).map(|_| chance.byte()).collect();
            bytes.splice(from..from, noise);
        }
        5 => number(&mut bytes, chance),
        6 => bytes[from..to].fill(*chance.pick(&[0, 0xff, b' ', b'<', b'"'])),
        _ => flips(&mut bytes, chance),
    }
    bytes
}

fn flips(bytes: &mut [u8], chance: &mut Chance) {
    if bytes.is_empty() {
        return;
    }
    for _ in 0..=chance.below(8) {
        let at = chance.below(bytes.len());
        bytes[at] = match chance.below(3) {
            0 => bytes[at] ^ (1 << chance.below(8)),
            1 => *chance.pick(&[0, 1, 0x7f, 0x80, 0xff]),
            _ => chance.byte(),
        };
    }
}

/// A number of 2, 4 or 8 bytes that nobody expects.
fn number(bytes: &mut [u8], chance: &mut Chance) {
    const NUMBERS: [u64; 12] = [
        0,
        1,
        0x7fff,
        0x8000,
        0xffff,
        0x10000,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_fffe,
        0xffff_ffff,
        u64::MAX / 2,
        u64::MAX,
    ];
    let value = chance.pick(&NUMBERS).to_le_bytes();
    let width = *chance.pick(&[1, 2, 4, 4, 8]);
    if bytes.len() >= width {
        let at = chance.below(bytes.len() - width + 1);
        bytes[at..at + width].copy_from_slice(&value[..width]);
    }
}

// --- zip: xlsx, xlsb, ods ---------------------------------------------------------------------------------------------

/// The archive with a part changed, dropped, doubled or renamed; its checksums are right.
fn archive(bytes: &[u8], others: &[Vec<u8>], chance: &mut Chance) -> Option<Vec<u8>> {
    let mut parts = unzipped(bytes)?;
    let tables: Vec<usize> = (0..parts.len())
        .filter(|at| holds_a_table(&parts[*at].0))
        .collect();
    // The parts that hold the table are the ones that are read.
    let at = if tables.is_empty() || chance.once_in(4) {
        chance.below(parts.len())
    } else {
        *chance.pick(&tables)
    };
    match chance.below(16) {
        0 => drop(parts.remove(at)),
        1 => {
            let name = format!("{}x", parts[at].0);
            parts.push((name, parts[at].1.clone()));
        }
        2 => {
            let other = chance.pick(others);
            if let Some(found) = unzipped(other).and_then(|mut all| all.pop()) {
                parts[at].1 = found.1;
            }
        }
        _ => {
            let part = std::mem::take(&mut parts[at].1);
            parts[at].1 = if part.starts_with(b"<") || part.starts_with(b"\xef\xbb\xbf<") {
                xml(part, chance)
            } else if parts[at].0.ends_with(".bin") && chance.once_in(2) {
                binary(part, chance)
            } else {
                raw(part, others, chance)
            }
        }
    }
    zipped(&parts, chance)
}

fn holds_a_table(name: &str) -> bool {
    [
        "sheet1",
        "sheet2",
        "sharedStrings",
        "styles",
        "workbook",
        "content",
    ]
    .iter()
    .any(|part| name.contains(part))
}

fn unzipped(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let part = archive.by_index(at).ok()?;
        let name = String::from_utf8_lossy(part.name_raw()).into_owned();
        let mut bytes = Vec::new();
        part.take(1 << 22).read_to_end(&mut bytes).ok()?;
        parts.push((name, bytes));
    }
    (!parts.is_empty()).then_some(parts)
}

fn zipped(parts: &[(String, Vec<u8>)], chance: &mut Chance) -> Option<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        let stored = name == "mimetype" || chance.once_in(8);
        let method = if stored {
            CompressionMethod::Stored
        } else {
            CompressionMethod::Deflated
        };
        archive
            .start_file(
                name,
                SimpleFileOptions::default().compression_method(method),
            )
            .ok()?;
        archive.write_all(bytes).ok()?;
    }
    Some(archive.finish().ok()?.into_inner())
}

/// Values that stand in no honest attribute.
#[rustfmt::skip]
const VALUES: [&str; 24] = [
    "0", "-1", "", "4294967295", "4294967296", "18446744073709551616", "-9223372036854775808",
    "1e308", "-1e308", "NaN", "1048577", "16385", "65536", "99999999999999999999999999",
    "A0", "A1:XFD1048576", "XFD1048576", "ZZZZZZZZ1", "A99999999999", "A-1", "1A", "&amp;", "é", "s",
];

/// XML that is no longer what it says.
fn xml(part: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    let Ok(text) = String::from_utf8(part) else {
        return Vec::new();
    };
    let text = match chance.below(14) {
        0..=3 => another_value(text, chance),
        4 | 5 => another_text(text, chance),
        6 | 7 => another_tag(text, chance),
        8 => elements_again(text, chance),
        9 => elements_in_elements(text, chance),
        10 => with_entities(text),
        11 => with_counts(text, chance),
        _ => {
            let mut bytes = text.into_bytes();
            flips(&mut bytes, chance);
            return bytes;
        }
    };
    text.into_bytes()
}

/// The value of an attribute.
fn another_value(mut text: String, chance: &mut Chance) -> String {
    let places: Vec<(usize, usize)> = attributes(&text);
    if !places.is_empty() {
        let (from, to) = *chance.pick(&places);
        let value: &&str = chance.pick(&VALUES);
        text.replace_range(from..to, value);
    }
    text
}

/// The text of an element.
fn another_text(mut text: String, chance: &mut Chance) -> String {
    let places: Vec<(usize, usize)> = texts(&text);
    if !places.is_empty() {
        let (from, to) = *chance.pick(&places);
        let huge = *chance.pick(&[40usize, 32_767, 1_000_000]);
        let with = match chance.below(6) {
            0 => "长".repeat(huge),
            1 => "&bogus;".to_owned(),
            2 => "&#x110000;&#0;&#xD800;".to_owned(),
            3 => "<![CDATA[".to_owned() + &"]]]]><![CDATA[>".repeat(50) + "]]>",
            _ => (*chance.pick(&VALUES)).to_owned(),
        };
        text.replace_range(from..to, &with);
    }
    text
}

/// A tag less, or twice, or of another place.
fn another_tag(mut text: String, chance: &mut Chance) -> String {
    let tags: Vec<(usize, usize)> = tags(&text);
    if !tags.is_empty() {
        let (from, to) = *chance.pick(&tags);
        let other = *chance.pick(&tags);
        let (own, other) = (text[from..to].to_owned(), text[other.0..other.1].to_owned());
        match chance.below(3) {
            0 => text.replace_range(from..to, ""),
            1 => text.insert_str(from, &own),
            _ => text.replace_range(from..to, &other),
        }
    }
    text
}

/// A stretch of elements again, many times.
fn elements_again(mut text: String, chance: &mut Chance) -> String {
    let tags: Vec<(usize, usize)> = tags(&text);
    if tags.len() > 2 {
        let first = chance.below(tags.len() - 1);
        let last = (first + 1 + chance.below(20)).min(tags.len() - 1);
        let again = text[tags[first].0..tags[last].0].repeat(*chance.pick(&[1, 2, 300]));
        text.insert_str(tags[last].0, &again[..floor(&again, 2_000_000)]);
    }
    text
}

/// Elements in elements in elements.
fn elements_in_elements(mut text: String, chance: &mut Chance) -> String {
    let tags: Vec<(usize, usize)> = tags(&text);
    if !tags.is_empty() {
        let (from, to) = *chance.pick(&tags);
        let deep = text[from..to].repeat(*chance.pick(&[100, 20_000]));
        text.insert_str(from, &deep[..floor(&deep, 2_000_000)]);
    }
    text
}

/// Entities that grow, and one that asks for a file.
fn with_entities(text: String) -> String {
    let laughs = "<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c SYSTEM \"file:///etc/hostname\">]>";
    text.replacen('<', &format!("{laughs}<"), 2)
        .replacen("</", "&b;&c;</", 3)
}

/// Counts and sizes that claim too much.
fn with_counts(text: String, chance: &mut Chance) -> String {
    let (from, to, times) = match chance.below(4) {
        0 => {
            let all = "<dimension ref=\"A1:XFD1048576\"/><sheetData";
            ("<sheetData", all, 1)
        }
        1 => {
            let many = "<sst count=\"4294967295\" uniqueCount=\"4294967295\" ";
            ("<sst ", many, 1)
        }
        2 => ("<c ", "<c t=\"e\" ", 4),
        _ => {
            let many = "table:number-rows-repeated=\"4294967295\" table:name=";
            ("table:name=", many, 1)
        }
    };
    text.replacen(from, to, times)
}

/// The last place not behind `most` where a character begins.
fn floor(text: &str, most: usize) -> usize {
    (0..=most.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

/// Where the values of attributes stand.
fn attributes(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("=\"").map(|n| from + n + 2) {
        let Some(end) = text[at..].find('"').map(|n| at + n) else {
            break;
        };
        found.push((at, end));
        from = end + 1;
    }
    found
}

/// Where texts stand between tags.
fn texts(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find('>').map(|n| from + n + 1) {
        let Some(end) = text[at..].find('<').map(|n| at + n) else {
            break;
        };
        if end > at {
            found.push((at, end));
        }
        from = end;
    }
    found
}

/// Where tags stand.
fn tags(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find('<').map(|n| from + n) {
        let Some(end) = text[at..].find('>').map(|n| at + n + 1) else {
            break;
        };
        found.push((at, end));
        from = end;
    }
    found
}

/// A part of xlsb: records of a type and a length in 7-bit groups.
fn binary(mut part: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    let mut records = Vec::new();
    let mut at = 0;
    while at < part.len() {
        let start = at;
        at += 1 + usize::from(part[at] & 0x80 != 0);
        let length_at = at;
        let mut length = 0usize;
        for shift in 0..4 {
            let Some(byte) = part.get(at) else {
                return part;
            };
            length |= usize::from(byte & 0x7f) << (7 * shift);
            at += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        at += length;
        records.push((start, length_at, at.min(part.len())));
    }
    if records.is_empty() {
        return part;
    }
    let (start, length_at, end) = *chance.pick(&records);
    match chance.below(6) {
        0 => drop(part.drain(start..end)),
        1 => {
            let again = part[start..end].repeat(*chance.pick(&[1, 1000]));
            part.splice(end..end, again);
        }
        2 => {
            // A length that reaches beyond the part.
            if let Some(byte) = part.get_mut(length_at) {
                *byte = *chance.pick(&[0, 0x7f, 0xff]);
            }
        }
        3 => {
            let with: &[u8] = if chance.once_in(2) {
                &[0xff, 0xff, 0xff, 0x7f]
            } else {
                &[0x80, 0x80, 0x80, 0x80]
            };
            part.splice(length_at..length_at, with.iter().copied());
        }
        4 => number(&mut part[start..end], chance),
        _ => flips(&mut part[start..end], chance),
    }
    part
}

// --- OLE: xls -------------------------------------------------------------------------------------------------------------

/// The compound file with its workbook stream changed, record by record.
fn compound(bytes: &[u8], chance: &mut Chance) -> Option<Vec<u8>> {
    let mut old = cfb::CompoundFile::open(Cursor::new(bytes)).ok()?;
    let name = ["/Workbook", "/Book"]
        .into_iter()
        .find(|name| old.is_stream(name))?;
    let mut stream = Vec::new();
    old.open_stream(name)
        .ok()?
        .take(1 << 22)
        .read_to_end(&mut stream)
        .ok()?;
    for _ in 0..=chance.below(3) {
        stream = record(stream, chance);
    }
    let mut new = cfb::CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    new.create_stream(name).ok()?.write_all(&stream).ok()?;
    new.flush().ok()?;
    Some(new.into_inner().into_inner())
}

/// A BIFF stream with one record changed: a type and a length of two bytes each.
fn record(mut stream: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    let mut records = Vec::new();
    let mut at = 0;
    while at + 4 <= stream.len() {
        let end = at + 4 + usize::from(u16::from_le_bytes([stream[at + 2], stream[at + 3]]));
        records.push((at, end.min(stream.len())));
        at = end;
    }
    if records.is_empty() {
        return stream;
    }
    let (start, end) = *chance.pick(&records);
    match chance.below(8) {
        0 => drop(stream.drain(start..end)),
        1 => {
            let again = stream[start..end].repeat(*chance.pick(&[1, 500]));
            stream.splice(end..end, again);
        }
        2 => stream[start + 2] = chance.byte(),
        3 => stream[start + 3] = *chance.pick(&[0, 0x1f, 0x20, 0xff]),
        4 => {
            let other = *chance.pick(&records);
            let kind = [stream[other.0], stream[other.0 + 1]];
            stream[start..start + 2].copy_from_slice(&kind);
        }
        5 => stream.truncate(start + chance.below(end - start)),
        6 => number(&mut stream[start + 4..end], chance),
        _ => flips(&mut stream[start + 4..end], chance),
    }
    stream
}

// --- text: csv, html, xml --------------------------------------------------------------------------------------------------

fn text(mut bytes: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    const TOKENS: [&str; 34] = [
        "\"",
        "\"\"",
        "\",\"",
        ",",
        "\t",
        ";",
        "|",
        "\r",
        "\n",
        "\r\n",
        "\0",
        "\u{feff}",
        "=\"",
        "<table>",
        "</table>",
        "<tr>",
        "<td>",
        "</td>",
        "<td colspan=1000000000>",
        "<td rowspan=65534 colspan=65534>",
        "<th colspan='-1' rowspan='0'>",
        "<!--",
        "-->",
        "<script>",
        "<style>",
        "<textarea>",
        "<![CDATA[",
        "&#xFFFFFFFF;",
        "&nbsp",
        "<meta charset=utf-16>",
        "<meta http-equiv=Content-Type content='text/html; charset=big5'>",
        "<Row ss:Index=\"4294967295\">",
        "<Cell ss:Index=\"1000000000\" ss:MergeAcross=\"99999999\"/>",
        "身份证号",
    ];
    let at = chance.below(bytes.len() + 1);
    match chance.below(6) {
        0..=2 => {
            let token = chance.pick(&TOKENS).as_bytes();
            bytes.splice(at..at, token.iter().copied());
        }
        3 => {
            let many = chance.pick(&TOKENS).repeat(*chance.pick(&[100, 5_000]));
            bytes.splice(at..at, many.into_bytes());
        }
        4 => {
            let mut all: Vec<&[u8]> = bytes.split_inclusive(|b| *b == b'\n').collect();
            if all.is_empty() {
                return bytes;
            }
            let (from, to) = (chance.below(all.len()), chance.below(all.len()));
            all.swap(from, to);
            if chance.once_in(2) {
                let line = *chance.pick(&all);
                all.extend(std::iter::repeat_n(
                    line,
                    2000.min(MOST / line.len().max(1)),
                ));
            }
            bytes = all.concat();
        }
        _ => flips(&mut bytes, chance),
    }
    bytes
}
