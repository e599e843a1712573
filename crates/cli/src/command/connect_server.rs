//! `manifill connect-server`.

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use manifill_connect_fake::{Data, FaultRule, Options, Server};

use super::{Waits, wait};
use crate::args::ConnectServerArgs;
use crate::output::Output;

/// Serves the secrets of a data file until it is stopped.
pub(crate) fn run(args: &ConnectServerArgs, output: &Output) -> Result<ExitCode, ExitCode> {
    let file = args.data.display();
    let text = if args.data == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(&args.data)
    };
    let text = text.map_err(|error| match error.kind() {
        ErrorKind::NotFound => output.error(&format!("there is no file {file}"), None),
        kind => output.error(&format!("{file} cannot be read: {kind}"), None),
    })?;
    let data =
        Data::from_json(&text).map_err(|error| output.error(&format!("{file}: {error}"), None))?;
    let faults = args
        .fault
        .iter()
        .map(|fault| {
            fault
                .parse::<FaultRule>()
                .map_err(|error| output.usage(&error.to_string(), "see --help"))
        })
        .collect::<Result<_, _>>()?;
    let options = Options {
        data,
        faults,
        address: (Ipv4Addr::LOCALHOST, args.port).into(),
        latency: Duration::from_millis(args.latency),
        ..Options::default()
    };
    wait(
        async {
            let server = Server::start(options).await.map_err(|error| {
                output.error(
                    &format!("port {} cannot be used: {}", args.port, error.kind()),
                    None,
                )
            })?;
            output.print(&format!(
                "export AVP_TYPE=1passwordconnect OP_CONNECT_HOST={} OP_CONNECT_TOKEN={}\n",
                server.url(),
                server.token()
            ));
            server.wait().await;
            Ok(ExitCode::SUCCESS)
        },
        Waits::ForItsOwn,
        output,
    )?
}
