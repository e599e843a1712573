//! PyYAML reads every value in every place as what it is.
#![allow(clippy::unwrap_used)]

#[path = "../../manifest/tests/support/mod.rs"]
mod support;

use std::io::Write as _;
use std::process::Stdio;

use manifill_e2e::{Packages, servers, skip};
use support::{MARK, PLACES, fill_all, secrets};

#[test]
fn pyyaml_reads_what_was_written() {
    if skip("PyYAML on filled manifests") {
        return;
    }
    let mut cases = String::new();
    for place in PLACES {
        for secret in secrets() {
            let case = serde_json::json!({
                "source": place,
                "filled": fill_all(place, &secret),
                "mark": MARK,
                "value": secret,
            });
            cases.push_str(&case.to_string());
            cases.push('\n');
        }
    }
    let packages = Packages::install().unwrap();
    let mut judge = packages
        .python(&servers().join("pyyaml/check.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    judge
        .stdin
        .take()
        .unwrap()
        .write_all(cases.as_bytes())
        .unwrap();
    let output = judge.wait_with_output().unwrap();
    assert!(output.status.success());
    let counts = String::from_utf8(output.stdout).unwrap();
    let right: usize = counts.split_whitespace().next().unwrap().parse().unwrap();
    assert!(right > 5000, "right and refused: {counts}");
}
