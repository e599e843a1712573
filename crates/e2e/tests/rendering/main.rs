//! Charts and kustomizations, rendered by the real Helm 3.17, 3.21 and 4.3, and by
//! kustomize; functions, run by kustomize and kpt.
#![allow(clippy::unwrap_used)]

mod functions;
mod helm;
mod kpt;
mod kustomize;
mod repository;
mod vectors;
