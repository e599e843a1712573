//! What apps share of what a command prints (rule R14).

use std::time::Duration;

use super::{SETTING, SHARE, connect};
use crate::{
    ConnectContext, Keys, RunContext, SecretPath, SecretRequest, Settings, Sharing, Traffic,
};

#[tokio::test]
async fn what_it_prints_is_shared_only_if_the_operator_says_so() {
    for (switch, started) in [(None, 3), (Some("false"), 3), (Some("true"), 1)] {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let program = folder.path().join("program");
        let text = format!(
            "#!/bin/sh\necho started >>{}\necho '{{\"values\": {{\"k\": \"v\"}}}}'\n",
            log.display()
        );
        std::fs::write(&program, text).unwrap();
        std::fs::set_permissions(
            &program,
            std::os::unix::fs::PermissionsExt::from_mode(0o755),
        )
        .unwrap();
        let mut settings = Settings::new().with(SETTING, program.display().to_string());
        if let Some(switch) = switch {
            settings = settings.with(SHARE, switch);
        }
        let sharing = Sharing::new(Duration::from_secs(3600), &Traffic::new());
        let backend = connect(&settings, &ConnectContext::new().with_sharing(sharing)).unwrap();
        let count = || std::fs::read_to_string(&log).unwrap().lines().count();
        let ask = async |key: &str, version: Option<&str>| {
            let mut request = SecretRequest::new(SecretPath::verbatim("p"), Keys::names([key]));
            request.version = version.map(str::to_owned);
            backend
                .read(&[request], &RunContext::default())
                .await
                .remove(0)
        };
        for _ in 0..3 {
            assert!(ask("k", None).await.unwrap().value("k").is_some());
        }
        assert_eq!(count(), started, "{switch:?}");
        // Another version or key is another question; what is missing is asked for again.
        ask("k", Some("2")).await.unwrap();
        assert_eq!(count(), started + 1);
        for more in 2..4 {
            assert!(ask("other", None).await.unwrap().value("other").is_none());
            assert_eq!(count(), started + more);
        }
    }
    let wrong = Settings::new()
        .with(SETTING, "/bin/true")
        .with(SHARE, "perhaps");
    let error = connect(&wrong, &ConnectContext::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`MANIFILL_COMMAND_SHARE` must be true or false"
    );
}
