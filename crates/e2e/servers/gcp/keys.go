package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"strings"
	"sync"

	pb "cloud.google.com/go/kms/apiv1/kmspb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// keys is a KMS in which each key that is called `absent` does not exist, and all others do.
type keys struct {
	pb.UnimplementedKeyManagementServiceServer
	mutex  sync.Mutex
	stored map[string]cipher.AEAD
}

func newKeys() *keys {
	return &keys{stored: map[string]cipher.AEAD{}}
}

func (k *keys) key(name string) (cipher.AEAD, error) {
	if strings.HasSuffix(name, "/absent") {
		return nil, status.Errorf(codes.NotFound, "CryptoKey %s not found.", name)
	}
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if known := k.stored[name]; known != nil {
		return known, nil
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	made, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	k.stored[name] = made
	return made, nil
}

func (k *keys) Encrypt(_ context.Context, request *pb.EncryptRequest) (*pb.EncryptResponse, error) {
	key, err := k.key(request.Name)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, key.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	sealed := key.Seal(nonce, nonce, request.Plaintext, request.AdditionalAuthenticatedData)
	return &pb.EncryptResponse{
		Name:             request.Name + "/cryptoKeyVersions/1",
		Ciphertext:       sealed,
		CiphertextCrc32C: wrapperspb.Int64(sum(sealed)),
	}, nil
}

func (k *keys) Decrypt(_ context.Context, request *pb.DecryptRequest) (*pb.DecryptResponse, error) {
	key, err := k.key(request.Name)
	if err != nil {
		return nil, err
	}
	sealed, size := request.Ciphertext, key.NonceSize()
	if told := request.CiphertextCrc32C; told != nil && told.Value != sum(sealed) {
		return nil, status.Error(codes.InvalidArgument, "The checksum does not match the ciphertext.")
	}
	wrong := status.Error(codes.InvalidArgument, "Decryption failed: the ciphertext is invalid.")
	if len(sealed) < size {
		return nil, wrong
	}
	plain, err := key.Open(nil, sealed[:size], sealed[size:], request.AdditionalAuthenticatedData)
	if err != nil {
		return nil, wrong
	}
	return &pb.DecryptResponse{Plaintext: plain, PlaintextCrc32C: wrapperspb.Int64(sum(plain)), UsedPrimary: true}, nil
}
