//! Who is told how reading goes.

/// Is told how reading goes. Called from several threads.
pub trait Watch: Sync {
    /// A file of so many bytes is being read.
    fn begin(&self, file: &str, bytes: u64);
    /// A file was read and held so many rows.
    fn done(&self, file: &str, rows: u64);
}

/// Tells nobody.
pub struct Silent;

impl Watch for Silent {
    fn begin(&self, _: &str, _: u64) {}
    fn done(&self, _: &str, _: u64) {}
}
