//! manifill-conformance
