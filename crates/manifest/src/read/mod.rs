//! Text in, positions out: documents, their objects, and the scalars that a caller wants.

pub(crate) mod block;
pub(crate) mod collect;
pub(crate) mod duplicates;
pub(crate) mod field;
pub(crate) mod fingerprint;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod path;
pub(crate) mod prefilter;
pub(crate) mod raw;
pub(crate) mod resource;
pub(crate) mod scalar;
pub(crate) mod split;
pub(crate) mod strays;
pub(crate) mod tree;
