//! The command line reads from a real server.

use std::process::Stdio;

use manifill_e2e::{direct, manifill, run, skip};
use serde_json::json;

use crate::logins::with_method;

#[tokio::test]
async fn a_manifest_is_filled_and_the_flag_keeps_tokens_off_the_disk() {
    if skip("OpenBao, command line") {
        return;
    }
    let server = with_method("userpass", "userpass").await;
    let user = json!({"password": "pw", "token_policies": "app", "token_ttl": "1h"});
    server.put("auth/userpass/users/bob", user).await;
    let manifest = server.file("a.yaml");
    std::fs::write(&manifest, "kind: A\na: <path:secret/data/db#a>\n").unwrap();
    let cache = server.file("tokens");
    let program = manifill().unwrap();
    let fill = |flag: Option<&str>| {
        let mut command = direct(&program);
        command
            .env_clear()
            .env("AVP_TYPE", "vault")
            .env("VAULT_ADDR", server.url())
            .env("AVP_AUTH_TYPE", "userpass")
            .env("AVP_USERNAME", "bob")
            .env("AVP_PASSWORD", "pw")
            .env("MANIFILL_VAULT_TOKEN_CACHE", &cache)
            .stdin(Stdio::null())
            .arg("generate")
            .args(flag)
            .arg(&manifest);
        run(&mut command).unwrap()
    };
    let logins = || {
        let audited = server.audited();
        let logins = audited.iter().filter(|line| line.ends_with("/login/bob"));
        logins.count()
    };
    let filled = "kind: A\na: \"b\"\n";
    assert_eq!(fill(Some("--disable-token-cache")), filled);
    assert!(!cache.exists());
    for _ in 0..2 {
        assert_eq!(fill(None), filled);
    }
    assert_eq!(logins(), 2);
    assert_eq!(fill(Some("--disable-token-cache")), filled);
    assert_eq!(logins(), 3);
}
