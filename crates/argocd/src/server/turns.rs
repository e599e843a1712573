//! Which app is next: project by project, so that nobody's many apps keep others waiting.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// Turns, so many at a time. Of several, the last one is for a project that has none: it does not wait
/// for what others take long for.
#[derive(Clone)]
pub(crate) struct Turns(Arc<Mutex<State>>);

struct State {
    free: usize,
    /// How many turns are kept for projects that have none.
    kept: usize,
    /// How many turns each project has that has any.
    running: HashMap<String, usize>,
    /// The projects with apps that wait; the next turn is the first one's that may have it.
    lines: VecDeque<Line>,
}

/// The apps of a project that wait, in the order in which they came.
struct Line {
    project: String,
    apps: VecDeque<oneshot::Sender<Permit>>,
}

/// A turn of a project, which another app gets when this is dropped.
pub(crate) struct Permit(Option<(Turns, String)>);

impl Turns {
    pub(crate) fn new(most: usize) -> Self {
        Turns(Arc::new(Mutex::new(State {
            free: most.max(1),
            kept: usize::from(most > 1),
            running: HashMap::new(),
            lines: VecDeque::new(),
        })))
    }

    /// Waits for a turn of a project. Dropping the future leaves the line.
    pub(crate) async fn next(&self, project: &str) -> Permit {
        let waits = {
            let mut state = self.state();
            if state.may_run(project) {
                return self.give(&mut state, project.to_owned());
            }
            let (sender, receiver) = oneshot::channel();
            state.forget_those_who_left();
            let line = state.lines.iter_mut().find(|line| line.project == project);
            match line {
                Some(line) => line.apps.push_back(sender),
                None => state.lines.push_back(Line {
                    project: project.to_owned(),
                    apps: VecDeque::from([sender]),
                }),
            }
            receiver
        };
        match waits.await {
            Ok(permit) => permit,
            // Nobody drops a line without a turn for it.
            Err(_) => std::future::pending().await,
        }
    }

    /// How many apps are worked on, and how many wait.
    #[cfg(any(test, feature = "serve"))]
    pub(crate) fn counts(&self) -> (usize, usize) {
        let mut state = self.state();
        state.forget_those_who_left();
        let waiting = state.lines.iter().map(|line| line.apps.len()).sum();
        (state.running.values().sum(), waiting)
    }

    fn give(&self, state: &mut State, project: String) -> Permit {
        state.take(&project);
        Permit(Some((self.clone(), project)))
    }

    /// Gives a turn that is over to the next app that may have it.
    fn pass_on(&self, project: &str) {
        let mut state = self.state();
        state.give_back(project);
        while let Some((project, app)) = state.next_app() {
            let permit = self.give(&mut state, project);
            if let Err(mut permit) = app.send(permit) {
                // It does not wait any more. Dropped as it is, the permit would come back here.
                if let Some((_, project)) = permit.0.take() {
                    state.give_back(&project);
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn may_run(&self, project: &str) -> bool {
        self.free > self.kept || (self.free > 0 && !self.running.contains_key(project))
    }

    fn take(&mut self, project: &str) {
        self.free -= 1;
        *self.running.entry(project.to_owned()).or_default() += 1;
    }

    fn give_back(&mut self, project: &str) {
        self.free += 1;
        if let Some(count) = self.running.get_mut(project) {
            *count -= 1;
            if *count == 0 {
                self.running.remove(project);
            }
        }
    }

    /// The next app that may have a turn, with its project, which goes to the end of the line.
    fn next_app(&mut self) -> Option<(String, oneshot::Sender<Permit>)> {
        loop {
            let at = self
                .lines
                .iter()
                .position(|line| self.may_run(&line.project))?;
            let mut line = self.lines.remove(at)?;
            let app = line.apps.pop_front();
            let project = line.project.clone();
            if !line.apps.is_empty() {
                self.lines.push_back(line);
            }
            if let Some(app) = app {
                return Some((project, app));
            }
        }
    }

    /// Without this, apps that time out would pile up while nothing ends.
    fn forget_those_who_left(&mut self) {
        for line in &mut self.lines {
            line.apps.retain(|app| !app.is_closed());
        }
        self.lines.retain(|line| !line.apps.is_empty());
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some((turns, project)) = self.0.take() {
            turns.pass_on(&project);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    type Waiting = Pin<Box<dyn Future<Output = Permit>>>;

    fn wait(turns: &Turns, project: &'static str) -> Waiting {
        let turns = turns.clone();
        let mut waiting: Waiting = Box::pin(async move { turns.next(project).await });
        assert!(poll(&mut waiting).is_none(), "there was a free turn");
        waiting
    }

    fn poll(waiting: &mut Waiting) -> Option<Permit> {
        match waiting
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(permit) => Some(permit),
            Poll::Pending => None,
        }
    }

    fn now(turns: &Turns) -> Permit {
        now_of(turns, "first")
    }

    fn now_of(turns: &Turns, project: &'static str) -> Permit {
        let turns = turns.clone();
        let mut waiting: Waiting = Box::pin(async move { turns.next(project).await });
        poll(&mut waiting).unwrap()
    }

    #[test]
    fn five_hundred_apps_of_a_project_keep_no_other_one_waiting() {
        let turns = Turns::new(1);
        let mut running = now(&turns);
        let many: Vec<_> = (0..500).map(|_| ("many", wait(&turns, "many"))).collect();
        let few = ["b", "c", "b"].map(|project| (project, wait(&turns, project)));
        assert_eq!(turns.counts(), (1, 503));
        let mut waiting: Vec<_> = many.into_iter().chain(few).collect();
        let mut order = Vec::new();
        while !waiting.is_empty() {
            drop(running);
            let mut ready = waiting.iter_mut().enumerate();
            let (at, permit) = ready
                .find_map(|(at, one)| Some((at, poll(&mut one.1)?)))
                .unwrap();
            // Of a project, whoever came first.
            let project = waiting.remove(at).0;
            assert!(waiting[..at].iter().all(|(other, _)| *other != project));
            order.push(project);
            running = permit;
        }
        assert_eq!(order[..7], ["many", "b", "c", "many", "b", "many", "many"]);
        assert_eq!(order.len(), 503);
        assert_eq!(turns.counts(), (1, 0));
        drop(running);
        assert_eq!(turns.counts(), (0, 0));
    }

    #[test]
    fn so_many_run_at_a_time() {
        let turns = Turns::new(3);
        let running = [now(&turns), now(&turns)];
        let mut next = wait(&turns, "first");
        assert_eq!(turns.counts(), (2, 1));
        drop(running);
        let got = poll(&mut next).unwrap();
        assert_eq!(turns.counts(), (1, 0));
        drop(got);
    }

    #[test]
    fn the_last_turn_is_for_a_project_that_has_none() {
        let turns = Turns::new(3);
        let slow = [now(&turns), now(&turns)];
        let mut waits = wait(&turns, "first");
        // Those of others come and go, and none of them waits.
        for project in ["b", "c", "b"] {
            let permit = now_of(&turns, project);
            assert_eq!(turns.counts(), (3, 1));
            drop(permit);
            assert!(poll(&mut waits).is_none());
        }
        // Of two others, the second waits for the first, and not for what is slow.
        let permit = now_of(&turns, "b");
        let mut c = wait(&turns, "c");
        drop(permit);
        let c = poll(&mut c).unwrap();
        assert!(poll(&mut waits).is_none());
        drop(slow);
        let first = poll(&mut waits).unwrap();
        drop((c, first));
        assert_eq!(turns.counts(), (0, 0));
    }

    #[test]
    fn who_leaves_the_line_takes_no_turn() {
        let turns = Turns::new(1);
        let running = now(&turns);
        let left = wait(&turns, "a");
        let mut stays = wait(&turns, "a");
        drop(left);
        assert_eq!(turns.counts(), (1, 1));
        drop(running);
        let permit = poll(&mut stays).unwrap();
        // One that leaves when its turn has come passes it on.
        let late = wait(&turns, "b");
        let mut after = wait(&turns, "b");
        drop(permit);
        drop(late);
        assert!(poll(&mut after).is_some());
        assert_eq!(turns.counts(), (0, 0));
    }
}
