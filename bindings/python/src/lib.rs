//! What the Python package `manifill` is made of; its public names are in `python/manifill/`.

mod argument;
mod backend;
mod backends;
mod call;
mod chars;
mod check;
mod cli;
mod errors;
mod guard;
mod input;
mod manifest;
mod objects;
mod placeholder;
mod plan;
mod pool;
mod renderer;
mod run;
mod secret;
mod sync;
mod transform;
mod value;

/// The native half of the package.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use crate::backend::Reply;
    #[pymodule_export]
    use crate::backends::backends;
    #[pymodule_export]
    use crate::call::Stop;
    #[pymodule_export]
    use crate::check::check_offline;
    #[pymodule_export]
    use crate::cli::main;
    #[pymodule_export]
    use crate::guard::guard;
    #[pymodule_export]
    use crate::manifest::{
        LineIndex, Manifest, is_blank, join, may_need_filling, read, read_one, split, to_json,
    };
    #[pymodule_export]
    use crate::placeholder::{
        PathRules, decode_bytes, decode_text, encode, escape, glob_matches, is_base64, may_contain,
        modifiers, parse, path_glob_matches, refuse_odd_segments, scan, scan_escaped,
        split_backend, unclosed_opener,
    };
    #[pymodule_export]
    use crate::plan::plan;
    #[pymodule_export]
    use crate::renderer::Renderer;
    #[pymodule_export]
    use crate::secret::Secret;
    #[pymodule_export]
    use crate::transform::{check, run, text_of, typed_json};
    #[pymodule_export]
    use crate::value::SecretValue;

    /// The version, as Python writes it.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    /// The most characters, or bytes in base64, that `derive` gives.
    #[pymodule_export]
    const MAX_DERIVED: usize = manifill_placeholder::MAX_DERIVED;
    /// The widest indentation that modifiers take.
    #[pymodule_export]
    const MAX_INDENT: usize = manifill_placeholder::MAX_INDENT;
    /// How many modifiers a placeholder has at most.
    #[pymodule_export]
    const MAX_MODIFIERS: usize = manifill_placeholder::MAX_MODIFIERS;
}
