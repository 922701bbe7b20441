//! What every XML inside a workbook needs: attributes, entities, the end that must not be missing.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart};

use crate::domain::Damage;
use crate::intake::guard::{Panicked, guarded};

/// Why an XML cannot be read.
#[derive(Debug)]
pub(crate) struct Malformed(pub Damage);

/// Deepest that elements lie in each other. A parser remembers every open one.
pub(crate) const DEEPEST: usize = 1_000;

impl From<Panicked> for Malformed {
    fn from(_: Panicked) -> Self {
        Malformed(Damage::ReaderGaveUp)
    }
}

impl From<quick_xml::Error> for Malformed {
    fn from(error: quick_xml::Error) -> Self {
        // What it says may quote the file.
        Malformed(match error {
            quick_xml::Error::Io(_) => Damage::BadPart,
            quick_xml::Error::Encoding(_) => Damage::BadLetters,
            _ => Damage::BadXml,
        })
    }
}

/// The value of an attribute, named as written (`table:name`).
pub(crate) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Malformed> {
    find(element, |key| key == name)
}

/// The value of an attribute, whatever prefix its name has.
pub(crate) fn local_attribute(
    element: &BytesStart<'_>,
    name: &str,
) -> Result<Option<String>, Malformed> {
    find(element, |key| key.rsplit(':').next() == Some(name))
}

fn find(
    element: &BytesStart<'_>,
    is_it: impl Fn(&str) -> bool,
) -> Result<Option<String>, Malformed> {
    guarded(|| found(element, is_it))?
}

fn found(
    element: &BytesStart<'_>,
    is_it: impl Fn(&str) -> bool,
) -> Result<Option<String>, Malformed> {
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|_| Malformed(Damage::BadXml))?;
        if is_it(attribute.key.as_ref()) {
            return Ok(Some(
                attribute
                    .normalized_value(XmlVersion::Implicit1_0)?
                    .into_owned(),
            ));
        }
    }
    Ok(None)
}

/// A count in an attribute: 1 where it is absent. Nonsense is one too, and nothing a file says is beyond a number.
pub(crate) fn count(written: Option<&str>) -> u32 {
    match written.map(str::trim) {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            digits.parse().unwrap_or(u32::MAX)
        }
        _ => 1,
    }
}

/// Puts the character that `&…;` stands for. An entity that the file defines itself is refused: such texts grow.
pub(crate) fn put_reference(reference: &BytesRef<'_>, text: &mut String) -> Result<(), Malformed> {
    if let Some(character) = guarded(|| reference.resolve_char_ref())?? {
        text.push(character);
        return Ok(());
    }
    let name: &str = reference.as_ref();
    match quick_xml::escape::resolve_predefined_entity(name) {
        Some(known) => text.push_str(known),
        None => return Err(Malformed(Damage::UnknownEntity)),
    }
    Ok(())
}
