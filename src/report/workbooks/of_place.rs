//! Lists of one place: whose rows they hold, and how they are titled.

use super::Books;
use crate::report::sheet::{PrintedColumn, PrintedSheet};
use crate::words::tables::{Tab, Title};

impl Books<'_> {
    /// Rows of `Lists::findings`; `None` = of no place.
    pub(super) fn findings_of(&self, place: Option<usize>) -> &[usize] {
        &self.lists.findings_by_place[place.unwrap_or(self.places.first.len())]
    }

    /// Rows of `Lists::everyone`; `None` = of no place.
    pub(super) fn everyone_of(&self, place: Option<usize>) -> &[usize] {
        &self.lists.everyone_by_place[place.unwrap_or(self.places.first.len())]
    }

    /// An empty list of persons of one place.
    pub(super) fn list_of(
        &self,
        place: &str,
        (tab, title): (Tab, Title),
        columns: Vec<PrintedColumn>,
    ) -> PrintedSheet {
        let lang = self.contents.lang;
        let title = lang
            .pick("{place}{title}", "{title} of {place}")
            .replace("{place}", place)
            .replace("{title}", self.title(title));
        self.list(tab.text(lang).to_owned(), &title, columns)
    }
}
