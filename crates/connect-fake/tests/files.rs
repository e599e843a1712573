//! Files, request by request.

mod client;

use client::{Client, DOCUMENT, PRODUCTION, server};

const NOTE: &str = "filetxt00000000000000aaaaa";

#[test]
fn files_are_listed_in_items_and_alone() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    let files = client.get(&format!("{DOCUMENT}/files")).json();
    assert_eq!(client.get(DOCUMENT).json()["files"], files);
    assert_eq!(client.get(&format!("{DOCUMENT}/files/")).json(), files);
    assert_eq!(files[0]["name"], "note.txt");
    assert_eq!(files[0]["size"], 23);
    assert_eq!(files[0].get("section"), None);
    assert_eq!(files[0].get("content"), None);
    assert_eq!(
        files[0]["content_path"],
        format!("{DOCUMENT}/files/{NOTE}/content")
    );
    assert_eq!(files[1]["section"]["id"], "add more");
    assert_eq!(
        client.get(&format!("{DOCUMENT}/files/{NOTE}")).json(),
        files[0]
    );
    let none = client.get(&format!(
        "{PRODUCTION}/items/twinitem1000000000000aaaaa/files"
    ));
    assert_eq!(none.text(), "[]");
}

#[test]
fn content_paths_may_lack_the_slash() {
    let server = server(|options| options.content_path_slash = false);
    let files = Client::new(&server)
        .get(&format!("{DOCUMENT}/files"))
        .json();
    assert_eq!(
        format!("/{}", files[0]["content_path"].as_str().unwrap()),
        format!("{DOCUMENT}/files/{NOTE}/content")
    );
}

#[test]
fn content_is_bytes() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    let text = client.get(&format!("{DOCUMENT}/files/{NOTE}/content"));
    assert_eq!(text.text(), "hello from a fake file\n");
    assert_eq!(text.headers["content-type"], "application/octet-stream");
    assert_eq!(
        text.headers["content-disposition"],
        "attachment; filename=\"note.txt\""
    );
    assert_eq!(text.headers["content-length"], "23");
    let binary = client.get(&format!(
        "{DOCUMENT}/files/filepem00000000000000aaaaa/content"
    ));
    assert_eq!(binary.body, (0..=255).collect::<Vec<u8>>());
}

#[test]
fn small_files_come_inline_and_large_ones_do_not() {
    let server = server(|_| ());
    let mut client = Client::new(&server);
    for switch in ["inline_files", "inline_content"] {
        let file = client
            .get(&format!("{DOCUMENT}/files/{NOTE}?{switch}=true"))
            .json();
        assert_eq!(file["content"], "aGVsbG8gZnJvbSBhIGZha2UgZmlsZQo=");
        let list = client
            .get(&format!("{DOCUMENT}/files?{switch}=true"))
            .json();
        assert_eq!(list[0]["content"], file["content"]);
    }
    let big = format!("{PRODUCTION}/items/bigitem000000000000000aaaa/files");
    let list = client.get(&format!("{big}?inline_files=true")).json();
    assert_eq!(
        (&list[0]["size"], &list[1]["size"]),
        (&102_400.into(), &102_401.into())
    );
    assert!(list[0]["content"].is_string());
    assert_eq!(list[1].get("content"), None);
    let path = |number: usize| format!("{big}/{}", list[number]["id"].as_str().unwrap());
    assert_eq!(
        client.get(&format!("{}?inline_files=true", path(0))).status,
        200
    );
    let refused = client.get(&format!("{}?inline_files=true", path(1)));
    assert_eq!(refused.status, 413);
    assert!(
        refused
            .message()
            .starts_with("File is too large to inline in request.")
    );
    assert_eq!(client.get(&path(1)).status, 200);
    assert_eq!(
        client.get(&format!("{}/content", path(1))).body.len(),
        102_401
    );
}
