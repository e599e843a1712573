package main

import (
	"context"
	"hash/crc32"
	"strconv"
	"strings"
	"sync"

	pb "cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// The number of the project, by which answers name it.
const projectNumber = "123456789012"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sum(bytes []byte) int64 {
	return int64(crc32.Checksum(bytes, castagnoli))
}

// secrets is a Secret Manager.
type secrets struct {
	pb.UnimplementedSecretManagerServiceServer
	mutex  sync.Mutex
	stored map[string]*stored
}

type stored struct {
	aliases  map[string]int64
	versions []*version
}

type version struct {
	payload []byte
	state   pb.SecretVersion_State
}

func newSecrets() *secrets {
	return &secrets{stored: map[string]*stored{}}
}

func (s *secrets) CreateSecret(_ context.Context, request *pb.CreateSecretRequest) (*pb.Secret, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	name := request.Parent + "/secrets/" + request.SecretId
	if s.stored[name] != nil {
		return nil, status.Errorf(codes.AlreadyExists, "Secret [%s] already exists.", name)
	}
	s.stored[name] = &stored{aliases: request.Secret.GetVersionAliases()}
	return &pb.Secret{Name: numbered(name), CreateTime: timestamppb.Now(), VersionAliases: request.Secret.GetVersionAliases()}, nil
}

func (s *secrets) AddSecretVersion(_ context.Context, request *pb.AddSecretVersionRequest) (*pb.SecretVersion, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	secret := s.stored[request.Parent]
	if secret == nil {
		return nil, status.Errorf(codes.NotFound, "Secret [%s] not found.", request.Parent)
	}
	data := request.Payload.GetData()
	if told := request.Payload.DataCrc32C; told != nil && *told != sum(data) {
		return nil, status.Error(codes.InvalidArgument, "The checksum does not match the data.")
	}
	secret.versions = append(secret.versions, &version{data, pb.SecretVersion_ENABLED})
	number := strconv.Itoa(len(secret.versions))
	name := numbered(request.Parent) + "/versions/" + number
	return &pb.SecretVersion{Name: name, State: pb.SecretVersion_ENABLED, CreateTime: timestamppb.Now()}, nil
}

func (s *secrets) DisableSecretVersion(_ context.Context, request *pb.DisableSecretVersionRequest) (*pb.SecretVersion, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found, name, err := s.find(request.Name)
	if err != nil {
		return nil, err
	}
	found.state = pb.SecretVersion_DISABLED
	return &pb.SecretVersion{Name: name, State: found.state}, nil
}

func (s *secrets) AccessSecretVersion(_ context.Context, request *pb.AccessSecretVersionRequest) (*pb.AccessSecretVersionResponse, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found, name, err := s.find(request.Name)
	if err != nil {
		return nil, err
	}
	if found.state != pb.SecretVersion_ENABLED {
		return nil, status.Errorf(codes.FailedPrecondition, "Secret Version [%s] is in %s state.", name, found.state)
	}
	payload := &pb.SecretPayload{Data: found.payload, DataCrc32C: proto.Int64(sum(found.payload))}
	return &pb.AccessSecretVersionResponse{Name: name, Payload: payload}, nil
}

// find looks a version up by its number, by an alias, or as the latest one, and gives it its name.
func (s *secrets) find(name string) (*version, string, error) {
	parent, wanted, _ := strings.Cut(name, "/versions/")
	secret := s.stored[parent]
	if secret == nil || len(secret.versions) == 0 {
		return nil, "", status.Errorf(codes.NotFound, "Secret [%s] not found or has no versions.", numbered(parent))
	}
	number := int64(len(secret.versions))
	if wanted != "latest" {
		alias, known := secret.aliases[wanted]
		number = alias
		if !known {
			number, _ = strconv.ParseInt(wanted, 10, 64)
		}
	}
	if number < 1 || number > int64(len(secret.versions)) {
		return nil, "", status.Errorf(codes.NotFound, "Secret Version [%s] not found.", name)
	}
	return secret.versions[number-1], numbered(parent) + "/versions/" + strconv.FormatInt(number, 10), nil
}

// numbered is a name with the number of its project.
func numbered(name string) string {
	parts := strings.SplitN(name, "/", 3)
	if len(parts) < 3 {
		return name
	}
	return parts[0] + "/" + projectNumber + "/" + parts[2]
}
