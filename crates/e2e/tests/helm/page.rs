//! The commands of examples/helm/README.md, as somebody would paste them.

use std::path::Path;

use manifill_e2e::{helm3, helm4, skip};

use crate::cluster;
use crate::world::World;

/// The blocks of commands on the page, each with the heading above it.
fn blocks(page: &str) -> Vec<(&str, String)> {
    let (mut heading, mut found, mut open) = ("", Vec::new(), None::<String>);
    for line in page.lines() {
        match &mut open {
            None if line == "```console" => open = Some(String::new()),
            None => heading = line.strip_prefix("## ").unwrap_or(heading),
            Some(text) if line == "```" => {
                found.push((heading, std::mem::take(text)));
                open = None;
            }
            Some(text) => *text += &format!("{line}\n"),
        }
    }
    found
}

/// Runs blocks one after the other, and compares what they print where the page says it.
fn run(world: &World, first: &str, blocks: &[&String]) {
    for block in blocks {
        let mut commands: Vec<(String, String)> = Vec::new();
        for line in block.lines() {
            match line.strip_prefix("$ ") {
                Some(command) => commands.push((command.to_owned(), String::new())),
                None => commands.last_mut().unwrap().1 += &format!("{line}\n"),
            }
        }
        for (command, printed) in commands {
            let found = world.good(&format!("{first}\n{command}"));
            assert!(printed.is_empty() || found == printed, "{command}\n{found}");
        }
    }
}

#[test]
fn every_command_works_as_it_is_printed() {
    if skip("examples/helm/README.md") {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap();
    let page = std::fs::read_to_string(root.join("examples/helm/README.md")).unwrap();
    let all = blocks(&page);
    let of = |heading: &str| -> Vec<&String> {
        all.iter()
            .filter(|(above, _)| *above == heading)
            .map(|(_, text)| text)
            .collect()
    };
    let first: String = of("").iter().map(|text| text.replace("$ ", "")).collect();
    assert_eq!(
        all.len(),
        1 + of("Helm 4").len() + of("Helm 3").len() + of("Without a post-renderer").len()
    );
    for (helm, heading, namespace, blocks) in [
        (helm4().unwrap(), "Helm 4", "page-4", 2),
        (helm3().unwrap(), "Helm 3", "page-3", 3),
        (
            helm3().unwrap(),
            "Without a post-renderer",
            "page-without",
            1,
        ),
    ] {
        let world = World::new(cluster(), &helm, namespace);
        let copied = format!("cp -r '{}/examples/helm' .", root.display());
        world.good(&format!("mkdir examples && cd examples && {copied}"));
        assert_eq!(of(heading).len(), blocks, "{heading}");
        run(&world, &first, &of(heading));
        assert_eq!(
            world.secret("web-db", "password").unwrap(),
            "it's: #1",
            "{heading}"
        );
        let url = "postgres://svc_web:it%27s%3A%20%231@db/web";
        assert_eq!(
            world.secret("web-migrate", "url").unwrap(),
            url,
            "{heading}"
        );
    }
    // What the page quotes is what the guard tells.
    let world = World::new(cluster(), &helm3().unwrap(), "page-told");
    let told = world.failed(&format!(
        "cd '{}'\nexport MANIFILL_FILE=vault.yaml\nhelm template web ./web --post-renderer manifill --post-renderer-args post-render | manifill guard",
        root.join("examples/helm").display()
    ));
    let quoted = page
        .split("```text\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    assert_eq!(told, quoted);
}
