//! What servers of Vault's API say, HashiCorp's and OpenBao, to every backend that asks them.

use serde::Deserialize;

use super::http::Answer;

#[derive(Deserialize)]
struct Errors {
    errors: Vec<String>,
}

/// Whether it is the token that the server does not like, whatever is asked for: it is not, or no
/// longer, one. A token that lacks a right gets a list (`1 error occurred: …`); one that is unknown,
/// expired or used up gets the bare words, and newer servers of HashiCorp say so.
pub(crate) fn refuses_token(answer: &Answer) -> bool {
    let is_refusal = |error: &String| {
        let error = error.trim();
        error == "permission denied" || error.contains("invalid token")
    };
    answer.status() == 403
        && answer
            .json::<Errors>()
            .is_ok_and(|said| said.errors.iter().any(is_refusal))
}
