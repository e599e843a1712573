//! Reading what a plan wants: the only part of a run that waits.

use futures_util::future;
use manifill_vault::{Run, Secret, SecretRequest, VaultError, VaultErrorKind};

use crate::backends::Backends;
use crate::plan::{Plan, PlannedRead};

/// The answers to the reads of a plan.
#[derive(Debug, Default)]
pub struct Fetched {
    answers: Vec<Result<Secret, VaultError>>,
}

impl Fetched {
    pub(crate) fn answer(&self, read: usize) -> &Result<Secret, VaultError> {
        &self.answers[read]
    }
}

/// Reads everything a plan wants, all backends at the same time, each of them once.
///
/// It does not stop at the first failure: each read has its own answer, and
/// [`Plan::apply`](crate::Plan::apply) reports them all. `backends` are those the plan was made
/// with.
pub async fn fetch(plan: &Plan<'_>, backends: &Backends, run: &Run) -> Fetched {
    let mut answers: Vec<Result<Secret, VaultError>> =
        plan.reads.iter().map(|_| Err(unanswered())).collect();
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for (read, planned) in plan.reads.iter().enumerate() {
        match groups.last_mut() {
            // The reads are sorted by backend.
            Some((backend, reads)) if *backend == planned.backend => reads.push(read),
            _ => groups.push((planned.backend, vec![read])),
        }
    }
    let groups = groups.into_iter().map(|(backend, reads)| async move {
        let requests: Vec<SecretRequest> = reads
            .iter()
            .map(|&read| plan.reads[read].request.clone())
            .collect();
        (reads, ask(backends, backend, &requests, run).await)
    });
    for (reads, group) in future::join_all(groups).await {
        for (read, answer) in reads.into_iter().zip(group) {
            answers[read] = answer;
        }
    }
    Fetched { answers }
}

/// Reads one thing.
pub(crate) async fn read(
    backends: &Backends,
    read: &PlannedRead,
    run: &Run,
) -> Result<Secret, VaultError> {
    let requests = std::slice::from_ref(&read.request);
    ask(backends, read.backend, requests, run)
        .await
        .pop()
        .unwrap_or_else(|| Err(unanswered()))
}

async fn ask(
    backends: &Backends,
    backend: usize,
    requests: &[SecretRequest],
    run: &Run,
) -> Vec<Result<Secret, VaultError>> {
    match backends.backend(backend) {
        Ok(backend) => backend.read(requests, run).await,
        Err(error) => requests.iter().map(|_| Err(error.clone())).collect(),
    }
}

/// What a read gets that its backend forgot.
fn unanswered() -> VaultError {
    VaultError::new(
        VaultErrorKind::InvalidAnswer,
        "the backend did not answer this request",
    )
}
