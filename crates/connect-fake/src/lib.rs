//! manifill-connect-fake
