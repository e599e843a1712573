package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	tenant = "10000000-0000-0000-0000-000000000001"
	// The application that may read, and one that may not.
	reader, nobody = "20000000-0000-0000-0000-000000000001", "20000000-0000-0000-0000-000000000002"
	secret         = "Zk58Q~reader.+secret"
	header         = "identity-header"
	resource       = "https://vault.azure.net"
)

type token struct {
	resource string
	mayRead  bool
}

// logins is the service to log in at. What it gives is good for what it was asked for.
type logins struct {
	base string
	made *made
	sync.Mutex
	tokens map[string]token
}

func (l *logins) grant(w http.ResponseWriter, resource string, mayRead bool) {
	bytes := make([]byte, 16)
	rand.Read(bytes)
	text := hex.EncodeToString(bytes)
	l.Lock()
	l.tokens[text] = token{resource, mayRead}
	l.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{
		"token_type": "Bearer", "access_token": text, "expires_in": 3599, "ext_expires_in": 3599,
	})
}

// of is what the token of a request is good for.
func (l *logins) of(r *http.Request) (token, bool) {
	text, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	l.Lock()
	defer l.Unlock()
	found, ok := l.tokens[text]
	return found, ok && found.resource == resource
}

// identity is the managed identity of an app service.
func (l *logins) identity(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if r.Header.Get("X-IDENTITY-HEADER") != header || query.Get("api-version") != "2019-08-01" {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_request"})
		return
	}
	bytes := make([]byte, 16)
	rand.Read(bytes)
	text := hex.EncodeToString(bytes)
	l.Lock()
	l.tokens[text] = token{query.Get("resource"), true}
	l.Unlock()
	writeJSON(w, http.StatusOK, map[string]string{
		"token_type": "Bearer", "access_token": text, "resource": query.Get("resource"),
		"expires_on": strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10),
	})
}

// serve answers what is asked of the tenant, and says whether it was.
func (l *logins) serve(w http.ResponseWriter, r *http.Request) bool {
	base := l.base + "/" + tenant
	switch r.URL.Path {
	case "/" + tenant + "/v2.0/.well-known/openid-configuration":
		writeJSON(w, http.StatusOK, map[string]string{
			"issuer": base + "/v2.0", "token_endpoint": base + "/oauth2/v2.0/token",
			"authorization_endpoint": base + "/oauth2/v2.0/authorize",
		})
	case "/" + tenant + "/oauth2/v2.0/token":
		l.token(w, r, base+"/oauth2/v2.0/token")
	default:
		return false
	}
	return true
}

func (l *logins) token(w http.ResponseWriter, r *http.Request, receiver string) {
	refuse := func(code int, text string) {
		writeJSON(w, http.StatusUnauthorized, map[string]any{
			"error": "invalid_client", "error_codes": []int{code},
			"error_description": "AADSTS" + strconv.Itoa(code) + ": " + text,
		})
	}
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
		refuse(900144, "The request body is malformed.")
		return
	}
	field := r.PostForm.Get
	scope, isScope := strings.CutSuffix(field("scope"), "/.default")
	if field("grant_type") != "client_credentials" || !isScope {
		refuse(900144, "The request body lacks something.")
		return
	}
	client, proof := field("client_id"), field("client_assertion")
	isProof := field("client_assertion_type") == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	switch {
	case client != reader && client != nobody:
		refuse(700016, "Application was not found in the directory.")
	case proof == "" && field("client_secret") != secret:
		refuse(7000215, "Invalid client secret provided.")
	case proof == "" || isProof && proof == podToken:
		l.grant(w, scope, client == reader)
	case !isProof:
		refuse(900144, "The kind of the assertion is missing.")
	default:
		if err := l.check(proof, client, receiver); err != nil {
			refuse(700027, err.Error())
			return
		}
		l.grant(w, scope, client == reader)
	}
}

// check looks at what the application has signed with the key of its certificate.
func (l *logins) check(proof, client, receiver string) error {
	parts := strings.Split(proof, ".")
	if len(parts) != 3 {
		return errors.New("not a JWT")
	}
	var head struct {
		Alg    string `json:"alg"`
		Sha1   string `json:"x5t"`
		Sha256 string `json:"x5t#S256"`
	}
	var claims struct {
		Aud, Iss, Sub, Jti string
		Exp                float64
	}
	for at, into := range []any{&head, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[at])
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			return err
		}
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	short, long := sha1.Sum(l.made.app.Raw), sha256.Sum256(l.made.app.Raw)
	encode := base64.RawURLEncoding.EncodeToString
	// The official client fills it up with `=`.
	old := strings.TrimRight(head.Sha1, "=")
	if head.Sha256 != encode(long[:]) && (head.Sha256 != "" || old != encode(short[:])) {
		return errors.New("the certificate is not registered")
	}
	left := time.Until(time.Unix(int64(claims.Exp), 0))
	if claims.Aud != receiver || claims.Iss != client || claims.Sub != client || claims.Jti == "" ||
		left <= 0 || left > time.Hour {
		return errors.New("the claims are not those of the application")
	}
	key, ok := l.made.app.PublicKey.(*rsa.PublicKey)
	if !ok {
		return errors.New("no RSA key")
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	switch head.Alg {
	case "PS256":
		return rsa.VerifyPSS(key, crypto.SHA256, digest[:], signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	case "RS256":
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature)
	}
	return errors.New("another algorithm")
}
