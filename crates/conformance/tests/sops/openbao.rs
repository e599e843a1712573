//! An OpenBao server with transit keys.

use std::fs::File;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use manifill_conformance::{run, servers};

use crate::tools::Place;

pub(crate) const TOKEN: &str = "conformance-root";

/// A running server; it ends when it is dropped.
pub(crate) struct OpenBao {
    process: Child,
    program: String,
    place: Place,
    pub(crate) url: String,
}

impl OpenBao {
    pub(crate) fn start() -> Self {
        let program = run(&mut Command::new(servers().join("openbao/setup.sh"))).unwrap();
        let program = program.trim_end().to_owned();
        let place = Place::new();
        let port = free_ports();
        let log = File::create(place.path("server.log")).unwrap();
        let process = place
            .command(&program)
            .args(["server", "-dev", "-dev-no-store-token"])
            .arg(format!("-dev-root-token-id={TOKEN}"))
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut server = OpenBao {
            process,
            program,
            place,
            url: format!("http://127.0.0.1:{port}"),
        };
        server.wait();
        server
    }

    fn wait(&mut self) {
        let start = Instant::now();
        while run(&mut self.client(&["status"])).is_err() {
            let ended = self.process.try_wait().unwrap();
            if ended.is_some() || start.elapsed() > Duration::from_secs(30) {
                let log = std::fs::read_to_string(self.place.path("server.log"));
                panic!("OpenBao does not start ({ended:?}): {log:?}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn client(&self, arguments: &[&str]) -> Command {
        let mut command = self.place.command(&self.program);
        command
            .env("BAO_ADDR", &self.url)
            .env("BAO_TOKEN", TOKEN)
            .args(arguments);
        command
    }

    /// Runs OpenBao's own client and hands back what it prints.
    pub(crate) fn ask(&self, arguments: &[&str]) -> String {
        run(&mut self.client(arguments)).unwrap()
    }
}

impl Drop for OpenBao {
    fn drop(&mut self) {
        // It may have ended by itself, and then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A port whose follower is free too: the server takes both.
fn free_ports() -> u16 {
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        if port < u16::MAX && TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            return port;
        }
    }
}
