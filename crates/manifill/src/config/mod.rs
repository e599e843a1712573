//! Settings and policy.
