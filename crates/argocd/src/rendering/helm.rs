//! Charts, rendered as Argo CD does it: `helm template`.

use std::ffi::OsString;
use std::time::Instant;

use manifill::Input;

use super::error::{RenderingError, shown};
use super::fetch::{Remote, file_name};
use super::helm_args::{HelmArgs, Set, is_api_version, is_version};
use super::parameters::{Parameters, SourceKind};
use super::private_folder::PrivateFolder;
use super::programs::{Programs, Renders};
use super::repository::{Found, NameProblem, Repository, check_name, join, relative};
use super::{chart, yaml};
use crate::app::App;
use crate::tree::Tree;

/// The settings that hold flags; recipes for argocd-vault-plugin know both names.
const ARGS: [&str; 2] = ["HELM_ARGS", "helm_args"];

/// The setting that holds values.
const VALUES: &str = "HELM_VALUES";

/// What Linux takes as one word of a command, with the byte that ends it.
const WORD: usize = 128 << 10;

/// What all words of a command may have, well below what Linux takes with the environment.
const WORDS: usize = 1 << 20;

/// Renders the chart of an app, until a time, and gives what Helm prints.
///
/// The author's settings are `HELM_ARGS` or `helm_args`, `HELM_VALUES` and the parameters of a
/// [chart](SourceKind::Helm). Of values, what is set by name wins over `helm-values`, that over
/// `HELM_VALUES`, that over files of `helm-values-files`, and these over files in `HELM_ARGS`.
///
/// Helm sees a private copy of the chart and of the files of values, and nothing of this process's
/// environment. Where it runs does not matter; dropping the future ends it.
///
/// # Errors
/// Settings that are wrong or not allowed, links that leave the repository, what is on hosts that
/// the operator has not opened, limits, and what Helm itself says.
pub async fn render_helm(
    tree: &Tree,
    app: &App,
    programs: &Programs,
    until: Instant,
) -> Result<Vec<Input>, RenderingError> {
    let parameters = Parameters::read(&app.parameters, SourceKind::Helm)?;
    let mut args = HelmArgs::default();
    for setting in ARGS {
        if let Some(text) = app.env.get(setting) {
            args.add(setting, text)?;
        }
    }
    let repository = Repository(tree);
    let chart = match repository.find(&app.path)? {
        Some((chart, Found::Folder)) => chart,
        _ => return Err(no_chart(&app.path)),
    };
    if repository.find(&join(&chart, "Chart.yaml"))?.is_none() {
        return Err(no_chart(&app.path));
    }
    let mut remote = Remote::new(&programs.remote);
    let (folder, values) = loop {
        let mut folder = programs.prepare(Renders::Helm)?;
        chart::copy(repository, &chart, &mut folder, &remote)?;
        let values = values(
            repository,
            &chart,
            app,
            &args,
            &parameters,
            &mut folder,
            &remote,
        )?;
        if !remote.download(until).await? {
            break (folder, values);
        }
    };
    let arguments = arguments(app, &args, values, &parameters)?;
    let text = programs
        .run(Renders::Helm, &folder, &chart, arguments, until)
        .await?;
    Ok(vec![Renders::Helm.input(&chart, text)])
}

fn no_chart(path: &str) -> RenderingError {
    RenderingError::source(format!("{} has no Chart.yaml", shown(path)))
}

/// The files of values, in the order in which later ones win, as Helm finds them from the chart.
fn values(
    repository: Repository<'_>,
    chart: &str,
    app: &App,
    args: &HelmArgs,
    parameters: &Parameters,
    folder: &mut PrivateFolder,
    remote: &Remote<'_>,
) -> Result<Vec<OsString>, RenderingError> {
    let mut values = Vec::new();
    let named = args
        .values
        .iter()
        .map(|(setting, name)| (setting.as_str(), name));
    let listed = parameters.helm_values_files.iter();
    let named = named.chain(listed.map(|name| ("helm-values-files", name)));
    for (setting, name) in named {
        match check_name(name) {
            Ok(()) => {}
            Err(NameProblem::Remote) => {
                if let Some(data) = remote.file(setting, name)? {
                    let file = format!("{}-{}", values.len(), file_name(name));
                    values.push(folder.write_values(&file, data)?.into());
                }
                continue;
            }
            Err(NameProblem::Wrong(why)) => {
                let message = format!("{setting}: the name {} {why}", shown(name));
                return Err(RenderingError::settings(message));
            }
        }
        let found = repository.find(&join(chart, name)).map_err(|_| {
            RenderingError::settings(format!(
                "{setting}: {} leads out of the repository",
                shown(name)
            ))
        })?;
        let Some((real, Found::File(data))) = found else {
            let message = format!("{setting}: there is no file {}", shown(name));
            return Err(
                RenderingError::settings(message).with_hint("names are relative to the chart")
            );
        };
        folder.write(&real, data)?;
        values.push(OsString::from(quoted(&relative(chart, &real))));
    }
    let texts = [
        (VALUES, app.env.get(VALUES).map(String::as_str)),
        ("helm-values", Some(parameters.helm_values.as_str())),
    ];
    for (setting, text) in texts {
        let text = text.unwrap_or_default();
        if text.trim().is_empty() {
            continue;
        }
        match yaml::parse(setting, text)? {
            serde_json::Value::Object(_) | serde_json::Value::Null => {}
            _ => return Err(RenderingError::settings(format!("{setting} is not a map"))),
        }
        values.push(folder.write_values(setting, text.as_bytes())?.into());
    }
    Ok(values)
}

/// A name as Helm reads it where it may be a list with commas.
fn quoted(name: &str) -> String {
    if name.contains(['"', ',']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

/// What Helm is told, each value in one word with its flag.
fn arguments(
    app: &App,
    args: &HelmArgs,
    values: Vec<OsString>,
    parameters: &Parameters,
) -> Result<Vec<OsString>, RenderingError> {
    let mut arguments: Vec<OsString> = vec!["template".into(), ".".into()];
    let mut add = |flag: &str, value: &str| arguments.push(format!("{flag}={value}").into());
    add("--name-template", &app.release);
    let namespace = args.namespace.as_ref().unwrap_or(&app.namespace);
    if !namespace.is_empty() {
        add("--namespace", namespace);
    }
    let version = args.kube_version.as_ref().unwrap_or(&app.kube_version);
    if is_version(version) {
        add("--kube-version", version);
    }
    let known = app
        .api_versions
        .iter()
        .filter(|version| is_api_version(version));
    for version in known.chain(&args.api_versions) {
        add("--api-versions", version);
    }
    match args.skip_crds {
        Some(true) => add("--skip-crds", "true"),
        _ => add(
            "--include-crds",
            &args.include_crds.unwrap_or(!app.skips_crds).to_string(),
        ),
    }
    for (flag, set) in [
        ("--skip-tests", args.skip_tests),
        ("--no-hooks", args.no_hooks),
    ] {
        if let Some(set) = set {
            add(flag, &set.to_string());
        }
    }
    for file in values {
        let mut argument = OsString::from("--values=");
        argument.push(file);
        arguments.push(argument);
    }
    let mut add = |set: Set, value: &str| arguments.push(format!("{}={value}", set.flag()).into());
    for (set, value) in &args.sets {
        add(*set, value);
    }
    for (name, set, map) in [
        ("helm-set", Set::Any, &parameters.helm_set),
        ("helm-set-string", Set::String, &parameters.helm_set_string),
    ] {
        for (path, value) in map {
            if path.is_empty() || path.contains(['=', ',']) {
                let message = format!("the parameter `{name}` has the name {}", shown(path));
                return Err(RenderingError::settings(message)
                    .with_hint("write the path of one value, such as image.tag or ports[0].name"));
            }
            add(set, &format!("{path}={}", without_commas(value)));
        }
    }
    can_be_told(&arguments)?;
    Ok(arguments)
}

/// Whether a program can be started with these words. If not, that is the author's mistake, and
/// nothing is wrong with the program.
fn can_be_told(arguments: &[OsString]) -> Result<(), RenderingError> {
    let mut bytes = 0;
    for argument in arguments {
        let word = argument.to_string_lossy();
        bytes += word.len() + 1;
        let (flag, _) = word.split_once('=').unwrap_or((&word, ""));
        if word.contains('\0') {
            let message = format!("what {} sets contains a NUL character", shown(flag));
            return Err(RenderingError::settings(message));
        }
        if word.len() >= WORD || bytes > WORDS {
            let message = format!("what {} sets is longer than Helm can be told", shown(flag));
            return Err(RenderingError::settings(message)
                .with_hint("write it into `helm-values` or HELM_VALUES"));
        }
    }
    Ok(())
}

/// A value whose commas end nothing, unless it is a list, as Argo CD hands parameters to Helm.
fn without_commas(value: &str) -> String {
    if value.starts_with('{') && value.ends_with('}') {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len());
    let mut before = None;
    for char in value.chars() {
        if char == ',' && before != Some('\\') {
            out.push('\\');
        }
        out.push(char);
        before = Some(char);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(app: &App, text: &str, parameters: &Parameters) -> Vec<String> {
        let mut args = HelmArgs::default();
        args.add("HELM_ARGS", text).unwrap();
        let values = vec!["./a.yaml".into()];
        let arguments = arguments(app, &args, values, parameters).unwrap();
        arguments
            .into_iter()
            .map(|word| word.into_string().unwrap())
            .collect()
    }

    #[test]
    fn what_no_command_can_hold_is_a_mistake_of_the_settings() {
        let nul = [
            (r#"--set "a=x\0y""#, [("", "")], "--set"),
            ("", [("a", "x\0y")], "--set-string"),
            ("", [("a\0", "x")], "--set-string"),
        ];
        let of = |flags: &str, [(name, value)]: [(&str, &str); 1]| {
            let mut args = HelmArgs::default();
            args.add("HELM_ARGS", &flags.replace("\\0", "\0")).unwrap();
            let mut parameters = Parameters::default();
            if !name.is_empty() {
                parameters.helm_set_string.insert(name.into(), value.into());
            }
            arguments(&App::default(), &args, Vec::new(), &parameters)
        };
        for (flags, set, flag) in nul {
            let error = of(flags, set).unwrap_err();
            let told = format!("what `{flag}` sets contains a NUL character");
            assert_eq!(error.to_string(), told);
            assert_eq!(error.kind(), super::super::RenderingErrorKind::Settings);
        }
        let long = "x".repeat(WORD);
        let error = of("", [("a", &long)]).unwrap_err().to_string();
        assert_eq!(
            error,
            "what `--set-string` sets is longer than Helm can be told"
        );
        let many = "--set a=x ".repeat(WORDS / 10);
        assert!(of(&many, [("", "")]).is_err());
        assert!(of("", [("a", &long[..WORD - 20])]).is_ok());
    }

    #[test]
    fn helm_is_told_what_argo_cd_tells_it() {
        let app = App {
            release: "web".into(),
            namespace: "team".into(),
            kube_version: "1.31".into(),
            api_versions: vec!["v1".into(), "apps/v1/Deployment".into()],
            ..App::default()
        };
        assert_eq!(
            told(&app, "", &Parameters::default()),
            [
                "template",
                ".",
                "--name-template=web",
                "--namespace=team",
                "--kube-version=1.31",
                "--api-versions=v1",
                "--api-versions=apps/v1/Deployment",
                "--include-crds=true",
                "--values=./a.yaml",
            ]
        );
        let mut parameters = Parameters::default();
        parameters.helm_set.insert("a".into(), "x,y".into());
        parameters
            .helm_set_string
            .insert("b".into(), "{1,2}".into());
        let flags = "--skip-crds --no-hooks --skip-tests=false --kube-version 1.30 --api-versions x -n other --set c=1,d=2";
        assert_eq!(
            told(&app, flags, &parameters),
            [
                "template",
                ".",
                "--name-template=web",
                "--namespace=other",
                "--kube-version=1.30",
                "--api-versions=v1",
                "--api-versions=apps/v1/Deployment",
                "--api-versions=x",
                "--skip-crds=true",
                "--skip-tests=false",
                "--no-hooks=true",
                "--values=./a.yaml",
                "--set=c=1,d=2",
                r"--set=a=x\,y",
                "--set-string=b={1,2}",
            ]
        );
        // A plugin can leave definitions out, and an author can have them all the same.
        let app = App {
            skips_crds: true,
            ..App::default()
        };
        for (flags, crds) in [("", "false"), ("--include-crds", "true")] {
            let told = told(&app, flags, &Parameters::default());
            assert!(told.contains(&format!("--include-crds={crds}")), "{told:?}");
        }
        assert_eq!(quoted(r#"./a,"b".yaml"#), r#""./a,""b"".yaml""#);
        assert_eq!(without_commas(r"a\,b,c"), r"a\,b\,c");
    }
}
