//! Writes the manifests of the comparison into a folder: `corpus FOLDER`.

use std::path::PathBuf;

use manifill_benches::{
    config_map, connect_data, crds, deployments, file_data, list, many_items, secrets,
    tiny_documents,
};

fn main() -> std::io::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    std::fs::create_dir_all(&folder)?;
    for (name, text) in [
        ("deployments-20000.yaml", deployments(20_000)),
        ("crds-30mb.yaml", crds(30_000_000)),
        ("secrets-200.yaml", secrets(200, 20)),
        ("secrets-2000.yaml", secrets(2_000, 20)),
        ("secrets-20000.yaml", secrets(20_000, 20)),
        ("configmap-50000.yaml", config_map(50_000)),
        ("documents-100000.yaml", tiny_documents(100_000)),
        ("list-100000.yaml", list(100_000)),
        ("items-20000.yaml", many_items(20_000)),
        ("secrets-100-titles.yaml", secrets(100, 20)),
        ("connect-data.json", connect_data(20)),
        ("file-data.json", file_data(20)),
        ("file-data-20000.json", file_data(20_000)),
    ] {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}
