// A key vault and what one logs in to it with, on this machine: main FOLDER.
//
// Microsoft's own generated code reads the requests of the vault and writes its answers; what it
// keeps, who may read it and the tokens are here. The folder gets certificates and keys, which are
// made anew, and ready.json at the end, which says where the server listens.
package main

import (
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// seen are the requests so far.
type seen struct {
	sync.Mutex
	requests []string
}

func (s *seen) add(request *http.Request) {
	agent, _, _ := strings.Cut(request.UserAgent(), "/")
	s.Lock()
	defer s.Unlock()
	s.requests = append(s.requests, request.Method+" "+request.URL.Path+" "+agent)
}

// take hands the requests out once.
func (s *seen) take() []string {
	s.Lock()
	defer s.Unlock()
	taken := append([]string{}, s.requests...)
	s.requests = nil
	return taken
}

func main() {
	folder := os.Args[1]
	cloud, near := listen(), listen()
	vault, plain := cloud.Addr().String(), near.Addr().String()
	made, err := makeFiles(folder)
	if err != nil {
		log.Fatal(err)
	}
	requests := &seen{}
	logins := &logins{base: "https://" + vault, made: made, tokens: map[string]token{}}
	secrets, keys := newSecrets("https://"+vault), newKeys()

	go func() {
		log.Fatal(http.Serve(near, nearby(logins, requests, vault)))
	}()
	ready, err := json.Marshal(map[string]string{
		"vault":    "https://" + vault,
		"identity": "http://" + plain + "/token",
		"near":     "http://" + plain,
		"key":      keys.version,
	})
	if err == nil {
		// Whoever waits for the file finds all of it.
		half := filepath.Join(folder, "ready")
		err = os.WriteFile(half, ready, 0o600)
		if err == nil {
			err = os.Rename(half, half+".json")
		}
	}
	if err != nil {
		log.Fatal(err)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.add(r)
		if !logins.serve(w, r) {
			serveVault(w, r, logins, secrets, keys)
		}
	})
	log.Fatal(http.ServeTLS(cloud, handler, made.path("server.pem"), made.path("server.key")))
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

// nearby is what serves this machine: the managed identity of an app service, a proxy that leads every
// host to the vault, and the requests so far.
func nearby(logins *logins, requests *seen, vault string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodConnect:
			tunnel(w, vault)
		case r.URL.Path == "/requests":
			writeJSON(w, http.StatusOK, requests.take())
		case r.URL.Path == "/token":
			requests.add(r)
			logins.identity(w, r)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
}

func tunnel(w http.ResponseWriter, vault string) {
	upstream, err := net.Dial("tcp", vault)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	client, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		upstream.Close()
		return
	}
	go func() {
		io.Copy(upstream, client)
		upstream.Close()
	}()
	io.Copy(client, upstream)
	client.Close()
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}
