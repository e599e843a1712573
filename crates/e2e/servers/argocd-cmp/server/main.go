// Argo CD's plugin server, argocd-cmp-server: Argo CD ships it as one of the commands of its image.
package main

import (
	"os"

	"github.com/argoproj/argo-cd/v3/cmd/argocd-cmp-server/commands"
)

func main() {
	if commands.NewCommand().Execute() != nil {
		os.Exit(1)
	}
}
