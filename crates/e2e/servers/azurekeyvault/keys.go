package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"log"
	"net/http"
	"strings"

	azfake "github.com/Azure/azure-sdk-for-go/sdk/azcore/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys/fake"
)

// The name of the one key that there is.
const keyName = "sops-key"

type keys struct {
	version   string
	key       *rsa.PrivateKey
	transport http.RoundTripper
}

func newKeys() *keys {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		log.Fatal(err)
	}
	k := &keys{version: version(), key: key}
	transport := fake.NewServerTransport(&fake.Server{Encrypt: k.encrypt, Decrypt: k.decrypt})
	k.transport = roundTrip(transport.Do)
	return k
}

func (k *keys) RoundTrip(r *http.Request) (*http.Response, error) { return k.transport.RoundTrip(r) }

// has says whether there is such a key and the operation is one of SOPS's, or refuses.
func (k *keys) has(name, version string, given azkeys.KeyOperationParameters, refusal *azfake.ErrorResponder) bool {
	// The generated code takes a version for a part of the name.
	if first, rest, found := strings.Cut(name, "/"); found {
		name, version = first, rest
	}
	switch {
	case name != keyName || version != "" && version != k.version:
		refusal.SetResponseError(http.StatusNotFound, "KeyNotFound")
	case given.Algorithm == nil || *given.Algorithm != azkeys.EncryptionAlgorithmRSAOAEP256:
		refusal.SetResponseError(http.StatusBadRequest, "BadParameter")
	default:
		return true
	}
	return false
}

func (k *keys) encrypt(_ context.Context, name, version string, given azkeys.KeyOperationParameters, _ *azkeys.EncryptOptions) (answer azfake.Responder[azkeys.EncryptResponse], refusal azfake.ErrorResponder) {
	if !k.has(name, version, given, &refusal) {
		return
	}
	sealed, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, &k.key.PublicKey, given.Value, nil)
	if err != nil {
		refusal.SetResponseError(http.StatusBadRequest, "BadParameter")
		return
	}
	result := azkeys.KeyOperationResult{Result: sealed}
	answer.SetResponse(http.StatusOK, azkeys.EncryptResponse{KeyOperationResult: result}, nil)
	return
}

func (k *keys) decrypt(_ context.Context, name, version string, given azkeys.KeyOperationParameters, _ *azkeys.DecryptOptions) (answer azfake.Responder[azkeys.DecryptResponse], refusal azfake.ErrorResponder) {
	if !k.has(name, version, given, &refusal) {
		return
	}
	plain, err := rsa.DecryptOAEP(sha256.New(), nil, k.key, given.Value, nil)
	if err != nil {
		refusal.SetResponseError(http.StatusBadRequest, "BadParameter")
		return
	}
	result := azkeys.KeyOperationResult{Result: plain}
	answer.SetResponse(http.StatusOK, azkeys.DecryptResponse{KeyOperationResult: result}, nil)
	return
}
