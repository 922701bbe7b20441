//! From bytes to text: the encoding found, and never a letter replaced in silence.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use memchr::{memchr, memchr_iter};

/// Bytes that are looked at to tell two encodings apart: titles, header and some hundred rows.
const SAMPLE: usize = 64 << 10;

/// Text of a file and how it was written.
#[derive(Debug)]
pub(crate) struct Decoded<'b> {
    /// The text, without BOM.
    pub text: Cow<'b, str>,
    /// `UTF-8`, `UTF-8 BOM`, `UTF-16LE`, `UTF-16BE`, `GB18030`, `Big5`.
    pub encoding: &'static str,
}

/// Decodes by what the bytes are. Where two encodings could be meant, `fits` says of a text whether it makes sense; the
/// likelier one stands if neither does. An error is the line with the first byte that is no text.
pub(crate) fn decode<'b>(bytes: &'b [u8], fits: impl Fn(&str) -> bool) -> Result<Decoded<'b>, u32> {
    let candidates = match candidates(bytes)? {
        Candidates::One(decoded) => return without_zeros(decoded),
        Candidates::Likelier(candidates) => candidates,
    };
    let mut first = None;
    for encoding in candidates {
        let decoded = strictly(bytes, encoding).and_then(without_zeros);
        if decoded.as_ref().is_ok_and(|decoded| fits(&decoded.text)) {
            return decoded;
        }
        first.get_or_insert(decoded);
    }
    first.unwrap_or(Err(1))
}

/// Decodes by a label inside the text (`<meta charset>`, an XML declaration) where the bytes could be several things. A
/// label that lies is no reason to refuse what the bytes themselves tell; one of a single byte a letter explains any bytes.
pub(crate) fn labelled<'b>(bytes: &'b [u8], label: Option<&str>) -> Result<Decoded<'b>, u32> {
    let labelled = label.and_then(|label| Encoding::for_label(label.trim().as_bytes()));
    if let Some(encoding) = labelled.filter(|encoding| !encoding.is_single_byte())
        && let Ok(Candidates::Likelier(_)) = candidates(bytes)
        && let Ok(decoded) = strictly(bytes, encoding)
    {
        return without_zeros(decoded);
    }
    decode(bytes, |_| true)
}

/// Further bytes of a file whose start was decoded as UTF-8 or GB18030, cut between letters; nothing where they are not that.
pub(crate) fn as_before<'b>(bytes: &'b [u8], encoding: &str) -> Option<Cow<'b, str>> {
    let encoding = if encoding == "GB18030" {
        GB18030
    } else {
        UTF_8
    };
    Some(strictly(bytes, encoding).and_then(without_zeros).ok()?.text)
}

enum Candidates<'b> {
    One(Decoded<'b>),
    Likelier([&'static Encoding; 2]),
}

fn candidates(bytes: &[u8]) -> Result<Candidates<'_>, u32> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let mut decoded = strictly(&bytes[mark..], encoding)?;
        if encoding == UTF_8 {
            decoded.encoding = "UTF-8 BOM";
        }
        return Ok(Candidates::One(decoded));
    }
    if let Some(encoding) = is_wide(bytes) {
        return strictly(bytes, encoding).map(Candidates::One);
    }
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => {
            return Ok(Candidates::One(Decoded {
                text: Cow::Borrowed(text),
                encoding: "UTF-8",
            }));
        }
        Err(error) => error.valid_up_to(),
    };
    // Much of a damaged UTF-8 file is readable as GB18030, as wrong characters. GB18030 text is never long valid UTF-8.
    if bytes[..valid].iter().filter(|b| **b >= 0xe0).count() >= 8 {
        return Err(line_of(bytes, valid));
    }
    Ok(Candidates::Likelier(if looks_like_big5(bytes) {
        [BIG5, GB18030]
    } else {
        [GB18030, BIG5]
    }))
}

/// UTF-16 without its mark: the commas, digits and line ends of a table have a zero beside them, always on one side. 一
/// (U+4E00) and some rarer letters have one on the other.
pub(crate) fn is_wide(bytes: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = bytes
        .get(..bytes.len().min(SAMPLE))
        .unwrap_or(bytes)
        .as_chunks::<2>();
    let beside = |zero: usize| {
        pairs
            .iter()
            .filter(|pair| pair[zero] == 0 && pair[1 - zero] != 0)
            .count()
    };
    let (first, second) = (beside(0), beside(1));
    let enough = (pairs.len() / 10).max(3);
    match (first, second) {
        (other, zeros) if zeros > enough && other * 4 <= zeros => Some(UTF_16LE),
        (zeros, other) if zeros > enough && other * 4 <= zeros => Some(UTF_16BE),
        _ => None,
    }
}

fn looks_like_big5(bytes: &[u8]) -> bool {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    detector.feed(sample, sample.len() == bytes.len());
    detector.guess(None, Utf8Detection::Deny) == BIG5
}

/// Every byte explained, or the line of the first that is not. What says GBK or GB2312 is GB18030, which holds both.
fn strictly<'b>(bytes: &'b [u8], encoding: &'static Encoding) -> Result<Decoded<'b>, u32> {
    let encoding = if encoding == encoding_rs::GBK {
        GB18030
    } else {
        encoding
    };
    let name = match encoding.name() {
        "gb18030" => "GB18030",
        other => other,
    };
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Ok(Decoded {
            text,
            encoding: name,
        }),
        None => Err(undecodable_line(bytes, encoding)),
    }
}

/// A zero is no letter of any table: memory that a crash left in a file, or no text at all.
fn without_zeros(decoded: Decoded<'_>) -> Result<Decoded<'_>, u32> {
    match memchr(0, decoded.text.as_bytes()) {
        None => Ok(decoded),
        Some(at) => Err(line_of(decoded.text.as_bytes(), at)),
    }
}

fn line_of(bytes: &[u8], at: usize) -> u32 {
    1 + memchr_iter(b'\n', &bytes[..at.min(bytes.len())]).count() as u32
}

/// The line on which an encoding ends to make sense.
fn undecodable_line(bytes: &[u8], encoding: &'static Encoding) -> u32 {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut sink = String::with_capacity(1 << 16);
    let (mut at, mut line) = (0, 1);
    loop {
        sink.clear();
        let (result, read) =
            decoder.decode_to_string_without_replacement(&bytes[at..], &mut sink, true);
        at += read;
        line += memchr_iter(b'\n', sink.as_bytes()).count() as u32;
        if result != DecoderResult::OutputFull {
            return line;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn every_encoding_is_told_and_gives_the_same_text() {
        let text = "序號,姓名,身份證號碼\n1,張三,11010519491231002X\n2,李一,440524188001010014\n";
        let big5 = BIG5.encode(text).0.into_owned();
        let gb = GB18030.encode(text).0.into_owned();
        let marked = |mark: &[u8], rest: Vec<u8>| [mark, &rest].concat();
        for (bytes, encoding) in [
            (text.as_bytes().to_vec(), "UTF-8"),
            (marked(b"\xef\xbb\xbf", text.into()), "UTF-8 BOM"),
            (utf16(text, u16::to_le_bytes), "UTF-16LE"),
            (utf16(text, u16::to_be_bytes), "UTF-16BE"),
            (
                marked(b"\xff\xfe", utf16(text, u16::to_le_bytes)),
                "UTF-16LE",
            ),
            (
                marked(b"\xfe\xff", utf16(text, u16::to_be_bytes)),
                "UTF-16BE",
            ),
            (gb, "GB18030"),
            (big5, "Big5"),
        ] {
            let decoded = decode(&bytes, |text| text.contains("姓名")).unwrap();
            assert_eq!((decoded.text.as_ref(), decoded.encoding), (text, encoding));
        }
    }

    #[test]
    fn what_makes_no_sense_is_told_with_its_line() {
        for (bytes, line) in [
            (b"\xd0\xd5\xc3\xfb,a\nb\xff,c\n".to_vec(), 2),
            (utf16("姓名,a\nb,\0\n", u16::to_le_bytes), 2),
            (
                [
                    b"\xff\xfe".to_vec(),
                    utf16("a\nb\nc", u16::to_le_bytes),
                    vec![0x31],
                ]
                .concat(),
                3,
            ),
            (b"a,b\nc,d\0\n".to_vec(), 2),
            (
                [
                    b"\xff\xfe".to_vec(),
                    utf16("a\n", u16::to_le_bytes),
                    vec![0x00, 0xdc, 0x31, 0x00],
                ]
                .concat(),
                2,
            ),
        ] {
            assert_eq!(decode(&bytes, |_| false).unwrap_err(), line, "{bytes:x?}");
        }
    }

    #[test]
    fn a_label_that_lies_gives_way_to_the_bytes() {
        let gb = GB18030.encode("<td>姓名").0.into_owned();
        for label in [Some("utf-8"), Some("gb2312"), Some("no-such"), None] {
            assert_eq!(labelled(&gb, label).unwrap().text, "<td>姓名", "{label:?}");
        }
    }
}
