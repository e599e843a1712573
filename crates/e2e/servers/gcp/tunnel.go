package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// The host that Google's clients ask for KMS.
const kmsHost = "cloudkms.googleapis.com"

// tunnel is a proxy behind which the host of KMS is this program. Its certificate is in ca.pem.
type tunnel struct {
	config      *tls.Config
	connections chan net.Conn
}

func newTunnel(folder string) (*tunnel, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          big.NewInt(1),
		Subject:               pkix.Name{CommonName: "a Google Cloud for tests"},
		DNSNames:              []string{kmsHost},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().Add(24 * time.Hour),
		IsCA:                  true,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(filepath.Join(folder, "ca.pem"), text, 0o600); err != nil {
		return nil, err
	}
	certificate := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2"}}
	return &tunnel{config: config, connections: make(chan net.Conn)}, nil
}

func (t *tunnel) connect(w http.ResponseWriter, request *http.Request) {
	hijacker, able := w.(http.Hijacker)
	if request.Host != kmsHost+":443" || !able {
		http.Error(w, "only KMS is here", http.StatusForbidden)
		return
	}
	connection, _, err := hijacker.Hijack()
	if err != nil {
		return
	}
	if _, err := connection.Write([]byte("HTTP/1.1 200 OK\r\n\r\n")); err != nil {
		connection.Close()
		return
	}
	t.connections <- tls.Server(connection, t.config)
}

// Accept makes it a listener.
func (t *tunnel) Accept() (net.Conn, error) {
	connection, open := <-t.connections
	if !open {
		return nil, errors.New("closed")
	}
	return connection, nil
}

func (t *tunnel) Close() error {
	return nil
}

func (t *tunnel) Addr() net.Addr {
	return &net.TCPAddr{}
}
