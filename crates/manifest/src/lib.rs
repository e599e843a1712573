//! manifill-manifest
