//! The reference tool for SARIF finds nothing wrong with the logs.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use manifill_e2e::{Packages, manifill, run, skip};

#[test]
fn the_reference_tool_takes_the_logs() {
    if skip("the reference tool for SARIF") {
        return;
    }
    let (manifill, packages) = (manifill().unwrap(), Packages::install().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("good.yaml"), "kind: A\n").unwrap();
    std::fs::write(
        path("no good.yaml"),
        "kind: Secret\nmetadata: {name: é}\nstringData: {a: <path:b>, c: '<path:d#e | nope>'}\n",
    )
    .unwrap();
    std::fs::write(path("bad.yaml"), "kind: A\na: [\n").unwrap();
    for (input, log) in [("good.yaml", "good"), (".", "all"), ("nowhere", "none")] {
        let output = Command::new(&manifill)
            .args(["generate", "--format", "sarif", input])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let log = path(&format!("{log}.sarif"));
        std::fs::write(&log, output.stderr).unwrap();
        let told = run(packages.sarif_multitool().arg("validate").arg(&log)).unwrap();
        assert!(told.contains("Analysis completed successfully"), "{told}");
        assert!(!told.contains(": error "), "{told}");
    }
}
