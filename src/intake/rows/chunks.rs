//! Cells on their way into a frame.

use polars::prelude::{
    ChunkFullNull, DataFrame, IntoColumn, NamedFromOwned, Series, StringChunked,
    StringChunkedBuilder,
};

use crate::domain::{Field, columns};
use crate::intake::handed::{AsWritten, Store};

/// Rows of a chunk of columns: few enough that what doubles is small, many enough that later rooms meet few chunks.
const CHUNK_ROWS: usize = 1 << 16;

/// Cells on their way into a frame.
pub(crate) struct Chunks {
    fields: Vec<Field>,
    texts: Vec<StringChunkedBuilder>,
    /// Earlier rows, a chunk a frame: a builder that doubles copies all it holds and has the kernel clear new pages.
    full: Vec<DataFrame>,
    rows: Vec<u32>,
    digests: Vec<u64>,
}

impl<'a> Store<'a> for Chunks {
    fn put(&mut self, slot: usize, kept: &str, _: AsWritten<'_, 'a>) {
        self.texts[slot].append_value(kept);
    }

    fn blank(&mut self, slot: usize) {
        self.texts[slot].append_null();
    }

    fn end_row(&mut self, row: u32, digest: u64) {
        self.rows.push(row);
        self.digests.push(digest);
        if self.rows.len() == CHUNK_ROWS {
            let chunk = self.chunk(CHUNK_ROWS);
            self.full.push(chunk);
        }
    }
}

impl Chunks {
    /// Nothing yet, with room for so many rows.
    pub(super) fn new(fields: &[Field], capacity: usize) -> Self {
        let builder = |field: &Field| StringChunkedBuilder::new(field.code().into(), capacity);
        Chunks {
            fields: fields.to_vec(),
            texts: fields.iter().map(builder).collect(),
            full: Vec::new(),
            rows: Vec::with_capacity(capacity),
            digests: Vec::with_capacity(capacity),
        }
    }

    /// Room for further fields behind those there are: they are blank in all rows so far.
    pub(super) fn widen(&mut self, fields: &[Field]) {
        for field in &fields[self.texts.len()..] {
            self.fields.push(*field);
            let mut texts = StringChunkedBuilder::new(field.code().into(), self.rows.len());
            self.rows.iter().for_each(|_| texts.append_null());
            self.texts.push(texts);
        }
    }

    /// All rows, in order; nothing is left here.
    pub(super) fn frame(&mut self) -> DataFrame {
        let last = self.chunk(0);
        let mut chunks = std::mem::take(&mut self.full)
            .into_iter()
            .map(|chunk| self.with_all_fields(chunk));
        let Some(mut whole) = chunks.next() else {
            return last;
        };
        for chunk in chunks.chain([last]) {
            whole
                .vstack_mut(&chunk)
                .expect("all chunks have all fields");
        }
        whole
    }

    /// The rows since the last chunk; `next` rows are expected in the one to come.
    fn chunk(&mut self, next: usize) -> DataFrame {
        let rows = std::mem::replace(&mut self.rows, Vec::with_capacity(next));
        let digests = std::mem::replace(&mut self.digests, Vec::with_capacity(next));
        let builders = self
            .fields
            .iter()
            .map(|field| StringChunkedBuilder::new(field.code().into(), next))
            .collect();
        let texts = std::mem::replace(&mut self.texts, builders);
        let height = rows.len();
        let mut all: Vec<_> = texts
            .into_iter()
            .map(|text| IntoColumn::into_column(text.finish()))
            .collect();
        all.push(Series::from_vec(columns::ROW.into(), rows).into_column());
        all.push(Series::from_vec(columns::DIGEST.into(), digests).into_column());
        DataFrame::new(height, all).expect("one column a field, each of every row")
    }

    /// An earlier chunk, blank where a further header below it brought new fields.
    fn with_all_fields(&self, chunk: DataFrame) -> DataFrame {
        if chunk.width() == self.fields.len() + 2 {
            return chunk;
        }
        let blank =
            |name: &str| StringChunked::full_null(name.into(), chunk.height()).into_column();
        let texts = self.fields.iter().map(|field| {
            chunk
                .column(field.code())
                .cloned()
                .unwrap_or_else(|_| blank(field.code()))
        });
        let own = [columns::ROW, columns::DIGEST]
            .map(|name| chunk.column(name).cloned().expect("every chunk has both"));
        DataFrame::new(chunk.height(), texts.chain(own).collect())
            .expect("one column a field, each of every row")
    }
}
