//! A backend of one's own in a dozen lines: secrets that are their own names, backwards.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use async_trait::async_trait;
use manifill::vault::{Keys, Secret, SecretRequest, SecretValue, VaultBackend, VaultError};
use manifill::{Input, Renderer, RunContext};

#[derive(Debug)]
struct Backwards;

#[async_trait]
impl VaultBackend for Backwards {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        run.each(requests, |request| async move {
            let Keys::Names(keys) = &request.keys else {
                return Ok(Secret::new());
            };
            let value = |key: &str| SecretValue::text(key.chars().rev().collect::<String>());
            Ok(Secret::from_values(
                keys.iter().map(|key| (key, value(key))),
            ))
        })
        .await
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let source = "kind: Secret # made here\nstringData:\n  key: <path:any#drawkcab>\n";
    let inputs = [Input::new("secret.yaml", source)];
    match Renderer::with_backend("backwards", Backwards)
        .render(&inputs, &RunContext::new())
        .await
    {
        Ok(rendered) => {
            print!("{}", rendered.joined());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
