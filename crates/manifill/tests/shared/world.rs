//! A Connect server, and a program that fills for apps from it.

use std::fmt::Write as _;

use manifill::settings::Sources;
use manifill::{Input, RenderError, Renderer, RunContext, SharedBackends};
use manifill_connect_fake::{Data, Options, Server, Token};

/// What no text may hold but a filled one.
pub(crate) const SENTINEL: &str = "sentinel-5b2a";
pub(crate) const OPERATOR: &str = "sentinel-5b2a-operator-token";
pub(crate) const AUTHOR: &str = "sentinel-5b2a-author-token";

/// The id of a vault, or of an item in it: 26 characters from their names.
pub(crate) fn id(vault: &str, item: &str) -> String {
    format!("{:x<26}", format!("{vault}{item}").to_lowercase())
}

/// The value of a field, which says whose it is.
pub(crate) fn value(vault: &str, item: usize, field: usize, time: usize) -> String {
    format!("{SENTINEL}-{vault}-{item}-{field}-{time}")
}

/// Vaults of so many items with ten fields each, as they are at a time.
pub(crate) fn data(vaults: &[&str], items: usize, time: usize) -> Data {
    let mut data = Data::new();
    for vault in vaults {
        data = data.with_vault(id(vault, ""), *vault);
        for item in 0..items {
            let fields: Vec<(String, String)> = (0..10)
                .map(|field| (format!("f{field}"), value(vault, item, field, time)))
                .collect();
            let title = format!("item{item}");
            data = data.with_item(&id(vault, ""), id(vault, &title), &title, fields);
        }
    }
    data
}

pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) backends: SharedBackends,
    operator: Sources,
}

impl World {
    /// The operator's token covers every vault; the author's covers the vault `B` and no other.
    pub(crate) async fn new(data: Data) -> Self {
        let tokens = vec![
            Token::new(OPERATOR),
            Token::new(AUTHOR).with_vaults([id("B", "")]),
        ];
        let options = Options {
            data,
            tokens,
            ..Options::default()
        };
        let server = Server::start(options).await.unwrap();
        let operator = Sources::default()
            .with_working_dir("/no/checkout")
            .with_variable("AVP_TYPE", "1passwordconnect")
            .with_variable("OP_CONNECT_HOST", server.url())
            .with_variable("OP_CONNECT_TOKEN", OPERATOR);
        World {
            server,
            backends: SharedBackends::new(),
            operator,
        }
    }

    /// Sets a variable of the operator.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.operator = self.operator.with_variable(name, value);
        self
    }

    /// What a program knows of an app: the operator's settings, Argo CD's facts and the author's.
    pub(crate) fn sources(&self, project: &str, author: &[(&str, &str)]) -> Sources {
        let app = self.operator.clone();
        let app = app
            .with_variable("ARGOCD_APP_NAME", "web")
            .with_variable("ARGOCD_APP_PROJECT_NAME", project);
        author.iter().fold(app, |app, (name, value)| {
            app.with_variable(format!("ARGOCD_ENV_{name}"), *value)
        })
    }

    pub(crate) fn renderer(&self, project: &str, author: &[(&str, &str)]) -> Renderer {
        let config = self.backends.config(&self.sources(project, author));
        Renderer::from_config(config.unwrap())
    }

    /// One app that reads these paths.
    pub(crate) async fn fill(&self, project: &str, paths: &[&str]) -> Result<String, RenderError> {
        fill(&self.renderer(project, &[]), paths).await
    }

    /// The targets of the requests since the last time.
    pub(crate) fn asked(&self) -> Vec<String> {
        let requests = self.server.requests();
        self.server.clear_requests();
        let requests = requests.iter().filter(|request| request.mark.is_none());
        requests.map(|request| request.target.clone()).collect()
    }
}

/// Fills one manifest with what is at these paths.
pub(crate) async fn fill(renderer: &Renderer, paths: &[&str]) -> Result<String, RenderError> {
    let mut source = "kind: A\n".to_owned();
    for (number, path) in paths.iter().enumerate() {
        let _ = writeln!(source, "k{number}: <path:{path}>");
    }
    let inputs = [Input::new("m.yaml", source)];
    let rendered = renderer.render(&inputs, &RunContext::new()).await?;
    Ok(rendered.texts()[0].to_string())
}
