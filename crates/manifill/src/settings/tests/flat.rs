//! Rule 56: AVP's flat files in all their formats.

use super::super::flat::{Flat, extension};
use super::super::yaml;
use super::*;

/// What a format makes of a text: `KEY=value` words.
fn read(name: &str, text: &str, keys: &[&str]) -> String {
    let extension = extension(Path::new(name));
    let flat = match extension.as_str() {
        "yaml" | "json" => yaml::parse(text).and_then(|root| Flat::from_tree(root.unwrap())),
        extension => Flat::parse(text, extension),
    };
    let flat = flat.unwrap_or_else(|error| panic!("{error}"));
    let words = keys
        .iter()
        .filter_map(|key| Some(format!("{key}={}", flat.value(key)?.0)));
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_format_reads_names_and_values() {
    let keys = ["HOST", "TOKEN", "RETRIES", "TLS", "NESTED"];
    let wanted = "HOST=http://connect:8080 TOKEN=a#b=c RETRIES=007 TLS=true";
    for (name, text) in [
        (
            "a.yaml",
            "host: http://connect:8080\nToken: a#b=c\nRETRIES: 007\nTLS: true # yes\nNESTED: {a: b}\n",
        ),
        (
            "a.json",
            "\u{feff}{\n\t\"host\": \"http:\\/\\/connect:8080\", \"Token\": \"a#b=c\",\n\t\"RETRIES\": \"007\", \"TLS\": true, \"NESTED\": [1]}",
        ),
        (
            "a.toml",
            "host = \"http://connect:8080\"\nToken = 'a#b=c' # no\nRETRIES = \"007\"\nTLS = true\n[NESTED]\na = 1\n",
        ),
        (
            "a.env",
            "# comment\nexport host=http://connect:8080\nToken=a#b=c # no\nRETRIES='007'\n\nTLS: \"true\"\n",
        ),
        (
            ".dotenv",
            "host=http://connect:8080\r\nToken=a#b=c\r\nRETRIES=007\r\nTLS=true\r\n",
        ),
        (
            "a.properties",
            "! comment\nhost: http\\://connect\\\n   :8080\nToken = a#b=c\nRETRIES 007\n# x\nTLS=true",
        ),
        (
            "a.prop",
            "host=http://connect:8080\nToken=a#b=\\u0063\nRETRIES=007\nTLS=true",
        ),
        (
            "a.props",
            "host=http://connect:8080\nToken=a#b=c\nRETRIES=007\nTLS=true",
        ),
        (
            "a.ini",
            "; comment\nhost=http://connect:8080\nToken = a#b=c ; no\n[DEFAULT]\nRETRIES: 007\nTLS=\"true\"\n[NESTED]\nhost=x\n",
        ),
    ] {
        assert_eq!(read(name, text, &keys), wanted, "{name}");
    }
}

#[test]
fn numbers_and_booleans_are_the_text_of_the_file() {
    let keys = ["A", "B", "C", "D", "E"];
    let text = "A: 0755\nB: 1.10\nC: 1e3\nD: yes\nE: 123456789012345678901234567890\n";
    let wanted = "A=0755 B=1.10 C=1e3 D=yes E=123456789012345678901234567890";
    assert_eq!(read("a.yaml", text, &keys), wanted);
    let text = "A = 0o755\nB = 1.10\nC = 1e3\nD = false\nE = 1979-05-27\n";
    assert_eq!(
        read("a.toml", text, &keys),
        "A=0o755 B=1.10 C=1e3 D=false E=1979-05-27"
    );
}

#[test]
fn quotes_and_escapes_of_dotenv() {
    let text = "A=\"two\\nlines \\\"x\\\" $y\"\nB='$literal\\n'\nC=\"open\nD=pa$$word\nE=\n";
    let flat = Flat::parse(text, "env").unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(flat.value("A").unwrap().0, "two\nlines \"x\" $y");
    assert_eq!(flat.value("B").unwrap().0, "$literal\\n");
    assert_eq!(flat.value("C").unwrap().0, "\"open");
    assert_eq!(flat.value("D").unwrap().0, "pa$$word");
    assert!(flat.value("E").is_none());
}

#[test]
fn null_is_not_set_and_anchors_work() {
    let text = "A: ~\nB:\nC: null\nD: \"null\"\nE: &e x\nF: *e\n";
    assert_eq!(
        read("a.yaml", text, &["A", "B", "C", "D", "F"]),
        "D=null F=x"
    );
}

#[test]
fn a_flat_file_may_hold_anything_and_says_what_it_left_out() {
    let place = Folder::new();
    let text = "AVP_TYPE: 1passwordconnect\nsomething: else\nvault:\n  address: x\nlist: [1]\n";
    let file = place.file("avp.yaml", text);
    let config = Config::load(&place.sources(&[]).with_config_file(file)).unwrap();
    assert_eq!(default(&config).0, "1passwordconnect");
    assert_eq!(config.notes.len(), 2);
    assert!(
        config.notes[0].contains("avp.yaml:3:1: this key is not one value"),
        "{:?}",
        config.notes
    );
}

#[test]
fn sections_are_never_ignored_as_unknown_keys() {
    let place = Folder::new();
    for (name, text) in [
        ("a.toml", "[[policy]]\nproject = \"*\"\n"),
        ("a.toml", "[backends.x]\ntype = \"file\"\n"),
        ("a.ini", "[backends.x]\ntype=file\n"),
        ("a.ini", "A=b\n[policy]\n"),
        ("a.env", "default=x\n"),
        ("a.properties", "backends.x.type=file\n"),
    ] {
        let text = refusal(Config::load(
            &place.sources(&[]).with_config_file(place.file(name, text)),
        ));
        assert!(text.contains("YAML and JSON files only"), "{text}");
    }
    for name in ["Policy", "BACKENDS"] {
        let file = place.file("a.yaml", &format!("{name}: []\nAVP_TYPE: file\n"));
        let text = refusal(Config::load(&place.sources(&[]).with_config_file(file)));
        assert!(text.contains("a.yaml:1:1: this key is not known"), "{text}");
        assert!(text.contains("did you mean"), "{text}");
    }
}

#[test]
fn what_cannot_be_read_says_where_and_shows_nothing() {
    let place = Folder::new();
    for (name, text, wanted) in [
        (
            "a.yaml",
            "A: s3cr3t\nB: [s3cr3t\n",
            "a.yaml:2:4: this is not valid YAML",
        ),
        ("a.yaml", "A: s3cr3t\n  B: s3cr3t: x\n", "a.yaml:2:"),
        (
            "a.yaml",
            "A: s3cr3t\nA: s3cr3t\n",
            "a.yaml:2:1: this key is set here twice",
        ),
        (
            "a.yaml",
            "A: s3cr3t\n---\nB: x\n",
            "a.yaml:3:1: a settings file holds one document",
        ),
        (
            "a.yaml",
            "- s3cr3t\n",
            "a.yaml:1:1: a settings file is a map",
        ),
        ("a.yaml", "s3cr3t\n", "a.yaml:1:1: a settings file is a map"),
        ("a.yaml", "[s3cr3t]: x\n", "a.yaml:1:1: a key must be text"),
        ("a.json", "{\"A\": \"s3cr3t\n", "a.json:"),
        (
            "a.toml",
            "A = \"x\"\nB = s3cr3t\n",
            "a.toml:2:5: this is not valid TOML",
        ),
        (
            "a.env",
            "A=x\n  s3cr3t\n",
            "a.env:2:3: this line is not `KEY=value`",
        ),
        ("a.ini", "[s3cr3t\n", "a.ini:1:1: this section has no `]`"),
        (
            "a.properties",
            "A=\\u00g0s3cr3t\n",
            "a.properties:1:1: a `\\u` here",
        ),
        (
            "a.hcl",
            "A = \"s3cr3t\"\n",
            "format `hcl` are not supported",
        ),
        ("a.tfvars", "A = \"s3cr3t\"\n", "write it as YAML"),
        ("a.txt", "s3cr3t", "format `txt` are not known"),
        ("settings", "s3cr3t", "must tell its format by an extension"),
    ] {
        let text = refusal(Config::load(
            &place.sources(&[]).with_config_file(place.file(name, text)),
        ));
        assert!(text.contains(wanted), "{name}: {text}");
    }
}

#[test]
fn aliases_cannot_blow_the_file_up() {
    let place = Folder::new();
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let alias = format!("*a{}, ", level - 1).repeat(10);
        text += &format!("a{level}: &a{level} [{alias}]\n");
    }
    let file = place.file("a.yaml", &text);
    let text = refusal(Config::load(&place.sources(&[]).with_config_file(file)));
    assert!(text.contains("too large"), "{text}");
    let file = place.file("b.yaml", "a: &a [*a]\n");
    refusal(Config::load(&place.sources(&[]).with_config_file(file)));
}

#[test]
fn a_long_file_is_read_once_for_all_its_places() {
    // Looked up anew for every key, these places would take minutes.
    let count = 50_000;
    let lines = |line: &dyn Fn(usize) -> String| (0..count).map(line).collect::<String>();
    let keys = lines(&|number| format!("k{number} = \"v\"\n"));
    let Err(error) = Flat::parse(&format!("{keys}  policy = 1\n"), "toml") else {
        panic!("a policy in a TOML file");
    };
    assert_eq!(
        error.position().map(|at| (at.line, at.column)),
        Some((count + 1, 3))
    );
    // Every line of backslashes goes on in the next one.
    let joined = format!("key = {}", lines(&|_| "\\\\\\\n".to_owned()));
    let flat = Flat::parse(&joined, "properties").unwrap();
    assert_eq!(flat.value("KEY").map(|(value, _)| value.len()), Some(count));
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let place = Folder::new();
    let text = refusal(Config::load(
        &place.sources(&[]).with_config_file("missing.yaml"),
    ));
    assert!(text.contains("missing.yaml: there is no file `"), "{text}");
    std::fs::create_dir(place.path("folder.yaml")).unwrap();
    let text = refusal(Config::load(
        &place.sources(&[]).with_config_file("folder.yaml"),
    ));
    assert!(text.contains("is a folder"), "{text}");
    std::fs::write(place.path("bytes.yaml"), b"A: \xff\n").unwrap();
    let text = refusal(Config::load(
        &place.sources(&[]).with_config_file("bytes.yaml"),
    ));
    assert!(text.contains("is not UTF-8"), "{text}");
    let config = Config::load(
        &place
            .sources(&[])
            .with_config_file(place.file("empty.yaml", "# no\n")),
    );
    assert_eq!(
        config.unwrap().files_never_inputs,
        [place.path("empty.yaml")]
    );
}

#[test]
fn settings_of_manifill_may_stand_in_the_operators_file() {
    let place = Folder::new();
    let text = "manifill_timeout: 20\nMANIFILL_CONCURRENCY: 3\nAVP_PATH_VALIDATION: ^a\n";
    let sources = place
        .sources(&[])
        .with_config_file(place.file("avp.yaml", text));
    let config = Config::load(&sources).unwrap();
    assert_eq!((config.timeout.as_secs(), config.concurrency), (20, 3));
    assert!(config.rules.check("file", true, "b", "b").is_err());
    let text = refusal(Config::load(&sources.with_config_file(
        place.file("b.yaml", "x: 1\nMANIFILL_TIMEOUT: s3cr3t\n"),
    )));
    assert!(
        text.contains("b.yaml:2:19: `MANIFILL_TIMEOUT` must be"),
        "{text}"
    );
}

proptest::proptest! {
    #[test]
    fn no_text_makes_a_reader_panic(text in "[ -~\\n\\t\u{e9}]{0,120}", format in 0_usize..5) {
        let name = ["env", "properties", "ini", "toml", "txt"][format];
        let _ = Flat::parse(&text, name);
        let _ = yaml::parse(&text).map(|root| root.map(Flat::from_tree).is_some());
    }
}
