// A Google Cloud for tests: Secret Manager, KMS and what gives tokens for them.
//
// Messages, services and the addresses of their REST form are Google's own generated code; what is
// stored and who may do what is ours. It writes the credentials that log in there to a folder, and
// answers on one port: the REST form, token endpoints, the metadata of a machine, and a proxy behind
// which the host of KMS is this program.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"

	"cloud.google.com/go/iam/credentials/apiv1/credentialspb"
	"cloud.google.com/go/kms/apiv1/kmspb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/reflect/protoreflect"
)

func main() {
	folder := flag.String("folder", "", "where the credentials are written")
	port := flag.Int("port", 0, "the port to answer on")
	flag.Parse()
	address := fmt.Sprintf("127.0.0.1:%d", *port)

	logins, err := newLogins("http://"+address, *folder)
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(logins.judge))
	secretmanagerpb.RegisterSecretManagerServiceServer(server, newSecrets())
	kmspb.RegisterKeyManagementServiceServer(server, newKeys())
	credentialspb.RegisterIAMCredentialsServer(server, logins)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go serve(server, listener)
	tunnel, err := newTunnel(*folder)
	if err != nil {
		log.Fatal(err)
	}
	go serve(server, tunnel)

	services, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	rest := &rest{services: services, routes: routes([]protoreflect.ServiceDescriptor{
		secretmanagerpb.File_google_cloud_secretmanager_v1_service_proto.Services().ByName("SecretManagerService"),
		kmspb.File_google_cloud_kms_v1_service_proto.Services().ByName("KeyManagementService"),
		credentialspb.File_google_iam_credentials_v1_iamcredentials_proto.Services().ByName("IAMCredentials"),
	})}
	log.Fatal(http.ListenAndServe(address, &front{logins: logins, rest: rest, tunnel: tunnel}))
}

func serve(server *grpc.Server, listener net.Listener) {
	log.Fatal(server.Serve(listener))
}

// front sends requests to what answers them, and keeps what was asked until somebody asks for that.
type front struct {
	logins *logins
	rest   *rest
	tunnel *tunnel
	mutex  sync.Mutex
	asked  []string
}

func (f *front) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	if request.URL.Path == "/asked" {
		f.mutex.Lock()
		defer f.mutex.Unlock()
		fmt.Fprint(w, strings.Join(f.asked, "\n"))
		f.asked = nil
		return
	}
	f.mutex.Lock()
	f.asked = append(f.asked, request.Method+" "+request.URL.Path)
	f.mutex.Unlock()
	switch {
	case request.Method == http.MethodConnect:
		f.tunnel.connect(w, request)
	case f.logins.answer(w, request):
	default:
		f.rest.ServeHTTP(w, request)
	}
}
