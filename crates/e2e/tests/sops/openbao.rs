//! An OpenBao server with transit keys.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use manifill_e2e::{Running, STARTS, bao, free_ports, run};

use crate::tools::Sandbox;

pub(crate) const TOKEN: &str = "e2e-root";

/// A running server; it ends when it is dropped.
pub(crate) struct OpenBao {
    process: Running,
    program: PathBuf,
    place: Sandbox,
    pub(crate) url: String,
}

impl OpenBao {
    pub(crate) fn start() -> Self {
        let program = bao().unwrap();
        let mut started = OpenBao::start_once(&program);
        for _ in 1..STARTS {
            if started.is_err() {
                started = OpenBao::start_once(&program);
            }
        }
        started.unwrap()
    }

    fn start_once(program: &Path) -> io::Result<Self> {
        let place = Sandbox::new();
        // The port behind it is that of the cluster.
        let port = free_ports(2)?;
        let mut command = place.command(program);
        command
            .args(["server", "-dev", "-dev-no-store-token"])
            .arg(format!("-dev-root-token-id={TOKEN}"))
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"));
        let mut server = OpenBao {
            process: Running::start(&mut command, &place.path("server.log"))?,
            program: program.to_owned(),
            place,
            url: format!("http://127.0.0.1:{port}"),
        };
        let start = Instant::now();
        while run(&mut server.client(&["status"])).is_err() {
            server.process.check()?;
            if start.elapsed() > Duration::from_secs(30) {
                return Err(server.process.error("OpenBao does not get ready"));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
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
