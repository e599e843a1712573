//! manifill-manifill
