//! Chapters on the parts of manifill that a program with this crate meets.
//!
//! - [Choose a backend](choose_a_backend)
//! - [Settings and policy](settings_and_policy)
//! - [Errors](errors)
//! - [Write a backend](write_a_backend)

#[doc = include_str!("choose_a_backend.md")]
pub mod choose_a_backend {}

#[doc = include_str!("settings_and_policy.md")]
pub mod settings_and_policy {}

#[doc = include_str!("errors.md")]
pub mod errors {}

#[doc = include_str!("write_a_backend.md")]
pub mod write_a_backend {}
