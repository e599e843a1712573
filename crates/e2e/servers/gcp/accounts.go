package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	reader = "reader@shop.iam.gserviceaccount.com"
	nobody = "nobody@shop.iam.gserviceaccount.com"
)

// account is a service account with one key.
type account struct {
	id  string
	key *rsa.PrivateKey
}

// newLogins makes accounts, and writes the credentials that log in at this address.
func newLogins(address, folder string) (*logins, error) {
	made := &logins{accounts: map[string]*account{}, tokens: map[string]string{}}
	files := map[string]any{}
	for _, email := range []string{reader, nobody} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, err
		}
		name, _, _ := strings.Cut(email, "@")
		made.accounts[email] = &account{"key-of-" + name, key}
		files[name] = map[string]any{
			"type":           "service_account",
			"project_id":     "shop",
			"private_key_id": "key-of-" + name,
			"private_key":    string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
			"client_email":   email,
			"client_id":      "100000000000000000001",
			"token_uri":      address + "/token",
		}
	}
	files["user"] = map[string]any{
		"type": "authorized_user", "client_id": clientID, "client_secret": clientSecret,
		"refresh_token": refreshToken, "token_uri": address + "/token",
	}
	actsAs := address + "/v1/projects/-/serviceAccounts/" + reader + ":generateAccessToken"
	files["acting"] = map[string]any{
		"type": "impersonated_service_account", "service_account_impersonation_url": actsAs,
		"delegates": []string{}, "source_credentials": files["user"],
	}
	workload := func() map[string]any {
		return map[string]any{
			"type": "external_account", "audience": audience, "subject_token_type": jwtToken,
			"token_url":         address + "/v1/token",
			"credential_source": map[string]any{"file": filepath.Join(folder, "subject")},
		}
	}
	files["workload"] = workload()
	acting := workload()
	acting["service_account_impersonation_url"] = actsAs
	files["acting-workload"] = acting
	for name, content := range files {
		text, err := json.Marshal(content)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(folder, name+".json"), text, 0o600); err != nil {
			return nil, err
		}
	}
	return made, os.WriteFile(filepath.Join(folder, "subject"), []byte(subjectToken), 0o600)
}

type claims struct {
	Iss, Sub, Scope, Aud string
	Iat, Exp             int64
}

// signer is the account whose key has signed a request for a token; none if that is not one.
func (l *logins) signer(jwt string) string {
	told, isGood := l.verified(jwt)
	// Google's Python client names Google's own token endpoint, whatever its credentials say.
	isForUs := told.Aud == "https://oauth2.googleapis.com/token" || strings.HasSuffix(told.Aud, "/token")
	if !isGood || !isForUs || told.Scope != scope {
		return ""
	}
	return told.Iss
}

// self is the account whose key has signed a token for services, in the place of one from here: so
// Google's client in Go logs in.
func (l *logins) self(jwt string) string {
	told, isGood := l.verified(jwt)
	if !isGood || !slices.Contains(strings.Fields(told.Scope), scope) || told.Sub != told.Iss {
		return ""
	}
	return told.Iss
}

// verified is what a token says, and whether the key of its issuer has signed it and it is good now.
func (l *logins) verified(jwt string) (claims, bool) {
	var header struct{ Alg, Kid, Typ string }
	var told claims
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return told, false
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || decode(parts[0], &header) != nil || decode(parts[1], &told) != nil {
		return told, false
	}
	known, now := l.accounts[told.Iss], time.Now().Unix()
	if known == nil || header.Alg != "RS256" || header.Typ != "JWT" || header.Kid != known.id ||
		told.Iat > now || told.Exp <= now || told.Exp-told.Iat > 3700 {
		return told, false
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	err = rsa.VerifyPKCS1v15(&known.key.PublicKey, crypto.SHA256, digest[:], signature)
	return told, err == nil
}

func decode(part string, into any) error {
	text, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
