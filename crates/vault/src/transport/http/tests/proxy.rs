//! A proxy that a setting names.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;

async fn through(proxy: &str, target: &str) -> Result<u16, VaultError> {
    let settings = HttpSettings::new("Test Vault").with_proxy(proxy)?;
    assert!(!format!("{settings:?}").contains(SENTINEL), "{settings:?}");
    let client = Client::new(settings)?;
    assert!(!format!("{client:?}").contains(SENTINEL), "{client:?}");
    let request = client.get(Url::parse(target).unwrap());
    let answer = request
        .send(&RunContext::default(), &Retry::never())
        .await?;
    Ok(answer.status())
}

#[tokio::test]
async fn everything_goes_through_the_proxy_and_its_login_shows_nowhere() {
    let proxy = server().await;
    let address = proxy
        .url()
        .replace("http://", &format!("http://me:{SENTINEL}@"));
    let status = through(&address, "http://vault.invalid/v1").await.unwrap();
    assert_eq!(status, 200);
    let seen = &proxy.seen()[0];
    assert_eq!(seen.target, "http://vault.invalid/v1");
    assert!(
        seen.header("proxy-authorization")
            .unwrap()
            .starts_with("Basic ")
    );

    drop(proxy);
    let error = through(&address, "http://vault.invalid/v1")
        .await
        .unwrap_err();
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("`http://vault.invalid`"), "{shown}");
    assert!(!shown.contains(SENTINEL), "{shown}");
}

#[tokio::test]
async fn a_socks_proxy_is_told_the_host() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("socks5h://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move { serve(listener.accept().await.unwrap().0).await });
    let status = through(&proxy, "http://vault.invalid:8200/v1")
        .await
        .unwrap();
    assert_eq!(status, 200);
    assert_eq!(served.await.unwrap(), ("vault.invalid".to_owned(), 8200));
}

/// Speaks SOCKS 5 (RFC 1928) and then answers itself; returns the host and the port asked for.
async fn serve(mut stream: TcpStream) -> (String, u16) {
    let mut greeting = [0; 2];
    stream.read_exact(&mut greeting).await.unwrap();
    let mut methods = vec![0; usize::from(greeting[1])];
    stream.read_exact(&mut methods).await.unwrap();
    stream.write_all(&[5, 0]).await.unwrap();
    // Version, CONNECT, reserved, a domain name, its length.
    let mut request = [0; 5];
    stream.read_exact(&mut request).await.unwrap();
    assert_eq!(request[..4], [5, 1, 0, 3]);
    let mut host = vec![0; usize::from(request[4])];
    stream.read_exact(&mut host).await.unwrap();
    let port = stream.read_u16().await.unwrap();
    stream
        .write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        .await
        .unwrap();
    let _ = stream.read(&mut [0; 4096]).await.unwrap();
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n42";
    stream.write_all(answer).await.unwrap();
    (String::from_utf8(host).unwrap(), port)
}

#[test]
fn what_is_no_proxy_is_refused_unseen() {
    for url in [
        "",
        "proxy:3128",
        "ftp://proxy",
        "http://",
        "socks4://proxy",
        SENTINEL,
    ] {
        let error = HttpSettings::new("Test Vault").with_proxy(url).unwrap_err();
        assert_eq!(error.kind(), VaultErrorKind::Configuration, "{url}");
        assert!(!format!("{error} {error:?}").contains(SENTINEL));
    }
}
