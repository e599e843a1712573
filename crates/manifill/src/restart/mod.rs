//! Pods that follow what they read: a checksum in the pod template of a workload, over the Secrets and
//! ConfigMaps of the run that it refers to.
//!
//! A pod reads its variables once, so a new secret needs new pods; and a Deployment makes new pods when
//! its template changes. The checksum covers what stands in the manifests and which version of each
//! secret was filled in, never a value, unless the operator gives a key for that.

mod checksum;
mod find;
mod references;

pub(crate) use checksum::Sum;
pub(crate) use find::{Found, Object, Workload, find};
