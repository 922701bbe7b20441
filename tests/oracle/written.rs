//! Books written by hand, for tables of cases: a line is a row.

use std::collections::BTreeMap;

use super::world::{Book, Row};

/// The books of a text. A line is a book's name, a colon, and `field=text` after `field=text`; a field without a text
/// is blank. A line behind `?` stands only where its last field has a text.
pub fn books(text: &str) -> BTreeMap<Book, Vec<Row>> {
    let mut books: BTreeMap<Book, Vec<Row>> = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (optional, line) = match line.strip_prefix('?') {
            Some(rest) => (true, rest.trim()),
            None => (false, line),
        };
        if optional && line.ends_with('=') {
            continue;
        }
        let (name, cells) = line.split_once(':').expect("a book's name and its cells");
        books.entry(book(name)).or_default().push(row(cells));
    }
    books
}

fn row(cells: &str) -> Row {
    let mut row = Row::default();
    for cell in cells.split(',') {
        let (name, text) = cell.trim().split_once('=').expect("a field and its text");
        row.put(field(name), text);
    }
    row
}

fn book(name: &str) -> Book {
    let known = Book::ALL.into_iter().find(|book| book.name() == name);
    known.unwrap_or_else(|| panic!("no book {name}"))
}

fn field(name: &str) -> &'static str {
    let mut known = Book::ALL.into_iter().flat_map(Book::fields);
    let found = known.find(|field| *field == name);
    found.unwrap_or_else(|| panic!("no field {name}"))
}
