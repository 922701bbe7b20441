//! Part: which documents of a report were asked for.

closed_list! {
    /// Which documents of a report are written.
    #[derive(Default)]
    pub enum Part {
        /// Data files and workbooks.
        #[default]
        All = "all",
        /// Data files and manifest.
        Data = "data",
        /// Workbooks and manifest.
        Reports = "reports",
    }
}
