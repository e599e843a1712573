package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	pb "cloud.google.com/go/iam/credentials/apiv1/credentialspb"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	scope        = "https://www.googleapis.com/auth/cloud-platform"
	iamScope     = "https://www.googleapis.com/auth/iam"
	jwtBearer    = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	exchange     = "urn:ietf:params:oauth:grant-type:token-exchange"
	accessToken  = "urn:ietf:params:oauth:token-type:access_token"
	jwtToken     = "urn:ietf:params:oauth:token-type:jwt"
	clientID     = "client.apps.googleusercontent.com"
	clientSecret = "secret-of-the-client"
	refreshToken = "refresh-token-of-the-user"
	subjectToken = "token-of-another-platform"
	audience     = "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/pool/providers/ci"
	metadataPath = "/computeMetadata/v1/instance/service-accounts/default/"
)

// logins gives tokens, and knows whose they are.
type logins struct {
	pb.UnimplementedIAMCredentialsServer
	accounts map[string]*account
	mutex    sync.Mutex
	tokens   map[string]string
}

// token makes one for somebody.
func (l *logins) token(of string) string {
	text := "ya29." + rand.Text()
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.tokens[text] = of
	return text
}

// judge lets only those in who have a token, and nobody@… nowhere.
func (l *logins) judge(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	headers, _ := metadata.FromIncomingContext(ctx)
	login := strings.Join(headers.Get("authorization"), "")
	token := strings.TrimPrefix(login, "Bearer ")
	l.mutex.Lock()
	who := l.tokens[token]
	l.mutex.Unlock()
	if who == "" {
		who = l.self(token)
	}
	if who == "" {
		return nil, status.Error(codes.Unauthenticated, "Request had invalid authentication credentials.")
	}
	if who == nobody {
		refusal := status.New(codes.PermissionDenied, "Permission denied on resource (or it may not exist).")
		info := &errdetails.ErrorInfo{Reason: "IAM_PERMISSION_DENIED", Domain: "iam.googleapis.com"}
		if told, err := refusal.WithDetails(info); err == nil {
			refusal = told
		}
		return nil, refusal.Err()
	}
	return next(ctx, request)
}

// GenerateAccessToken gives a token of an account to whoever may act as it.
func (l *logins) GenerateAccessToken(_ context.Context, request *pb.GenerateAccessTokenRequest) (*pb.GenerateAccessTokenResponse, error) {
	email := request.Name[strings.LastIndex(request.Name, "/")+1:]
	if l.accounts[email] == nil {
		return nil, status.Errorf(codes.NotFound, "Unknown service account %s.", email)
	}
	if len(request.Scope) != 1 || request.Scope[0] != scope || request.Lifetime.AsDuration() != time.Hour {
		return nil, status.Error(codes.InvalidArgument, "Request contains an invalid argument.")
	}
	end := timestamppb.New(time.Now().Add(request.Lifetime.AsDuration()).Truncate(time.Second))
	return &pb.GenerateAccessTokenResponse{AccessToken: l.token(email), ExpireTime: end}, nil
}

// answer answers for the token endpoints and the metadata of a machine, if one of them was asked.
func (l *logins) answer(w http.ResponseWriter, request *http.Request) bool {
	if err := request.ParseForm(); err != nil {
		http.Error(w, "not a form", http.StatusBadRequest)
		return true
	}
	form := request.PostForm
	who := ""
	switch request.Method + " " + request.URL.Path {
	case "POST /token":
		switch form.Get("grant_type") {
		case jwtBearer:
			who = l.signer(form.Get("assertion"))
		case "refresh_token":
			if form.Get("client_id") == clientID && form.Get("client_secret") == clientSecret && form.Get("refresh_token") == refreshToken {
				who = "user"
			}
		}
	case "POST /v1/token":
		is := func(name, text string) bool { return form.Get(name) == text }
		if is("grant_type", exchange) && is("audience", audience) && (is("scope", scope) || is("scope", iamScope)) && is("subject_token", subjectToken) &&
			is("subject_token_type", jwtToken) && is("requested_token_type", accessToken) {
			who = "workload"
		}
	case "GET " + metadataPath + "token":
		if request.Header.Get("Metadata-Flavor") != "Google" {
			http.Error(w, "Missing required header", http.StatusForbidden)
			return true
		}
		who = reader
	case "GET " + metadataPath:
		w.Header().Set("Metadata-Flavor", "Google")
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{"email": reader, "aliases": []string{"default"}, "scopes": []string{scope}})
		return true
	default:
		return false
	}
	w.Header().Set("Metadata-Flavor", "Google")
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	if who == "" {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"error":"invalid_grant","error_description":"Not accepted."}`)
		return true
	}
	json.NewEncoder(w).Encode(map[string]any{
		"access_token": l.token(who), "expires_in": 3599, "token_type": "Bearer", "issued_token_type": accessToken,
	})
	return true
}
