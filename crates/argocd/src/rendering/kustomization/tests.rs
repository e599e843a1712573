use super::*;
use crate::rendering::{Limits, RemoteHosts, Workspace};
use crate::tree::{Entry, Tree};

#[test]
fn files_from_an_open_host_are_put_beside_the_others() {
    let base = "https://raw.example.com/x/";
    let text = format!(
        "resources: ['{base}a.yaml', sub]\nconfigMapGenerator: [{{name: x, files: ['k={base}b.txt?token=1']}}]\ntransformers: ['{base}plugin']\n"
    );
    let file = |text: &str| Entry::File(text.as_bytes().to_vec());
    let sub = format!("patches: [{{path: '{base}p.yaml'}}]\n");
    let tree = Tree::from_entries([
        ("app/kustomization.yaml", file(&text)),
        ("app/sub/kustomization.yaml", file(&sub)),
    ]);
    let temporary = tempfile::tempdir().unwrap();
    let workspace = Workspace::open(temporary.path(), Limits::new()).unwrap();
    let copied = |tree: &Tree, remote: &Remote<'_>| {
        let mut folder = workspace.private_folder().unwrap();
        let (name, fields) = read(Repository(tree), "app").unwrap();
        copy(Repository(tree), "app", fields, &name, &mut folder, remote).map(|()| folder)
    };
    let open = RemoteHosts::parse("raw.example.com").unwrap();
    let remote = Remote::new(&open);
    copied(&tree, &remote).unwrap();
    assert_eq!(
        remote.wanted(),
        ["a.yaml", "b.txt?token=1", "p.yaml", "plugin"].map(|name| format!("{base}{name}"))
    );

    let plugin = "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: x}\npath: https://evil.example.net/x\n";
    let with = |plugin: &str| {
        let remote = Remote::new(&open).with_file(&format!("{base}a.yaml"), "kind: A\n");
        let remote = remote
            .with_file(&format!("{base}b.txt?token=1"), "b")
            .with_file(&format!("{base}p.yaml"), "p");
        remote.with_file(&format!("{base}plugin"), plugin)
    };
    // What is fetched is as little trusted as what is not.
    let error = copied(&tree, &with(plugin)).unwrap_err().to_string();
    assert!(
        error.contains("`https://evil.example.net/x` is on another host"),
        "{error}"
    );
    let folder = copied(
        &tree,
        &with("apiVersion: builtin\nkind: HashTransformer\nmetadata: {name: x}\n"),
    )
    .unwrap();
    let written = |name: &str| std::fs::read_to_string(folder.repository(name)).unwrap();
    assert_eq!(
        written("app/.fetched/1/b.txt") + &written("app/.fetched/2/a.yaml"),
        "bkind: A\n"
    );
    assert_eq!(written("app/sub/.fetched/3/p.yaml"), "p");
    let text = written("app/kustomization.yaml");
    assert!(
        text.contains("k=./.fetched/1/b.txt") && !text.contains("https:"),
        "{text}"
    );

    for path in [
        "https://raw.example.com/org/repo?ref=v1",
        "https://raw.example.com/kustomization.yaml",
        "http://raw.example.com/a.yaml",
        "https://example.com/a.yaml",
    ] {
        let text = format!("resources: ['{path}']\n");
        let tree = Tree::from_entries([("app/kustomization.yaml", file(&text))]);
        let error = copied(&tree, &Remote::new(&open)).unwrap_err();
        assert_eq!(error.kind(), RenderingErrorKind::Remote, "{path}");
    }
}
