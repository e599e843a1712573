//! Damage: nothing that the real sops refuses gives another value than the file did before, and
//! what it accepts reads the same or not at all.

use manifill_e2e::skip;

use crate::tools::{AGE, Sandbox, key};

#[tokio::test]
async fn no_damage_changes_a_value() {
    if skip("damaged files of sops") {
        return;
    }
    let place = Sandbox::new().with("SOPS_AGE_KEY", key(AGE[0].1));
    place.write(
        "s.yaml",
        "a: one\nb: [two, 3, 4.5]\nc: {d: true, e_unencrypted: 1.50, f: \"\"}\n",
    );
    place.encrypt("s.yaml", &["--age", AGE[0].0]);
    let text = std::fs::read_to_string(place.path("s.yaml")).unwrap();
    let original = place.agree("s.yaml").await;
    let values = text.find("\nsops:").unwrap();
    let (mut refused, mut accepted) = (0, 0);
    // Every so many characters another one is changed, and every line is left out once.
    let lines: Vec<&str> = text.lines().collect();
    let without = (0..lines.len()).map(|index| {
        let mut lines = lines.clone();
        lines.remove(index);
        lines.join("\n") + "\n"
    });
    let changed = (0..text.len()).step_by(23).map(|at| {
        let other = if &text[at..=at] == "x" { "y" } else { "x" };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    });
    for (index, damaged) in without.chain(changed).enumerate() {
        place.write("damaged.yaml", &damaged);
        let ours = place.read("damaged.yaml").await;
        let ours = ours.as_ref().ok().map(crate::tools::json);
        match place.judged("damaged.yaml") {
            None => {
                // sops is stricter about what it wrote about itself, such as its version.
                let about = damaged.get(..values) == text.get(..values);
                let same = about && ours.as_ref().is_some_and(|ours| *ours == original);
                assert!(
                    ours.is_none() || same,
                    "{index}: sops refuses this:\n{damaged}"
                );
                refused += 1;
            }
            Some(theirs) => {
                let same = ours.is_none_or(|ours| ours == theirs);
                assert!(same, "{index}: sops reads this in another way:\n{damaged}");
                accepted += 1;
            }
        }
    }
    assert!(refused > 50, "{refused} refused, {accepted} accepted");
}
