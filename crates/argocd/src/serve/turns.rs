//! Which app is worked on next: project by project, so that nobody's many apps keep others waiting.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// The turns of a server, so many at a time.
#[derive(Clone)]
pub(crate) struct Turns(Arc<Mutex<State>>);

struct State {
    free: usize,
    running: usize,
    /// The projects with apps that wait; the next turn is the first one's.
    lines: VecDeque<Line>,
}

/// The apps of a project that wait, in the order in which they came.
struct Line {
    project: String,
    apps: VecDeque<oneshot::Sender<Permit>>,
}

/// A turn, which another app gets when this is dropped.
pub(crate) struct Permit(Option<Turns>);

impl Turns {
    pub(crate) fn new(most: usize) -> Self {
        Turns(Arc::new(Mutex::new(State {
            free: most.max(1),
            running: 0,
            lines: VecDeque::new(),
        })))
    }

    /// Waits for a turn of a project. Dropping the future leaves the line.
    pub(crate) async fn next(&self, project: &str) -> Permit {
        let waits = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                state.running += 1;
                return Permit(Some(self.clone()));
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
    pub(crate) fn counts(&self) -> (usize, usize) {
        let mut state = self.state();
        state.forget_those_who_left();
        let waiting = state.lines.iter().map(|line| line.apps.len()).sum();
        (state.running, waiting)
    }

    /// Gives a turn that is over to the next app.
    fn pass_on(&self) {
        let mut state = self.state();
        while let Some(mut line) = state.lines.pop_front() {
            let app = line.apps.pop_front();
            if !line.apps.is_empty() {
                state.lines.push_back(line);
            }
            let Some(app) = app else { continue };
            match app.send(Permit(Some(self.clone()))) {
                Ok(()) => return,
                // It does not wait any more. Dropped as it is, the permit would come back here.
                Err(mut permit) => permit.0 = None,
            }
        }
        state.free += 1;
        state.running -= 1;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
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
        if let Some(turns) = self.0.take() {
            turns.pass_on();
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
        let turns = turns.clone();
        let mut waiting: Waiting = Box::pin(async move { turns.next("first").await });
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
        let running = [now(&turns), now(&turns), now(&turns)];
        let mut next = wait(&turns, "a");
        assert_eq!(turns.counts(), (3, 1));
        drop(running);
        let got = poll(&mut next).unwrap();
        assert_eq!(turns.counts(), (1, 0));
        drop(got);
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
