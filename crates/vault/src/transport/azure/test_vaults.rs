//! Which texts name a vault, and what a token for it is for.

use super::vaults::{CLOUDS, KeyVault, NoVault, Vaults, whole};
use crate::Settings;

fn vaults(authority: &str, hosts: &str) -> Vaults {
    let settings = Settings::new().with("AZURE_KEYVAULT_HOSTS", hosts);
    Vaults::from_settings(&settings, &whole(authority).unwrap()).unwrap()
}

/// Where requests go to.
fn host(vault: &KeyVault) -> String {
    let url = vault.at(["secrets"]).unwrap();
    url.origin().ascii_serialization()
}

#[test]
fn a_vault_is_named_by_its_name_its_host_or_its_address() {
    for (authority, text, plain, url) in [
        (
            "login.microsoftonline.com",
            "My-Vault",
            "my-vault",
            "https://my-vault.vault.azure.net",
        ),
        (
            "login.microsoftonline.com",
            " https://MY-vault.vault.AZURE.net/\n",
            "my-vault",
            "https://my-vault.vault.azure.net",
        ),
        (
            "login.microsoftonline.com",
            "a.vault.azure.cn:443",
            "a.vault.azure.cn",
            "https://a.vault.azure.cn",
        ),
        (
            "login.microsoftonline.us",
            "a",
            "a",
            "https://a.vault.usgovcloudapi.net",
        ),
        (
            "login.chinacloudapi.cn",
            "a.vault.azure.net",
            "a.vault.azure.net",
            "https://a.vault.azure.net",
        ),
        (
            "127.0.0.1:1",
            "hsm.managedhsm.azure.net",
            "hsm.managedhsm.azure.net",
            "https://hsm.managedhsm.azure.net",
        ),
    ] {
        let vaults = vaults(authority, "");
        let vault = vaults.find(text).unwrap();
        assert_eq!((vault.plain(), host(&vault).as_str()), (plain, url));
        assert!(vaults.find(plain) == Ok(vault), "{plain}");
    }
}

#[test]
fn a_token_is_for_the_cloud_of_the_host() {
    let vaults = vaults("login.chinacloudapi.cn", "kv.example.com");
    for (text, resource) in [
        ("a", "https://vault.azure.cn"),
        ("kv.example.com", "https://vault.azure.cn"),
        ("a.vault.azure.net", "https://vault.azure.net"),
        ("a.managedhsm.azure.net", "https://managedhsm.azure.net"),
    ] {
        assert_eq!(vaults.find(text).unwrap().resource(), resource);
    }
    let login = whole("login.chinacloudapi.cn").unwrap();
    let own = whole("login.example.com").unwrap();
    let [public, china, ..] = &CLOUDS;
    assert!(china.is_of(&login) && !public.is_of(&login));
    assert!(china.is_of(&own) && public.is_of(&own));
}

#[test]
fn the_operator_may_add_hosts() {
    let vaults = vaults(
        "login.microsoftonline.com",
        "kv.example.com:8443, vault https://[::1]:1,http://127.0.0.1:2",
    );
    for (text, plain) in [
        ("https://KV.example.com:8443", "kv.example.com:8443"),
        ("https://vault", "https://vault"),
        ("[::1]:1", "[::1]:1"),
        ("http://127.0.0.1:2/", "http://127.0.0.1:2"),
    ] {
        let vault = vaults.find(text).unwrap();
        assert_eq!(vault.plain(), plain);
        assert!(vaults.find(plain) == Ok(vault), "{plain}");
    }
    for text in [
        "kv.example.com",
        "127.0.0.1:2",
        "http://kv.example.com:8443",
    ] {
        assert_eq!(vaults.find(text).unwrap_err(), NoVault::Foreign, "{text}");
    }
    assert_eq!(
        host(&vaults.find("vault").unwrap()),
        "https://vault.vault.azure.net"
    );
}

#[test]
fn other_hosts_are_no_vaults() {
    let vaults = vaults("login.microsoftonline.com", "");
    for text in [
        "evil.example.com",
        "a.vault.azure.net.evil.example",
        "evil.example/a.vault.azure.net",
        "evilvault.azure.net",
        "a.b.vault.azure.net",
        "vault.azure.net",
        ".vault.azure.net",
        "a.vault.azure.net.",
        "http://a.vault.azure.net",
        "a.vault.azure.net:8443",
        "https://a@a.vault.azure.net",
        "https://a.vault.azure.net/x",
        "https://a.vault.azure.net?x",
        "https://evil.example#.vault.azure.net",
        "https://evil.example\\.vault.azure.net",
        "a_b.vault.azure.net",
        "169.254.169.254",
    ] {
        assert!(vaults.find(text).is_err(), "{text}");
    }
    for text in ["", "a b", "a/b", "a_b", "../a", "ä"] {
        assert_eq!(vaults.find(text).unwrap_err(), NoVault::Malformed, "{text}");
    }
    for hosts in ["http://kv.example.com", "https://u:p@kv.example.com", "a/b"] {
        let settings = Settings::new().with("AZURE_KEYVAULT_HOSTS", hosts);
        let error = Vaults::from_settings(&settings, &whole("login").unwrap()).err();
        let told = error.unwrap().to_string();
        assert_eq!(
            told,
            "`AZURE_KEYVAULT_HOSTS` does not list hosts of key vaults"
        );
    }
}
