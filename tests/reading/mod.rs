//! How a file is read alone: a bureau's pipeline with one source.

use std::path::Path;

use canbao::domain::SourceKind;
use canbao::scheme::{self, Scheme, SourceRule};

/// A source that claims every file.
pub fn rule(kind: SourceKind) -> SourceRule {
    SourceRule {
        files: vec!["*".into()],
        ..SourceRule::plain(kind)
    }
}

/// xiangtan's scheme with this source alone.
pub fn scheme(rule: SourceRule) -> Scheme {
    let pipeline = Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/xiangtan-2022.toml");
    Scheme {
        sources: vec![rule],
        ..scheme::load(&pipeline).unwrap()
    }
}
