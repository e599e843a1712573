// client [-parallel N] < JOBS: asks plugin servers for manifests with Argo CD's own code, and prints what
// it gets.
//
// The sockets are those of the folder ARGOCD_PLUGINSOCKFILEPATH. JOBS is a list in JSON, and so is what
// is printed, in the same order.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/sirupsen/logrus"
	"google.golang.org/grpc/status"
)

// job is an Application, or one call of the protocol if it has none.
type job struct {
	// The Application, whose manifests repo-server is asked for.
	Application json.RawMessage `json:"application"`
	// The call: generate, match, parameters or check.
	Call string `json:"call"`
	// The plugin of a call; its socket has its name.
	Plugin string `json:"plugin"`
	// The repository, as repo-server has checked it out.
	Root string `json:"root"`
	// The folder of a call in it. That of an Application is in its source.
	Path string `json:"path"`
	// What a call sends as environment, NAME=VALUE each.
	Env []string `json:"env"`
	// What is not sent, as in reposerver.plugin.tar.exclusions.
	Exclude []string `json:"exclude"`
	// Whether only what an Application's annotation names is sent, as with
	// reposerver.plugin.use.manifest.generate.paths.
	ManifestGeneratePaths bool `json:"manifestGeneratePaths"`
	// Whether the checkout is made anew first, as repo-server makes it before each Application.
	Checkout bool `json:"checkout"`
	// How long the whole may take, in milliseconds; 0 is for ever.
	Deadline int64 `json:"deadline"`
	// A file. Once it is there, the caller goes away.
	CancelWhen string `json:"cancelWhen"`
	// What a call does wrong: see faults.go.
	Fault string `json:"fault"`
}

// answer is what came of a job.
type answer struct {
	// The status: OK, or what gRPC calls it.
	Code    string `json:"code"`
	Message string `json:"message,omitempty"`
	// What repo-server makes of an answer: an object each.
	Manifests []json.RawMessage `json:"manifests,omitempty"`
	// The texts of the answer to a call.
	Texts []string `json:"texts,omitempty"`
	// What repo-server takes the Application for.
	SourceType string `json:"sourceType,omitempty"`
	// The answers of match and check.
	Supported           bool `json:"supported"`
	DiscoveryEnabled    bool `json:"discoveryEnabled"`
	DiscoveryConfigured bool `json:"discoveryConfigured"`
	GitCredentials      bool `json:"gitCredentials"`
	// The announced parameters, as Argo CD's API shows them.
	Parameters json.RawMessage `json:"parameters,omitempty"`
	// How long it took.
	Milliseconds int64 `json:"milliseconds"`
}

func main() {
	parallel := flag.Int("parallel", 1, "how many jobs run at once")
	flag.Parse()
	// What Argo CD logs is not an answer.
	logrus.SetOutput(io.Discard)
	var jobs []job
	if err := json.NewDecoder(os.Stdin).Decode(&jobs); err != nil {
		fail(err)
	}
	answers := make([]answer, len(jobs))
	next := make(chan int)
	var workers sync.WaitGroup
	for range *parallel {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for number := range next {
				answers[number] = run(jobs[number])
			}
		}()
	}
	for number := range jobs {
		next <- number
	}
	close(next)
	workers.Wait()
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func run(j job) answer {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if j.Deadline > 0 {
		ctx, cancel = context.WithTimeout(ctx, time.Duration(j.Deadline)*time.Millisecond)
		defer cancel()
	}
	if j.CancelWhen != "" {
		go func() {
			for ctx.Err() == nil {
				if _, err := os.Stat(j.CancelWhen); err == nil {
					cancel()
				}
				time.Sleep(20 * time.Millisecond)
			}
		}()
	}
	start := time.Now()
	var got answer
	var err error
	if j.Application != nil {
		err = got.application(ctx, j)
	} else {
		err = got.call(ctx, j)
	}
	got.Milliseconds = time.Since(start).Milliseconds()
	got.Code = status.Code(err).String()
	if err != nil {
		// Of an error that is wrapped, too.
		if found, ok := status.FromError(err); ok {
			got.Code = found.Code().String()
		}
		got.Message = err.Error()
	}
	return got
}
