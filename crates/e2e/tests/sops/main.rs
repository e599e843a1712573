//! Files of the real sops: what it writes is read, and what it refuses is refused.
#![allow(clippy::unwrap_used)]

mod formats;
mod gcp_kms;
mod key_vault;
mod keys;
mod kms;
mod openbao;
mod tools;
mod trust;
