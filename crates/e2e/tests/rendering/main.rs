//! Charts and kustomizations, rendered by the real Helm 3.17, Helm 4.3 and kustomize.
#![allow(clippy::unwrap_used)]

mod helm;
mod kustomize;
mod repository;
mod vectors;
