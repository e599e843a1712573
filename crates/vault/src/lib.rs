//! manifill-vault
