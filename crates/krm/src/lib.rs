//! KRM functions: what kustomize and kpt run on the resources that they have.
//!
//! A function gets a `ResourceList` and gives one back. Its `functionConfig` says what it does:
//!
//! | kind (`manifill.dev/v1`) | what becomes of the items |
//! |---|---|
//! | `ManifillFill`, or none | their placeholders are filled |
//! | `ManifillGenerate` | files and manifests of `spec` are filled and added |
//! | `ManifillGuard` | nothing; a placeholder that is left in them is an error |
//!
//! The items keep their order, comments and annotations. What is found is told in the list, too, as
//! its `results`, with names and places and never with a value.
//!
//! ```
//! use manifill::vault::backend::memory::Memory;
//! use manifill::{Input, Renderer, RunContext};
//! use manifill_krm::Function;
//!
//! # futures_util::future::FutureExt::now_or_never(async {
//! let list = "apiVersion: config.kubernetes.io/v1
//! kind: ResourceList
//! items:
//! - kind: Secret
//!   stringData: {user: <path:db#user>} # mine
//! ";
//! let function = Function::read(Input::new("-", list)).unwrap();
//! let renderer = Renderer::with_backend("memory", Memory::new().with("db", [("user", "svc")]));
//! let ended = function.prepare(renderer).run(&RunContext::new()).await;
//! assert_eq!(ended.text(), list.replace("<path:db#user>", "\"svc\""));
//! # }).unwrap();
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod ended;
mod files;
mod function;
mod function_config;
mod items;
mod list;
mod problem;
mod results;
mod role;
mod spec;

pub use ended::Ended;
pub use function::{Function, FunctionRun};
