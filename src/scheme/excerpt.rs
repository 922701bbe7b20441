//! Excerpts: the lines of a declaration with carets right under what is wrong, also under Chinese text.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::domain::Excerpt;

/// The line of `text` that `span` (bytes) begins in, with carets under the span. A span over several lines is
/// marked on its first: a clerk looks for one place, not for a frame around half the file.
pub(super) fn of(text: &str, span: Range<usize>) -> Excerpt {
    let start = floor(text, span.start);
    let line_end = text[start..].find('\n').map_or(text.len(), |n| start + n);
    let end = floor(text, span.end).clamp(start, line_end);
    let snippet = Snippet::source(text).annotation(AnnotationKind::Primary.span(start..end));
    // No title: the sentence is said by `words`, in the reader's language.
    Excerpt(Renderer::plain().render(&[Group::with_level(Level::ERROR).element(snippet)]))
}

/// Line and column (characters, both from 1) of a byte position.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let before = &text[..floor(text, at)];
    let line_start = before.rfind('\n').map_or(0, |n| n + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carets_stand_right_under_chinese_text() {
        let text = "[scheme]\nname = \"湘潭县\" # 名称\npayer = \"县医保局\"\n";
        let at = text.find("\"县医保局\"").expect("it is there");
        let excerpt = of(text, at..at + "\"县医保局\"".len()).0;
        let lines: Vec<&str> = excerpt.lines().collect();
        let source = lines
            .iter()
            .position(|l| l.contains("县医保局"))
            .expect("the line is shown");
        let width = |s: &str| unicode_width::UnicodeWidthStr::width(s);
        let carets = lines[source + 1];
        let before_value =
            &lines[source][..lines[source].find("\"县").expect("the value is shown")];
        assert_eq!(
            carets.find('^').map(|n| width(&carets[..n])),
            Some(width(before_value)),
            "{excerpt}"
        );
        assert_eq!(
            carets.matches('^').count(),
            width("\"县医保局\""),
            "{excerpt}"
        );
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        let text = "a\n甲乙=1\n";
        assert_eq!(
            line_and_column(text, text.find('=').expect("it is there")),
            (2, 3)
        );
        assert_eq!(line_and_column(text, 0), (1, 1));
    }
}
