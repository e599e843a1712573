//! Which reads a plan comes to.

use std::borrow::Cow;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use manifill_vault::{
    PathError, RunContext, Secret, SecretPath, SecretRequest, SecretValue, VaultBackend, VaultError,
};

use crate::{Input, Renderer};

/// Takes one slash from the start of a path, so that what it understands can be written again and
/// is then something else.
#[derive(Debug)]
struct Peeling;

#[async_trait]
impl VaultBackend for Peeling {
    async fn read(
        &self,
        requests: &[SecretRequest],
        _: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        requests.iter().map(|_| Ok(Secret::new())).collect()
    }

    fn parse_path(&self, path: &str) -> Result<SecretPath, PathError> {
        Ok(SecretPath::verbatim(path.strip_prefix('/').unwrap_or(path)))
    }

    fn options(&self) -> Cow<'_, [&str]> {
        Cow::Borrowed(&["avp.kubernetes.io/kv-version", "manifill.dev/region"])
    }
}

/// The reads of some manifests, and what each place wants.
fn planned(sources: &[&str]) -> (Vec<String>, Vec<String>) {
    let inputs: Vec<Input> = sources
        .iter()
        .map(|source| Input::new("a.yaml", *source))
        .collect();
    let renderer = Renderer::with_backend("peeling", Peeling);
    let plan = renderer.plan(&inputs).unwrap();
    let reads: Vec<String> = plan
        .reads()
        .map(|read| {
            let version = read
                .version
                .map(|version| format!("@{version}"))
                .unwrap_or_default();
            format!("{}{version}: {}", read.path, read.keys.join(" "))
        })
        .collect();
    let wants = plan.fields().flat_map(|field| field.wants);
    let wants = wants
        .map(|(read, key)| format!("{key} of {}", reads[read]))
        .collect();
    (reads, wants)
}

#[test]
fn spellings_of_one_path_are_one_read() {
    let one = "kind: A\nx: <path:/db#b> <path:db#a> <path:/db#a#7> <path:db#b>\n";
    let (reads, wants) = planned(&[one, "kind: A\nx: <path:a#z>\n"]);
    assert_eq!(reads, ["a: z", "db: a b", "db@7: a"]);
    let expected = [
        "b of db: a b",
        "a of db: a b",
        "a of db@7: a",
        "b of db: a b",
        "z of a: z",
    ];
    assert_eq!(wants, expected);
}

#[test]
fn what_a_backend_understands_is_not_taken_for_what_is_written() {
    for source in [
        "kind: A\nx: <path://db#first> <path:/db#second>\n",
        "kind: A\nx: <path:/db#second> <path://db#first>\n",
    ] {
        let (reads, wants) = planned(&[source]);
        assert_eq!(reads, ["/db: first", "db: second"]);
        assert!(
            wants.contains(&"first of /db: first".to_owned()),
            "{wants:?}"
        );
        assert!(
            wants.contains(&"second of db: second".to_owned()),
            "{wants:?}"
        );
    }
}

#[test]
fn options_split_a_read_and_other_annotations_do_not() {
    let with = |annotation: &str| {
        format!("kind: A\nmetadata: {{annotations: {{{annotation}}}}}\nx: <path:db#k>\n")
    };
    let all = [
        with("avp.kubernetes.io/kv-version: \"1\""),
        with("manifill.dev/region: \"1\""),
        with("manifill.dev/region: \"1\", avp.kubernetes.io/remove-missing: \"false\""),
        with("example.com/other: \"1\""),
        with("example.com/other: \"2\""),
    ];
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    assert_eq!(planned(&all).0.len(), 3);
}

#[test]
fn the_order_of_the_reads_is_that_of_their_paths_whichever_thread_comes_first() {
    let document = |n: usize| {
        let (path, key) = (n * 7919 % 1000, n * 31 % 7);
        format!(
            "---\nkind: A\nx: <path:p{path:03}#k{key}>\n# {}\n",
            "-".repeat(900)
        )
    };
    let source: String = (0..3000).map(document).collect();
    let (reads, wants) = planned(&[&source]);
    let paths: Vec<String> = (0..1000).map(|n| format!("p{n:03}")).collect();
    assert!(
        reads
            .iter()
            .map(|read| &read[..4])
            .eq(paths.iter().map(String::as_str))
    );
    let mut expected = vec![Vec::new(); 1000];
    for n in 0..3000 {
        expected[n * 7919 % 1000].push(format!("k{}", n * 31 % 7));
    }
    for (read, mut keys) in reads.iter().zip(expected) {
        keys.sort();
        keys.dedup();
        assert_eq!(read[6..], keys.join(" "));
    }
    for (n, want) in wants.iter().enumerate() {
        let start = format!("k{} of p{:03}:", n * 31 % 7, n * 7919 % 1000);
        assert!(want.starts_with(&start), "{want}");
    }
}

/// Has no versions, and answers with the path as the user.
#[derive(Debug)]
struct Timeless;

#[async_trait]
impl VaultBackend for Timeless {
    async fn read(
        &self,
        requests: &[SecretRequest],
        run: &RunContext,
    ) -> Vec<Result<Secret, VaultError>> {
        run.each(requests, |request| async move {
            assert_eq!(request.version, None);
            let user = SecretValue::text(request.path.as_str());
            Ok(Secret::from_values([("user", user)]))
        })
        .await
    }

    fn has_versions(&self) -> bool {
        false
    }
}

#[test]
fn a_version_that_a_backend_has_not_splits_no_read_and_is_noted() {
    let renderer = Renderer::with_backend("timeless", Timeless);
    let inputs = [Input::new(
        "a.yaml",
        "kind: A\nmetadata: {annotations: {avp.kubernetes.io/path: db, avp.kubernetes.io/secret-version: '7'}}\na: <user>\nb: <path:db#user#2>\nc: <path:db#user>\n",
    )];
    let plan = renderer.plan(&inputs).unwrap();
    assert_eq!(plan.reads().count(), 1);
    let note =
        "backend timeless has no versions of secrets; those that are asked for have no effect";
    assert_eq!(plan.notes(), [note]);
    let run = RunContext::new();
    let rendered = renderer.render(&inputs, &run);
    let rendered = rendered.now_or_never().unwrap().unwrap();
    assert_eq!(rendered.notes(), [note]);
    assert!(rendered.texts()[0].ends_with("a: \"db\"\nb: \"db\"\nc: \"db\"\n"));

    let inputs = [Input::new("a.yaml", "kind: A\na: <path:db#user>\n")];
    assert!(renderer.plan(&inputs).unwrap().notes().is_empty());
}
