//! A chart that takes all the memory there is: its Application has an error, and the server goes on.

use manifill_e2e::{helm3, helm4, manifill, skip};
use serde_json::json;

use crate::world::{PASSWORD, Way, World, app, failed, object};

/// What the server and its programs may take, so that neither of them can fill this machine: a program
/// has a part of it.
const MEMORY: u64 = 1 << 30;

/// A text that is doubled until it has no place any more.
const GREEDY: &str = "kind: ConfigMap
apiVersion: v1
metadata: {name: a}
data:
  {{- $text := \"0123456789abcdef\" }}
  {{- range until 40 }}
  {{- $text = print $text $text }}
  {{- end }}
  a: {{ $text }}
  b: <path:vaults/Production/items/db#username>
";

#[test]
fn a_chart_that_takes_all_memory_has_an_error_and_the_next_one_is_filled() {
    if skip("a chart that takes all memory") {
        return;
    }
    for (name, helm) in [("Helm 3", helm3().unwrap()), ("Helm 4", helm4().unwrap())] {
        let mut world = World::new(Way::Native);
        for chart in ["greedy", "modest"] {
            let about = format!("apiVersion: v2\nname: {chart}\nversion: 1.0.0\n");
            world.write(&format!("{chart}/Chart.yaml"), about);
        }
        world.write("greedy/templates/a.yaml", GREEDY);
        world.write_secret("modest/templates/secret.yaml");
        let server = world.native_server(
            &[&manifill().unwrap()],
            &["--helm", helm.to_str().unwrap()],
            &[("MANIFILL_SERVER_MEMORY", &MEMORY.to_string())],
        );
        world.servers.push(server.unwrap());
        let plugin = json!({"name": "manifill-helm"});
        // One after the other, and beside each other: nothing of it stays.
        let folders = ["greedy", "modest", "greedy", "greedy", "modest"];
        let jobs = folders.map(|folder| app(folder, &plugin)).to_vec();
        let mut answers = world.ask(jobs.clone());
        answers.extend(world.ask_at_once(5, jobs));
        for (answer, folder) in answers.iter().zip(folders.iter().cycle()) {
            if *folder == "modest" {
                assert_eq!(object(answer)["stringData"]["password"], PASSWORD);
                continue;
            }
            let told = failed(answer);
            assert!(told.contains("greedy"), "{name}: {told}");
            assert!(told.contains("bytes of memory"), "{name}: {told}");
            assert!(told.contains("MANIFILL_SERVER_MEMORY"), "{name}: {told}");
        }
        let peak = world.servers[0].peak_memory().unwrap();
        assert!(peak < MEMORY / 4, "{name}: {peak} bytes");
        world.assert_clean();
    }
}
