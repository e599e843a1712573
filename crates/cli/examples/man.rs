//! Writes the manual pages, one for each command, to the folder that is named.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).ok_or("a folder is missing")?;
    std::fs::create_dir_all(&folder)?;
    clap_mangen::generate_to(manifill_cli::command(), folder)?;
    Ok(())
}
