//! manifill-placeholder
