//! Renders files as the command line does: `render SETTINGS FILE…`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use manifill::settings::{Config, Sources};
use manifill::{Input, Renderer, RunContext};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let settings = arguments.next().unwrap_or_default();
    match render(&settings, arguments).await {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn render(
    settings: &str,
    files: impl Iterator<Item = String>,
) -> Result<String, Box<dyn std::error::Error>> {
    let config = Config::load(&Sources::from_env().with_config_file(settings))?;
    let inputs = files
        .map(|file| Ok(Input::new(&*file, std::fs::read_to_string(&file)?)))
        .collect::<Result<Vec<_>, std::io::Error>>()?;
    let rendered = Renderer::from_config(config)
        .render(&inputs, &RunContext::new())
        .await?;
    Ok(rendered.joined().into_owned())
}
