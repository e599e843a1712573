//! What a document tells about itself.

mod support;

use manifill_manifest::{
    Document, ManifestError, ManifestErrorKind, ParseOptions, Removable, Style, split,
};
use support::{MARK, PLACES, parse};

fn try_parse(source: &str, strict: bool) -> Result<Document, ManifestError> {
    let options = support::options().with_strict(strict);
    Document::parse(source, 0..source.len(), &options, |_, value| {
        value.contains(MARK)
    })
}

#[test]
fn reads_kind_names_and_annotations() {
    let source = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: n\n  namespace: s\n  annotations:\n    \
        avp.kubernetes.io/path: \"a <b>\"\n    avp.kubernetes.io/kv-version: 1\n    manifill.dev/backend: m\n    \
        other: x\n    build: 42\n";
    let document = parse(source);
    let resource = &document.resources()[0];
    assert_eq!(resource.kind, "Secret");
    assert_eq!(&source[resource.kind_span.clone().unwrap()], "Secret");
    assert_eq!(resource.name.as_deref(), Some("n"));
    assert_eq!(resource.namespace.as_deref(), Some("s"));
    let path = resource.annotation("avp.kubernetes.io/path").unwrap();
    assert_eq!(path.value, "a <b>");
    assert_eq!(&source[path.span.clone()], "\"a <b>\"");
    assert_eq!(resource.annotations.len(), 2);
    let odd: Vec<_> = resource
        .odd_annotations
        .iter()
        .map(|one| (one.name.as_str(), &source[one.span.clone()]))
        .collect();
    assert_eq!(
        odd,
        [("avp.kubernetes.io/kv-version", "1"), ("build", "42")]
    );
}

#[test]
fn reads_through_aliases_and_merge_keys() {
    let source = "x: &k Secret\ny: &a\n  avp.kubernetes.io/path: one\n  avp.kubernetes.io/ignore: 'true'\n\
        z: &m {name: n, annotations: {<<: *a, avp.kubernetes.io/path: two}}\nkind: *k\nmetadata:\n  <<: [*m]\n";
    let document = parse(source);
    let resource = &document.resources()[0];
    assert_eq!(resource.kind, "Secret");
    assert_eq!(resource.name.as_deref(), Some("n"));
    assert_eq!(
        resource.annotation("avp.kubernetes.io/path").unwrap().value,
        "two"
    );
    assert_eq!(
        resource
            .annotation("avp.kubernetes.io/ignore")
            .unwrap()
            .value,
        "true"
    );
}

#[test]
fn items_of_lists_are_resources() {
    let source = "kind: List\nmetadata: {annotations: {avp.kubernetes.io/path: p, manifill.dev/backend: b}}\n\
        items:\n- kind: A\n  x: <x>\n- kind: List\n  items:\n  - kind: B\n    metadata: {annotations: {avp.kubernetes.io/path: q}}\n    \
        x: [[<x>]]\n- &c {kind: C, x: <x>}\n- *c\nextra: <x>\n";
    let document = parse(source);
    let found: Vec<_> = document
        .resources()
        .iter()
        .map(|one| {
            let of = |name| one.annotation(name).map(|found| found.value.as_str());
            (
                one.kind.as_str(),
                one.list,
                of("avp.kubernetes.io/path"),
                of("manifill.dev/backend"),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("List", None, Some("p"), Some("b")),
            ("A", Some(0), Some("p"), Some("b")),
            ("List", Some(0), Some("p"), Some("b")),
            ("C", Some(0), Some("p"), Some("b")),
            ("B", Some(2), Some("q"), None),
        ]
    );
    let owners: Vec<_> = document
        .scalars(source)
        .enumerate()
        .map(|(n, one)| {
            let kind = document.resources()[one.resource].kind.as_str();
            (kind, document.field_path(source, n))
        })
        .collect();
    let wanted = [
        ("A", "items[0].x"),
        ("B", "items[1].items[0].x[0][0]"),
        ("C", "items[2].x"),
        ("List", "extra"),
    ];
    assert_eq!(owners, wanted.map(|(kind, path)| (kind, path.to_owned())));
}

#[test]
fn the_list_of_a_function_is_a_list_of_objects() {
    let local = "metadata: {annotations: {config.kubernetes.io/local-config: ";
    let source = format!(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: A\n  x: <x>\n\
         - kind: B\n  {local}'true'}}}}\n  x: <x>\n- kind: C\n  {local}'false'}}}}\n  x: <x>\n\
         - kind: List\n  {local}''}}}}\n  items: [{{kind: D, x: <x>}}]\n\
         functionConfig:\n  kind: F\n  x: <x>\nresults: [<x>]\n"
    );
    let document = parse(&source);
    let found: Vec<_> = document
        .resources()
        .iter()
        .map(|one| (one.kind.as_str(), one.list, one.is_local))
        .collect();
    assert_eq!(
        found,
        [
            ("ResourceList", None, false),
            ("F", None, true),
            ("A", Some(0), false),
            ("B", Some(0), true),
            ("C", Some(0), false),
            ("List", Some(0), true),
            ("D", Some(5), true),
        ]
    );
    let owners: Vec<_> = document
        .scalars(&source)
        .enumerate()
        .map(|(n, one)| (one.resource, document.field_path(&source, n)))
        .collect();
    let wanted = [
        (2, "items[0].x"),
        (3, "items[1].x"),
        (4, "items[2].x"),
        (6, "items[3].items[0].x"),
        (1, "functionConfig.x"),
        (0, "results[0]"),
    ];
    assert_eq!(
        owners,
        wanted.map(|(object, path)| (object, path.to_owned()))
    );
    let another = source.replace("config.kubernetes.io/v1", "example.com/v1");
    assert_eq!(parse(&another).resources().len(), 1);
}

#[test]
fn what_an_alias_stands_for_is_never_local() {
    let source = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n  kind: F\n  x: &x <x>\n\
        items:\n- &a\n  kind: A\n  metadata: {annotations: {config.kubernetes.io/local-config: 'true'}}\n- *a\n- {kind: B, y: *x}\n";
    let document = parse(source);
    let kinds = |one: &manifill_manifest::Resource| (one.kind.clone(), one.is_local);
    let found: Vec<_> = document.resources().iter().map(kinds).collect();
    let wanted = ["ResourceList", "A", "B"].map(|kind| (kind.to_owned(), false));
    assert_eq!(found, wanted);
}

#[test]
fn visits_values_at_every_depth_and_no_keys() {
    let source = "kind: A\n<x>: 1\n? {<x>: <x>}\n: <x>\n\"a.b\": {'c d': [1, [{<x>: <x>}]]}\n? |\n  k\n: <x>\n";
    let document = parse(source);
    let paths: Vec<_> = (0..document.scalar_count())
        .map(|n| document.field_path(source, n))
        .collect();
    assert_eq!(
        paths,
        ["[\"{<x>: <x>}\"]", "[\"a.b\"][\"c d\"][1][0][\"<x>\"]", "k"]
    );
}

#[test]
fn tells_what_can_be_removed_and_what_is_aliased() {
    let source = "kind: A\na: <x>\nb: [&n <x>]\nc: *n\n";
    let document = parse(source);
    let found: Vec<_> = document
        .scalars(source)
        .map(|one| (one.removable, one.aliased))
        .collect();
    assert_eq!(
        found,
        [(Removable::MapValue, false), (Removable::ListItem, true)]
    );
}

#[test]
fn sees_a_comment_that_may_be_text() {
    let source = "kind: A\na: <x>  # b>\nb: \"<x>\" # c\nc: <x>\nd: <x>#\n";
    let document = parse(source);
    let comments: Vec<_> = document
        .scalars(source)
        .map(|one| one.comment_after(source).map(|span| &source[span]))
        .collect();
    assert_eq!(comments, [Some("# b>"), None, None, None]);
}

#[test]
fn spans_hold_the_scalar_and_nothing_else() {
    let source = "kind: A\na: &n !!str <x> # c\nb: '<x>'\nc: !t | # d | e\n    <x>\n\nd: 1\n";
    let document = parse(source);
    let spans: Vec<_> = document
        .scalars(source)
        .map(|one| (one.style, &source[one.span.clone()]))
        .collect();
    assert_eq!(
        spans,
        [
            (Style::Plain, "<x>"),
            (Style::SingleQuoted, "'<x>'"),
            (Style::Literal, "| # d | e\n    <x>\n\n"),
        ]
    );
}

#[test]
fn locates_the_mark_in_every_style() {
    for place in PLACES {
        let document = parse(place);
        for (n, scalar) in document.scalars(place).enumerate() {
            for (at, _) in scalar.value.match_indices(MARK) {
                let found = document.locate(place, n, at);
                let rest = &place[found..];
                let written = ["<", "\\u003c", "\\x3c"];
                assert!(
                    written.iter().any(|text| rest.starts_with(text)),
                    "{place:?} at {at}: {rest:?}"
                );
            }
        }
    }
    let source = "kind: A\na: \"é\\n\\u00e9 \\ud83d\\ude00<x>b\"\nb: >\n  a\n  b <x>\n\n  <x> c\n";
    let document = parse(source);
    let value = document.scalar(source, 0).unwrap().value;
    let at = |text: &str| value.find(text).unwrap();
    let found = document.locate_all(source, 0, &[0, at("\n"), at("<x>"), at("b"), value.len()]);
    let rest: Vec<_> = found.iter().map(|&at| &source[at..at + 2]).collect();
    assert_eq!(rest, ["\u{e9}", "\\n", "<x", "b\"", "\"\n"]);
    let value = document.scalar(source, 1).unwrap().value;
    let second = document.locate(source, 1, value.rfind("<x>").unwrap());
    assert!(source[second..].starts_with("<x> c"));
    assert_eq!(document.locate(source, 99, 0), 0);
}

#[test]
fn documents_need_a_kind_that_is_text() {
    for source in [
        "a: 1\n",
        "kind:\n",
        "kind: ''\n",
        "kind: 5\n",
        "kind: yes\n",
        "kind: [A]\n",
        "- kind: A\n",
        "A\n",
        "spec: {kind: A}\n",
    ] {
        let error = try_parse(source, false).unwrap_err();
        assert_eq!(error.kind(), ManifestErrorKind::MissingKind, "{source:?}");
        assert!(error.to_string().contains("Object 'Kind' is missing"));
    }
    assert!(try_parse("kind: '5'\n", false).is_ok());
}

#[test]
fn duplicate_keys_are_errors_only_when_strict() {
    let source = "---\nkind: Foo\na: 1\n\"a\": <x>\n";
    let spans = split(source);
    assert!(try_parse(source, false).is_ok());
    let options = support::options().with_strict(true);
    let error = Document::parse(source, spans[0].clone(), &options, |_, _| true).unwrap_err();
    assert_eq!(error.kind(), ManifestErrorKind::DuplicateKey);
    assert_eq!((error.offset(), error.other_offset()), (19, Some(14)));
    assert_eq!(error.to_string(), "this map has a key twice: `a`");
    assert!(try_parse("kind: A\na: {b: 1}\nc: {b: 1}\n<<: {}\n<<: {}\n", true).is_ok());
}

#[test]
fn syntax_errors_have_a_place_and_a_hint_but_no_text() {
    for (source, offset, hint) in [
        ("kind: A\nb: <path:s3cr3t: x>\n", 23, "quote the value"),
        ("kind: A\nb: {{ s3cr3t }}-y\n", 23, "Helm"),
        ("kind: A\n\tb: s3cr3t\n", 8, "spaces"),
        ("kind: A\nb: @s3cr3t\n", 11, "quote"),
    ] {
        let error = try_parse(source, false).unwrap_err();
        assert_eq!(error.kind(), ManifestErrorKind::Syntax, "{source:?}");
        assert_eq!(error.offset(), offset, "{source:?} {error}");
        assert!(
            error.hint().unwrap_or_default().contains(hint),
            "{source:?} {error}"
        );
        assert!(!format!("{error} {error:?}").contains("s3cr3t"));
    }
    // Positions count from the start of the source, not of the document.
    let source = "kind: A\n---\nb: [\n";
    let spans = split(source);
    let error = Document::parse(
        source,
        spans[1].clone(),
        &ParseOptions::default(),
        |_, _| true,
    )
    .unwrap_err();
    assert!(error.offset() > 12, "{}", error.offset());
}

#[test]
fn deep_and_multiplying_documents_are_refused() {
    let deep = format!("kind: A\na: {}1{}\n", "[".repeat(300), "]".repeat(300));
    assert_eq!(
        try_parse(&deep, false).unwrap_err().kind(),
        ManifestErrorKind::Limit
    );
    let mut bomb = "kind: A\na0: &a0 {x: 1}\n".to_owned();
    for n in 1..30 {
        let last = format!("*a{}", n - 1);
        bomb += &format!("a{n}: &a{n} {{<<: [{last}, {last}, {last}, {last}]}}\n");
    }
    bomb += "metadata: {annotations: *a29}\n";
    assert_eq!(
        try_parse(&bomb, false).unwrap_err().kind(),
        ManifestErrorKind::Limit
    );
    // A map that merges itself.
    let own = "kind: A\nmetadata: &m {<<: *m, name: n}\n";
    assert_eq!(
        try_parse(own, false).unwrap_err().kind(),
        ManifestErrorKind::Limit
    );
}
