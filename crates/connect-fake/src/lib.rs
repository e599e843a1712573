//! A 1Password Connect server that is not one: real HTTP, invented secrets.
//!
//! It answers the read side of the Connect API, version 1, as closely as its documentation, its
//! official clients and its users' reports allow, so that tests run against sockets instead of
//! mocks and people without an account can try the product. Three things a real server does not
//! offer come on top: [faults](FaultRule) on demand, a log of the [requests](Recorded) it got,
//! and the path `/__ctl`, by which a client in another language marks the log (`?mark=TEXT`) or
//! orders a fault (`?fault=503x3`).
//!
//! ```
//! use manifill_connect_fake::{Data, Options, Server};
//!
//! let data = Data::new()
//!     .with_vault("prodvault000000000000000aa", "Production")
//!     .with_item(
//!         "prodvault000000000000000aa",
//!         "loginitem0000000000000aaaa",
//!         "db main",
//!         [("username", "svc"), ("password", "not-a-real-one")],
//!     );
//! let server = Server::start_blocking(Options { data, ..Options::default() })?;
//! println!("OP_CONNECT_HOST={} OP_CONNECT_TOKEN={}", server.url(), server.token());
//! assert!(server.requests().is_empty());
//! # std::io::Result::Ok(())
//! ```
//!
//! # The data file
//!
//! [`Data::from_json`] reads what `manifill connect-server --data FILE` is given:
//!
//! ```
//! let data = manifill_connect_fake::Data::from_json(r#"{
//!   "vaults": [{
//!     "name": "Home lab",
//!     "items": [
//!       {"title": "bagetter", "fields": {"password": "made-up", "database": {"host": "db.lan"}}},
//!       {"title": "certificate", "files": [{"name": "ca.crt", "content": "text of the file"}]}
//!     ]
//!   }],
//!   "tokens": [{"token": "reader", "vaults": ["Home lab"]}]
//! }"#)?;
//! # Ok::<(), manifill_connect_fake::DataError>(())
//! ```
//!
//! A vault or an item without `id` gets one that is derived from its name, the same in every run.
//! `fields` is either this short form (a map inside it is a section) or the list of fields as
//! the API has it; whatever else an item holds is served as it stands. A one-time code is
//! computed from its `otpauth://` address unless `totp` gives one. Without `tokens` the server
//! makes up one that covers every vault.

mod api;
mod data;
mod fault;
mod filter;
mod log;
mod query;
mod response;
mod root;
mod server;
mod service;
mod time;
mod token;
mod totp;
mod view;

pub use data::{Data, DataError};
pub use fault::{Fault, FaultError, FaultRule};
pub use log::Recorded;
pub use server::{Options, Server};
pub use token::Token;
