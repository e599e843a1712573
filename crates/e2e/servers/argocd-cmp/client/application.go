package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/reposerver/apiclient"
	"github.com/argoproj/argo-cd/v3/reposerver/repository"
	"github.com/argoproj/argo-cd/v3/util/git"
)

// The commit that is said to be checked out.
const revision = "0123456789abcdef0123456789abcdef01234567"

// application does what repo-server does once a repository is checked out.
func (a *answer) application(ctx context.Context, j job) error {
	var application v1alpha1.Application
	if err := json.Unmarshal(j.Application, &application); err != nil {
		return err
	}
	source := application.Spec.GetSource()
	request := apiclient.ManifestRequest{
		Repo:                            &v1alpha1.Repository{Repo: source.RepoURL},
		Revision:                        source.TargetRevision,
		AppName:                         application.InstanceName("argocd"),
		Namespace:                       application.Spec.Destination.Namespace,
		ApplicationSource:               &source,
		ProjectName:                     application.Spec.Project,
		KubeVersion:                     "1.34.0",
		ApiVersions:                     []string{"v1", "apps/v1"},
		AnnotationManifestGeneratePaths: application.GetAnnotation(v1alpha1.AnnotationKeyManifestGeneratePaths),
	}
	if j.Checkout {
		if err := checkout(ctx, j.Root); err != nil {
			return err
		}
	}
	path := filepath.Join(j.Root, source.Path)
	got, err := repository.GenerateManifests(
		ctx, path, j.Root, revision, &request, false, git.NoopCredsStore{}, resource.MustParse("0"), nil,
		repository.WithCMPTarExcludedGlobs(j.Exclude),
		repository.WithCMPUseManifestGeneratePaths(j.ManifestGeneratePaths),
	)
	if err != nil {
		return err
	}
	a.SourceType = got.SourceType
	for _, manifest := range got.Manifests {
		a.Manifests = append(a.Manifests, json.RawMessage(manifest))
	}
	return nil
}

// checkout does what repo-server does to the checkout that it keeps, though it is there already.
func checkout(ctx context.Context, root string) error {
	for _, arguments := range [][]string{{"checkout", "--force", "HEAD"}, {"clean", "-ffdx"}} {
		git := exec.CommandContext(ctx, "git", arguments...)
		git.Dir = root
		if told, err := git.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w: %s", arguments[0], err, told)
		}
	}
	return nil
}
