//! Vaults, items, filters and refusals, request by request.

mod client;

use client::{Client, LOGIN, PRODUCTION, column, server};
use manifill_connect_fake::{Data, Options, Server, Token};

#[test]
fn lists_are_bare_arrays_without_fields() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    let vaults = client.get("/v1/vaults");
    assert_eq!(vaults.status, 200);
    assert_eq!(vaults.headers["1password-connect-version"], "1.8.2");
    assert_eq!(
        column(&vaults.json(), "name"),
        [
            "Production",
            "Shared Name",
            "Shared Name",
            "Empty & Vault",
            "zyxwvutsrqponmlkjihgfedcba"
        ]
    );
    assert_eq!(vaults.json()[3].get("items"), None, "zero is left out");
    let items = client.get(&format!("{PRODUCTION}/items")).json();
    let items = items.as_array().unwrap();
    assert_eq!(vaults.json()[0]["items"], items.len());
    for item in items {
        for key in ["sections", "fields", "files"] {
            assert_eq!(item.get(key), None, "{key} of {}", item["title"]);
        }
        assert_eq!(item["vault"]["id"], "prodvault000000000000000aa");
    }
    let retired: Vec<_> = items
        .iter()
        .filter(|item| item["state"] == "ARCHIVED")
        .collect();
    assert_eq!(retired.len(), 2);
}

#[test]
fn an_item_has_everything_but_empty_keys() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    let item = client.get(LOGIN).json();
    assert_eq!(item["title"], "db main");
    assert_eq!(item["urls"][0]["primary"], true);
    assert_eq!(item["fields"][3]["totp"], "620460");
    assert_eq!(item["fields"][3]["section"]["id"], "add more");
    assert_eq!(item["fields"][2].get("value"), None);
    assert_eq!(item.get("favorite"), None);
    let absent = client
        .get(&format!("{PRODUCTION}/items/emptyitem0000000000000aaaa"))
        .json();
    assert_eq!(absent["fields"][0].get("label"), None);
    assert_eq!(absent["fields"][1].get("value"), None);
    let odd = client
        .get(&format!("{PRODUCTION}/items/weirditem0000000000000aaaa"))
        .json();
    assert!(odd["fields"][1]["value"].is_null() && odd["tags"].is_null());
    assert!(odd.as_object().unwrap().contains_key("tags"));
    let code = client
        .get(&format!("{PRODUCTION}/items/codeitem0000000000000aaaaa"))
        .json();
    let code = code["fields"][0]["totp"].as_str().unwrap().to_owned();
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()));
}

#[test]
fn collections_take_a_slash_and_the_rest_does_not() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    for path in ["/v1/vaults", &format!("{PRODUCTION}/items"), "/v1/activity"] {
        assert_eq!(client.get(path).status, 200, "{path}");
        assert_eq!(client.get(&format!("{path}/")).status, 200, "{path}/");
    }
    for path in [
        &format!("{LOGIN}/"),
        "/v1/",
        "/v1",
        "/",
        "/v1/other",
        "/vaults",
    ] {
        assert_eq!(client.get(path).status, 404, "{path}");
    }
    let moved = client.get("//v1/vaults?filter=x");
    assert_eq!(moved.status, 301);
    assert_eq!(moved.headers["location"], "/v1/vaults?filter=x");
}

#[test]
fn filters() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    for (filter, names) in [
        ("name%20eq%20%22Production%22", &["Production"][..]),
        ("title+eq+%22production%22", &["Production"]),
        (
            "title%20eq%20%22Shared%20Name%22",
            &["Shared Name", "Shared Name"],
        ),
        ("name+eq+%22Empty+%26+Vault%22", &["Empty & Vault"]),
        ("name+co+%22DUCT%22", &["Production"]),
        ("name+eq+%22Hidden%22", &[]),
    ] {
        let answer = client.get(&format!("/v1/vaults?filter={filter}"));
        assert_eq!(column(&answer.json(), "name"), names, "{filter}");
    }
    for (filter, ids) in [
        (
            "title%20eq%20%22db%20main%22",
            &["loginitem0000000000000aaaa"][..],
        ),
        (
            "title+eq+%22twin%22",
            &["twinitem1000000000000aaaaa", "twinitem2000000000000aaaaa"],
        ),
        (
            "title+co+%22wi%22",
            &["twinitem1000000000000aaaaa", "twinitem2000000000000aaaaa"],
        ),
        (
            "title+eq+%22R%26D+%2B+Ops+%231%22",
            &["ampitem000000000000000aaaa"],
        ),
        ("title+eq+%22team/db%22", &["slashitem0000000000000aaaa"]),
        (
            "title+eq+%22trailing+blank+%22",
            &["blankitem0000000000000aaaa"],
        ),
        ("title+eq+%22trailing+blank%22", &[]),
        (
            "title+eq+%22say+%5C%22hi%5C%22%22",
            &["quoteitem0000000000000aaaa"],
        ),
        (
            "title+eq+%22back%5C%5Cslash%22",
            &["backslashitem0000000000aaa"],
        ),
        (
            "title+eq+%22schl%C3%BCssel+%F0%9F%94%91+f%C3%BCr+m%C3%BCnchen%22",
            &["unicodeitem000000000000aaa"],
        ),
        (
            "tag%20eq%20%22prod%22",
            &["loginitem0000000000000aaaa", "apicred000000000000000aaaa"],
        ),
        ("tag+eq+%22db%22", &["loginitem0000000000000aaaa"]),
    ] {
        let answer = client.get(&format!("{PRODUCTION}/items?filter={filter}"));
        assert_eq!(column(&answer.json(), "id"), ids, "{filter}");
    }
    for filter in [
        "title+eq",
        "title%20eq%20%22R&D%20+%20Ops%20",
        "title%20eq%20%22say%20%22hi%22%22",
        "title%20eq%20%22back%5Cslash%22",
        "title%20eq%20'",
        "name%20eq%20%22db%22",
        "title%20ne%20%22db%22",
    ] {
        let answer = client.get(&format!("{PRODUCTION}/items?filter={filter}"));
        assert_eq!(
            (answer.status, answer.message()),
            (400, "Invalid filter".to_owned()),
            "{filter}"
        );
    }
}

#[test]
fn filters_can_mind_the_case() {
    let server = server(|options| options.filters_ignore_case = false);
    let mut client = Client::new(&server);
    let found = client
        .get("/v1/vaults?filter=name+eq+%22Production%22")
        .json();
    assert_eq!(column(&found, "name"), ["Production"]);
    let found = client
        .get("/v1/vaults?filter=name+eq+%22production%22")
        .json();
    assert!(column(&found, "name").is_empty());
}

#[test]
fn refusals() {
    let server = server(|_| ());
    let hidden = "/v1/vaults/hiddenvault000000000000aaa";
    for (authorization, message) in [
        (None, "Invalid bearer token"),
        (Some("Basic eDp5"), "Invalid bearer token"),
        (Some("bearer x"), "Invalid bearer token"),
        (Some("Bearer wrong"), "Invalid token signature"),
    ] {
        let mut client = Client::new(&server).with_authorization(authorization);
        for path in ["/v1/vaults", LOGIN, hidden, "/v1/vaults/odd"] {
            let answer = client.get(path);
            assert_eq!(answer.status, 401, "{authorization:?} {path}");
            assert_eq!(answer.message(), message);
        }
    }
    let mut client = Client::new(&server);
    for (path, status, message) in [
        ("/v1/vaults/Production", 400, "Invalid Vault UUID"),
        ("/v1/vaults/Production/items", 400, "Invalid Vault UUID"),
        (
            "/v1/vaults/PRODVAULT000000000000000AA",
            400,
            "Invalid Vault UUID",
        ),
        (
            &format!("{PRODUCTION}/items/db%20main"),
            400,
            "Invalid Item UUID",
        ),
        (&format!("{LOGIN}/files/note.txt"), 400, "Invalid File UUID"),
        (
            hidden,
            403,
            "vault hiddenvault000000000000aaa is not in scope",
        ),
        (
            "/v1/vaults/nowherevault00000000000aaa/items",
            403,
            "vault nowherevault00000000000aaa is not in scope",
        ),
        (
            "/v1/vaults/lostvault00000000000000aaa",
            404,
            "vault lostvault00000000000000aaa not found",
        ),
        (
            &format!("{PRODUCTION}/items/zzzzzzzzzzzzzzzzzzzzzzzzzz"),
            404,
            "item zzzzzzzzzzzzzzzzzzzzzzzzzz not found",
        ),
        (
            &format!("{LOGIN}/files/zzzzzzzzzzzzzzzzzzzzzzzzzz/content"),
            404,
            "file zzzzzzzzzzzzzzzzzzzzzzzzzz not found",
        ),
    ] {
        let answer = client.get(path);
        assert_eq!(
            (answer.status, answer.message().as_str()),
            (status, message),
            "{path}"
        );
        assert_eq!(answer.headers["1password-connect-version"], "1.8.2");
    }
}

#[test]
fn writing_is_refused() {
    let server = server(|_| ());
    for (method, path, deed) in [
        ("POST", format!("{PRODUCTION}/items"), "create"),
        ("PUT", LOGIN.to_owned(), "update"),
        ("PATCH", LOGIN.to_owned(), "update"),
        ("DELETE", LOGIN.to_owned(), "delete"),
    ] {
        let answer = Client::new(&server).send(method, &path).unwrap();
        assert_eq!(answer.status, 403);
        assert_eq!(
            answer.message(),
            format!(
                "Authorization: token does not have permission to perform {deed} on vault \
                 prodvault000000000000000aa"
            )
        );
    }
    for path in ["/v1/vaults", "/v1/activity"] {
        assert_eq!(Client::new(&server).send("POST", path).unwrap().status, 405);
    }
    assert_eq!(Client::new(&server).get(LOGIN).status, 200);
}

#[test]
fn tokens_cover_what_they_name() {
    let data = Data::fixtures();
    let tokens = vec![
        Token::new("all"),
        Token::new("one").with_vaults(["hiddenvault000000000000aaa"]),
    ];
    let server = Server::start_blocking(Options {
        data,
        tokens,
        ..Options::default()
    })
    .unwrap();
    assert_eq!(server.token(), "all");
    let names = |token: &str| {
        let mut client = Client::new(&server).with_authorization(Some(token));
        column(&client.get("/v1/vaults").json(), "name")
    };
    assert_eq!(names("Bearer all").len(), 6);
    assert_eq!(names("Bearer one"), ["Hidden"]);
    let mut client = Client::new(&server).with_authorization(Some("Bearer one"));
    assert_eq!(client.get(LOGIN).status, 403);
}

#[test]
fn data_can_change_while_the_server_runs() {
    let (vault, item) = ("prodvault000000000000000aa", "loginitem0000000000000aaaa");
    let data = |value: &str| Data::new().with_item(vault, item, "t", [("password", value)]);
    let server = Server::start_blocking(Options {
        data: data("old"),
        ..Options::default()
    })
    .unwrap();
    let mut client = Client::new(&server);
    assert_eq!(client.get(LOGIN).json()["fields"][0]["value"], "old");
    server.replace_data(data("new"));
    assert_eq!(client.get(LOGIN).json()["fields"][0]["value"], "new");
}
