//! Stores that the real gopass makes: manifill reads what `gopass show` prints, but for what the page
//! of the backend says.
#![allow(clippy::unwrap_used)]

mod world;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use manifill_e2e::{run, skip};
use manifill_vault::VaultErrorKind;

use self::world::{World, value};

/// The name of an entry, and keys of it.
type Named<'n> = (&'n str, &'n [&'n str]);

/// Asserts that gopass shows the same of these keys, of the password, and of everything.
async fn agree(world: &World, entries: &[Named<'_>]) {
    let names: Vec<&str> = entries.iter().map(|(name, _)| *name).collect();
    let secrets = world.read(&names).await;
    for ((name, keys), secret) in entries.iter().zip(secrets) {
        let secret = secret.unwrap_or_else(|error| panic!("{name}: {error}"));
        for key in keys.iter().chain(&["password", "text"]) {
            let shown = world.shown(name, key).unwrap();
            let shown = String::from_utf8(shown).unwrap();
            let own = String::from_utf8(value(&secret, key).unwrap()).unwrap();
            // Whatever an entry ends in, gopass ends what it prints.
            let ends = |text: &str| text.trim_end_matches('\n').to_owned();
            match *key {
                "text" => assert_eq!(ends(&own), ends(&shown), "{name}"),
                _ => assert_eq!(own, shown, "{name}: {key}"),
            }
        }
    }
}

#[tokio::test]
async fn entries_for_pgp_keys_are_what_gopass_shows() {
    if skip("gopass with gpg") {
        return;
    }
    let world = World::with_gpg();
    let large = "0123456789abcdef: x\n".repeat(20_000) + "last: one\n";
    let entries: [(&str, &str, &[&str]); 9] = [
        ("db", "s3cr3t\n", &[]),
        ("no end", "s3cr3t", &[]),
        (
            "web/me@example.org",
            "pässwörd 密码 🔑\nuser: svc_orders\nUser: other\n pin : 0042 \nurl: https://a: b\nnotes\n",
            &["user", "User", "pin", "url"],
        ),
        ("spaces", "  pw \nnotes\n", &[]),
        ("windows", "pw\nuser: x\r\n", &["user"]),
        ("pem", "-----BEGIN X-----\nAAAA\n-----END X-----\n", &[]),
        (
            "yaml",
            "pw\n---\nport: 5432\nhost: db\nflag: true\nhalf: 0.5\nquoted: '0042'\n",
            &["port", "host", "flag", "half", "quoted"],
        ),
        ("refers", "gopass://db\n", &[]),
        ("large", &large, &["last"]),
    ];
    for (name, content, _) in entries {
        world.insert(name, content.as_bytes());
    }
    world.done(&["generate", "-p", "made", "40"], b"");
    world.done(&["mv", "db", "moved/db"], b"");
    let mut wanted: Vec<Named<'_>> = entries.map(|(name, _, keys)| (name, keys)).into();
    wanted[0].0 = "moved/db";
    wanted.push(("made", &[]));
    agree(&world, &wanted).await;

    // Bytes that are not text come as they are.
    world.insert("bytes", b"pw\nuser: \xff\n");
    let secret = world.read_one("bytes").await;
    assert_eq!(value(&secret, "text"), Some(b"pw\nuser: \xff\n".to_vec()));
    assert!(world.shown("bytes", "text").unwrap().contains(&0xff));

    let error = world.read(&["moved/dx"]).await.remove(0).unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::NotFound);
    assert_eq!(error.candidates(), ["moved/db"]);
    assert!(world.shown("moved/dx", "text").is_err());
}

#[tokio::test]
async fn entries_for_age_keys_are_what_gopass_shows() {
    if skip("gopass with age") {
        return;
    }
    let world = World::with_age();
    world.insert("web/db", b"s3cr3t\nuser: svc_orders\n");
    world.insert("yaml", "pässwörd\n---\nport: 5432\n".as_bytes());
    agree(&world, &[("web/db", &["user"]), ("yaml", &["port"])]).await;
    // The store and the keys are where they are looked for if no setting says where they are.
    let filled = world.filled("<path:web/db#user>").unwrap();
    assert_eq!(filled, "kind: A\na: \"svc_orders\"\n");
}

#[tokio::test]
async fn stores_that_gopass_has_mounted_are_read_by_the_names_that_it_shows() {
    if skip("mounts of gopass") {
        return;
    }
    let world = World::with_gpg();
    let key = world.key.as_deref().unwrap();
    world.insert("team/eu/db", b"hidden behind the other\n");
    for (name, folder) in [("team", "a folder"), ("team/eu", "eu")] {
        let path = world.path(folder).display().to_string();
        let new = ["--yes", "init", "--store", name, "--path", &path, key];
        world.done(&new, b"");
    }
    let names = ["db", "teams/db", "team/db", "team/eu/db"];
    let mut shown = Vec::new();
    let mut placeholders = Vec::new();
    for (number, name) in names.iter().enumerate() {
        world.insert(name, format!("pw{number}\n").as_bytes());
        let password = world.shown(name, "password").unwrap();
        shown.push(String::from_utf8(password).unwrap());
        placeholders.push(format!("<path:{name}#password>"));
    }
    assert_eq!(shown, ["pw0", "pw1", "pw2", "pw3"]);
    let filled = world.filled(&placeholders.join(" ")).unwrap();
    assert_eq!(filled, format!("kind: A\na: \"{}\"\n", shown.join(" ")));
    assert!(world.path("eu/db.gpg").exists());
}

/// Where gopass reads otherwise, on purpose: this is what the page of the backend says.
#[tokio::test]
async fn what_differs_from_gopass_is_what_the_page_says() {
    if skip("what differs from gopass") {
        return;
    }
    let world = World::with_gpg();
    let yaml = " pw \nuser: a\n---\npin: 0042\nbig: 12345678901234567890.10\nday: 2026-11-30\nmap: {a: [1]}\n";
    world.insert("yaml", yaml.as_bytes());
    world.insert("several", b"pw\na: 1\na: 2\nempty: \npassword: other\n");
    let not_there = "key not found";
    for (entry, key, theirs, ours) in [
        ("yaml", "password", Ok("pw"), " pw "),
        ("yaml", "user", Err(not_there), "a"),
        ("yaml", "pin", Ok("34"), "0042"),
        (
            "yaml",
            "big",
            Ok("1.2345678901234567e+19"),
            "12345678901234567890.10",
        ),
        (
            "yaml",
            "day",
            Ok("2026-11-30 00:00:00 +0000 UTC"),
            "2026-11-30",
        ),
        ("yaml", "map", Ok("map[a:[1]]"), r#"{"a":[1]}"#),
        ("several", "empty", Err("empty secret"), ""),
    ] {
        match (world.shown(entry, key), theirs) {
            (Ok(shown), Ok(theirs)) => assert_eq!(String::from_utf8(shown).unwrap(), theirs),
            (Err(said), Err(theirs)) => assert!(said.contains(theirs), "{said}"),
            (shown, _) => panic!("{key}: {shown:?}"),
        }
        let secret = world.read_one(entry).await;
        let own = value(&secret, key).map(|own| String::from_utf8(own).unwrap());
        assert_eq!(own.as_deref(), Some(ours), "{key}");
    }
    let several = world.read_one("several").await;
    for (key, theirs) in [("a", "1\n2"), ("password", "pw")] {
        assert_eq!(world.shown("several", key).unwrap(), theirs.as_bytes());
        let error = several.value(key).unwrap().unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Ambiguous, "{key}");
    }

    // Files.
    let file: Vec<u8> = (0..=255).collect();
    std::fs::write(world.path("a.bin"), &file).unwrap();
    world.done(&["fscopy", "a.bin", "file"], b"");
    world.done(&["fscopy", "file", "b.bin"], b"");
    assert_eq!(std::fs::read(world.path("b.bin")).unwrap(), file);
    let secret = world.read_one("file").await;
    let text = String::from_utf8(value(&secret, "text").unwrap()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let [first, name, encoding, content] = lines[..] else {
        panic!("{text}");
    };
    assert_eq!((first, value(&secret, "password")), ("", Some(Vec::new())));
    assert!(name.starts_with("Content-Disposition: "), "{name}");
    assert!(encoding.starts_with("Content-Transfer-Encoding: "));
    assert_eq!(STANDARD.decode(content).unwrap(), file);

    // References are followed if gopass is told to.
    world.insert("refers", b"gopass://yaml\n");
    world.done(&["config", "core.follow-references", "true"], b"");
    assert_eq!(world.shown("refers", "password").unwrap(), b"pw");
    let secret = world.read_one("refers").await;
    assert_eq!(value(&secret, "password").unwrap(), b"gopass://yaml");
}

#[tokio::test]
async fn an_entry_in_the_old_format_of_gopass_is_read_once_gopass_has_written_it_anew() {
    if skip("the old format of gopass") {
        return;
    }
    let world = World::with_gpg();
    std::fs::write(
        world.path("old"),
        "GOPASS-SECRET-1.0\nPassword: pw\nUser: x\n\nnotes\n",
    )
    .unwrap();
    let to = world.store().join("old.gpg").display().to_string();
    let mut gpg = world.command("gpg");
    gpg.args(["--batch", "--trust-model", "always", "--output", &to]);
    run(gpg.args(["-r", world.key.as_deref().unwrap(), "-e", "old"])).unwrap();
    assert_eq!(world.shown("old", "password").unwrap(), b"pw");
    let error = world.read(&["old"]).await.remove(0).unwrap_err();
    assert_eq!(error.kind(), VaultErrorKind::Configuration);
    let hint = error.hint().unwrap();
    let command = hint
        .trim_start_matches("`gopass ")
        .split('`')
        .next()
        .unwrap();
    let arguments: Vec<&str> = ["--yes"].into_iter().chain(command.split(' ')).collect();
    world.done(&arguments, b"");
    agree(&world, &[("old", &["user"])]).await;
}
