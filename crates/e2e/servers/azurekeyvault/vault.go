package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"regexp"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azfake "github.com/Azure/azure-sdk-for-go/sdk/azcore/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azsecrets/fake"
)

// What the generated code is told of a request; the rest it reads itself.
var operations = []struct {
	method string
	path   *regexp.Regexp
	name   string
}{
	{"PUT", regexp.MustCompile(`^/secrets/[^/]+$`), "Client.SetSecret"},
	{"PATCH", regexp.MustCompile(`^/secrets/[^/]+/[^/]*$`), "Client.UpdateSecretProperties"},
	{"GET", regexp.MustCompile(`^/secrets(/fake_page_\d+)?$`), "Client.NewListSecretPropertiesPager"},
	{"GET", regexp.MustCompile(`^/secrets/[^/]+(/[^/]*)?$`), "Client.GetSecret"},
	{"POST", regexp.MustCompile(`^/keys/[^/]+/[^/]*/encrypt$`), "Client.Encrypt"},
	{"POST", regexp.MustCompile(`^/keys/[^/]+/[^/]*/decrypt$`), "Client.Decrypt"},
}

// serveVault answers as a vault: the login and the errors are ours, since the generated code has none.
func serveVault(w http.ResponseWriter, r *http.Request, logins *logins, secrets, keys http.RoundTripper) {
	fail := func(status int, code, inner, message string) {
		body := map[string]any{"code": code, "message": message}
		if inner != "" {
			body["innererror"] = map[string]string{"code": inner}
		}
		writeJSON(w, status, map[string]any{"error": body})
	}
	if r.URL.Query().Get("api-version") == "" {
		fail(http.StatusBadRequest, "BadParameter", "", "api-version must be specified")
		return
	}
	token, isKnown := logins.of(r)
	if !isKnown {
		challenge := `Bearer authorization="` + logins.base + "/" + tenant + `", resource="` + resource + `"`
		w.Header().Set("WWW-Authenticate", challenge)
		fail(http.StatusUnauthorized, "Unauthorized", "", "AKV10000: Request is missing a Bearer or PoP token.")
		return
	}
	if !token.mayRead {
		fail(http.StatusForbidden, "Forbidden", "ForbiddenByRbac", "Caller is not authorized to perform action on resource.")
		return
	}
	for _, operation := range operations {
		if operation.method != r.Method || !operation.path.MatchString(r.URL.Path) {
			continue
		}
		r = r.WithContext(context.WithValue(r.Context(), runtime.CtxAPINameKey{}, operation.name))
		r.URL.Scheme, r.URL.Host = "https", r.Host
		server := secrets
		if strings.HasPrefix(r.URL.Path, "/keys/") {
			server = keys
		}
		response, err := server.RoundTrip(r)
		var refused *azcore.ResponseError
		switch {
		case errors.As(err, &refused):
			code, inner, _ := strings.Cut(refused.ErrorCode, "/")
			fail(refused.StatusCode, code, inner, "Of "+r.URL.Path+".")
		case err != nil:
			fail(http.StatusBadRequest, "BadParameter", "", err.Error())
		default:
			defer response.Body.Close()
			for name, values := range response.Header {
				w.Header()[name] = values
			}
			w.WriteHeader(response.StatusCode)
			io.Copy(w, response.Body)
		}
		return
	}
	fail(http.StatusNotFound, "NotFound", "", "no such operation")
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// secrets are versions by the names of secrets in lower case, the current one last.
type secrets struct {
	base string
	sync.Mutex
	versions map[string][]azsecrets.Secret
}

func newSecrets(base string) http.RoundTripper {
	s := &secrets{base: base, versions: map[string][]azsecrets.Secret{}}
	transport := fake.NewServerTransport(&fake.Server{
		SetSecret:                    s.set,
		GetSecret:                    s.get,
		UpdateSecretProperties:       s.update,
		NewListSecretPropertiesPager: s.list,
	})
	return roundTrip(transport.Do)
}

func version() string {
	bytes := make([]byte, 16)
	rand.Read(bytes)
	return hex.EncodeToString(bytes)
}

func (s *secrets) set(_ context.Context, name string, given azsecrets.SetSecretParameters, _ *azsecrets.SetSecretOptions) (answer azfake.Responder[azsecrets.SetSecretResponse], refusal azfake.ErrorResponder) {
	s.Lock()
	defer s.Unlock()
	now := time.Now().UTC().Truncate(time.Second)
	attributes := given.SecretAttributes
	if attributes == nil {
		attributes = &azsecrets.SecretAttributes{}
	}
	if attributes.Enabled == nil {
		attributes.Enabled = to.Ptr(true)
	}
	attributes.Created, attributes.Updated = &now, &now
	id := azsecrets.ID(s.base + "/secrets/" + name + "/" + version())
	made := azsecrets.Secret{ID: &id, Value: given.Value, ContentType: given.ContentType, Tags: given.Tags, Attributes: attributes}
	key := strings.ToLower(name)
	s.versions[key] = append(s.versions[key], made)
	answer.SetResponse(http.StatusOK, azsecrets.SetSecretResponse{Secret: made}, nil)
	return
}

// find is the secret of a version, the current one if there is none.
func (s *secrets) find(name, version string) *azsecrets.Secret {
	versions := s.versions[strings.ToLower(name)]
	for at := len(versions) - 1; at >= 0; at-- {
		if version == "" || versions[at].ID.Version() == version {
			return &versions[at]
		}
	}
	return nil
}

func (s *secrets) get(_ context.Context, name, version string, _ *azsecrets.GetSecretOptions) (answer azfake.Responder[azsecrets.GetSecretResponse], refusal azfake.ErrorResponder) {
	s.Lock()
	defer s.Unlock()
	switch found := s.find(name, version); {
	case found == nil:
		refusal.SetResponseError(http.StatusNotFound, "SecretNotFound")
	case !*found.Attributes.Enabled:
		refusal.SetResponseError(http.StatusForbidden, "Forbidden/SecretDisabled")
	default:
		answer.SetResponse(http.StatusOK, azsecrets.GetSecretResponse{Secret: *found}, nil)
	}
	return
}

func (s *secrets) update(_ context.Context, name, version string, given azsecrets.UpdateSecretPropertiesParameters, _ *azsecrets.UpdateSecretPropertiesOptions) (answer azfake.Responder[azsecrets.UpdateSecretPropertiesResponse], refusal azfake.ErrorResponder) {
	s.Lock()
	defer s.Unlock()
	found := s.find(name, version)
	if found == nil {
		refusal.SetResponseError(http.StatusNotFound, "SecretNotFound")
		return
	}
	if given.SecretAttributes != nil && given.SecretAttributes.Enabled != nil {
		found.Attributes.Enabled = given.SecretAttributes.Enabled
	}
	answer.SetResponse(http.StatusOK, azsecrets.UpdateSecretPropertiesResponse{Secret: *found}, nil)
	return
}

// list has two secrets on a page.
func (s *secrets) list(_ *azsecrets.ListSecretPropertiesOptions) (pages azfake.PagerResponder[azsecrets.ListSecretPropertiesResponse]) {
	s.Lock()
	defer s.Unlock()
	var all []*azsecrets.SecretProperties
	for _, versions := range s.versions {
		last := versions[len(versions)-1]
		id := azsecrets.ID(s.base + "/secrets/" + last.ID.Name())
		all = append(all, &azsecrets.SecretProperties{ID: &id, Attributes: last.Attributes, ContentType: last.ContentType})
	}
	sort.Slice(all, func(a, b int) bool { return *all[a].ID < *all[b].ID })
	for first := 0; first == 0 || first < len(all); first += 2 {
		page := all[first:min(first+2, len(all))]
		pages.AddPage(http.StatusOK, azsecrets.ListSecretPropertiesResponse{
			SecretPropertiesListResult: azsecrets.SecretPropertiesListResult{Value: page},
		}, nil)
	}
	return
}
