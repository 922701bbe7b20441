//! What every XML inside a workbook needs: attributes, entities, the end that must not be missing.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart};

/// Why an XML cannot be read, in the parser's words or ours.
#[derive(Debug)]
pub(in crate::intake) struct Malformed(pub(in crate::intake) String);

impl From<quick_xml::Error> for Malformed {
    fn from(error: quick_xml::Error) -> Self {
        Malformed(format!("damaged XML: {error}"))
    }
}

/// The value of an attribute, named as written (`table:name`).
pub(in crate::intake) fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Malformed> {
    find(element, |key| key == name)
}

/// The value of an attribute, whatever prefix its name has.
pub(in crate::intake) fn local_attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, Malformed> {
    find(element, |key| key.rsplit(':').next() == Some(name))
}

fn find(element: &BytesStart<'_>, is_it: impl Fn(&str) -> bool) -> Result<Option<String>, Malformed> {
    for attribute in element.attributes() {
        let attribute = attribute.map_err(|e| Malformed(format!("damaged XML: {e}")))?;
        if is_it(attribute.key.as_ref()) {
            return Ok(Some(attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned()));
        }
    }
    Ok(None)
}

/// A count in an attribute: 1 where it is absent. Nonsense is one too, and nothing a file says is beyond a number.
pub(in crate::intake) fn count(written: Option<&str>) -> u32 {
    match written.map(str::trim) {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().unwrap_or(u32::MAX),
        _ => 1,
    }
}

/// Puts the character that `&…;` stands for. An entity that the file defines itself is refused: such texts grow.
pub(in crate::intake) fn put_reference(reference: &BytesRef<'_>, text: &mut String) -> Result<(), Malformed> {
    if let Some(character) = reference.resolve_char_ref()? {
        text.push(character);
        return Ok(());
    }
    let name: &str = reference.as_ref();
    match quick_xml::escape::resolve_predefined_entity(name) {
        Some(known) => text.push_str(known),
        None => return Err(Malformed(format!("&{};", name.chars().take(40).collect::<String>()))),
    }
    Ok(())
}
