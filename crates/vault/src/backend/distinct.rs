//! Requests that want the same thing are answered by one read.

use std::collections::BTreeMap;
use std::future::Future;

use futures_util::stream::{self, StreamExt as _};

use crate::{Keys, RunContext, Secret, SecretRequest, VaultError, VaultErrorKind};

/// Reads each thing that requests come down to once, several at a time, and answers the requests in
/// their order. `find` is told what is wanted of a thing, and `secret` takes that out of it.
pub(crate) async fn answers<W, V, F, Fut>(
    requests: &[SecretRequest],
    wanted: Vec<Result<W, VaultError>>,
    run: &RunContext,
    mut find: F,
    secret: impl Fn(&W, &V, &Keys) -> Secret,
) -> Vec<Result<Secret, VaultError>>
where
    W: Clone + Ord,
    F: FnMut(W, Vec<Keys>) -> Fut,
    Fut: Future<Output = Result<V, VaultError>>,
{
    let reads = things(requests, &wanted).into_iter().map(|(wanted, keys)| {
        let found = find(wanted.clone(), keys);
        async move { (wanted, found.await) }
    });
    // Made before the stream, as in `RunContext::each`.
    let reads: Vec<_> = reads.collect();
    let found: BTreeMap<W, Result<V, VaultError>> = stream::iter(reads)
        .buffer_unordered(run.concurrency())
        .collect()
        .await;
    let secret = |wanted: &W, value: &V, keys: &Keys| Ok(secret(wanted, value, keys));
    answered(requests, wanted, &found, secret)
}

/// The things that requests come down to, each with what is wanted of it.
pub(crate) fn things<W: Clone + Ord>(
    requests: &[SecretRequest],
    wanted: &[Result<W, VaultError>],
) -> BTreeMap<W, Vec<Keys>> {
    let mut things: BTreeMap<W, Vec<Keys>> = BTreeMap::new();
    for (request, wanted) in requests.iter().zip(wanted) {
        if let Ok(wanted) = wanted {
            let keys = things.entry(wanted.clone()).or_default();
            keys.push(request.keys.clone());
        }
    }
    things
}

/// The answers to requests, in their order, with what was found of the things that they come down to.
pub(crate) fn answered<W: Ord, V>(
    requests: &[SecretRequest],
    wanted: Vec<Result<W, VaultError>>,
    found: &BTreeMap<W, Result<V, VaultError>>,
    secret: impl Fn(&W, &V, &Keys) -> Result<Secret, VaultError>,
) -> Vec<Result<Secret, VaultError>> {
    let answer = |(request, wanted): (&SecretRequest, Result<W, VaultError>)| {
        let wanted = wanted?;
        match found.get(&wanted) {
            Some(Ok(value)) => secret(&wanted, value, &request.keys),
            Some(Err(error)) => Err(error.clone()),
            None => Err(unread(request)),
        }
    };
    requests.iter().zip(wanted).map(answer).collect()
}

fn unread(request: &SecretRequest) -> VaultError {
    VaultError::new(VaultErrorKind::InvalidRequest, "the path {} was not read")
        .with_name(request.path.as_str())
}
