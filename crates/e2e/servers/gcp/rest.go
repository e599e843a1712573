package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// rest is the REST form of services, as their google.api.http annotations describe it.
type rest struct {
	services *grpc.ClientConn
	routes   []route
}

// route is one address of a method.
type route struct {
	verb   string
	path   *regexp.Regexp
	fields []string
	body   string
	method protoreflect.MethodDescriptor
}

// A variable of a template, such as {name=projects/*/secrets/*}.
var variable = regexp.MustCompile(`\{([a-z_.]+)=([^}]+)\}`)

func routes(services []protoreflect.ServiceDescriptor) []route {
	var found []route
	for _, service := range services {
		for at := 0; at < service.Methods().Len(); at++ {
			method := service.Methods().Get(at)
			rule, _ := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
			if rule == nil {
				continue
			}
			for _, one := range append([]*annotations.HttpRule{rule}, rule.AdditionalBindings...) {
				found = append(found, newRoute(one, method))
			}
		}
	}
	return found
}

func newRoute(rule *annotations.HttpRule, method protoreflect.MethodDescriptor) route {
	var verb, template string
	switch pattern := rule.Pattern.(type) {
	case *annotations.HttpRule_Get:
		verb, template = http.MethodGet, pattern.Get
	case *annotations.HttpRule_Post:
		verb, template = http.MethodPost, pattern.Post
	case *annotations.HttpRule_Patch:
		verb, template = http.MethodPatch, pattern.Patch
	case *annotations.HttpRule_Delete:
		verb, template = http.MethodDelete, pattern.Delete
	}
	var fields []string
	expression, last := "^", 0
	for _, at := range variable.FindAllStringSubmatchIndex(template, -1) {
		fields = append(fields, template[at[2]:at[3]])
		inner := regexp.QuoteMeta(template[at[4]:at[5]])
		inner = strings.ReplaceAll(inner, `\*\*`, `[^:]+`)
		inner = strings.ReplaceAll(inner, `\*`, `[^/:]+`)
		expression += regexp.QuoteMeta(template[last:at[0]]) + "(" + inner + ")"
		last = at[1]
	}
	expression += regexp.QuoteMeta(template[last:]) + "$"
	return route{verb, regexp.MustCompile(expression), fields, rule.Body, method}
}

func (r *rest) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	for _, route := range r.routes {
		parts := route.path.FindStringSubmatch(request.URL.Path)
		if parts == nil || route.verb != request.Method {
			continue
		}
		answer, err := r.call(route, parts[1:], request)
		if err != nil {
			refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		w.Write(answer)
		return
	}
	http.NotFound(w, request)
}

func (r *rest) call(route route, parts []string, request *http.Request) ([]byte, error) {
	input := dynamicpb.NewMessage(route.method.Input())
	if route.body != "" {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		target := protoreflect.Message(input)
		if route.body != "*" {
			field := route.method.Input().Fields().ByName(protoreflect.Name(route.body))
			target = input.Mutable(field).Message()
		}
		if err := protojson.Unmarshal(body, target.Interface()); err != nil {
			return nil, status.Error(codes.InvalidArgument, err.Error())
		}
	}
	for at, name := range route.fields {
		if err := set(input, name, parts[at]); err != nil {
			return nil, err
		}
	}
	for name, values := range request.URL.Query() {
		// Those that begin so are of all services alike.
		if strings.HasPrefix(name, "$") {
			continue
		}
		if err := set(input, name, values[0]); err != nil {
			return nil, err
		}
	}
	context := request.Context()
	if login := request.Header.Get("Authorization"); login != "" {
		context = metadata.AppendToOutgoingContext(context, "authorization", login)
	}
	output := dynamicpb.NewMessage(route.method.Output())
	name := fmt.Sprintf("/%s/%s", route.method.Parent().FullName(), route.method.Name())
	if err := r.services.Invoke(context, name, input, output); err != nil {
		return nil, err
	}
	return protojson.Marshal(output)
}

// set puts a text into a field that an address names.
func set(message protoreflect.Message, name, text string) error {
	path := strings.Split(name, ".")
	for _, part := range path[:len(path)-1] {
		field := message.Descriptor().Fields().ByName(protoreflect.Name(part))
		message = message.Mutable(field).Message()
	}
	fields, last := message.Descriptor().Fields(), path[len(path)-1]
	field := fields.ByName(protoreflect.Name(last))
	if field == nil {
		field = fields.ByJSONName(last)
	}
	if field == nil || field.Kind() != protoreflect.StringKind {
		return status.Errorf(codes.InvalidArgument, "Invalid JSON payload received. Unknown name %q.", name)
	}
	message.Set(field, protoreflect.ValueOfString(text))
	return nil
}

// What services answer with for a code, as google/rpc/code.proto says it.
var statuses = map[codes.Code]int{
	codes.InvalidArgument:    http.StatusBadRequest,
	codes.FailedPrecondition: http.StatusBadRequest,
	codes.Unauthenticated:    http.StatusUnauthorized,
	codes.PermissionDenied:   http.StatusForbidden,
	codes.NotFound:           http.StatusNotFound,
	codes.AlreadyExists:      http.StatusConflict,
	codes.Unimplemented:      http.StatusNotImplemented,
}

func refuse(w http.ResponseWriter, err error) {
	refusal := status.Convert(err)
	number, known := statuses[refusal.Code()]
	if !known {
		number = http.StatusInternalServerError
	}
	told := map[string]any{
		"code":    number,
		"message": refusal.Message(),
		"status":  code.Code_name[int32(refusal.Code())],
	}
	var details []json.RawMessage
	for _, detail := range refusal.Proto().GetDetails() {
		if text, err := protojson.Marshal(detail); err == nil {
			details = append(details, text)
		}
	}
	if details != nil {
		told["details"] = details
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(number)
	json.NewEncoder(w).Encode(map[string]any{"error": told})
}
