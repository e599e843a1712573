package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/argoproj/argo-cd/v3/cmpserver/apiclient"
	"github.com/argoproj/argo-cd/v3/util/cmp"
)

// call does one call of the protocol.
func (a *answer) call(ctx context.Context, j job) error {
	socket := filepath.Join(os.Getenv("ARGOCD_PLUGINSOCKFILEPATH"), j.Plugin+".sock")
	connection, client, err := apiclient.NewConfigManagementPluginClientSet(socket).NewConfigManagementPluginClient()
	if err != nil {
		return err
	}
	defer connection.Close()
	send := func(stream cmp.StreamSender) error {
		path := filepath.Join(j.Root, j.Path)
		if j.Fault != "" {
			return sendWrong(j, stream, func(wrong cmp.StreamSender) error {
				return cmp.SendRepoStream(ctx, path, j.Root, wrong, j.Env, j.Exclude)
			}, connection)
		}
		return cmp.SendRepoStream(ctx, path, j.Root, stream, j.Env, j.Exclude)
	}
	switch j.Call {
	case "check":
		got, err := client.CheckPluginConfiguration(ctx, &emptypb.Empty{})
		if err != nil {
			return err
		}
		a.DiscoveryConfigured, a.GitCredentials = got.GetIsDiscoveryConfigured(), got.GetProvideGitCreds()
		return nil
	case "match":
		stream, err := client.MatchRepository(ctx)
		if err != nil {
			return err
		}
		got, err := exchange(stream, send)
		if err != nil {
			return err
		}
		a.Supported, a.DiscoveryEnabled = got.GetIsSupported(), got.GetIsDiscoveryEnabled()
		return nil
	case "parameters":
		stream, err := client.GetParametersAnnouncement(ctx)
		if err != nil {
			return err
		}
		got, err := exchange(stream, send)
		if err != nil {
			return err
		}
		a.Parameters, err = json.Marshal(got.GetParameterAnnouncements())
		return err
	case "generate":
		stream, err := client.GenerateManifest(ctx)
		if err != nil {
			return err
		}
		got, err := exchange(stream, send)
		if err != nil {
			return err
		}
		a.Texts, a.SourceType = got.GetManifests(), got.GetSourceType()
		return a.split()
	default:
		return fmt.Errorf("no call %q", j.Call)
	}
}

// answering is what the streams of the protocol have in common.
type answering[T any] interface {
	cmp.StreamSender
	CloseAndRecv() (T, error)
}

// exchange sends a repository and waits for the answer.
func exchange[T any](stream answering[T], send func(cmp.StreamSender) error) (T, error) {
	if err := send(stream); err != nil {
		var none T
		return none, err
	}
	return stream.CloseAndRecv()
}

// split makes objects of the texts, as repo-server does.
func (a *answer) split() error {
	for _, text := range a.Texts {
		objects, err := kube.SplitYAML([]byte(text))
		if err != nil {
			return err
		}
		for _, object := range objects {
			data, err := json.Marshal(object.Object)
			if err != nil {
				return err
			}
			a.Manifests = append(a.Manifests, data)
		}
	}
	return nil
}
