//! The HTTP client that network backends share.
