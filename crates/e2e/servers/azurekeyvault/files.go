package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// What pods are given, and the application believes.
const podToken = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJwb2QifQ.pod"

// made are the files of the folder.
type made struct {
	folder string
	// The certificate of the application.
	app *x509.Certificate
}

func (m *made) path(name string) string {
	return filepath.Join(m.folder, name)
}

// makeFiles makes ca.pem, server.pem and server.key for TLS, app.pem with the certificate and the key
// of the application, and pod, the token of one.
func makeFiles(folder string) (*made, error) {
	m := &made{folder: folder}
	ca, caKey, err := m.certificate("ca.pem", "", nil, nil)
	if err != nil {
		return nil, err
	}
	if _, _, err := m.certificate("server.pem", "server.key", ca, caKey); err != nil {
		return nil, err
	}
	appKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificate(rand.Reader, template(), template(), appKey.Public(), appKey)
	if err != nil {
		return nil, err
	}
	if m.app, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(appKey)
	if err != nil {
		return nil, err
	}
	text := append(block("CERTIFICATE", der), block("PRIVATE KEY", key)...)
	if err := os.WriteFile(m.path("app.pem"), text, 0o600); err != nil {
		return nil, err
	}
	return m, os.WriteFile(m.path("pod"), []byte(podToken), 0o600)
}

// certificate makes one for a server, or without a parent a CA.
func (m *made) certificate(name, keyName string, parent *x509.Certificate, parentKey crypto.Signer) (*x509.Certificate, crypto.Signer, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	form := template()
	if parent == nil {
		form.IsCA, form.BasicConstraintsValid = true, true
		form.KeyUsage = x509.KeyUsageCertSign
		parent, parentKey = form, key
	} else {
		form.DNSNames = []string{"localhost", "*.vault.azure.net"}
		form.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
		form.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	der, err := x509.CreateCertificate(rand.Reader, form, parent, key.Public(), parentKey)
	if err != nil {
		return nil, nil, err
	}
	if err := os.WriteFile(m.path(name), block("CERTIFICATE", der), 0o600); err != nil {
		return nil, nil, err
	}
	if keyName != "" {
		text, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, nil, err
		}
		if err := os.WriteFile(m.path(keyName), block("PRIVATE KEY", text), 0o600); err != nil {
			return nil, nil, err
		}
	}
	parsed, err := x509.ParseCertificate(der)
	return parsed, key, err
}

func template() *x509.Certificate {
	number, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	return &x509.Certificate{
		SerialNumber: number,
		Subject:      pkix.Name{CommonName: "manifill " + number.String()},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
	}
}

func block(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
